import { raw, sh } from '../sh/quote.ts'
import { account, exactly } from './candidate.ts'
import type { Step } from './kind.ts'
import { candidatesOf, type Account, type Attributes, type Found } from './path.ts'

/** Steps that give an existing path its owner and mode. A chown may take mode bits away, so the mode is always set with it. */
export function attributeSteps(found: Found, want: Attributes): Step[] {
  const steps: Step[] = []
  const owner = differs(found.owner, want.owner) ? want.owner : undefined
  const group = differs(found.group, want.group) ? want.group : undefined
  if (owner !== undefined || group !== undefined) {
    const who = account({ owner, group })
    const what = owner === undefined ? 'group' : group === undefined ? 'owner' : 'owner and group'
    const was = [owner && shown(found.owner), group && shown(found.group)].filter(Boolean).join(':')
    const mode = want.mode ?? found.mode
    const again = mode === undefined ? raw('') : sh` && chmod -- ${exactly(mode)} ${found.path}`
    steps.push({
      say: `set ${what} ${who.replace(/^:/, '')} of ${found.path} (was ${was})`,
      sh: sh`chown -- ${who} ${found.path}${again}`,
    })
  }
  if (want.mode !== undefined && want.mode !== found.mode) {
    const say = `set mode ${want.mode} of ${found.path} (was ${found.mode ?? 'unknown'})`
    steps.push({ say, sh: sh`chmod -- ${exactly(want.mode)} ${found.path}` })
  }
  return steps
}

function differs(have: Account | undefined, want: string | undefined): boolean {
  return want !== undefined && want !== have?.name && want !== have?.id
}

function shown(account: Account | undefined): string {
  return account?.name ?? account?.id ?? 'unknown'
}

/** A step that removes what a killed run left beside the path. */
export function tidySteps(found: Found): Step[] {
  if (!found.leftovers) return []
  return [
    {
      say: `remove a candidate of ${found.path} left by an interrupted run`,
      sh: sh`rm -rf -- ${candidatesOf(found.path)}`,
      beside: true,
    },
  ]
}

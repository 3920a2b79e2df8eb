import { posix } from 'node:path'
import { lines, raw, sh, type Sh } from '../../../sh/quote.ts'
import { account, exactly } from '../writing/temp-file.ts'
import type { Refused, Step } from '../../kit/kind.ts'
import { candidatePrefix, candidatesOf } from './candidate-names.ts'
import type { Account, Attributes } from './path.ts'
import type { Found } from './path-answer.ts'
import { enter, open, untrusted } from '../writing/untrusted-directory.ts'

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
    const at = target(found)
    const again = mode === undefined ? raw('') : sh` && chmod -- ${exactly(mode)} ${at}`
    steps.push({
      summary: `set ${what} ${who.replace(/^:/, '')} of ${found.path} (was ${was})${sayOtherNames(found)}`,
      sh: lines(reach(found, want), sh`chown -- ${who} ${at}${again}`),
      changesOnly: [found.path],
    })
  }
  if (want.mode !== undefined && want.mode !== found.mode) {
    const say = `set mode ${want.mode} of ${found.path} (was ${found.mode ?? 'unknown'})${sayOtherNames(found)}`
    steps.push({
      summary: say,
      sh: lines(reach(found, want), sh`chmod -- ${exactly(want.mode)} ${target(found)}`),
      changesOnly: [found.path],
    })
  }
  return steps
}

/** Owner and mode are those of the file, whatever its names. */
function sayOtherNames({ type, names = 1 }: Found): string {
  if (type !== 'file' || names < 2) return ''
  return names === 2 ? ', so of its other hard link too' : `, so of its ${names - 1} other hard links too`
}

/** What the path is called by `chown` and `chmod`, which follow links: where others can change its directory, it is held first. */
function target({ path, type: is, way }: Found): Sh {
  return way === undefined ? sh`${path}` : raw(is === 'dir' ? '.' : '"$p"')
}

function reach(found: Found, { owner = '' }: Attributes): Sh {
  const { path, type: is, way } = found
  if (way === undefined) return raw(':')
  if (is !== 'dir') return lines(enter(path, owner), open(found))
  return lines(
    untrusted,
    sh`path_enter ${path} ${owner}
id=$(stat -c %d:%i:1 .)
path_is ${way.inode ?? ''}`,
  )
}

/**
 * What is somebody else's may have been moved to this path by whoever can change its directory: a file of root's alone is not given to
 * another account, nor a file that has further names, nor what belongs to a third one. `full`: a directory with something in it.
 */
export function blockedGift(found: Found, want: Attributes, full = true): Refused | undefined {
  const { path, type: is, way, owner } = found
  if (way?.inode === undefined || (is !== 'file' && is !== 'dir')) return undefined
  const isTheirs =
    (way.lord.id !== '0' && owner?.id === way.lord.id) || (want.owner !== undefined && !differs(owner, want.owner))
  const bits = (mode: string | undefined) => Number.parseInt(mode ?? '0', 8)
  const isWider = want.mode !== undefined && (bits(want.mode) & ~bits(found.mode)) !== 0
  if (isTheirs || (!isWider && !differs(owner, want.owner) && !differs(found.group, want.group))) return undefined
  const isOpen = is === 'file' ? (bits(found.mode) & 4) === 4 : !full || (bits(found.mode) & 5) === 5
  const isRoots = owner?.id === '0'
  if (isRoots && isOpen && (is === 'dir' || way.links === 1)) return undefined
  const whose = way.lord.id === '0' ? 'others' : way.lord.name
  const why = !isRoots ? `belongs to ${shown(owner)}` : isOpen ? 'has another name as well' : 'is for root alone'
  return {
    refused: `${path} ${why}, and ${whose} may have moved it there: its owner is not changed`,
    hint: `set its owner and mode by hand, or put absent('${path}') before this resource if it may be removed`,
  }
}

function differs(have: Account | undefined, want: string | undefined): boolean {
  return want !== undefined && want !== have?.name && want !== have?.id
}

function shown(account: Account | undefined): string {
  return account?.name ?? account?.id ?? 'unknown'
}

/** A step that removes what a killed run left beside the path. */
export function tidySteps(found: Found, { owner }: Attributes = {}): Step[] {
  if (!found.leftovers) return []
  return [
    {
      summary: `remove a candidate of ${found.path} left by an interrupted run`,
      sh: found.way
        ? lines(enter(found.path, owner), sh`path_tidy ${posix.basename(candidatePrefix(found.path))}`)
        : sh`rm -rf -- ${candidatesOf(found.path)}`,
      cleanupOnly: true,
    },
  ]
}

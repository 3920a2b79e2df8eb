import { sh, type Sh } from '../../../sh/quote.ts'
import type { Refused, Reply, Step, Unknown } from '../../kit/kind.ts'
import type { Effect } from '../../prediction/effect.ts'
import type { Prediction } from '../../prediction/prediction.ts'
import { unmended } from '../broken-dependencies.ts'
import type { PkgHave } from '../package-manager.ts'
import { pendingSettings } from '../pending-settings.ts'
import { fetchStep, finishStep, mendLaterStep, mendStep } from './apt.ts'
import { listsOf, sectionsOf, simulationOf, troubleOf } from './apt-answer.ts'
import { age, copyOfCache, lacking, UNWRITTEN } from './apt-probe.ts'

/** What apt says of a package in a file, as far as it was asked. */
export type DebLook = Pick<PkgHave, 'lists' | 'interrupted' | 'simulation' | 'objection' | 'mend' | 'unmet'>

/** What apt is to do with a package in a file, as its arguments. */
export function debAction(source: Sh): Sh {
  return sh`--no-install-recommends --allow-downgrades --reinstall install ${source}`
}

/** Asks what apt would do with the file. */
export function askDeb(source: string): Sh {
  return asked(sh`-s -q -y ${UNWRITTEN} ${debAction(sh`${source}`)}`)
}

/** Asks whether apt would do anything at all: of a file that is not there yet no more is known. */
export function askSoundness(): Sh {
  return asked(sh`-q ${UNWRITTEN} check`)
}

function asked(question: Sh): Sh {
  return sh`(
${age}
${copyOfCache}
if s=$(apt-get ${question} 2>&1); then echo '# simulation'; printf '%s\\n' "$s" | grep -E '^(Inst|Remv|Conf) '
else echo '# refused'; printf '%s\\n' "$s"; ${lacking}; fi
exit 0
)`
}

export function readDeb(reply: Reply): DebLook | undefined {
  const sections = sectionsOf(reply)
  const words = sections.get('simulation')
  const refused = sections.get('refused')
  if (words === undefined && refused === undefined) return undefined
  return {
    lists: listsOf(sections),
    interrupted: sections.has('interrupted'),
    ...(words === undefined ? {} : { simulation: simulationOf(words) }),
    ...(refused === undefined ? {} : troubleOf(refused, sections.get('mend') ?? [])),
  }
}

export function predictDeb(name: string, deb: DebLook, prediction: Prediction): DebLook | Unknown {
  if (deb.interrupted !== true && deb.objection === undefined) return deb
  const mender = prediction.packages.configured()
  const next: DebLook = mender === undefined ? deb : { ...deb, interrupted: false }
  if (next.objection === undefined) return next
  if (mender !== undefined && deb.mend !== undefined)
    return { ...next, objection: undefined, mend: undefined, unmet: undefined }
  const changes =
    prediction.packages.installed().find(({ asIs }) => !asIs) ??
    pendingSettings(prediction) ??
    prediction.opaque() ??
    mender
  return changes === undefined
    ? next
    : { unknown: `whether ${name} can be installed after ${changes.from}: today it cannot be` }
}

/** What comes before the transaction itself. `unconfigured` are to be configured: apt has no file of a package that it was told to install again from one. */
export function stepsBefore(deb: DebLook, unconfigured: readonly string[]): Step[] {
  const isLacking = deb.objection !== undefined && deb.mend === undefined && deb.lists !== 'fresh'
  const isUnfinished = deb.interrupted === true || unconfigured.length > 0
  return [
    // What was unpacked may lack something that only the lists have.
    ...(isUnfinished && isLacking ? [fetchStep(deb.lists)] : []),
    ...(isUnfinished ? [finishStep(unconfigured)] : []),
    ...(deb.mend === undefined ? [] : [mendStep(deb.mend)]),
    ...(isLacking && !isUnfinished ? [fetchStep(deb.lists)] : []),
    ...(isLacking && deb.unmet !== undefined ? [mendLaterStep()] : []),
  ]
}

/** `from` is the file as it is told. */
export function refusedDeb(name: string, from: string, deb: DebLook): Refused | undefined {
  const { objection, mend, lists, interrupted } = deb
  if (objection === undefined || mend !== undefined || interrupted === true || lists !== 'fresh') return undefined
  const want = { names: [name], state: 'present', recommends: false } as const
  return (
    unmended(want, { ...deb, installed: new Map() }, [name]) ?? {
      refused: `${name} cannot be installed from ${from}`,
      hint: objection,
    }
  )
}

/** What comes and goes with the package of the file. */
export function debEffects(name: string, { simulation, mend = [] }: DebLook): Effect[] {
  const coming = [...mend, ...(simulation?.incoming.keys() ?? [])].filter((each) => each !== name)
  return [
    ...(simulation?.leaving ?? []).map((each) => ({ type: 'package', name: each, installed: false }) as const),
    ...coming.map((each) => ({ type: 'package', name: each, installed: true }) as const),
    // apt ends every transaction with `dpkg --configure --pending`, whatever it was about.
    { type: 'packages', configured: true },
  ]
}

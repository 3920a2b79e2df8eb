import { mayBeLater, newest, formatPair, type HostTime } from '../../kit/host-time.ts'
import type { SystemdUnit } from '../probe-unit.ts'
import { isPath } from '../../kit/options/unit-name.ts'
import { isTemplate } from '../unit-install.ts'
import type { ServiceWant } from './want.ts'

export function startsAtBoot(have: SystemdUnit): boolean {
  const { file, initScript, load, linked } = have
  // Of a file that it could not read when it last looked systemd does not say.
  if (load !== 'loaded' && load !== 'masked' && linked) return true
  if (file === 'indirect') return startsThroughOthers(have)
  if (file === 'enabled-runtime' && have.hasGeneratedLink === true) return true
  return initScript ?? ['enabled', 'alias', 'static', 'generated'].includes(file)
}

/** It has no link of its own: it is as wanted when what is enabled along with it is, and it has nothing else to be enabled for. */
function startsThroughOthers({ id, install, also = [] }: SystemdUnit): boolean {
  if (install === undefined) return true
  const isItself = install.wantedBy.length > 0 || install.aliases.length > 0 || isTemplate(id)
  return !isItself && also.every(([, state]) => ['enabled', 'static', 'alias', 'indirect'].includes(state))
}

/** Why it is to restart; undefined when it is not. */
export function restartReason({ inputs: wanted }: ServiceWant, have: SystemdUnit): string | undefined {
  if (have.after !== undefined) return `after ${have.after}`
  if (have.started === undefined) return undefined
  if (wanted.length > 0 && have.inputs.length > 0 && have.clockWentBack)
    return 'the clock was set back since it started'
  return changedSince(have, wanted, 'started', have.started)
}

/** Why it is to reload, when it need not restart. */
export function reloadReason({ reloadInputs: wanted }: ServiceWant, have: SystemdUnit): string | undefined {
  if (wanted.length === 0) return undefined
  if (have.reloadAfter !== undefined) return `after ${have.reloadAfter}`
  if (have.reloadFailed === true) return 'its last reload failed'
  if (have.inputs.length > 0 && have.clockWentBackSinceReload === true)
    return 'the clock was set back since it read its settings'
  return have.reloaded === undefined
    ? have.started && changedSince(have, wanted, 'started', have.started)
    : changedSince(have, wanted, 'reloaded', have.reloaded)
}

function changedSince(
  { inputs, ahead }: SystemdUnit,
  wanted: readonly string[],
  verb: string,
  when: HostTime,
): string | undefined {
  const late = newest(inputs.filter(({ path, changed }) => wanted.includes(path) && mayBeLater(changed, when)))
  if (late === undefined) return undefined
  const [from, to] = formatPair(when, late.changed, ahead)
  if (!isPath(late.path)) return `${verb} ${from}, ${late.path.replace(/\.service$/, '')} started ${to}`
  return `${verb} ${from}, ${late.path} ${late.gone ? 'or what is beside it ' : ''}changed ${to}`
}

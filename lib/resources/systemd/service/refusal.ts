import { nearest } from '../../../text/nearest.ts'
import type { Refused } from '../../kit/kind.ts'
import { restartReason, startsAtBoot } from './restart-reason.ts'
import { isRunning } from './effects.ts'
import type { SystemdUnit } from '../probe-unit.ts'
import { instanceOf, isTemplate } from '../unit-install.ts'
import type { ServiceWant } from './want.ts'
import type { Needed, TakenAlias } from './systemd-unit.ts'

/** Why a unit cannot be brought to how it should be; undefined when it can. */
export function refusal(want: ServiceWant, have: SystemdUnit): Refused | undefined {
  const { unit, running, enabled, masked } = want
  if (have.init !== undefined) return { refused: `services need systemd, and the init of this host is ${have.init}` }
  if (have.silent === true)
    return { refused: `systemctl does not answer about ${unit}`, hint: `systemctl show ${unit}` }
  if (isTemplate(unit) && running !== undefined)
    return {
      refused: `${unit} is a template: systemd runs only instances of it`,
      hint: `name one, such as ${instanceOf(unit, have.install?.defaultInstance ?? 'NAME')}`,
    }
  if (masked === true && !isMasked(have) && have.inMasksPlace !== undefined)
    return masksPlaceTaken(unit, have.inMasksPlace)
  if (have.load === 'not-found') {
    if (running !== true && enabled !== true) return undefined
    const [near] = nearest(unit, have.others)
    const hint = near === undefined ? 'put the package that brings it before this resource' : `did you mean "${near}"?`
    return { refused: `there is no unit ${unit}`, hint }
  }
  const isBare = have.maskAlone === true && masked !== true && (running === true || enabled === true)
  if (isBare)
    return {
      refused: `there is no unit ${unit}, only its mask`,
      hint: 'put what brings its unit file before this resource',
    }
  if (masked !== true && !['loaded', 'masked', 'stub', 'merged'].includes(have.load) && !have.outdated) {
    return { refused: `systemd cannot read ${unit} (${have.load})`, hint: `systemd-analyze verify ${unit}` }
  }
  if (running === true && have.type === 'oneshot' && !have.remains) {
    return {
      refused: `${unit} ends by itself (Type=oneshot), so it is never running`,
      hint: 'enable it, or use its timer',
    }
  }
  const starts = running === true && !isRunning(have) && !have.outdated
  const lacking = starts ? have.needs.find(({ load }) => load !== 'loaded') : undefined
  if (lacking !== undefined) return needsAnother(unit, lacking)
  const isOpened = starts || (running === true && isRunning(have) && restartReason(want, have) !== undefined)
  const busy = isOpened && unit.endsWith('.socket') ? have.triggers.find((name) => have.busy.includes(name)) : undefined
  if (busy !== undefined) return isBusy(unit, busy)
  if (enabled !== true) return undefined
  if ((have.file === 'static' && !have.wanted) || have.file === 'transient') {
    return {
      refused: `${unit} cannot be enabled: it has no [Install] section, and no other unit wants it`,
      hint: `systemctl cat ${unit}`,
    }
  }
  const [taken] = startsAtBoot(have) ? [] : (have.takenAliases ?? [])
  return taken === undefined ? instanceless(unit, have) : aliasTaken(unit, taken)
}

function aliasTaken(unit: string, { name, by }: TakenAlias): Refused {
  const path = `/etc/systemd/system/${name}`
  return by === 'mask'
    ? {
        refused: `${unit} cannot be enabled: ${name}, another name of it, is masked`,
        hint: `put service('${name.replace(/\.service$/, '')}', { masked: false }) before this resource`,
      }
    : {
        refused: `${unit} cannot be enabled: the place of ${name}, another name of it, is taken: ${path}`,
        hint: `put absent('${path}') before this resource if it may be removed`,
      }
}

function needsAnother(unit: string, { unit: other, load }: Needed): Refused {
  if (load === 'masked')
    return {
      refused: `${unit} cannot be started: ${other}, which it needs, is masked`,
      hint: `put service('${other.replace(/\.service$/, '')}', { masked: false }) before this resource`,
    }
  const why = load === 'not-found' ? `there is no unit ${other}` : `systemd cannot read ${other} (${load})`
  return {
    refused: `${unit} cannot be started: ${why}, which it needs`,
    hint: 'put its unit file, or the package that brings it, before this resource',
  }
}

function isBusy(unit: string, service: string): Refused {
  return {
    refused: `${unit} cannot be started: ${service}, which it is to start, runs already`,
    hint: `put service('${service.replace(/\.service$/, '')}', { running: false }) before this resource`,
  }
}

/** The link of a mask is there, for good. */
export function isMasked({ load, file }: SystemdUnit): boolean {
  return load === 'masked' && file !== 'masked-runtime'
}

/** systemctl would stop and disable it first, and then find the place taken. */
function masksPlaceTaken(unit: string, is: 'file' | 'link'): Refused {
  const path = `/etc/systemd/system/${unit}`
  const what = is === 'file' ? 'its unit file is' : 'a link to its unit file is'
  return {
    refused: `${unit} cannot be masked: ${what} ${path}, where the link of a mask would be`,
    hint:
      is === 'file'
        ? `set running: false and enabled: false instead, or keep the unit file in /usr/local/lib/systemd/system`
        : 'mask the unit that it leads to',
  }
}

/** A template is enabled as its default instance, or where a template wants it. */
function instanceless(unit: string, { install, file }: SystemdUnit): Refused | undefined {
  if (!isTemplate(unit) || file !== 'disabled' || install === undefined || install.defaultInstance !== undefined)
    return undefined
  const target = install.wantedBy.find((name) => !name.includes('@'))
  return target === undefined
    ? undefined
    : {
        refused: `${unit} cannot be enabled: it is a template, and says no DefaultInstance=`,
        hint: `name an instance, such as ${instanceOf(unit, 'NAME')}`,
      }
}

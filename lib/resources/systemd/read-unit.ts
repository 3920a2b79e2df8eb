import type { Reply } from '../kit/kind.ts'
import { isPath } from '../kit/options/unit-name.ts'
import { readInstall } from './unit-install.ts'
import { mayBeLater, readHostTime, readTimestamp, type Input } from '../kit/host-time.ts'
import type { SystemdUnit } from './service/state.ts'

export function readUnit(inputs: readonly string[], reply: Reply): SystemdUnit {
  const said = new Map<string, string>()
  const notes: [string, string][] = []
  for (const line of reply.lines) {
    const note = /^# (\S+) ?(.*)$/s.exec(line)
    if (note) notes.push([note[1] ?? '', note[2] ?? ''])
    else if (line.includes('=')) said.set(line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1))
  }
  const all = (...words: string[]) => notes.filter(([word]) => words.includes(word)).map(([, rest]) => rest)
  const [init] = all('init')
  const [initScript] = all('init-script')
  const [masked] = all('in-masks-place')
  const get = (key: string) => said.get(key) ?? ''
  const type = get('Type')
  const begun = startOf(type, get('ExecMainStartTimestamp'))
  const far = all('far')
  const files = [...new Set(all('file'))]
  // systemd goes on with what it has read, until it reads anew.
  const isGone = files.length === 0 && get('NeedDaemonReload') === 'yes' && notes.some(([word]) => word === 'file-gone')
  const times = notes.filter(([word]) => word === 'own' || word === 'above')
  return {
    ...(init === undefined ? {} : { init: init === '' ? 'unknown' : init }),
    silent: notes.some(([word]) => word === 'silent') || (init === undefined && !said.has('LoadState')),
    id: get('Id'),
    names: get('Names')
      .split(' ')
      .filter((name) => name !== ''),
    load: isGone ? 'not-found' : get('LoadState'),
    files,
    active: get('ActiveState'),
    sub: get('SubState'),
    file: get('UnitFileState'),
    type,
    remains: get('RemainAfterExit') === 'yes',
    // Of a file that it cannot read systemd does not say that it has changed; of a masked unit with drop-ins, which it reads never, always.
    outdated:
      (get('NeedDaemonReload') === 'yes' && !notes.some(([word]) => word === 'still-masked')) ||
      (!notes.some(([word]) => word === 'bad') && isWrittenSince(all('written')[0], all('read')[0])),
    wanted: ['WantedBy', 'RequiredBy', 'TriggeredBy'].some((key) => get(key) !== ''),
    initScript: initScript === undefined ? undefined : initScript === '1',
    started: readTimestamp(get(`${begun}Timestamp`)),
    clockWentBack: all('future').includes(begun),
    inputs: [
      ...startsOf(all('unit-start')),
      ...inputs.filter(isPath).flatMap((path, index): Input[] => {
        const [word, time = ''] = times[index] ?? []
        const stamps = [readHostTime(time), readHostTime(far[index] ?? '')].filter((stamp) => stamp !== undefined)
        return stamps.map((changed) => ({ path, changed, gone: word === 'above' }))
      }),
    ],
    ...(said.has('ReloadResult') ? reloadOf(get, all('future').includes('StateChange')) : {}),
    ahead: minutes(all('ahead')[0] ?? ''),
    others: all('unit'),
    maskedOthers: all('masked-unit'),
    wasDisabled: notes.some(([word]) => word === 'was-disabled'),
    linked: notes.some(([word]) => word === 'linked'),
    ...(notes.some(([word]) => word === 'generated-link') ? { hasGeneratedLink: true } : {}),
    install: readInstall(get('Id'), all('install').join('\n')),
    takenAliases: all('alias-taken').map((line) => ({
      name: line.replace(/ .*/, ''),
      by: line.endsWith(' mask') ? 'mask' : 'other',
    })),
    also: all('also').map((line): [string, string] => [line.replace(/ .*/, ''), line.replace(/^\S* ?/, '')]),
    inMasksPlace: masked === 'file' || masked === 'link' ? masked : undefined,
    ...(notes.some(([word]) => word === 'mask-alone') ? { maskAlone: true } : {}),
    needs: all('needs').map((line) => ({ unit: line.replace(/ .*/, ''), load: line.replace(/^\S* ?/, '') })),
    triggers: get('Triggers')
      .split(' ')
      .filter((name) => name !== ''),
    busy: all('busy'),
    startsDenied: notes.some(([word]) => word === 'starts-denied'),
  }
}

/** `NAME TIMESTAMP`; a unit that has never started has no time. */
function startsOf(lines: readonly string[]): Input[] {
  return lines.flatMap((line) => {
    const [unit = '', ...words] = line.split(' ')
    const changed = readTimestamp(words.join(' '))
    return changed === undefined ? [] : [{ path: unit, changed, gone: false }]
  })
}

function isWrittenSince(written = '', read = ''): boolean {
  const [changed, looked] = [readHostTime(written), readTimestamp(read)]
  return changed !== undefined && looked !== undefined && mayBeLater(changed, looked)
}

/**
 * When what runs now began to read its files. For `forking` systemd learns of the main process only after the daemon has read
 * them, and `oneshot` has many processes: there the moment counts at which the unit began to start.
 */
function startOf(type: string, mainProcess: string): 'ExecMainStart' | 'InactiveExit' {
  return mainProcess === '' || type === 'forking' || type === 'oneshot' ? 'InactiveExit' : 'ExecMainStart'
}

/**
 * Each reload changes the state of a unit and changes it back, and nothing else does while it is active. So the last change of its state is
 * its last reload, where it is not the one with which it became active.
 *
 * Source: org.freedesktop.systemd1(5), `StateChangeTimestamp`, `ActiveEnterTimestamp`, `ReloadResult`.
 */
function reloadOf(
  get: (key: string) => string,
  isFuture: boolean,
): Pick<SystemdUnit, 'reloaded' | 'reloadFailed' | 'cannotReload' | 'clockWentBackSinceReload'> {
  const [entered, last] = [get('ActiveEnterTimestamp'), get('StateChangeTimestamp')]
  return {
    clockWentBackSinceReload: isFuture,
    reloaded: entered === last ? undefined : readTimestamp(last),
    reloadFailed: get('ReloadResult') !== 'success',
    cannotReload: get('CanReload') === 'no',
  }
}

/** `+0530` is 330. */
function minutes(zone: string): number {
  const [, sign, hours, rest] = /^([+-])(\d\d)(\d\d)$/.exec(zone) ?? []
  const total = Number(hours ?? 0) * 60 + Number(rest ?? 0)
  return sign === '-' ? -total : total
}

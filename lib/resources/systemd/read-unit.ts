import type { Reply } from '../kit/kind.ts'
import { isPath } from '../kit/options/unit-name.ts'
import { readInstall } from './unit-install.ts'
import { mayBeLater, readHostTime, readTimestamp, type Input } from '../kit/host-time.ts'
import type { SystemdUnit } from './service/systemd-unit.ts'

/** Reads the answer of the probe: the properties that systemctl printed, and notes, lines of `# WORD REST`. */
export function readUnit(inputs: readonly string[], reply: Reply): SystemdUnit {
  const answer = new UnitAnswer(reply.lines)
  return { ...manager(answer), ...definition(answer), ...activity(answer, inputs), ...enablement(answer) }
}

class UnitAnswer {
  readonly properties = new Map<string, string>()
  readonly notes: (readonly [word: string, rest: string])[] = []

  constructor(lines: readonly string[]) {
    for (const line of lines) {
      const note = /^# (\S+) ?(.*)$/s.exec(line)
      if (note) this.notes.push([note[1] ?? '', note[2] ?? ''])
      else if (line.includes('='))
        this.properties.set(line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1))
    }
  }

  /** A property; empty if there is none. */
  get(key: string): string {
    return this.properties.get(key) ?? ''
  }

  /** A property that is a list of names. */
  names(key: string): string[] {
    return this.get(key)
      .split(' ')
      .filter((name) => name !== '')
  }

  /** The rest of each note with this word. */
  all(word: string): string[] {
    return this.notes.filter(([each]) => each === word).map(([, rest]) => rest)
  }

  has(word: string): boolean {
    return this.notes.some(([each]) => each === word)
  }
}

/** What manages the host's services, and whether it answered. */
function manager(answer: UnitAnswer) {
  const [init] = answer.all('init')
  const [initScript] = answer.all('init-script')
  return {
    ...(init === undefined ? {} : { init: init === '' ? 'unknown' : init }),
    silent: answer.has('silent') || (init === undefined && !answer.properties.has('LoadState')),
    initScript: initScript === undefined ? undefined : initScript === '1',
  }
}

/** The unit as systemd has read it, and its files. */
function definition(answer: UnitAnswer) {
  const files = [...new Set(answer.all('file'))]
  const needsReload = answer.get('NeedDaemonReload') === 'yes'
  // systemd uses the settings that it has loaded until a daemon-reload.
  const isGone = files.length === 0 && needsReload && answer.has('file-gone')
  return {
    id: answer.get('Id'),
    names: answer.names('Names'),
    load: isGone ? 'not-found' : answer.get('LoadState'),
    files,
    type: answer.get('Type'),
    remains: answer.get('RemainAfterExit') === 'yes',
    // Of a file that it cannot read systemd does not say that it has changed; of a masked unit with drop-ins, which it reads never, always.
    outdated:
      (needsReload && !answer.has('still-masked')) ||
      (!answer.has('bad') && isWrittenSince(answer.all('written')[0], answer.all('read')[0])),
    needs: answer.all('needs').map((line) => ({ unit: firstWord(line), load: afterFirstWord(line) })),
    triggers: answer.names('Triggers'),
    startsDenied: answer.has('starts-denied'),
  }
}

/** What runs, since when, and what has changed since. */
function activity(answer: UnitAnswer, inputs: readonly string[]) {
  const begun = startOf(answer.get('Type'), answer.get('ExecMainStartTimestamp'))
  const future = answer.all('future')
  return {
    active: answer.get('ActiveState'),
    sub: answer.get('SubState'),
    started: readTimestamp(answer.get(`${begun}Timestamp`)),
    clockWentBack: future.includes(begun),
    inputs: [...startsOf(answer.all('unit-start')), ...changesOf(inputs.filter(isPath), answer)],
    ...(answer.properties.has('ReloadResult') ? reloadOf(answer, future.includes('StateChange')) : {}),
    ahead: minutes(answer.all('ahead')[0] ?? ''),
    busy: answer.all('busy'),
  }
}

/** When these paths have changed: each has a note of its own time, or, where it is missing, of the directory above. */
function changesOf(paths: readonly string[], answer: UnitAnswer): Input[] {
  const times = answer.notes.filter(([word]) => word === 'own' || word === 'above')
  const far = answer.all('far')
  return paths.flatMap((path, index) => {
    const [word, time = ''] = times[index] ?? []
    const stamps = [readHostTime(time), readHostTime(far[index] ?? '')].filter((stamp) => stamp !== undefined)
    return stamps.map((changed) => ({ path, changed, gone: word === 'above' }))
  })
}

/** Whether the unit starts at boot, and the links and masks that decide this. */
function enablement(answer: UnitAnswer) {
  const [masked] = answer.all('in-masks-place')
  const inMasksPlace: SystemdUnit['inMasksPlace'] = masked === 'file' || masked === 'link' ? masked : undefined
  return {
    file: answer.get('UnitFileState'),
    wanted: ['WantedBy', 'RequiredBy', 'TriggeredBy'].some((key) => answer.get(key) !== ''),
    others: answer.all('unit'),
    maskedOthers: answer.all('masked-unit'),
    wasDisabled: answer.has('was-disabled'),
    linked: answer.has('linked'),
    ...(answer.has('generated-link') ? { hasGeneratedLink: true } : {}),
    install: readInstall(answer.get('Id'), answer.all('install').join('\n')),
    takenAliases: answer.all('alias-taken').map((line) => ({
      name: firstWord(line),
      by: line.endsWith(' mask') ? ('mask' as const) : ('other' as const),
    })),
    also: answer.all('also').map((line): [string, string] => [firstWord(line), afterFirstWord(line)]),
    inMasksPlace,
    ...(answer.has('mask-alone') ? { maskAlone: true } : {}),
  }
}

function firstWord(line: string): string {
  return line.replace(/ .*/, '')
}

function afterFirstWord(line: string): string {
  return line.replace(/^\S* ?/, '')
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
  answer: UnitAnswer,
  isFuture: boolean,
): Pick<SystemdUnit, 'reloaded' | 'reloadFailed' | 'cannotReload' | 'clockWentBackSinceReload'> {
  const [entered, last] = [answer.get('ActiveEnterTimestamp'), answer.get('StateChangeTimestamp')]
  return {
    clockWentBackSinceReload: isFuture,
    reloaded: entered === last ? undefined : readTimestamp(last),
    reloadFailed: answer.get('ReloadResult') !== 'success',
    cannotReload: answer.get('CanReload') === 'no',
  }
}

/** `+0530` is 330. */
function minutes(zone: string): number {
  const [, sign, hours, rest] = /^([+-])(\d\d)(\d\d)$/.exec(zone) ?? []
  const total = Number(hours ?? 0) * 60 + Number(rest ?? 0)
  return sign === '-' ? -total : total
}

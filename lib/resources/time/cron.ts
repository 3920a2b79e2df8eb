import type { Facts } from '../../facts.ts'
import { editDefinition, editWant, type EditWant } from '../files/edit.ts'
import { absolute } from '../files/path/path.ts'
import { accountOption } from '../accounts/account.ts'
import { stateOption } from '../files/absent-state.ts'
import { kind, type Resource } from '../kit/kind.ts'
import { described, either, flag, oneOf, path as pathOption, text } from '../kit/options/option-types.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { insert, join, split, type Line } from '../kit/text.ts'
import { cronCommand, neverComes, SPECIAL, timesOptions, written, type CronTimes } from './cron-times.ts'

export interface CronOptions extends CronTimes {
  /** The command, one line. cron makes a line break of `%`: write `\%` where none is meant. */
  readonly job?: string
  /** In place of times: `daily`, `reboot`, ... */
  readonly special?: (typeof SPECIAL)[number]
  /** Who it runs as. Default `root`. */
  readonly user?: string
  /** A file of cron.d, by its name or path, such as `backup` for /etc/cron.d/backup. Default: the user's own crontab. */
  readonly file?: string
  /** The job is written as a comment. Default false. */
  readonly disabled?: boolean
  /** In place of a job: a variable with the name of the resource and this value, above all jobs. */
  readonly value?: string
  /** Keep the old file as `NAME.20260131T120107~`. Default false. */
  readonly backup?: boolean
  /** Default `present`. */
  readonly state?: 'present' | 'absent'
}

export type CronWant = EditWant & {
  readonly name: string
  readonly user: string
  readonly file?: string | undefined
  readonly entry: string
  readonly isVariable: boolean
  /** It is to go, and its name may be that of a job or of a variable. */
  readonly isEither?: boolean
}

/**
 * A job of cron, or a variable for the jobs, in a user's crontab or in a file of /etc/cron.d. A job comes below a comment with its name,
 * `# rolecall: NAME`; every other line stays as it is. A job that Ansible has put there under the same name (`#Ansible: NAME`) is the same job. With
 * `state: 'absent'` the job of that name goes, and so does the variable.
 *
 * Times are as in crontab(5): numbers, `*`, lists, ranges, steps; names of months and weekdays. A field that cron could not read is refused, because
 * cron drops the whole file for it and tells nobody.
 *
 * A user's crontab is in /var/spool/cron/crontabs (Debian) or /var/spool/cron (Red Hat), mode 0600. cron sees the change by itself, within a minute.
 *
 * @example
 * cron('backup', { minute: 30, hour: 3, job: '/usr/local/bin/backup --quiet' })
 * cron('report', { special: 'weekly', user: 'app', job: 'app report | mail -s report ops@example.com' })
 * cron('cleanup', { file: 'cleanup', user: 'app', minute: '0,10,20,30,40,50', job: 'app clean' })
 * cron('MAILTO', { value: 'ops@example.com' })
 * cron('old job', { state: 'absent' })
 *
 * Defaults: `user` root; a new file of /etc/cron.d has mode 0644.
 * Refused: a day that never comes, such as 31 February; a user that the host does not know; no directory for crontabs (cron is not there). Unknown: cron is still to come, and brings the file.
 *
 * Source: crontab(5), cron(8) of Debian and of cronie.
 */
export function cron(name: string, options: CronOptions): Resource {
  const { name: label, options: given } = read(name, options)
  const { user = 'root', file, job = '', special, value, disabled = false, backup, state } = given
  const isVariable = value !== undefined
  if (isVariable && !VARIABLE.test(label))
    throw invalidOption(
      'name of a variable of cron',
      'letters, digits and "_", with no digit first',
      JSON.stringify(label),
    )
  const isEither = state === 'absent' && !isVariable && job === '' && VARIABLE.test(label)
  const path = file === undefined ? '' : absolute('cron', file.startsWith('/') ? file : `/etc/cron.d/${file}`)
  const when = special === undefined ? written(given) : `@${special}`
  const line = [when, ...(file === undefined ? [] : [user]), job].join(' ')
  const isOwn = file === undefined
  const want = editWant(
    path,
    {
      create: true,
      ...(isOwn && state !== 'absent' ? { mode: '0600', owner: user } : {}),
      ...(backup === undefined ? {} : { backup }),
    },
    state === 'absent',
    false,
  )
  const entry = isVariable ? `${label}=${quoted(value)}` : `${disabled ? '#' : ''}${line}`
  return make(`${file ?? user}#${label}`, { ...want, name: label, user, file, entry, isVariable, isEither })
}

/** The name of a variable of the environment. */
const VARIABLE = /^[A-Za-z_]\w*$/

const DIRECTORIES = { debian: '/var/spool/cron/crontabs', el: '/var/spool/cron', other: '/var/spool/cron/crontabs' }

const make = kind(
  editDefinition<CronWant>({
    name: 'cron',
    edit: (want, live) => editCrontab(live, want),
    summary: ({ name, isVariable, isEither = false }, live) =>
      `${isVariable || (isEither && split(live).some(isVariableNamed(name))) ? 'variable' : 'job'} ${name}`,
    isSecret: () => false,
    declarations: ({ name, file, user, ...want }) => [[`cron job ${name} of ${file ?? user}`, want]],
    locate: (want, { os }: Facts) =>
      want.file === undefined ? { ...want, path: `${DIRECTORIES[os.family]}/${want.user}` } : want,
    places: ({ path, user, file }) =>
      file === undefined ? [...new Set(Object.values(DIRECTORIES))].map((dir) => `${dir}/${user}`) : [path],
  }),
)

/** The crontab with the job in it once, or without it. What it gave, it gives again. */
export function editCrontab(
  live: string,
  want: Pick<CronWant, 'name' | 'entry' | 'isVariable' | 'isEither' | 'absent'>,
): string {
  if (want.isEither === true) return editVariable(editJob(live, want), want)
  return want.isVariable ? editVariable(live, want) : editJob(live, want)
}

const isVariableNamed = (name: string) => {
  const pattern = new RegExp(`^\\s*["']?${name}["']?\\s*=`)
  return ({ text: line }: Line) => pattern.test(line)
}

function editVariable(live: string, { name, entry, absent }: Pick<CronWant, 'name' | 'entry' | 'absent'>): string {
  const lines = split(live)
  const isIt = isVariableNamed(name)
  if (absent) return join(lines.filter((line) => !isIt(line)))
  const first = lines.find(isIt)
  if (first === undefined) return join(insert(lines, [entry], { before: /^/ }))
  return join(lines.flatMap((line) => (line === first ? [{ ...line, text: entry }] : isIt(line) ? [] : [line])))
}

function editJob(live: string, { name, entry, absent }: Pick<CronWant, 'name' | 'entry' | 'absent'>): string {
  const lines = split(live)
  const marker = `# rolecall: ${name}`.trimEnd()
  const isMarker = (line: Line | undefined) =>
    [marker, `#Ansible: ${name}`.trimEnd()].includes(line?.text.trimEnd() ?? '')
  const first = lines.findIndex(isMarker)
  if (first < 0) return absent ? live : join(insert(lines, [marker, entry], {}))
  // The job is the line below its name; where that is the name of the next one, or nothing, somebody has taken it away.
  const isJob = (at: number) => {
    const [above, line] = [lines[at - 1], lines[at]]
    return (
      isMarker(above) && line !== undefined && line.text.trim() !== '' && !/^#\s*(?:rolecall|Ansible): /.test(line.text)
    )
  }
  const kept = lines.flatMap((line, at): Line[] => {
    if (at === first && !absent)
      return [
        { text: line.text, eol: '\n' },
        { text: entry, eol: line.eol === '\r\n' ? line.eol : '\n' },
      ]
    return isMarker(line) || isJob(at) ? [] : [line]
  })
  return join(kept)
}

/** One quote around all of it; a value with both is written literally, which cron takes unless the ends need quotes. */
function quoted(value: string): string {
  if (value !== '' && !/[\s#"']/.test(value)) return value
  const quote = ['"', "'"].find((each) => !value.includes(each)) ?? ''
  return `${quote}${value}${quote}`
}

const read = resourceOptions<CronOptions>()(
  'cron',
  (given) => described('cron', given),
  () => ({
    ...timesOptions(),
    job: cronCommand().optional(),
    special: oneOf(SPECIAL, { midnight: 'say "daily"' }).optional(),
    user: accountOption().optional(),
    file: either(
      'a path, or a name of letters, digits, \"_\" and \"-\": cron skips others',
      text('a name', /^[\w-]+$/),
      pathOption(),
    ).optional(),
    disabled: flag().optional(),
    value: text('one line', /^[^\r\n\0]*$/).optional(),
    backup: flag().optional(),
    state: stateOption().optional(),
  }),
  (options, given) => {
    const times = ['minute', 'hour', 'day', 'month', 'weekday']
    const { file = '', value = '' } = options
    const misnamed =
      /^\/etc\/cron\.d\//.test(file) && !/^\/etc\/cron\.d\/[\w-]+$/.test(file)
        ? {
            what: 'file',
            expected: 'a file of letters, digits, "_" and "-" in /etc/cron.d',
            got: JSON.stringify(file),
            hint: 'cron silently skips others, such as those with a dot',
          }
        : undefined
    if (options.state === 'absent') return []
    const both = given.has('job') === given.has('value')
    const never = neverComes(options)
    return [
      misnamed,
      /^["']|^\s|\s$/.test(value) && value.includes('"') && value.includes("'")
        ? {
            what: 'value',
            expected: 'a text without both kinds of quotes, if it begins with one, or begins or ends with a blank',
            got: JSON.stringify(value),
            hint: 'cron has no way to write it',
          }
        : undefined,
      both ? { expected: 'given a job or a value', got: given.has('job') ? 'both' : 'neither' } : undefined,
      ...(given.has('special') || given.has('value')
        ? leftOut(times, given.has('value') ? 'beside value' : 'beside special', options)
        : []),
      given.has('job') && !given.has('special') && times.every((each) => !given.has(each))
        ? {
            expected: 'given a time: minute, hour, day, month, weekday or special',
            got: 'none',
            hint: `every minute is minute: '*'`,
          }
        : undefined,
      never === undefined ? undefined : { what: 'day', ...never, hint: 'cron would accept it, and never run the job' },
      given.has('value') && given.has('disabled')
        ? { what: 'disabled', expected: 'left out beside value', got: 'both' }
        : undefined,
    ]
  },
)

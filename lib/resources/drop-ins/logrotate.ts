import { sh } from '../../sh/quote.ts'
import { kind, type Resource } from '../kit/kind.ts'
import { account, either, flag, freeText, list, mode, nested, oneOf, text, whole } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { ofRoot, generatedFile, type GeneratedFile } from '../files/generated-file.ts'
import { dropInName, HEADER, isLine } from './drop-in.ts'
import { stateOption } from '../files/absent-state.ts'

export interface LogrotateOptions {
  /** The log files; patterns such as `/var/log/app/*.log` too. */
  readonly paths?: readonly string[]
  readonly every?: 'hourly' | 'daily' | 'weekly' | 'monthly' | 'yearly'
  /** How many old files are kept. */
  readonly keep?: number
  /** Rotated when larger, whatever the time: `100M`. */
  readonly size?: string
  /** Rotated when larger and the time has come. */
  readonly minSize?: string
  /** Rotated when larger or the time has come. */
  readonly maxSize?: string
  /** Days after which old files are removed. */
  readonly maxAge?: number
  readonly compress?: boolean
  readonly delayCompress?: boolean
  /** A log that is not there is no error. */
  readonly missingOk?: boolean
  /** An empty log is rotated (`true`) or not (`false`). */
  readonly ifEmpty?: boolean
  readonly copyTruncate?: boolean
  readonly dateExtension?: boolean
  /** The new log: `true` with what the old one has. */
  readonly create?: boolean | { readonly mode: string; readonly owner?: string; readonly group?: string }
  /** As whom it is rotated, in directories that are not root's. */
  readonly su?: { readonly user: string; readonly group: string }
  /** Old files go there. */
  readonly oldDirectory?: string
  /** The scripts run once for all logs. */
  readonly sharedScripts?: boolean
  /** Shell that runs before, and after: `systemctl reload nginx`. */
  readonly preRotate?: string
  readonly postRotate?: string
  /** Further directives, one a line. */
  readonly lines?: readonly string[]
  /** Default `present`. */
  readonly state?: 'present' | 'absent'
}

/**
 * How logs are rotated: `/etc/logrotate.d/NAME`. What is left out is as /etc/logrotate.conf says. Before it goes live logrotate itself reads it, where the host has it already.
 *
 * Units: `size` in bytes, or with the suffix `k`, `M` or `G`; `maxAge` in days.
 *
 * @example
 * logrotate('app', { paths: ['/var/log/app/*.log'], every: 'daily', keep: 14, compress: true, missingOk: true, ifEmpty: false,
 *   create: { mode: '0640', owner: 'app', group: 'adm' }, sharedScripts: true, postRotate: 'systemctl kill -s HUP app' })
 * logrotate('old', { state: 'absent' })
 *
 * Refused: what logrotate cannot read, with its words; a log that another file has already, of which logrotate takes one alone; no directory /etc/logrotate.d.
 *
 * Source: logrotate(8).
 */
export function logrotate(name: string, options: LogrotateOptions): Resource {
  const { name: file, options: given } = read(name, options)
  const path = `/etc/logrotate.d/${file}`
  if (given.state === 'absent') return make(file, { path })
  const head = (given.paths ?? []).map((each) => (/[\s"]/.test(each) ? `"${each}"` : each)).join(' ')
  const body = directives(given).map((line) => `    ${line}\n`)
  return make(file, {
    path,
    content: `${HEADER}${head} {\n${body.join('')}}\n`,
    mode: '0644',
    ...ofRoot,
    validate: validate(path),
  })
}

/**
 * logrotate ends with an error for logs that are not there yet as well: what counts is what it says of this file. It reads the others before it, because a log
 * that has an entry there is rotated by one of the two alone. In a test of its own it changes nothing (-d).
 */
const validate = (path: string) => sh`command -v logrotate >/dev/null 2>&1 || exit 0
set --; for f in /etc/logrotate.d/*; do case $f in ${path} | *'~' | *,v | *.v | *.dpkg-* | *.rpm* | *.ucf-* | *.bak | *.orig | *.swp | *.disabled | *.cfsaved | '/etc/logrotate.d/*') ;;
*) [ ! -f "$f" ] || set -- "$@" "$f";; esac; done
w=$(LC_ALL=C logrotate -d -- "$@" "$candidate" 2>&1 | grep -F "error: $candidate:") || exit 0
printf '%s\n' "$w" | sed "s|$candidate|${path}|g" >&2; exit 1`

const make = kind(generatedFile<GeneratedFile>('logrotate'))

function directives(given: LogrotateOptions): string[] {
  const { every, keep, create, su, ifEmpty, preRotate, postRotate, lines = [] } = given
  const yes = (word: string, is: boolean | undefined) => (is === undefined ? [] : [is ? word : `no${word}`])
  const value = (word: string, is: string | number | undefined) => (is === undefined ? [] : [`${word} ${is}`])
  const script = (word: string, is: string | undefined) =>
    is === undefined
      ? []
      : [
          word,
          ...is
            .trimEnd()
            .split('\n')
            .map((line) => `    ${line}`),
          'endscript',
        ]
  return [
    ...(every === undefined ? [] : [every]),
    ...value('rotate', keep),
    ...value('size', given.size),
    ...value('minsize', given.minSize),
    ...value('maxsize', given.maxSize),
    ...value('maxage', given.maxAge),
    ...yes('compress', given.compress),
    ...yes('delaycompress', given.delayCompress),
    ...yes('missingok', given.missingOk),
    ...(ifEmpty === undefined ? [] : [ifEmpty ? 'ifempty' : 'notifempty']),
    ...yes('copytruncate', given.copyTruncate),
    ...yes('dateext', given.dateExtension),
    ...(typeof create === 'object'
      ? [['create', create.mode, create.owner, create.group].filter((each) => each !== undefined).join(' ')]
      : yes('create', create)),
    ...(su === undefined ? [] : [`su ${su.user} ${su.group}`]),
    ...value('olddir', given.oldDirectory),
    ...yes('sharedscripts', given.sharedScripts),
    ...lines,
    ...script('prerotate', preRotate),
    ...script('postrotate', postRotate),
  ]
}

/** Files with these endings are passed over in silence. Source: logrotate(8), `tabooext`. */
const NAME =
  /^(?!.*\.(?:rpmsave|rpmorig|rpmnew|disabled|dpkg-(?:old|dist|new|bak|del|tmp)|cfsaved|ucf-(?:old|dist|new)|bak|orig|swp|v)$)(?!.*\.rhn-cfg-tmp-)[\w-][\w.-]*$/

const size = () => text('a size such as "100M"', /^\d+[kMG]?$/)
const script = () =>
  freeText('lines of shell').refine((given) => !/^\s*endscript\s*$/m.test(given), {
    error: 'without a line "endscript"',
  })
const logPath = () =>
  text('an absolute path or a pattern', (given) => given.startsWith('/') && !/[\r\n\0"{}]/.test(given))

const read = resourceOptions<LogrotateOptions>()(
  'logrotate',
  (given) =>
    dropInName('logrotate', given, NAME, 'letters, digits, ".", "_" or "-", without an ending that logrotate skips'),
  () => ({
    paths: list('a list of log files', logPath()).optional(),
    every: oneOf(['hourly', 'daily', 'weekly', 'monthly', 'yearly']).optional(),
    keep: whole('a whole number', -1, 1_000_000).optional(),
    size: size().optional(),
    minSize: size().optional(),
    maxSize: size().optional(),
    maxAge: whole('whole days', 0, 1_000_000).optional(),
    compress: flag().optional(),
    delayCompress: flag().optional(),
    missingOk: flag().optional(),
    ifEmpty: flag().optional(),
    copyTruncate: flag().optional(),
    dateExtension: flag().optional(),
    create: either(
      'true, false, or { mode, owner, group }',
      flag(),
      nested('{ mode, owner, group }', {
        mode: mode(),
        owner: account().optional(),
        group: account().optional(),
      }),
    ).optional(),
    su: nested('{ user, group }', { user: account(), group: account() }).optional(),
    oldDirectory: logPath().optional(),
    sharedScripts: flag().optional(),
    preRotate: script().optional(),
    postRotate: script().optional(),
    lines: list('a list of lines', text('one directive', isLine)).optional(),
    state: stateOption().optional(),
  }),
  (options) =>
    options.state === 'absent'
      ? leftOut(['paths'], 'with state: absent', options)
      : [
          (options.paths ?? []).length === 0
            ? { what: 'paths', expected: 'at least one log file, or state: absent', got: 'none' }
            : undefined,
          typeof options.create === 'object' && options.create.group !== undefined && options.create.owner === undefined
            ? { what: 'create', expected: 'given an owner with its group', got: 'a group alone' }
            : undefined,
          options.create !== undefined && options.create !== false && options.copyTruncate === true
            ? { expected: 'either create or copyTruncate', got: 'both' }
            : undefined,
        ],
)

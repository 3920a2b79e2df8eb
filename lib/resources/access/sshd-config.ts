import { sh } from '../../sh/quote.ts'
import { stateOption } from '../files/absent-state.ts'
import { textOf } from '../kit/bytes.ts'
import { editDefinition, editWant, ofFileOptions, type EditOptions, type EditWant } from '../files/edit.ts'
import { absolute } from '../files/path/path.ts'
import { withLiveState, type LivePlan } from '../files/file-with-live-state.ts'
import { kind, type Refused, type Resource } from '../kit/kind.ts'
import { flag, list, nested, record, text, value } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { askOrder, overruled, predictOrder, readOrder, type SshdFiles } from './sshd-order.ts'
import { editSshd, type MatchWanted, type Wanted } from './sshd-text.ts'

/** What a keyword says; a list is one line for each, as `Port`, `ListenAddress` and `AcceptEnv` may have them. */
export type SshdValue = string | number | boolean | readonly (string | number)[]

export interface SshdMatch {
  /** `User deploy`, `Group sftp`, `Address 10.0.0.0/8`, `User a,b Address 10.*`. */
  readonly criteria: string
  readonly set?: Readonly<Record<string, SshdValue | undefined>>
  readonly remove?: readonly string[]
  /** Default `present`. */
  readonly state?: 'present' | 'absent'
}

export interface SshdConfigOptions extends Omit<EditOptions, 'insertAfter' | 'insertBefore' | 'firstMatch' | 'state'> {
  /** Keywords and what they say, for all connections. `true` is written as `yes`. */
  readonly set?: Readonly<Record<string, SshdValue | undefined>>
  /** Keywords that are removed, so that sshd uses its default. */
  readonly remove?: readonly string[]
  /** Blocks that hold for some connections. */
  readonly match?: readonly SshdMatch[]
}

export type SshdConfigWant = EditWant & { readonly set: Wanted; readonly matches: readonly MatchWanted[] }

/**
 * Settings of sshd, in /etc/ssh/sshd_config or a drop-in. `sshd -t` reads the whole candidate before it goes live, in check mode too: a mistake locks nobody out.
 * Restart is yours: `service('ssh', { restartedAfter: [config] })`; connections that are open stay.
 *
 * The first line of a keyword counts for sshd, so it is written once. Keywords are the same in small and capital letters. A new one goes below a comment that shows it
 * (`#Port 22`), else to the end of its part: before the first Match block. Files that an `Include` at the top brings in come first, and so count more: set what they set there, or in a
 * drop-in whose name comes first.
 *
 * @example
 * sshdConfig('/etc/ssh/sshd_config', { set: { PermitRootLogin: 'no', PasswordAuthentication: false, Port: [22, 2222] } })
 * sshdConfig('/etc/ssh/sshd_config.d/10-sftp.conf', { create: true, match: [{ criteria: 'Group sftp', set: { ForceCommand: 'internal-sftp', ChrootDirectory: '/srv/%u' } }] })
 *
 * Defaults: `create` false; mode `'0600'` for a new file, otherwise what the file has; `validate` is `sshd -t`.
 * Refused: what would have no effect, because another file that sshd reads before this one says otherwise, or because no `Include` in /etc/ssh/sshd_config names the drop-in; what sshd refuses, with its words; no such file, without `create`; a symbolic link; no UTF-8 text.
 *
 * Source: sshd_config(5), sshd(8).
 */
export function sshdConfig(path: string, options: SshdConfigOptions): Resource {
  const { name, options: given } = read(path, options)
  const { set = {}, remove = [], match = [], ...more } = given
  const matches = match.map(({ criteria, set: own = {}, remove: gone = [], state }) => ({
    criteria,
    set: state === 'absent' ? undefined : wantedOf(own, gone),
  }))
  const want = editWant(name, { ...more, validate: more.validate ?? validate(name) }, false, false)
  return make(name, { ...want, freshMode: '0600', set: wantedOf(set, remove), matches })
}

/**
 * A part of a configuration is read as if it were all of it. What sshd lacks before its first start is no fault of the file.
 */
function validate(path: string) {
  return sh`command -v sshd >/dev/null 2>&1 || [ -x /usr/sbin/sshd ] || { echo 'command not found: sshd' >&2; exit 127; }
w=$("$(command -v sshd || echo /usr/sbin/sshd)" -t -f "$candidate" 2>&1) && exit 0
case $w in *'no hostkeys available'*|*'Missing privilege separation directory'*) exit 0;; esac
printf '%s\n' "$w" | sed "s|$candidate|${path}|g" >&2; exit 1`
}

function wantedOf(set: Readonly<Record<string, SshdValue | undefined>>, remove: readonly string[]): Wanted {
  const one = (each: string | number | boolean) => (typeof each === 'boolean' ? (each ? 'yes' : 'no') : String(each))
  const wanted = new Map<string, readonly string[] | null>(remove.map((keyword) => [keyword, null]))
  for (const [keyword, each] of Object.entries(set))
    if (each !== undefined) wanted.set(keyword, typeof each === 'object' ? each.map(one) : [one(each)])
  return wanted
}

const file = editDefinition<SshdConfigWant>({
  name: 'sshdConfig',
  edit: ({ set, matches }, live) => editSshd(live, set, matches),
  summary: ({ set, matches }, live) => {
    const changed = [...set].filter(([keyword, values]) => editSshd(live, new Map([[keyword, values]]), []) !== live)
    const blocks = matches.filter((match) => editSshd(live, new Map(), [match]) !== live)
    return [
      ...changed.map(([keyword, values]) =>
        values === null ? `remove ${keyword}` : `${keyword} ${values.join(', ')}`,
      ),
      ...blocks.map(({ criteria, set: own }) => `${own === undefined ? 'remove ' : ''}Match ${criteria}`),
    ].join('; ')
  },
  isSecret: () => false,
  declarations: ({ path, set, matches }) => [
    ...[...set].map(([keyword, values]) => [`keyword ${keyword.toLowerCase()} of`, values, path] as const),
    ...matches.map(({ criteria, set: own }) => [`Match ${criteria} of`, own && [...own], path] as const),
  ],
})

const seen = withLiveState(file, {
  probe: ({ path, set }) => askOrder(path, set),
  read: (_, said) => readOrder(said),
  predict: ({ path, set }, files: SshdFiles, prediction) =>
    prediction.empty ? files : predictOrder(path, set, files, prediction),
  plan: ({ path, set }, files): LivePlan | Refused => overruled(path, set, files) ?? {},
})

/** Whether a file has these settings already. */
function isIn({ set, matches }: SshdConfigWant, content: Uint8Array | undefined): boolean {
  const text = content === undefined ? undefined : textOf(content)
  return text !== undefined && editSshd(text, set, matches) === text
}

const make = kind({
  ...seen,
  advanced: {
    ...seen.advanced,
    part: (want: SshdConfigWant) => ({ path: want.path, mode: want.mode, isIn: (content) => isIn(want, content) }),
    batchable: true,
    pathsChange: 'inPlaceToo',
  },
})

const KEYWORD = /^[A-Za-z]\w*$/
const isOneLine = (given: unknown) =>
  typeof given === 'number'
    ? Number.isFinite(given)
    : typeof given === 'string' && given.trim() !== '' && given.trim() === given && !/[\r\n\0]/.test(given)

const sshdValue = () =>
  value<SshdValue>('a text of one line, a number, true, false or a list of texts', (given) =>
    typeof given === 'boolean'
      ? true
      : Array.isArray(given)
        ? given.length > 0 && given.every(isOneLine)
        : isOneLine(given),
  )
const settings = () => ({
  set: record('keywords and what they say', sshdValue()).optional(),
  remove: list('a list of keywords', text('a keyword', KEYWORD)).optional(),
})

const read = resourceOptions<SshdConfigOptions>()(
  'sshdConfig',
  (path) => absolute('sshdConfig', path),
  () => ({
    ...settings(),
    match: list(
      'a list of blocks: { criteria, set }',
      nested('a block: { criteria, set }', {
        criteria: text('criteria, such as "User deploy"', /^[A-Z][A-Za-z]+\s+\S[^\r\n\0]*$|^[Aa]ll$/),
        ...settings(),
        state: stateOption().optional(),
      }),
    ).optional(),
    create: flag().optional(),
    ...ofFileOptions(),
  }),
  ({ set = {}, remove = [], match = [] }, given) => [
    !given.has('set') && !given.has('remove') && !given.has('match')
      ? { expected: 'given set, remove or match', got: 'none' }
      : undefined,
    ...wrong('set', set, remove),
    ...match.flatMap((each, at) => wrong(`match[${at}].set`, each.set ?? {}, each.remove ?? [])),
  ],
)

function wrong(what: string, set: Readonly<Record<string, unknown>>, remove: readonly string[]) {
  const keywords = Object.keys(set)
  return [
    ...keywords
      .filter((keyword) => !KEYWORD.test(keyword) || keyword.toLowerCase() === 'match')
      .map((keyword) => ({ what, expected: 'keywords of sshd_config(5)', got: JSON.stringify(keyword) })),
    ...keywords
      .filter((keyword) => remove.some((gone) => gone.toLowerCase() === keyword.toLowerCase()))
      .map((keyword) => ({ what: keyword, expected: 'either set or removed', got: 'both' })),
  ]
}

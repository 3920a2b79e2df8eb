import { kind, type Refused, type Resource } from '../kit/kind.ts'
import { flag, list, nested, text } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { ofRoot, generatedFile, type GeneratedFile } from '../files/generated-file.ts'
import { reveal } from '../files/edit.ts'
import { withLiveState, type LivePlan } from '../files/file-with-live-state.ts'
import { dropInName, HEADER, isLine } from './drop-in.ts'
import { askLogin, lockout, predictLogin, readLogin, type SudoLogin } from './sudoers-login.ts'
import { stateOption } from '../files/absent-state.ts'

/** Who may run what as whom. */
export interface SudoRule {
  /** A user, `#1000` for a number, or an alias. */
  readonly user?: string
  /** In place of a user: a group's name without `%`. */
  readonly group?: string
  /** As whom: `root`, `ALL`, `postgres:postgres`, `:docker`. Default `ALL:ALL`. */
  readonly as?: string
  /** Default `ALL`: every command. `!/bin/su` takes one away. */
  readonly commands?: readonly string[]
  /** On which hosts. Default `ALL`. */
  readonly hosts?: string
  /** No password is asked. Default false. */
  readonly noPassword?: boolean
  /** Further tags: `SETENV`, `NOEXEC`. */
  readonly tags?: readonly string[]
}

export interface SudoersOptions {
  readonly rules?: readonly SudoRule[]
  /** Lines after `Defaults`: `!requiretty`, `env_keep += "SSH_AUTH_SOCK"`. One that begins with `:`, `@`, `!` or `>` directly is scoped: `:deploy !requiretty`. */
  readonly defaults?: readonly string[]
  /** Lines as they are, such as aliases: `Cmnd_Alias WEB = /bin/systemctl restart nginx`. They come before the rules. */
  readonly lines?: readonly string[]
  /** Default `present`. */
  readonly state?: 'present' | 'absent'
}

/**
 * A drop-in of sudo: `/etc/sudoers.d/NAME`, mode 0440, shown to `visudo` before it goes live, so that no mistake locks anybody out.
 * In check mode too, where visudo is on the host.
 *
 * The name has no dot and no `~` at its end: sudo skips such files. A change of /etc/sudoers itself is
 * `line('/etc/sudoers', { ..., validate: 'visudo -cf {}' })`.
 *
 * @example
 * sudoers('deploy', { rules: [{ user: 'deploy', commands: ['/bin/systemctl restart app'], noPassword: true }] })
 * sudoers('admins', { rules: [{ group: 'admins' }], defaults: [':%admins !requiretty'] })
 * sudoers('vagrant', { state: 'absent' })
 *
 * Refused: what visudo refuses, with its words; no directory /etc/sudoers.d, unless sudo is still to come; what would lock the next run out, because sudo
 * would ask the account for a password that this run logs in as, or refuse that account, where it asks for none today and the inventory has none.
 *
 * Source: sudoers(5), visudo(8).
 */
export function sudoers(name: string, options: SudoersOptions): Resource {
  const { name: file, options: given } = read(name, options)
  const path = `/etc/sudoers.d/${file}`
  if (given.state === 'absent') return make(file, { path })
  const { rules = [], defaults = [], lines = [] } = given
  const all = [...defaults.map(defaultsLine), ...lines, ...rules.map(ruleLine)]
  return make(file, {
    path,
    content: `${HEADER}${all.map((line) => `${line}\n`).join('')}`,
    mode: '0440',
    ...ofRoot,
    validate: 'visudo -cf {}',
  })
}

const generated = generatedFile<GeneratedFile>('sudoers')

const seen = withLiveState(generated, {
  probe: () => askLogin,
  read: (_, said) => readLogin(said),
  predict({ path, content }, login: SudoLogin | undefined, prediction) {
    if (login === undefined || prediction.empty) return login
    const later = predictLogin(login, prediction)
    if ('unknown' in later || lockout(later, path, textOf(content)) === undefined) return later
    const other = prediction.opaque()
    return other === undefined
      ? later
      : { unknown: `whether sudo lets ${login.user} in without a password is known only after ${other.from}` }
  },
  plan: ({ path, content }, login): LivePlan | Refused =>
    (login === undefined ? undefined : lockout(login, path, textOf(content))) ?? {},
})

const textOf = (content: GeneratedFile['content']) => (content === undefined ? undefined : reveal(content))

const make = kind({
  ...seen,
  advanced: { ...seen.advanced, whole: (want: GeneratedFile) => generated.advanced?.whole?.(want), batchable: true },
})

const word = (expected: string) => text(expected, (given) => isLine(given) && !/[=,]\s*$/.test(given))
const name = (expected: string) => text(expected, /^[^\s%=,:!()][^=,:!()\r\n\0]*$/)

const read = resourceOptions<SudoersOptions>()(
  'sudoers',
  (given) => dropInName('sudoers', given, /^[\w-]+$/, 'letters, digits, "_" or "-": sudo skips files with a dot'),
  () => ({
    rules: list(
      'a list of rules: { user, commands }',
      nested('a rule: { user, commands }', {
        user: name('the name of a user').optional(),
        group: name('the name of a group, without %').optional(),
        as: text('whom the command runs as, such as "root" or "postgres:postgres"', /^[^\s()]+$/).optional(),
        commands: list('a list of commands', word('a command with its whole path, or ALL')).optional(),
        hosts: word('a host, or ALL').optional(),
        noPassword: flag().optional(),
        tags: list('a list of tags', text('a tag such as SETENV', /^[A-Z_]+$/)).optional(),
      }),
    ).optional(),
    defaults: list('a list of settings', text('one line after Defaults', isLine)).optional(),
    lines: list('a list of lines', text('one line', isLine)).optional(),
    state: stateOption().optional(),
  }),
  (options, given) => [
    ...(options.state === 'absent' ? leftOut(['rules', 'defaults', 'lines'], 'with state: absent', options) : []),
    options.state !== 'absent' && !given.has('rules') && !given.has('defaults') && !given.has('lines')
      ? { expected: 'given rules, defaults or lines', got: 'none' }
      : undefined,
    ...(options.rules ?? []).flatMap(({ user, group, commands }, at) => [
      (user === undefined) === (group === undefined)
        ? { what: `rules[${at}]`, expected: 'given a user or a group', got: user === undefined ? 'neither' : 'both' }
        : undefined,
      commands?.length === 0
        ? { what: `rules[${at}].commands`, expected: 'at least one command', got: 'none' }
        : undefined,
    ]),
  ],
)

function ruleLine({ user, group, as = 'ALL:ALL', commands = ['ALL'], hosts = 'ALL', noPassword, tags = [] }: SudoRule) {
  const who = escaped(group === undefined ? (user ?? '') : `%${group}`)
  const marks = [...(noPassword === true ? ['NOPASSWD'] : []), ...tags].map((tag) => `${tag}: `).join('')
  return `${who} ${hosts}=(${as}) ${marks}${commands.join(', ')}`
}

/** A blank in a name, as accounts of directories have them. */
function escaped(who: string): string {
  return who.replaceAll(/[\s\\]/g, '\\$&')
}

function defaultsLine(setting: string): string {
  return /^[:@>!][^\s=]+\s+\S/.test(setting) ? `Defaults${setting}` : `Defaults ${setting}`
}

import { sh } from '../../sh/quote.ts'
import { withDeadline } from '../kit/options/deadline.ts'
import type { Refused, Resource, Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { flag, oneOf, path, seconds, text } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { allAfter } from '../kit/text.ts'
import { toolKind, type Tool } from '../kit/tool-kind.ts'

export interface FlatpakOptions {
  /** From where it is installed. Default `flathub`. */
  readonly remote?: string
  readonly branch?: string
  readonly state?: 'present' | 'absent'
  /** Seconds that each step may take. Default 600. */
  readonly deadline?: number
}

export interface FlatpakWant {
  readonly app: string
  readonly remote: string
  readonly branch: string | undefined
  readonly state: 'present' | 'absent'
  readonly deadline: number | undefined
}

interface AppState {
  /** Those that are there, of the one that is wanted, or of any. */
  readonly branches: readonly string[]
  readonly hasRemote: boolean
}

const flatpakTool: Tool = { program: 'flatpak', broughtBy: /^flatpak$/, hint: 'flatpak' }

/**
 * An application or runtime of Flatpak, for the whole system. With `state: 'absent'` and no branch, every branch goes.
 *
 * @example
 * flatpak('org.gimp.GIMP')
 * flatpak('org.freedesktop.Platform', { branch: '23.08', remote: 'company' })
 *
 * Refused: a host without flatpak; one without the remote. Failed: a remote that has several branches of it, where none is said.
 *
 * Source: flatpak-install(1), flatpak-list(1).
 */
export function flatpak(app: string, options: FlatpakOptions = {}): Resource {
  const { name, options: given } = read(app, options)
  const { remote = 'flathub', branch, state = 'present', deadline } = given
  const of = branch === undefined ? name : `${name}//${branch}`
  return make(of, { app: name, remote, branch, state, deadline })
}

const named = (kind: string, fits: RegExp, expected: string) => (given: unknown) => {
  if (typeof given === 'string' && fits.test(given)) return given
  throw invalidOption(kind, expected, describeValue(given))
}

const remoteName = () => text('the name of a remote', /^[A-Za-z_][\w.-]*$/)

const read = resourceOptions<FlatpakOptions>()(
  'flatpak',
  named('flatpak', /^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*){2,}$/, 'the id of an application, such as "org.gimp.GIMP"'),
  () => ({
    remote: remoteName().optional(),
    branch: text('a branch, such as "stable"', /^[\w.-]+$/).optional(),
    state: oneOf(['present', 'absent']).optional(),
    deadline: seconds().optional(),
  }),
  (options) => (options.state === 'absent' ? leftOut(['remote'], 'with state: absent', options) : []),
)

const make = toolKind<FlatpakWant, AppState>({
  name: 'flatpak',
  tool: () => flatpakTool,
  probe: ({
    app,
    branch = '',
    remote,
  }) => sh`flatpak list --system --columns=application,branch 2>/dev/null | while read -r a b _; do
[ "$a" = ${app} ] && { [ -z ${branch} ] || [ "$b" = ${branch} ]; } && echo "there $b"; done
flatpak remotes --system --columns=name 2>/dev/null | grep -qxF -e ${remote} && echo remote; :`,
  read: (_, { lines }) => ({ branches: allAfter(lines, 'there'), hasRemote: lines.includes('remote') }),
  fresh: () => ({ branches: [], hasRemote: false }),
  isAbsence: ({ state }) => state === 'absent',
  plan: (want, have) => withDeadline(planned(want, have), want.deadline),
  predict({ remote }, state, prediction) {
    const made = prediction.objects.get('flatpak remote', remote)
    return made === undefined || made.exists === state.hasRemote ? state : { ...state, hasRemote: made.exists }
  },
  advanced: { parallelProbe: true },
})

function planned({ app, remote, branch, state }: FlatpakWant, have: AppState): Step[] | Refused {
  const of = branch === undefined ? app : `${app}//${branch}`
  if (state === 'absent')
    // Of several branches it wants to know which.
    return have.branches.length === 0
      ? []
      : [
          {
            summary: `remove the flatpak ${of}`,
            sh: sh`flatpak uninstall --system --noninteractive -y ${have.branches.map((each) => `${app}//${each}`)}`,
          },
        ]
  if (have.branches.length > 0) return []
  if (!have.hasRemote)
    return { refused: `flatpak has no remote ${remote}`, hint: `put flatpakRemote('${remote}') before this resource` }
  return [
    {
      summary: `install the flatpak ${of} from ${remote}`,
      sh: sh`flatpak install --system --noninteractive -y ${remote} ${of}`,
    },
  ]
}

export interface FlatpakRemoteOptions {
  /** A repository, or a .flatpakrepo. */
  readonly url?: string
  /** A file on the host with the key that signs it. */
  readonly key?: string
  /** Take what is not signed. Default false. */
  readonly insecure?: boolean
  readonly state?: 'present' | 'absent'
}

export interface FlatpakRemoteWant {
  readonly remote: string
  readonly url: string | undefined
  readonly key: string | undefined
  readonly insecure: boolean
  readonly state: 'present' | 'absent'
}

interface RemoteState {
  readonly url: string | undefined
}

/**
 * Where Flatpak installs from, for the whole system.
 *
 * The address of a .flatpakrepo is not held against that of the remote, which it names; that of a repository is, and is set where it differs.
 *
 * Refused: a host without flatpak. Failed: a repository that flatpak cannot read, of which nothing is kept.
 *
 * Source: flatpak-remote-add(1), flatpak-remote-modify(1).
 *
 * @example
 * flatpakRemote('flathub', { url: 'https://dl.flathub.org/repo/flathub.flatpakrepo' })
 */
export function flatpakRemote(name: string, options: FlatpakRemoteOptions): Resource {
  const { name: own, options: given } = readRemote(name, options)
  const { url, key, insecure = false, state = 'present' } = given
  return makeRemote(own, { remote: own, url, key, insecure, state })
}

const readRemote = resourceOptions<FlatpakRemoteOptions>()(
  'flatpakRemote',
  named('flatpakRemote', /^[A-Za-z_][\w.-]*$/, 'the name of a remote'),
  () => ({
    url: text('the address of a repository or of a .flatpakrepo', /^(https?|file|oci\+https):\/\/[^\s\0]+$/).optional(),
    key: path().optional(),
    insecure: flag().optional(),
    state: oneOf(['present', 'absent']).optional(),
  }),
  (options, given) =>
    options.state === 'absent'
      ? leftOut(['url', 'key', 'insecure'], 'with state: absent', options)
      : [
          given.has('url') ? undefined : { what: 'url', expected: 'an address', got: 'nothing' },
          options.insecure === true && given.has('key')
            ? { what: 'key', expected: 'left out with insecure: true', got: 'a key' }
            : undefined,
        ],
)

const makeRemote = toolKind<FlatpakRemoteWant, RemoteState>({
  name: 'flatpakRemote',
  tool: () => flatpakTool,
  probe: ({ remote }) =>
    sh`flatpak remotes --system --columns=name,url 2>/dev/null | while read -r n u _; do [ "$n" != ${remote} ] || echo "url $u"; done`,
  read: (_, { lines }) => ({ url: lines.find((line) => line.startsWith('url '))?.slice(4) }),
  fresh: () => ({ url: undefined }),
  isAbsence: ({ state }) => state === 'absent',
  plan({ remote, url = '', key, insecure, state }, have): Step[] {
    if (state === 'absent')
      return have.url === undefined
        ? []
        : [{ summary: `remove the remote ${remote}`, sh: sh`flatpak remote-delete --system --force ${remote}` }]
    if (have.url === undefined) {
      const words = [...(key === undefined ? [] : [`--gpg-import=${key}`]), ...(insecure ? ['--no-gpg-verify'] : [])]
      return [
        {
          summary: `add the remote ${remote}: ${url}`,
          sh: sh`flatpak remote-add --system ${words} ${remote} ${url} || { flatpak remote-delete --system --force ${remote} 2>/dev/null; exit 1; }`,
        },
      ]
    }
    const isFile = url.endsWith('.flatpakrepo')
    if (isFile || have.url.replace(/\/$/, '') === url.replace(/\/$/, '')) return []
    return [
      {
        summary: `let the remote ${remote} lead to ${url} (was ${have.url})`,
        sh: sh`flatpak remote-modify --system ${`--url=${url}`} ${remote}`,
      },
    ]
  },
  effects: ({ remote, state }) => [{ type: 'object', of: 'flatpak remote', name: remote, exists: state === 'present' }],
  advanced: {
    trusts: ({ key }) =>
      key === undefined ? [] : [{ path: key, danger: 'could have the packages of others trusted' }],
  },
})

import { createHash } from 'node:crypto'
import { Secret } from '../../secret.ts'
import { sh } from '../../sh/quote.ts'
import { asUser } from '../commands/as-user.ts'
import type { Resource, Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { account, secretText, text } from '../kit/options/option-types.ts'
import { oneOf } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'

export interface DockerLoginOptions {
  readonly username?: string
  readonly password?: string | Secret
  /** Whose login it is. Default: who runs everything. */
  readonly user?: string
  readonly state?: 'present' | 'absent'
}

export interface DockerLoginWant extends DockerLoginOptions {
  readonly registry: string
}

interface State {
  /** Of what `docker login` has kept; undefined: nothing. */
  readonly sha256: string | undefined
}

/**
 * A login at a registry, as Docker keeps it in ~/.docker/config.json. The password goes by standard input. Whether the registry still takes it is not asked: what is
 * kept is compared. Where a helper keeps logins (`credsStore`), that cannot be compared, and it logs in each time.
 *
 * Refused: a host without docker. A registry that refuses the password fails with its words.
 *
 * @example
 * dockerLogin('harbor.example.com', { username: 'robot', password: secret(token) })
 *
 * Source: docker-login(1).
 */
export function dockerLogin(registry: string, options: DockerLoginOptions): Resource {
  const { name, options: given } = read(registry, options)
  return make(given.user === undefined ? name : `${name} of ${given.user}`, { ...given, registry: name })
}

const read = resourceOptions<DockerLoginOptions>()(
  'dockerLogin',
  (given) => {
    if (typeof given === 'string' && /^[\w][\w.-]*(:\d+)?(\/[\w./-]*)?$/.test(given)) return given
    throw invalidOption('registry of dockerLogin', 'a host, without https://', describeValue(given))
  },
  () => ({
    username: text('a name', /^[^\s:]+$/).optional(),
    password: secretText('a password, best a Secret', (given) => given !== '' && !/[\0\r\n]/.test(given)).optional(),
    user: account().optional(),
    state: oneOf(['present', 'absent']).optional(),
  }),
  ({ state }, given) => [
    state !== 'absent' && !(given.has('username') && given.has('password'))
      ? { expected: 'given username and password', got: 'not both' }
      : undefined,
  ],
)

const make = toolKind<DockerLoginWant, State>({
  name: 'dockerLogin',
  tool: () => ({
    program: 'docker',
    broughtBy: /^(docker\.io|docker-ce|docker-ce-cli|docker|moby-engine)$/,
    hint: 'docker.io',
  }),
  probe: ({ registry, user }) =>
    asUser(
      user,
      sh`f="\${DOCKER_CONFIG:-\${HOME:-/root}/.docker}/config.json"
[ -f "$f" ] || exit 0
auth=$(tr -d ' \\n\\t' <"$f" | awk -v key=${`"${registry}":{`} '{ at = index($0, key); if (!at) exit; rest = substr($0, at + length(key)); sub(/}.*/, "", rest); if (match(rest, /"auth":"[^"]*"/)) print substr(rest, RSTART + 8, RLENGTH - 9) }')
[ -z "$auth" ] || printf %s "$auth" | sha256sum`,
    ),
  read: (_, { lines }) => ({ sha256: /^[0-9a-f]{64}/.exec(lines[0] ?? '')?.[0] }),
  fresh: () => ({ sha256: undefined }),
  isAbsence: ({ state }) => state === 'absent',
  plan({ registry, username = '', password = '', user, state }, { sha256 }): Step[] {
    if (state === 'absent')
      return sha256 === undefined
        ? []
        : [{ summary: `log out of ${registry}`, sh: asUser(user, sh`docker logout -- ${registry} >/dev/null`) }]
    const text = password instanceof Secret ? password.reveal() : password
    const kept = Buffer.from(`${username}:${text}`).toString('base64')
    if (sha256 === createHash('sha256').update(kept).digest('hex')) return []
    return [
      {
        summary: `log in at ${registry} as ${username}`,
        sh: asUser(
          user,
          sh`said=$(docker login -u ${username} --password-stdin -- ${registry} 2>&1) || { printf '%s\\n' "$said" | grep -v '^WARNING' >&2; exit 1; }`,
        ),
        stdin: Buffer.from(text),
      },
    ]
  },
})

import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { tidySteps } from '../files/path/attributes.ts'
import { absolute } from '../files/path/path.ts'
import { blockedFile } from '../files/content.ts'
import type { Found } from '../files/path/path-answer.ts'
import {
  probeToolGenerated,
  toolGeneratedSteps,
  generateByTool,
  type ToolGeneratedFile,
  predictToolGenerated,
  readToolGenerated,
} from '../files/writing/tool-generated-file.ts'
import type { Refused, Resource, Step } from '../kit/kind.ts'
import { account, oneOf, text, whole } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'

export interface SshKeyPairOptions {
  /** Default `ed25519`. */
  readonly type?: 'ed25519' | 'rsa' | 'ecdsa'
  /** Of RSA, default 4096; of ECDSA 256, 384 or 521. */
  readonly bits?: number
  /** Default: none. It is not compared with that of a key that is there. */
  readonly comment?: string
  /** Whose both files are. Default: who makes them. */
  readonly owner?: string
  readonly group?: string
}

export interface SshKeyPairWant extends SshKeyPairOptions {
  readonly path: string
  readonly type: 'ed25519' | 'rsa' | 'ecdsa'
}

interface State {
  readonly found: ToolGeneratedFile
  readonly type: string
  readonly bits: number
  /** The public key is there, and belongs to the private one. */
  readonly isPaired: boolean
  readonly owner: string
  readonly group: string
}

/**
 * A key of ssh, made on the host: PATH with mode 0600, without a passphrase, and PATH.pub with mode 0644. A key that is there stays, and is closed to
 * others where it is open; a lost public key is made of it.
 *
 * Refused: a key of another type or length, which nobody but its owner may throw away; a host without ssh-keygen; no parent directory.
 *
 * @example
 * sshKeyPair('/home/app/.ssh/deploy', { comment: 'app deploys', owner: 'app', group: 'app' })
 *
 * Source: ssh-keygen(1).
 */
export function sshKeyPair(path: string, options: SshKeyPairOptions = {}): Resource {
  const { name, options: given } = read(path, options)
  return make(name, { ...given, path: name, type: given.type ?? 'ed25519' })
}

const read = resourceOptions<SshKeyPairOptions>()(
  'sshKeyPair',
  (path) => {
    const name = absolute('sshKeyPair', path)
    absolute('sshKeyPair', `${name}.pub`)
    return name
  },
  () => ({
    type: oneOf(['ed25519', 'rsa', 'ecdsa']).optional(),
    bits: whole('a whole number, 256 to 16384', 256, 16_384).optional(),
    comment: text('a text of one line', /^[^\r\n\0]*$/).optional(),
    owner: account().optional(),
    group: account().optional(),
  }),
  ({ type = 'ed25519', bits }) => [
    type === 'ed25519' && bits !== undefined
      ? { what: 'bits', expected: 'left out with ed25519', got: String(bits) }
      : undefined,
  ],
)

const make = toolKind<SshKeyPairWant, State>({
  name: 'sshKeyPair',
  tool: () => ({ program: 'ssh-keygen', broughtBy: /^openssh(-client|-clients)?$/, hint: 'openssh-client' }),
  probe: ({ path, owner, group }) =>
    lines(
      probeToolGenerated(path, { owner, group }),
      sh`[ -f ${path} ] || exit 0
echo there
own=$(ssh-keygen -y -P '' -f ${path} 2>/dev/null </dev/null)
printf '%s\n' "$own" | ssh-keygen -l -f - 2>/dev/null | sed 's/^/key /'
[ -f ${`${path}.pub`} ] && [ "$(cut -d ' ' -f 1,2 ${`${path}.pub`})" = "$(printf '%s\n' "$own" | cut -d ' ' -f 1,2)" ] && echo paired
:`,
    ),
  read({ path }, { lines: said }) {
    const find = (word: string) => said.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
    const found = readToolGenerated(path, said)
    const [, bits = '0', type = ''] = /^(\d+) .*\((\w+)\)$/.exec(find('key') ?? '') ?? []
    return {
      found,
      type: type.toLowerCase(),
      bits: Number(bits),
      isPaired: said.includes('paired'),
      owner: found.owner?.name ?? '',
      group: found.group?.name ?? '',
    }
  },
  fresh: ({ path }) => nothingAt(readToolGenerated(path, [])),
  predict(want, state, prediction) {
    const { type, bits = state.bits, owner = '', group = '' } = want
    const made = { ...state, type, bits, isPaired: true, owner, group }
    return predictToolGenerated(state, prediction, {
      kind: 'sshKeyPair',
      want,
      owner: want,
      nothing: nothingAt(state.found),
      made,
    })
  },
  plan: planned,
  effects: ({ path }) => [
    { type: 'path', path, state: { type: 'file', mode: '0600', confirm: true } },
    { type: 'path', path: `${path}.pub`, state: { type: 'file', mode: '0644', confirm: true } },
  ],
  paths: ({ path }) => [path, `${path}.pub`],
})

function nothingAt(found: Found): State {
  return { found, type: '', bits: 0, isPaired: false, owner: '', group: '' }
}

function planned(want: SshKeyPairWant, state: State): Step[] | Refused {
  const { path, type, comment = '', owner, group } = want
  const { found } = state
  const blocked = blockedFile(found)
  if (blocked !== undefined) return blocked
  const account = [owner ?? '', group === undefined ? '' : `:${group}`].join('')
  const owned = (...files: readonly Sh[]) => (account === '' ? sh`:` : sh`chown -h -- ${account} ${lines(...files)}`)
  const bits = want.bits ?? (type === 'rsa' ? 4096 : undefined)
  if (found.type !== 'file')
    return [
      ...tidySteps(found, want),
      {
        summary: `make the ${type} key ${path}`,
        sh: generateByTool(
          path,
          owner,
          sh`ssh-keygen -q -t ${type} ${bits === undefined ? [] : ['-b', bits]} -N '' -C ${comment} -f "$t" </dev/null && chmod 0644 "$t.pub" && ${owned(raw('"$t" "$t.pub"'))}`,
          ['pub'],
        ),
      },
    ]
  if (state.type !== '' && (state.type !== type || (bits !== undefined && state.bits !== bits)))
    return {
      refused: `${path} is a key of ${state.type} with ${state.bits} bits`,
      hint: `put absent('${path}') before this resource if it may be removed`,
    }
  const isTheirs =
    (owner === undefined || /^\d/.test(owner) || state.owner === owner) &&
    (group === undefined || /^\d/.test(group) || state.group === group)
  if (!isTheirs && found.way !== undefined)
    return {
      refused: `${path} belongs to ${state.owner}:${state.group}, in a directory that another account can change: its owner is not changed there`,
      hint: `put absent('${path}') before this resource if it may be removed`,
    }
  const safe = toolGeneratedSteps(found, isOpen(found) ? { mode: '0600' } : {})
  if ('refused' in safe) return safe
  return [
    ...safe,
    ...(state.isPaired || state.type === ''
      ? []
      : [
          {
            summary: `make the public key ${path}.pub`,
            sh: generateByTool(
              `${path}.pub`,
              owner,
              sh`k=$(ssh-keygen -y -P '' -f ${path} </dev/null | cut -d ' ' -f 1,2) && [ -n "$k" ] && printf '%s\\n' "$k"${comment === '' ? '' : ` ${comment}`} >"$t" && chmod 0644 "$t" && ${owned(raw('"$t"'))}`,
            ),
          },
        ]),
    ...(isTheirs ? [] : [{ summary: `give ${path} to ${account}`, sh: owned(sh`${[path, `${path}.pub`]}`) }]),
  ]
}

/** ssh takes no private key that others may read: ssh(1). */
function isOpen({ mode = '0' }: Found): boolean {
  return (Number.parseInt(mode, 8) & 0o077) !== 0
}

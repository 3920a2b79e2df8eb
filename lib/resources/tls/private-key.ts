import { posix } from 'node:path'
import { lines, sh } from '../../sh/quote.ts'
import { tidySteps } from '../files/path/attributes.ts'
import { absolute } from '../files/path/path.ts'
import { blockedFile } from '../files/content.ts'
import {
  probeToolGenerated,
  toolGeneratedSteps,
  generateByTool,
  toolGeneratedEffect,
  type ToolGeneratedFile,
  predictToolGenerated,
  readToolGenerated,
} from '../files/writing/tool-generated-file.ts'
import type { Refused, Resource, Step } from '../kit/kind.ts'
import { account, mode, oneOf, whole } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { toolKind, type Tool } from '../kit/tool-kind.ts'
import { cachedProbe } from './cached-probe.ts'

export const openssl: Tool = { program: 'openssl', broughtBy: /^openssl$/, hint: 'openssl' }

export interface PrivateKeyOptions {
  /** Default `ec`, on the curve P-256. */
  readonly type?: 'ec' | 'rsa' | 'ed25519'
  /** Of RSA 2048 or more, default 3072; of EC 256, 384 or 521. */
  readonly bits?: number
  /** Default `'0600'` for a new one; that of a key that is there stays where nothing is said. */
  readonly mode?: string
  readonly owner?: string
  readonly group?: string
  /** What becomes of a file that is no key that can be read, such as an encrypted one. Default `refuse`; `replace` makes a new key in its place. */
  readonly unreadable?: 'refuse' | 'replace'
}

export interface PrivateKeyWant extends PrivateKeyOptions {
  readonly path: string
  readonly type: 'ec' | 'rsa' | 'ed25519'
  readonly bits: number
}

interface State {
  readonly found: ToolGeneratedFile
  /** `rsa 3072`, or empty: it cannot be read. */
  readonly nature: string
}

/**
 * A private key for certificates, made on the host by openssl, unencrypted, in PEM. A key that is there stays, with the owner and mode that are named here.
 *
 * Refused: a key of another type or length; a file that is none, unless `unreadable` says `replace`; a host without openssl; no parent directory.
 *
 * @example
 * privateKey('/etc/ssl/private/app.key', { type: 'rsa', bits: 4096, group: 'ssl-cert', mode: '0640' })
 *
 * Source: openssl-genpkey(1), openssl-pkey(1).
 */
export function privateKey(path: string, options: PrivateKeyOptions = {}): Resource {
  const { name, options: given } = read(path, options)
  const { type = 'ec' } = given
  return make(name, { ...given, path: name, type, bits: given.bits ?? { ec: 256, rsa: 3072, ed25519: 256 }[type] })
}

const read = resourceOptions<PrivateKeyOptions>()(
  'privateKey',
  (path) => absolute('privateKey', path),
  () => ({
    type: oneOf(['ec', 'rsa', 'ed25519']).optional(),
    bits: whole('a whole number, 256 to 16384', 256, 16_384).optional(),
    mode: mode().optional(),
    owner: account().optional(),
    group: account().optional(),
    unreadable: oneOf(['refuse', 'replace']).optional(),
  }),
  ({ type = 'ec', bits }) => [
    type === 'ec' && bits !== undefined && ![256, 384, 521].includes(bits)
      ? { what: 'bits', expected: '256, 384 or 521', got: String(bits) }
      : undefined,
    type === 'rsa' && bits !== undefined && bits < 2048
      ? { what: 'bits', expected: '2048 or more', got: String(bits) }
      : undefined,
    type === 'ed25519' && bits !== undefined
      ? { what: 'bits', expected: 'left out with ed25519', got: String(bits) }
      : undefined,
  ],
)

const make = toolKind<PrivateKeyWant, State>({
  name: 'privateKey',
  tool: () => openssl,
  probe: ({ path, owner, group }) => {
    const accounts = owner === undefined && group === undefined ? [] : ['/etc/passwd', '/etc/group']
    const look = lines(
      probeToolGenerated(path, { owner, group }),
      sh`[ -f ${path} ] || exit 0
openssl pkey -in ${path} -noout -text -passin pass: 2>/dev/null | sed -n '/^ED25519/{s/.*/nature ed25519 256/p;q;}; s/^\\(RSA \\)\\{0,1\\}Private-Key: (\\([0-9]*\\) bit, .*/nature rsa \\2/p; s/^Private-Key: (\\([0-9]*\\) bit)$/nature ec \\1/p' | head -n 1`,
    )
    return cachedProbe([path, posix.dirname(path), ...accounts], 'nature', look)
  },
  read: ({ path }, { lines: said }) => ({
    found: readToolGenerated(path, said),
    nature: said.find((line) => line.startsWith('nature '))?.slice('nature '.length) ?? '',
  }),
  fresh: ({ path }) => ({ found: readToolGenerated(path, []), nature: '' }),
  predict: (want, state, prediction) =>
    predictToolGenerated(state, prediction, {
      kind: 'privateKey',
      want,
      owner: want,
      nothing: { ...state, nature: '' },
      made: { ...state, nature: natureOf(want) },
    }),
  plan(want, { found, nature }): Step[] | Refused {
    const { path, type, bits, mode: wanted = '0600', owner, group, unreadable } = want
    const isThere = found.type === 'file'
    const blocked = blockedFile(found)
    if (blocked !== undefined) return blocked
    if (isThere && nature === natureOf(want)) return toolGeneratedSteps(found, want)
    if (isThere && !(nature === '' && unreadable === 'replace'))
      return {
        refused: nature === '' ? `${path} is not a private key that can be read` : `${path} is a key of ${nature} bits`,
        hint: `put absent('${path}') before this resource if it may be removed`,
      }
    const how = {
      ec: ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:P-${bits}`],
      rsa: ['-algorithm', 'RSA', '-pkeyopt', `rsa_keygen_bits:${bits}`],
      ed25519: ['-algorithm', 'ED25519'],
    }[type]
    const account = [owner ?? '', group === undefined ? '' : `:${group}`].join('')
    return [
      ...tidySteps(found, want),
      {
        summary: `make the ${type} key ${path}${isThere ? ' in the place of a file that is none' : ''}`,
        sh: generateByTool(
          path,
          owner,
          sh`{ openssl genpkey ${how} -out "$t" 2>/dev/null || { echo 'openssl made no key' >&2; false; }; } && ${account === '' ? sh`:` : sh`chown -- ${account} "$t"`} && chmod ${wanted} "$t"`,
        ),
      },
    ]
  },
  effects: (want, { found, nature }) => [
    toolGeneratedEffect(want, found, '0600', nature === natureOf(want) ? 'kept' : 'new'),
  ],
  paths: ({ path }) => [path],
})

function natureOf({ type, bits }: PrivateKeyWant): string {
  return `${type} ${bits}`
}

import { createHash } from 'node:crypto'
import type { Facts } from '../../facts.ts'
import { sh } from '../../sh/quote.ts'
import type { Resource, Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { oneOf, text } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'

export interface CaTrustOptions {
  /** The certificate of the authority, in PEM. Text around it is left out. */
  readonly content?: string
  readonly state?: 'present' | 'absent'
}

export interface CaTrustWant {
  readonly name: string
  readonly content: string
  readonly state: 'present' | 'absent'
}

interface State {
  readonly sha256: string
  /** Programs find it in the bundle. */
  readonly isBundled: boolean
  /** An update was ended half-way. */
  readonly isUnfinished: boolean
}

/**
 * An authority that all programs of the host trust which take the system's certificates: a file among them, and the bundle rebuilt
 * (update-ca-certificates on the Debian family, update-ca-trust on the EL family).
 *
 * Refused: a host without ca-certificates. Programs that run already go on with what they have read.
 *
 * @example
 * caTrust('acme', { content: readFileSync('acme-ca.pem', 'utf8') })
 *
 * Source: update-ca-certificates(8), update-ca-trust(8).
 */
export function caTrust(name: string, options: CaTrustOptions): Resource {
  const { name: stem, options: given } = read(name, options)
  return make(stem, { name: stem, content: inLinesOf64(given.content ?? ''), state: given.state ?? 'present' })
}

const BLOCK = /-----BEGIN CERTIFICATE-----([A-Za-z\d+/=\s]+)-----END CERTIFICATE-----/g

/** The certificates as the bundles have them: update-ca-trust rewrites each, in lines of 64 characters and without the text around it. */
function inLinesOf64(content: string): string {
  return [...content.matchAll(BLOCK)]
    .map(([, body = '']) => {
      const rows = body.replaceAll(/\s/g, '').match(/.{1,64}/g) ?? []
      return `${['-----BEGIN CERTIFICATE-----', ...rows, '-----END CERTIFICATE-----'].join('\n')}\n`
    })
    .join('')
}

/** A line that no other certificate has: the last whole one of the first certificate's signature. */
function ownLine(content: string): string {
  const rows = content.slice(0, content.indexOf('-----END')).split('\n')
  return rows.findLast((row) => row.length === 64 && !row.startsWith('-----')) ?? 'none'
}

const read = resourceOptions<CaTrustOptions>()(
  'caTrust',
  (given) => {
    if (typeof given === 'string' && /^\w[\w.-]*$/.test(given)) return given
    throw invalidOption('caTrust', 'a name of letters, digits, _, . and -', describeValue(given))
  },
  () => ({
    content: text(
      'a certificate in PEM',
      (given) => [...given.matchAll(BLOCK)].length > 0 && !given.includes('PRIVATE KEY'),
    ).optional(),
    state: oneOf(['present', 'absent']).optional(),
  }),
  ({ state }, given) => [
    state !== 'absent' && !given.has('content') ? { what: 'content', expected: 'given', got: 'nothing' } : undefined,
  ],
)

function placesOf(name: string, { os }: Facts) {
  return os.family === 'el'
    ? {
        program: 'update-ca-trust',
        file: `/etc/pki/ca-trust/source/anchors/${name}.pem`,
        mark: `/etc/pki/ca-trust/.${name}.unfinished`,
        bundle: '/etc/pki/tls/certs/ca-bundle.crt',
        update: ['update-ca-trust', 'extract'],
        updateAll: ['update-ca-trust', 'extract'],
      }
    : {
        program: 'update-ca-certificates',
        file: `/usr/local/share/ca-certificates/${name}.crt`,
        mark: `/usr/local/share/ca-certificates/.${name}.unfinished`,
        bundle: '/etc/ssl/certs/ca-certificates.crt',
        update: ['update-ca-certificates'],
        // After an update that was ended half-way an ordinary one finds nothing to do, and leaves out the links that OpenSSL looks for.
        updateAll: ['update-ca-certificates', '--fresh'],
      }
}

const make = toolKind<CaTrustWant, State>({
  name: 'caTrust',
  tool: ({ name }, facts) => ({
    program: placesOf(name, facts).program,
    broughtBy: /^ca-certificates$/,
    hint: 'ca-certificates',
  }),
  probe({ name, content }, facts) {
    const { file, mark, bundle } = placesOf(name, facts)
    return sh`[ ! -f ${file} ] || sha256sum <${file}
[ ! -e ${mark} ] || echo unfinished
! grep -qxF -e ${ownLine(content)} ${bundle} 2>/dev/null || echo bundled`
  },
  read: (_, { lines }) => ({
    sha256: lines.find((line) => line.endsWith(' -'))?.slice(0, 64) ?? '',
    isBundled: lines.includes('bundled'),
    isUnfinished: lines.includes('unfinished'),
  }),
  fresh: () => ({ sha256: '', isBundled: false, isUnfinished: false }),
  isAbsence: ({ state }) => state === 'absent',
  plan({ name, content, state }, { sha256, isBundled, isUnfinished }, facts): Step[] {
    const { file, mark, update, updateAll } = placesOf(name, facts)
    const run = sh`${isUnfinished ? updateAll : update} >/dev/null && rm -f -- ${mark}`
    const directory = file.replace(/\/[^/]*$/, '')
    if (state === 'absent')
      return sha256 === '' && !isUnfinished
        ? []
        : [
            {
              summary: `trust ${name} no more`,
              sh: sh`mkdir -p ${directory} && : >${mark} && rm -f -- ${file} && ${run}`,
            },
          ]
    const isSame = sha256 === createHash('sha256').update(content).digest('hex')
    if (isSame && isBundled && !isUnfinished) return []
    return [
      {
        summary: `trust the authority ${name}${sha256 === '' || isSame ? '' : ' again'}`,
        sh: sh`umask 022; mkdir -p ${directory} && : >${mark} && cat >${file}.new && mv -f ${file}.new ${file} && ${run}`,
        stdin: Buffer.from(content),
      },
    ]
  },
})

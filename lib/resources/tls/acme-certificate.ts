import { raw, sh, type Sh } from '../../sh/quote.ts'
import { withDeadline } from '../kit/options/deadline.ts'
import type { Refused, Resource, Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { command, flag, list, oneOf, path, seconds, text, whole } from '../kit/options/option-types.ts'
import { exactlyOne, leftOut, resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'
import { allAfter } from '../kit/text.ts'

export interface AcmeCertificateOptions {
  /** The names that it is for, the first one first. Default: its own name. */
  readonly domains?: readonly string[]
  /** Whom the authority tells of trouble. Default: nobody. */
  readonly email?: string
  /** One of three. A directory that a web server shows as `http://DOMAIN/`. */
  readonly webroot?: string
  /** certbot listens on port 80 itself, meanwhile. */
  readonly standalone?: boolean
  /** Another plugin of certbot, with its words: `['--dns-rfc2136', '--dns-rfc2136-credentials', '/etc/dns.ini']`. */
  readonly plugin?: readonly string[]
  /** The directory of the authority. Default: that of Let's Encrypt. */
  readonly server?: string
  /** A file on the host with the certificate of that server's own authority. */
  readonly serverAuthority?: string
  /** Default: certbot's own, `ecdsa` in recent ones. */
  readonly keyType?: 'ecdsa' | 'rsa'
  /** A command that certbot runs after each renewal, such as `systemctl reload nginx`. */
  readonly deployHook?: string | Sh
  /** It is renewed when it has fewer days left. Default 30. */
  readonly renewBefore?: number
  /** Absent: certbot forgets it, and its files are gone. */
  readonly state?: 'present' | 'absent'
  /** Seconds that each step may take. Default 600. */
  readonly deadline?: number
}

export interface AcmeCertificateWant extends Omit<
  AcmeCertificateOptions,
  'state' | 'domains' | 'renewBefore' | 'deployHook'
> {
  readonly name: string
  readonly domains: readonly string[]
  readonly renewBefore: number
  readonly deployHook: string | undefined
  readonly state: 'present' | 'absent'
}

interface State {
  readonly isThere: boolean
  /** certbot has it in its books, and its file is gone. */
  readonly isBroken: boolean
  /** Seconds since 1970 at which it is over. */
  readonly isDue: boolean
  readonly ends: string
  readonly domains: readonly string[]
  readonly server: string | undefined
}

/**
 * A certificate that an authority gives by ACME (RFC 8555), fetched by certbot of the host: for these names, from this server, renewed before it is over. certbot's own
 * timer renews it between runs. The files are in /etc/letsencrypt/live/NAME: `fullchain.pem` and `privkey.pem`.
 *
 * What is to listen on port 80, or to show the `webroot`, goes before it; what uses the certificate goes after it, with `restartedAfter: [certificate]`.
 *
 * @example
 * acmeCertificate('example.com', { domains: ['example.com', 'www.example.com'], email: 'ops@example.com', webroot: '/var/www/html', deployHook: 'systemctl reload nginx' })
 * acmeCertificate('app.internal', { server: 'https://ca.internal/acme/directory', serverAuthority: '/etc/ssl/certs/internal.pem', standalone: true })
 *
 * Refused: a host without certbot; a webroot that another account can change. Failed: what the authority says, in certbot's words. Check does not ask the authority.
 *
 * Source: certbot(1), RFC 8555.
 */
export function acmeCertificate(name: string, options: AcmeCertificateOptions): Resource {
  const { name: own, options: given } = read(name, options)
  const { domains = [own], renewBefore = 30, state = 'present', deployHook } = given
  return make(own, {
    ...given,
    name: own,
    domains,
    renewBefore,
    state,
    deployHook: typeof deployHook === 'object' ? deployHook.text : deployHook,
  })
}

const DOMAIN = /^(\*\.)?[A-Za-z0-9]([\w-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([\w-]*[A-Za-z0-9])?)*$/

const read = resourceOptions<AcmeCertificateOptions>()(
  'acmeCertificate',
  (given) => {
    if (typeof given === 'string' && /^[A-Za-z0-9][\w.-]*$/.test(given)) return given
    throw invalidOption('acmeCertificate', 'a name such as "example.com"', describeValue(given))
  },
  () => ({
    domains: list('a list of domains', text('a domain', DOMAIN)).optional(),
    email: text('an address of mail', /^[^\s@\0]+@[^\s@\0]+$/).optional(),
    webroot: path().optional(),
    standalone: flag().optional(),
    plugin: list('a list of words', text('one word', /^[^\r\n\0]+$/)).optional(),
    server: text('an address', /^https?:\/\/[^\s\0]+$/).optional(),
    serverAuthority: path().optional(),
    keyType: oneOf(['ecdsa', 'rsa']).optional(),
    deployHook: command().optional(),
    renewBefore: whole('whole days, at least 1', 1, 3650).optional(),
    state: oneOf(['present', 'absent']).optional(),
    deadline: seconds().optional(),
  }),
  (options, given) =>
    options.state === 'absent'
      ? leftOut(
          ['domains', 'email', 'webroot', 'standalone', 'plugin', 'server', 'renewBefore'],
          'with state: absent',
          options,
        )
      : [
          exactlyOne(['webroot', 'standalone', 'plugin'], given),
          options.domains?.length === 0 ? { what: 'domains', expected: 'at least one domain', got: 'none' } : undefined,
        ],
)

const DIR = '/etc/letsencrypt'

const make = toolKind<AcmeCertificateWant, State>({
  name: 'acmeCertificate',
  tool: () => ({ program: 'certbot', broughtBy: /^(python3-)?certbot/, hint: 'certbot' }),
  probe: ({ name, renewBefore }) => sh`c=${`${DIR}/live/${name}/cert.pem`}
[ -f "$c" ] || { [ ! -f ${`${DIR}/renewal/${name}.conf`} ] || echo broken; exit 0; }
echo there
t=$(openssl x509 -in "$c" -noout -text -enddate -checkend ${renewBefore * 24 * 60 * 60} 2>/dev/null) || echo due
printf '%s\\n' "$t" | sed -n 's/^notAfter=/ends /p'
printf '%s\\n' "$t" | grep -o 'DNS:[^,[:space:]]*' | sed 's/^DNS:/domain /'
sed -n 's/^server *= */server /p' ${`${DIR}/renewal/${name}.conf`} 2>/dev/null; :`,
  read(_, { lines }) {
    const after = (word: string) => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
    return {
      isThere: lines.includes('there'),
      isBroken: lines.includes('broken'),
      isDue: lines.includes('due'),
      ends: after('ends') ?? '',
      domains: allAfter(lines, 'domain'),
      server: after('server'),
    }
  },
  fresh: () => ({ isThere: false, isBroken: false, isDue: false, ends: '', domains: [], server: undefined }),
  isAbsence: ({ state }) => state === 'absent',
  plan: (want, have) => withDeadline(planned(want, have), want.deadline),
  // certbot makes directories in the webroot and gives them to the owner of the webroot, by name.
  advanced: {
    trusts: ({ webroot, serverAuthority }) => [
      ...(webroot === undefined
        ? []
        : [{ path: webroot, inside: ['.well-known'], danger: 'could have certbot give directories away' }]),
      ...(serverAuthority === undefined
        ? []
        : [{ path: serverAuthority, danger: 'could have another authority believed' }]),
    ],
  },
  effects: ({ name, state }) =>
    filesOf(name).map((file) => ({
      type: 'path',
      path: file,
      state: state === 'absent' ? { type: 'absent' } : { type: 'file', confirm: true },
    })),
  paths: ({ name }) => filesOf(name),
})

function filesOf(name: string): string[] {
  return ['fullchain.pem', 'privkey.pem'].map((file) => `${DIR}/live/${name}/${file}`)
}

function planned(want: AcmeCertificateWant, have: State): Step[] | Refused {
  const { name, domains, state, server } = want
  if (state === 'absent')
    return have.isThere || have.isBroken
      ? [{ summary: `remove the certificate ${name}`, sh: sh`certbot delete -n --cert-name ${name}` }]
      : []
  const names = domains.join(', ')
  // Under a name that it still knows certbot would fetch another one beside it, as NAME-0001.
  if (have.isBroken) {
    const fetch = step(want, `fetch the certificate ${name}, whose file is gone, again for ${names}`, [])
    return [{ ...fetch, sh: sh`certbot delete -n --cert-name ${name} >&2 && ${fetch.sh}` }]
  }
  if (!have.isThere) return [step(want, `fetch a certificate for ${names}`, [])]
  const isSame =
    [...domains]
      .map((each) => each.toLowerCase())
      .sort()
      .join() === [...have.domains].sort().join()
  if (!isSame)
    return [
      step(want, `fetch the certificate ${name} again for ${names} (was ${have.domains.join(', ')})`, [
        '--renew-with-new-domains',
      ]),
    ]
  if (server !== undefined && have.server !== undefined && server !== have.server)
    return [step(want, `fetch the certificate ${name} from ${server} (was ${have.server})`, ['--force-renewal'])]
  return have.isDue ? [step(want, `renew the certificate ${name}, which ends ${have.ends}`, ['--force-renewal'])] : []
}

function step(want: AcmeCertificateWant, summary: string, more: readonly string[]): Step {
  const { name, domains, email, webroot, plugin, server, serverAuthority, keyType, deployHook } = want
  const words = [
    '--cert-name',
    name,
    ...domains.flatMap((domain) => ['-d', domain]),
    ...(email === undefined ? ['--register-unsafely-without-email'] : ['--email', email, '--no-eff-email']),
    ...(plugin ?? (webroot === undefined ? ['--standalone'] : ['--webroot', '-w', webroot])),
    ...(server === undefined ? [] : ['--server', server]),
    ...(keyType === undefined ? [] : ['--key-type', keyType]),
    ...(deployHook === undefined ? [] : ['--deploy-hook', deployHook]),
    ...more,
  ]
  const trust = raw(serverAuthority === undefined ? '' : sh`REQUESTS_CA_BUNDLE=${serverAuthority} `.text)
  return { summary, sh: sh`${trust}certbot certonly -n --agree-tos ${words} >&2` }
}

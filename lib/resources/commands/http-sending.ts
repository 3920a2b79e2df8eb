import { Secret } from '../../secret.ts'
import { raw, sh, type Sh } from '../../sh/quote.ts'
import type { Step } from '../kit/kind.ts'
import { carried, isForm, setting, type Carried } from './http-content.ts'
import type { HttpRequestWant } from './http-options.ts'

/** What curl reads as its settings: nothing of it is in its arguments. */
export function config(want: HttpRequestWant, address: string, more: readonly string[] = [], isAlsoSecret = false): Sh {
  const {
    headers = {},
    username,
    password,
    ca,
    clientCertificate,
    clientKey,
    insecure,
    followRedirects,
    deadline = 30,
  } = want
  const line = setting
  const plain = (given: string | Secret) => (given instanceof Secret ? given.reveal() : given)
  const lines = [
    line('url', address),
    ...Object.entries(headers).map(([name, text]) =>
      line('header', `${name}: ${text === undefined ? '' : plain(text)}`),
    ),
    ...(username === undefined ? [] : [line('user', `${username}:${password === undefined ? '' : plain(password)}`)]),
    ...(ca === undefined ? [] : [line('cacert', ca)]),
    ...(clientCertificate === undefined ? [] : [line('cert', clientCertificate)]),
    ...(clientKey === undefined ? [] : [line('key', clientKey)]),
    ...(insecure === true ? ['insecure'] : []),
    ...(followRedirects === true ? ['location'] : []),
    `max-time = ${deadline}`,
    ...more,
  ]
  const text = `${lines.join('\n')}\n`
  const isSecret = isAlsoSecret || [password, ...Object.values(headers)].some((given) => given instanceof Secret)
  return sh`printf %s ${isSecret ? new Secret(text, { byLine: false }) : text}`
}

/** The step that sends what makes it so. `why`: what was answered. */
export function sending(want: HttpRequestWant, why: string): Step {
  const { send = {}, deadline = 30 } = want
  const isAbsent = want.state === 'absent'
  const method = send.method ?? (isAbsent ? 'DELETE' : isForm(send) ? 'POST' : 'PUT')
  const address = send.url ?? want.url
  const { bytes, settings, type, isSecret } = content(want)
  const good = send.status ?? [200, 201, 202, 204]
  const headers = withHeaders(want.headers, send.headers)
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
  const more = [
    `request = ${method}`,
    ...(type === undefined || hasType ? [] : [setting('header', `Content-Type: ${type}`)]),
    ...settings,
  ]
  return {
    summary: `${method} ${address} (${why})`,
    sh: sh`umask 077; d=$(mktemp) || exit 1
trap 'rm -f "$d"' EXIT
${bytes === undefined ? raw(':') : raw('cat >"$d" || exit 1')}
said=$({ ${config({ ...want, headers }, address, more, isSecret)}; ${bytes === undefined ? raw(':') : raw(`printf 'data-binary = "@%s"\\n' "$d"`)}; } | curl -gsS -K - -w '\\n%{http_code}' 2>&1)
code=$(printf '%s\\n' "$said" | tail -n 1)
case $code in ${raw(good.join('|'))}) ;; *) printf '%s\\n' "$said" | head -c 4096 >&2; exit 1;; esac`,
    ...(bytes === undefined ? {} : { stdin: Buffer.from(bytes) }),
    deadline: deadline + 30,
  }
}

/** What the request that makes it so carries: what `send` says, else the `json` that is wanted. */
export function content({ send = {}, json: wanted, state }: HttpRequestWant): Carried {
  const said = carried(send)
  const isSaid = said.bytes !== undefined || said.settings.length > 0
  return isSaid || state === 'absent' || wanted === undefined ? said : carried({ json: wanted })
}

function withHeaders(
  headers: HttpRequestWant['headers'] = {},
  own: HttpRequestWant['headers'] = {},
): NonNullable<HttpRequestWant['headers']> {
  const taken = new Set(Object.keys(own).map((name) => name.toLowerCase()))
  return { ...Object.fromEntries(Object.entries(headers).filter(([name]) => !taken.has(name.toLowerCase()))), ...own }
}

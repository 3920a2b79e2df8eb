import { isDeepStrictEqual } from 'node:util'
import { Secret } from '../../secret.ts'
import { raw, sh, type Sh } from '../../sh/quote.ts'
import type { Prediction } from '../prediction/prediction.ts'
import type { Refused, Resource, Step, Unknown } from '../kit/kind.ts'
import { isPlain } from '../kit/options/describe-value.ts'
import {
  described,
  flag,
  list,
  oneOf,
  path,
  pattern,
  record,
  seconds,
  secretText,
  text,
  value,
  whole,
} from '../kit/options/option-types.ts'
import { nested } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

export interface HttpRequestOptions {
  /** What is asked for with GET. */
  readonly url: string
  /** As wanted is an answer whose JSON has all of this; lists must be equal. It is what is sent as well, unless `send` says otherwise. */
  readonly json?: Json
  /** As wanted is an answer with a body that matches. */
  readonly body?: RegExp
  /** Status codes of an answer that is as wanted. Default 200; with `state: 'absent'` 404 and 410. */
  readonly status?: readonly number[]
  /** The request that makes it so. Default: PUT to `url`, with `json`; with `state: 'absent'` DELETE. */
  readonly send?: {
    readonly method?: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
    readonly url?: string
    readonly json?: Json
    readonly body?: string | Secret
    /** Status codes of success. Default 200, 201, 202 and 204. */
    readonly status?: readonly number[]
  }
  readonly headers?: Readonly<Record<string, string | Secret | undefined>>
  readonly username?: string
  readonly password?: string | Secret
  /** An authority's certificate on the host, in PEM. */
  readonly ca?: string
  readonly clientCertificate?: string
  readonly clientKey?: string
  /** Certificates are not checked: anybody between may read and answer. Default false. */
  readonly insecure?: boolean
  readonly followRedirects?: boolean
  /** Seconds, default 30. */
  readonly deadline?: number
  readonly state?: 'present' | 'absent'
}

export interface HttpRequestWant extends HttpRequestOptions {
  readonly name: string
}

interface State {
  /** 0: no answer. */
  readonly code: number
  readonly text: string
  readonly isVague?: boolean
}

/**
 * Something that an HTTP API keeps: it is asked for with GET and compared, and where it is not as wanted one request makes it so. The host sends both, by curl. Headers
 * and passwords are in no command line.
 *
 * Check mode asks as well. An API that does not answer, while something pending may start it, is unknown.
 *
 * Refused: no answer; a host without curl. Failed: a request with another status than `send.status`, with the answer's body; a request after which it is
 * still not as wanted.
 *
 * @example
 * httpRequest('grafana: data source', {
 *   url: 'http://127.0.0.1:3000/api/datasources/name/prom', username: 'admin', password,
 *   json: { name: 'prom', type: 'prometheus', url: 'http://prom:9090', access: 'proxy' },
 *   send: { method: 'POST', url: 'http://127.0.0.1:3000/api/datasources' },
 * })
 * httpRequest('no guest', { url: 'http://127.0.0.1:15672/api/users/guest', username: 'admin', password, state: 'absent' })
 *
 * Source: curl(1), RFC 9110.
 */
export function httpRequest(name: string, options: HttpRequestOptions): Resource {
  const { name: text, options: given } = read(name, options)
  return make(text, { ...given, name: text })
}

const isJson = (given: unknown): boolean =>
  given === null ||
  typeof given === 'string' ||
  typeof given === 'boolean' ||
  (typeof given === 'number' && Number.isFinite(given)) ||
  (Array.isArray(given) ? given.every(isJson) : isPlain(given) && Object.values(given).every(isJson))
const json = () => value<Json>('data without functions and dates', isJson)
const url = () => text('a URL', /^https?:\/\/[^\s"\\]+$/)
const codes = () => list('a list of status codes', whole('100 to 599', 100, 599))
const oneLine = (given: string) => !/[\0\r\n]/.test(given)

const read = resourceOptions<HttpRequestOptions>()(
  'httpRequest',
  (name) => described('httpRequest', name),
  () => ({
    url: url(),
    json: json().optional(),
    body: pattern().optional(),
    status: codes().optional(),
    send: nested('{ method, url, json, body, status }', {
      method: oneOf(['POST', 'PUT', 'PATCH', 'DELETE']).optional(),
      url: url().optional(),
      json: json().optional(),
      body: secretText('a text or a Secret').optional(),
      status: codes().optional(),
    }).optional(),
    headers: record('names and values of headers', secretText('a text of one line, or a Secret', oneLine)).optional(),
    username: text('a name', /^[^:\r\n\0]+$/).optional(),
    password: secretText('a password, best a Secret', oneLine).optional(),
    ca: path().optional(),
    clientCertificate: path().optional(),
    clientKey: path().optional(),
    insecure: flag().optional(),
    followRedirects: flag().optional(),
    deadline: seconds().optional(),
    state: oneOf(['present', 'absent']).optional(),
  }),
  ({ state, send, headers = {} }, given) => [
    state !== 'absent' && !given.has('json') && !given.has('body') && !given.has('status')
      ? { expected: 'given json, body or status, which says what is as wanted', got: 'none of them' }
      : undefined,
    state !== 'absent' &&
    !given.has('json') &&
    send?.json === undefined &&
    send?.body === undefined &&
    send?.method === undefined
      ? { what: 'send', expected: 'given, because there is no json to send', got: 'nothing' }
      : undefined,
    ...Object.keys(headers)
      .filter((name) => !/^[\w-]+$/.test(name))
      .map((name) => ({ what: 'headers', expected: 'names of headers', got: JSON.stringify(name) })),
  ],
)

const make = toolKind<HttpRequestWant, State>({
  name: 'httpRequest',
  tool: () => ({ program: 'curl', broughtBy: /^curl(-minimal)?$/, hint: 'curl' }),
  probe: (want) => sh`${config(want, want.url)} | curl -gsS -K - -w '\\n%{http_code}' 2>/dev/null | tail -c 1048576; :`,
  read(_, { text: said }) {
    const at = said.lastIndexOf('\n')
    return { code: Number(said.slice(at + 1)) || 0, text: at < 0 ? '' : said.slice(0, at) }
  },
  fresh: () => ({ code: 0, text: '', isVague: true }),
  plan: planned,
  predict: predicted,
  advanced: { parallelProbe: true, declarations: () => [] },
})

/** What curl reads as its settings: nothing of it is in its arguments. */
function config(want: HttpRequestWant, address: string, more: readonly string[] = []): Sh {
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
  const line = (name: string, text: string) => `${name} = "${text.replaceAll(/[\\"]/g, '\\$&')}"`
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
  const isSecret = [password, ...Object.values(headers)].some((given) => given instanceof Secret)
  return sh`printf %s ${isSecret ? new Secret(text, { byLine: false }) : text}`
}

function isAsWanted({ json: wanted, body, status, state }: HttpRequestWant, { code, text }: State): boolean {
  const good = status ?? (state === 'absent' ? [404, 410] : [200])
  if (!good.includes(code)) return false
  if (state === 'absent') return true
  if (body !== undefined && !body.test(text)) return false
  return wanted === undefined || has(parsed(text), wanted)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether an answer has all that is wanted. */
function has(there: unknown, wanted: unknown): boolean {
  if (!isPlain(wanted)) return isDeepStrictEqual(there, wanted)
  if (!isPlain(there)) return false
  return Object.entries(wanted).every(([key, each]) => has(there[key], each))
}

function planned(want: HttpRequestWant, state: State): Step[] | Refused {
  if (isAsWanted(want, state)) return []
  if (state.code === 0)
    return { refused: `${want.url} does not answer`, hint: 'put the service that answers before it' }
  const { send = {}, deadline = 30 } = want
  const isAbsent = want.state === 'absent'
  const method = send.method ?? (isAbsent ? 'DELETE' : 'PUT')
  const address = send.url ?? want.url
  const data = send.json ?? (send.body === undefined && !isAbsent ? want.json : undefined)
  const content =
    data === undefined ? (send.body instanceof Secret ? send.body.reveal() : send.body) : JSON.stringify(data)
  const good = send.status ?? [200, 201, 202, 204]
  const hasType = Object.keys(want.headers ?? {}).some((name) => name.toLowerCase() === 'content-type')
  const more = [
    `request = ${method}`,
    ...(data === undefined || hasType ? [] : ['header = "Content-Type: application/json"']),
  ]
  const why = state.code === 200 ? 'it is not as wanted' : `it says ${state.code}`
  return [
    {
      summary: `${method} ${address} (${why})`,
      sh: sh`umask 077; d=$(mktemp) || exit 1
trap 'rm -f "$d"' EXIT
${content === undefined ? raw(':') : raw('cat >"$d" || exit 1')}
said=$({ ${config(want, address, more)}; ${content === undefined ? raw(':') : raw(`printf 'data-binary = "@%s"\\n' "$d"`)}; } | curl -gsS -K - -w '\\n%{http_code}' 2>&1)
code=$(printf '%s\\n' "$said" | tail -n 1)
case $code in ${raw(good.join('|'))}) ;; *) printf '%s\\n' "$said" | head -c 4096 >&2; exit 1;; esac`,
      ...(content === undefined ? {} : { stdin: Buffer.from(content) }),
      deadline: deadline + 30,
    },
  ]
}

/** What is pending may start what answers, or change what it answers. */
function predicted(want: HttpRequestWant, state: State, later: Prediction): State | Unknown {
  const busy = later.busy(false)
  if (busy === undefined) return state
  if (state.isVague === true || state.code === 0) return { unknown: `${want.url} answers only after ${busy.from}` }
  return state
}

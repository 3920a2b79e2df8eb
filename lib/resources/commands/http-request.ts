import { isDeepStrictEqual } from 'node:util'
import { sh } from '../../sh/quote.ts'
import type { Prediction } from '../prediction/prediction.ts'
import type { Refused, Resource, Step, Unknown } from '../kit/kind.ts'
import { isPlain } from '../kit/options/describe-value.ts'
import { toolKind } from '../kit/tool-kind.ts'
import { readHttpRequest, type HttpRequestOptions, type HttpRequestWant } from './http-options.ts'
import { config, content, sending } from './http-sending.ts'

export type { HttpRequestOptions } from './http-options.ts'

interface State {
  /** 0: no answer. */
  readonly code: number
  readonly text: string
  readonly isVague?: boolean
  /** Files to send that are not there. */
  readonly lacks?: readonly string[]
}

/**
 * Something that an HTTP API keeps: it is asked for with GET and compared, and where it is not as wanted one request makes it so. The host sends both, by curl. Headers
 * and passwords are in no command line.
 *
 * Check mode asks as well. An API that does not answer, while something pending may start it, is unknown.
 *
 * Refused: no answer; a host without curl; a file to send that is not there; a file to send, or one for TLS, that another account can change: a link in its place
 * would send any file of root. Failed: a request with another status than `send.status`, with the answer's body; a request after which it is
 * still not as wanted.
 *
 * @example
 * httpRequest('grafana: data source', {
 *   url: 'http://127.0.0.1:3000/api/datasources/name/prom', username: 'admin', password,
 *   json: { name: 'prom', type: 'prometheus', url: 'http://prom:9090', access: 'proxy' },
 *   send: { method: 'POST', url: 'http://127.0.0.1:3000/api/datasources' },
 * })
 * httpRequest('login page', {
 *   url: 'http://127.0.0.1:9000/api/status', body: /configured/,
 *   send: { url: 'http://127.0.0.1:9000/setup', form: { name: 'admin', password } },
 * })
 * httpRequest('no guest', { url: 'http://127.0.0.1:15672/api/users/guest', username: 'admin', password, state: 'absent' })
 *
 * Source: curl(1), RFC 9110.
 */
export function httpRequest(name: string, options: HttpRequestOptions): Resource {
  const { name: text, options: given } = readHttpRequest(name, options)
  return make(text, { ...given, name: text })
}

const make = toolKind<HttpRequestWant, State>({
  name: 'httpRequest',
  tool: () => ({ program: 'curl', broughtBy: /^curl(-minimal)?$/, hint: 'curl' }),
  probe: (want) => sh`${config(want, want.url)} | curl -gsS -K - -w '\\n%{http_code}' 2>/dev/null | tail -c 1048576
for f in ${content(want).files}; do [ -f "$f" ] || printf '\\n# lacks %s' "$f"; done; :`,
  read(_, { text: whole }) {
    const [, said = '', behind = ''] = /^([^]*?)((?:\n# lacks .*)*)$/.exec(whole) ?? []
    const lacks = behind.split('\n').flatMap((line) => (line === '' ? [] : [line.slice('# lacks '.length)]))
    const at = said.lastIndexOf('\n')
    const answer = { code: Number(said.slice(at + 1)) || 0, text: at < 0 ? '' : said.slice(0, at) }
    return lacks.length === 0 ? answer : { ...answer, lacks }
  },
  fresh: () => ({ code: 0, text: '', isVague: true }),
  plan: planned,
  predict: predicted,
  advanced: {
    parallelProbe: true,
    declarations: () => [],
    trusts: (want) => [
      ...content(want).files.map((path) => ({ path, danger: 'could have any file of the host sent' })),
      ...[want.ca, want.clientCertificate, want.clientKey].flatMap((path) =>
        path === undefined ? [] : [{ path, danger: 'could have another server trusted' }],
      ),
    ],
  },
})

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
    return { refused: `${want.url} does not answer`, hint: 'put the service that answers before this resource' }
  const [missing] = state.lacks ?? []
  if (missing !== undefined)
    return { refused: `there is no file ${missing} to send`, hint: 'put what brings it before this resource' }
  return [sending(want, state.code === 200 ? 'it is not as wanted' : `it says ${state.code}`)]
}

/** What is pending may start what answers, or change what it answers. */
function predicted(want: HttpRequestWant, state: State, prediction: Prediction): State | Unknown {
  const lacks = (state.lacks ?? []).filter((path) => prediction.paths.get(path)?.state.type !== 'file')
  const bringer = lacks.length > 0 ? prediction.opaque() : undefined
  if (bringer !== undefined) return { unknown: `whether ${bringer.from} brings ${lacks[0] ?? ''}` }
  return answerLater(want, lacks.length === state.lacks?.length ? state : { ...state, lacks }, prediction)
}

function answerLater(want: HttpRequestWant, state: State, prediction: Prediction): State | Unknown {
  const busy = prediction.activity(false)
  if (busy === undefined) return state
  if (state.isVague === true || state.code === 0) return { unknown: `${want.url} answers only after ${busy.from}` }
  return state
}

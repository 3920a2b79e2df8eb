import type { Secret } from '../../secret.ts'
import {
  described,
  flag,
  list,
  nested,
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
import { resourceOptions } from '../kit/options/options.ts'
import { isJsonLeaf, isPlainData } from '../kit/options/plain-data.ts'
import { contentOptions, contentRule, type HttpContent, type Json } from './http-content.ts'

export interface HttpRequestOptions {
  /** What is asked for with GET. */
  readonly url: string
  /** As wanted is an answer whose JSON has all of this; lists must be equal. It is what is sent as well, unless `send` says otherwise. */
  readonly json?: Json
  /** As wanted is an answer with a body that matches. */
  readonly body?: RegExp
  /** Status codes of an answer that is as wanted. Default 200; with `state: 'absent'` 404 and 410. */
  readonly status?: readonly number[]
  /**
   * The request that makes it so. Default: PUT to `url`, with `json`; with `state: 'absent'` DELETE; forms are sent with POST. It carries one of `json`,
   * `body`, `form`, `multipart` and `file`.
   */
  readonly send?: HttpContent & {
    readonly method?: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
    readonly url?: string
    /** Beside those of both requests; the same name takes the place of theirs. */
    readonly headers?: Readonly<Record<string, string | Secret | undefined>>
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
const json = () => value<Json>('data without functions, dates and circles', (given) => isPlainData(given, isJsonLeaf))
const url = () => text('a URL', /^https?:\/\/[^\s"\\]+$/)
const codes = () => list('a list of status codes', whole('100 to 599', 100, 599))
const oneLine = (given: string) => !/[\0\r\n]/.test(given)

const headersOption = () =>
  record('names and values of headers', secretText('a text of one line, or a Secret', oneLine))

/** What `httpRequest` takes. */
export const readHttpRequest = resourceOptions<HttpRequestOptions>()(
  'httpRequest',
  (name) => described('httpRequest', name),
  () => ({
    url: url(),
    json: json().optional(),
    body: pattern().optional(),
    status: codes().optional(),
    send: nested('{ method, url, headers, status, and one of json, body, form, multipart, file }', {
      method: oneOf(['POST', 'PUT', 'PATCH', 'DELETE']).optional(),
      url: url().optional(),
      ...contentOptions(json()),
      headers: headersOption().optional(),
      status: codes().optional(),
    }).optional(),
    headers: headersOption().optional(),
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
    send?.method === undefined &&
    [send?.json, send?.body, send?.form, send?.multipart, send?.file].every((each) => each === undefined)
      ? { what: 'send', expected: 'given, because there is no json to send', got: 'nothing' }
      : undefined,
    ...contentRule(send ?? {}),
    ...Object.keys({ ...headers, ...send?.headers })
      .filter((name) => !/^[\w-]+$/.test(name))
      .map((name) => ({ what: 'headers', expected: 'names of headers', got: JSON.stringify(name) })),
  ],
)

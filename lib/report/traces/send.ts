import { readFileSync } from 'node:fs'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { gzipSync } from 'node:zlib'
import type { TraceSettings } from './settings.ts'

/** The outcome of a request: undefined when it was accepted, otherwise the reason in words. */
export type Sent = undefined | { readonly why: string; readonly mayRetry: boolean }

/** Sends one body to the collector. Never throws. */
export function sendOnce(body: object, settings: TraceSettings, signal: AbortSignal): Promise<Sent> {
  return new Promise((done) => {
    const failed = (error: unknown) =>
      done({ why: error instanceof Error ? wordsOf(error) : String(error), mayRetry: !signal.aborted })
    try {
      const { url, headers, isCompressed, certificate } = settings
      const text = Buffer.from(JSON.stringify(body))
      const payload = isCompressed ? gzipSync(text) : text
      const send = url.protocol === 'https:' ? requestHttps : requestHttp
      const options = {
        method: 'POST',
        headers: {
          ...headers,
          'content-type': 'application/json',
          'content-length': payload.length,
          ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
        },
        signal,
        ...(certificate === undefined ? {} : { ca: readFileSync(certificate) }),
      }
      const asked = send(url, options, (answer) => {
        const status = answer.statusCode ?? 0
        answer.on('error', failed)
        // The body of the answer is not needed, even if the collector rejected some of the spans.
        answer.resume()
        answer.on('end', () =>
          done(
            status >= 200 && status < 300 ? undefined : { why: `it answered ${status}`, mayRetry: RETRY.has(status) },
          ),
        )
      })
      asked.on('error', failed)
      asked.end(payload)
    } catch (error) {
      failed(error)
    }
  })
}

/** Source: OTLP/HTTP, Retryable Response Codes. */
const RETRY: ReadonlySet<number> = new Set([429, 502, 503, 504])

function wordsOf(error: Error & { readonly code?: unknown }): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'it did not answer in time'
  return typeof error.code === 'string' ? error.code : error.message
}

import { request } from 'node:http'

/** What became of the requests of a load. */
export interface Load {
  readonly sent: number
  /** Why requests failed: a status other than 200, or an error of the connection. */
  readonly failed: readonly string[]
  /** How often each body came. */
  readonly bodies: ReadonlyMap<string, number>
}

/** The longest that a request may wait for its answer. */
const PATIENCE_MS = 30_000

/**
 * Asks a URL so many times a second, over a new connection each time, until it is ended. Requests do not wait for one another; `most` are under way at the
 * same time. The end waits for the answers that are still to come.
 */
export function beginLoad(
  url: string,
  { perSecond, most = 200 }: { readonly perSecond: number; readonly most?: number },
) {
  const failed: string[] = []
  const bodies = new Map<string, number>()
  const underWay = new Set<Promise<void>>()
  let sent = 0
  const send = () => {
    if (underWay.size >= most) return
    sent++
    const asked = ask(url).then(
      (body) => void bodies.set(body, (bodies.get(body) ?? 0) + 1),
      (error: unknown) => void failed.push(error instanceof Error ? error.message : String(error)),
    )
    underWay.add(asked)
    void asked.finally(() => underWay.delete(asked))
  }
  const timer = setInterval(send, 1000 / perSecond)
  return {
    /** Waits until a body has come so many times. */
    async seen(body: string, times: number): Promise<void> {
      while ((bodies.get(body) ?? 0) < times) await new Promise((done) => setTimeout(done, 20))
    },
    async end(): Promise<Load> {
      clearInterval(timer)
      await Promise.all(underWay)
      return { sent, failed, bodies }
    },
  }
}

function ask(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, timeout: PATIENCE_MS }, (answer) => {
      let body = ''
      answer.setEncoding('utf8')
      answer.on('data', (text: string) => (body += text))
      answer.on('error', reject)
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve(body.trim()) : reject(new Error(`status ${answer.statusCode ?? 0}`)),
      )
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')))
    asked.on('error', reject)
    asked.end()
  })
}

import type { RunEvent } from '../../events.ts'
import { shown } from '../../gate/gate.ts'
import { otlpBody } from './otlp.ts'
import { sendOnce, type Sent } from './send.ts'
import type { TraceSettings } from './settings.ts'
import { SpanRecorder, type Span } from './spans.ts'

/** Sends the traces of a run to an OpenTelemetry collector. */
interface Traces {
  take(event: RunEvent): void
  /** Sends the rest. Returns a note when some spans were not accepted. */
  close(): Promise<string | undefined>
}

/** A batch is sent when it has this many spans, or after this time. */
const BATCH = 512
const EVERY_MS = 5000
const TRIES = 3
/** Spans kept while a collector is slow. Further ones are dropped and counted. */
const MOST_WAITING = 20_000

/** Starts sending the traces of a run. A collector that does not answer causes a note, never a failure. */
export function openTraces(settings: TraceSettings, version: string): Traces {
  const recorder = new SpanRecorder(settings.parent)
  let waiting: Span[] = []
  let lost = 0
  let why: string | undefined
  let sending: Promise<void> = Promise.resolve()
  let isSending = false

  const send = async (spans: readonly Span[], mostTries: number) => {
    // Masked here, because the project's secrets are known only after the inventory was read.
    const sent = await sendWithRetry(otlpBody(spans, shown(settings.resource), version), settings, mostTries)
    if (sent === undefined) return
    lost += spans.length
    why ??= sent.why
  }
  const flush = (mostTries: number) => {
    if (isSending || waiting.length === 0) return
    isSending = true
    const batch = waiting.splice(0, BATCH)
    sending = send(batch, mostTries).finally(() => {
      isSending = false
    })
  }
  const add = (spans: readonly Span[]) => {
    const room = Math.max(0, MOST_WAITING - waiting.length)
    waiting.push(...spans.slice(0, room))
    lost += Math.max(0, spans.length - room)
  }
  const timer = setInterval(() => flush(1), EVERY_MS)
  timer.unref()

  return {
    take(event) {
      add(recorder.take(event))
      if (waiting.length >= BATCH) flush(TRIES)
    },
    async close() {
      clearInterval(timer)
      add(recorder.rest())
      await sending
      // After a refused batch, further batches would be refused too, so they are not sent.
      while (waiting.length > 0 && why === undefined) {
        flush(TRIES)
        await sending
      }
      lost += waiting.length
      waiting = []
      if (lost === 0) return undefined
      const { origin, pathname } = settings.url
      return `${lost} spans of this run were not accepted by ${origin}${pathname}: ${why ?? 'it was too slow'}`
    },
  }
}

async function sendWithRetry(body: object, settings: TraceSettings, mostTries: number): Promise<Sent> {
  const signal = AbortSignal.timeout(settings.timeoutMs)
  let sent: Sent
  for (let tries = 1; ; tries++) {
    sent = await sendOnce(body, settings, signal)
    if (sent === undefined || !sent.mayRetry || tries >= mostTries || signal.aborted) return sent
    await new Promise((done) => setTimeout(done, 250 * 2 ** tries))
  }
}

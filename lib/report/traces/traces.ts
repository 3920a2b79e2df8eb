import type { RunEvent } from '../../events.ts'
import { shown } from '../../gate/gate.ts'
import { otlpBody } from './otlp.ts'
import { sendOnce, type Sent } from './send.ts'
import type { TraceSettings } from './settings.ts'
import { SpanRecorder, type Span } from './spans.ts'

/** Traces of a run on their way to a collector of OpenTelemetry. */
export interface Traces {
  take(event: RunEvent): void
  /** Sends what is left. Gives a note when not everything was taken. */
  close(): Promise<string | undefined>
}

/** So many spans at a time, or what there is after so long. */
const BATCH = 512
const EVERY_MS = 5000
const TRIES = 3
/** Kept while a collector is slow; more are dropped, and counted. */
const MOST_WAITING = 20_000

/** Begins to send the traces of a run. A collector that does not answer costs a note, and never the run. */
export function openTraces(settings: TraceSettings, version: string): Traces {
  const recorder = new SpanRecorder(settings.parent)
  let waiting: Span[] = []
  let lost = 0
  let why: string | undefined
  let sending: Promise<void> = Promise.resolve()
  let isSending = false

  const send = async (spans: readonly Span[], mostTries: number) => {
    // The secrets of a project are known when its inventory was read: that is later than the settings are.
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
      // After a batch that was refused the others would be, too: nobody waits for each of them.
      while (waiting.length > 0 && why === undefined) {
        flush(TRIES)
        await sending
      }
      lost += waiting.length
      waiting = []
      if (lost === 0) return undefined
      const { origin, pathname } = settings.url
      return `${lost} spans of this run were not taken by ${origin}${pathname}: ${why ?? 'it was too slow'}`
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

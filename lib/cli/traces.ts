import type { RunEvent } from '../events.ts'
import { shownText } from '../gate/gate.ts'

/** The OpenTelemetry traces of one run. */
interface RunTraces {
  /** Returns the same events, and records each as it passes. */
  watch(events: AsyncIterable<RunEvent>): AsyncIterable<RunEvent>
  /** Sends the remaining spans, and prints a note if the collector did not accept some. */
  close(stream: { write(text: string): unknown }): Promise<void>
}

/** Opens the traces if the environment names a collector. Undefined, at no cost, if neither `OTEL_EXPORTER_OTLP_ENDPOINT` nor `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set. */
export async function tracesOf(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<RunTraces | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own } = environment
  if (!all && !own) return undefined
  const [{ traceSettings }, { openTraces }] = await Promise.all([
    import('../report/traces/settings.ts'),
    import('../report/traces/traces.ts'),
  ])
  const settings = traceSettings(environment)
  if (settings === undefined) return undefined
  if ('note' in settings)
    return { watch: (events) => events, close: (stream) => Promise.resolve(printNote(stream, settings.note)) }
  const traces = openTraces(settings, process.env['ROLECALL_VERSION'] ?? 'development')
  return {
    async *watch(events) {
      for await (const event of events) {
        traces.take(event)
        yield event
      }
    },
    async close(stream) {
      const note = await traces.close()
      if (note !== undefined) printNote(stream, note)
    },
  }
}

function printNote(stream: { write(text: string): unknown }, note: string): void {
  stream.write(`${shownText(`note: ${note}`)}\n`)
}

import type { RunEvent } from '../events.ts'
import { shownText } from '../gate/gate.ts'

/** The traces of one run, when the environment names a collector of OpenTelemetry. */
export interface RunTraces {
  /** The same events, each of them taken on its way. */
  watch(events: AsyncIterable<RunEvent>): AsyncIterable<RunEvent>
  /** Sends what is left, and says on a stream what was not taken. */
  close(stream: { write(text: string): unknown }): Promise<void>
}

/** Undefined, at no cost, when `OTEL_EXPORTER_OTLP_ENDPOINT` and `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` are not set. */
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
    return { watch: (events) => events, close: (stream) => Promise.resolve(tell(stream, settings.note)) }
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
      if (note !== undefined) tell(stream, note)
    },
  }
}

function tell(stream: { write(text: string): unknown }, note: string): void {
  stream.write(`${shownText(`note: ${note}`)}\n`)
}

/** Where to send a run's traces, and their common attributes. */
export interface TraceSettings {
  readonly url: URL
  /** May contain a token: never shown. */
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly isCompressed: boolean
  /** A file with the certificate authorities for the collector's certificate. */
  readonly certificate?: string
  /** The parent trace, given by the caller. */
  readonly parent?: { readonly traceId: string; readonly spanId: string }
  /** Attributes of all spans: `service.name`, and others from the environment. */
  readonly resource: Readonly<Record<string, string>>
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the settings for traces from the environment. Undefined: no traces. Invalid settings give a note, and never stop a run.
 *
 * Source: OpenTelemetry Protocol Exporter, Environment Variable Specification, W3C Trace Context.
 */
export function traceSettings(environment: Environment): TraceSettings | { readonly note: string } | undefined {
  const of = (name: string) => environment[name]?.trim() || undefined
  const specific = of('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')
  const general = of('OTEL_EXPORTER_OTLP_ENDPOINT')
  if (of('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || of('OTEL_TRACES_EXPORTER') === 'none') return undefined
  const given = specific ?? general
  if (given === undefined) return undefined
  const name = specific === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
  // Of OTLP's protocols, every collector offers this one on port 4318.
  const protocol = of('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? of('OTEL_EXPORTER_OTLP_PROTOCOL')
  if (protocol === 'grpc')
    return { note: 'no traces are sent: OTEL_EXPORTER_OTLP_PROTOCOL is grpc, and Rolecall speaks http/json' }
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol))
    return { note: `no traces are sent: ${name} is not an address such as http://localhost:4318` }
  const url = new URL(given)
  if (specific === undefined) url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`
  const timeout = Number(of('OTEL_EXPORTER_OTLP_TRACES_TIMEOUT') ?? of('OTEL_EXPORTER_OTLP_TIMEOUT') ?? DEFAULT_MS)
  const compression = of('OTEL_EXPORTER_OTLP_TRACES_COMPRESSION') ?? of('OTEL_EXPORTER_OTLP_COMPRESSION')
  const certificate = of('OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE') ?? of('OTEL_EXPORTER_OTLP_CERTIFICATE')
  const parent = parentIn(of('TRACEPARENT'))
  const resource = pairsIn(of('OTEL_RESOURCE_ATTRIBUTES'))
  return {
    url,
    headers: pairsIn(of('OTEL_EXPORTER_OTLP_TRACES_HEADERS') ?? of('OTEL_EXPORTER_OTLP_HEADERS')),
    timeoutMs: Number.isFinite(timeout) && timeout > 0 ? timeout : DEFAULT_MS,
    isCompressed: compression === 'gzip',
    ...(certificate === undefined ? {} : { certificate }),
    ...(parent === undefined ? {} : { parent }),
    resource: { ...resource, 'service.name': of('OTEL_SERVICE_NAME') ?? resource['service.name'] ?? 'rolecall' },
  }
}

const DEFAULT_MS = 10_000

/** `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01` */
function parentIn(text: string | undefined) {
  const found = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}$/.exec(text ?? '')
  const [, traceId, spanId] = found ?? []
  if (traceId === undefined || spanId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return { traceId, spanId }
}

/** `name=value,other=value`, with percent-encoded values. Other text is ignored. */
function pairsIn(text = ''): Record<string, string> {
  const pairs = text.split(',').flatMap((pair): [string, string][] => {
    const at = pair.indexOf('=')
    const name = pair.slice(0, at).trim()
    if (at < 1 || name === '') return []
    const value = pair.slice(at + 1).trim()
    try {
      return [[decodeURIComponent(name), decodeURIComponent(value)]]
    } catch {
      return [[name, value]]
    }
  })
  return Object.fromEntries(pairs)
}

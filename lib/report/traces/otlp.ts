import type { Span, Value } from './spans.ts'

/**
 * Spans as the body of a request to `/v1/traces`.
 *
 * Source: opentelemetry-proto 1.x, trace.proto, with its JSON encoding: identifiers in hexadecimal, 64-bit numbers as text.
 */
export function otlpBody(spans: readonly Span[], resource: Readonly<Record<string, string>>, version: string): object {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [{ scope: { name: 'rolecall', version }, spans: spans.map(spanOf) }],
      },
    ],
  }
}

function spanOf(span: Span): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentId === undefined ? {} : { parentSpanId: span.parentId }),
    name: span.name,
    kind: INTERNAL,
    startTimeUnixNano: nanoseconds(span.start),
    endTimeUnixNano: nanoseconds(span.end),
    attributes: attributesOf(span.attributes),
    events: span.marks.map(({ at, name, attributes }) => ({
      timeUnixNano: nanoseconds(at),
      name,
      attributes: attributesOf(attributes),
    })),
    status: span.error === undefined ? {} : { code: ERROR, message: span.error },
  }
}

const INTERNAL = 1
const ERROR = 2

function attributesOf(values: Readonly<Record<string, Value | undefined>>): object[] {
  return Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: valueOf(value) }]))
}

function valueOf(value: Value): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  return { arrayValue: { values: value.map((stringValue) => ({ stringValue })) } }
}

/** A number of this size is exact to the microsecond. */
function nanoseconds(ms: number): string {
  return String(BigInt(Math.round(ms * 1000)) * 1000n)
}

import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { traceSettings } from '../../lib/report/traces/settings.ts'
import { projectOf, rolecall } from '../support/project.ts'

const test = suite('traces for OpenTelemetry')

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly intValue?: string }
}

interface Sent {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly Attribute[]
  readonly events: readonly { readonly name: string; readonly attributes: readonly Attribute[] }[]
  readonly status: { readonly code?: number; readonly message?: string }
}

interface Body {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: readonly { readonly spans: readonly Sent[] }[]
  }[]
}

/** A collector: what it was sent, as it came. It answers with these statuses in turn, and with the last one from then on. */
async function collector(...statuses: readonly number[]) {
  const got: { url: string; headers: IncomingHttpHeaders; text: string }[] = []
  const server = createServer((request, answer) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const bytes = Buffer.concat(parts)
      const text = String(request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes)
      got.push({ url: request.url ?? '', headers: request.headers, text })
      answer.writeHead(statuses[Math.min(got.length, statuses.length) - 1] ?? 200, {
        'content-type': 'application/json',
      })
      answer.end('{}')
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const spans = () => got.flatMap(({ text }) => (JSON.parse(text) as Body).resourceSpans[0]?.scopeSpans[0]?.spans ?? [])
  return { address, got, spans, close: () => server.close() }
}

const secret = 'correct-horse-battery-9'
const project = projectOf({
  'inventory/hosts.yml': `all:\n  hosts:\n    one: { ansible_connection: local, ansible_become_password: ${secret} }\n    two: { ansible_connection: local }\n`,
  'playbooks/site.ts': `import { playbook, role } from 'rolecall'
const work = role({ name: 'work', apply: async ({ host, $, note }) => {
  note('a word with ${secret} in it')
  const file = process.cwd() + '/' + host.name
  await $({ unless: 'test -e ' + file, name: 'greet' })\`echo hello >\${file}\`
  if (host.name === 'two') await $({ unless: 'false', name: 'break' })\`echo ${secret} >&2; exit 3\`
} })
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [work] }] })
`,
})
const check = ['check', 'site', '--no-types']

const attributesOf = (attributes: readonly Attribute[] = []) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]))

test('a run is one trace: the run, its connections, its units, and the resources in them that were not ok', async () => {
  const { address, got, spans, close } = await collector()
  const { code } = await rolecall(project, ['apply', 'site', '--no-types'], {
    OTEL_EXPORTER_OTLP_ENDPOINT: `${address}/otlp/`,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc,x-team=web',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test',
    TRACEPARENT: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  })
  close()
  assert.is(code, 2)
  assert.is(got[0]?.url, '/otlp/v1/traces')
  assert.is(got[0]?.headers.authorization, 'Bearer abc')
  assert.is(got[0]?.headers['content-type'], 'application/json')
  const all = spans()
  assert.equal([...new Set(all.map(({ traceId }) => traceId))], ['0af7651916cd43dd8448eb211c80319c'])
  const root = all.find(({ name }) => name === 'apply site')
  assert.is(root?.parentSpanId, 'b7ad6b7169203331')
  assert.is(root?.status.code, 2)
  const sums = attributesOf(root?.attributes)
  assert.is(sums['rolecall.hosts'], '2')
  assert.is(sums['rolecall.failed'], '1')
  const children = all.filter(({ parentSpanId }) => parentSpanId === root?.spanId).map(({ name }) => name)
  assert.equal(children.sort(), ['connect one', 'connect two', 'work on one', 'work on two'])
  const unit = all.find(({ name }) => name === 'work on two')
  const steps = all.filter(({ parentSpanId }) => parentSpanId === unit?.spanId)
  assert.is(steps.find(({ name }) => name === 'exec:break')?.status.code, 2)
  for (const span of all) assert.ok(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano), span.name)
  const { resource } = (JSON.parse(got[0]?.text ?? '') as Body).resourceSpans[0] ?? {}
  assert.equal(attributesOf(resource?.attributes), { 'deployment.environment': 'test', 'service.name': 'rolecall' })
})

test('secrets are masked in spans, in their events and in the attributes of the environment', async () => {
  const { address, got, close } = await collector()
  await rolecall(project, ['apply', 'site', '--no-types'], {
    OTEL_EXPORTER_OTLP_ENDPOINT: address,
    OTEL_RESOURCE_ATTRIBUTES: `note=${secret}`,
  })
  close()
  const text = got.map(({ text: each }) => each).join('')
  assert.match(text, 'a word with *** in it')
  assert.not.match(text, secret)
})

test('a collector that is busy is asked again, and one that refuses costs a note on standard error', async () => {
  const busy = await collector(503, 200)
  const first = await rolecall(project, check, { OTEL_EXPORTER_OTLP_ENDPOINT: busy.address })
  busy.close()
  assert.is(busy.got.length, 2)
  assert.not.match(first.err, 'spans')
  const strict = await collector(401)
  const second = await rolecall(project, check, {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${strict.address}/in?token=hush`,
  })
  strict.close()
  assert.is(second.code, 0)
  assert.match(
    second.err,
    /note: \d+ spans of this run were not accepted by http:\/\/127\.0\.0\.1:\d+\/in: it answered 401\n/,
  )
  assert.not.match(second.err, 'hush')
  assert.match(second.out, 'site checked in')
})

test('without a collector the run is done all the same', async () => {
  const { address, close } = await collector()
  close()
  const { code, err } = await rolecall(project, check, { OTEL_EXPORTER_OTLP_ENDPOINT: address })
  assert.is(code, 0)
  assert.match(err, 'ECONNREFUSED')
})

const here = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' }
for (const [title, environment, expected] of [
  ['nothing is set', {}, undefined],
  ['it is switched off', { ...here, OTEL_SDK_DISABLED: 'true' }, undefined],
  ['traces are switched off', { ...here, OTEL_TRACES_EXPORTER: 'none' }, undefined],
  ['the general address', here, 'http://localhost:4318/v1/traces'],
  [
    'the address of traces is taken as it is',
    { ...here, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b/x' },
    'http://b/x',
  ],
  ['another way of OTLP', { ...here, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /speaks http\/json/],
  ['no address', { OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318' }, /OTEL_EXPORTER_OTLP_ENDPOINT is not an address/],
] as const) {
  test(`settings of the environment: ${title}`, () => {
    const settings = traceSettings(environment)
    if (settings === undefined || expected === undefined) return assert.is(settings, expected)
    if (typeof expected === 'string') return assert.is('url' in settings ? settings.url.href : undefined, expected)
    return assert.match('note' in settings ? settings.note : '', expected)
  })
}

test.run()

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { httpRequest, type HttpRequestOptions } from '../../../lib/resources/commands/http-request.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { secret } from '../../../lib/secret.ts'
import { converge, debian, findTool, reply, shells, words } from '../../support/converge-locally.ts'

const url = 'http://127.0.0.1:3000/api/x'
const wanted: HttpRequestOptions = { url, json: { a: 1, b: { c: [1, 2] } } }
const table: readonly (readonly [
  says: string,
  options: HttpRequestOptions,
  have: string,
  then: readonly string[] | string,
])[] = [
  ['as wanted, with more', wanted, '{"a":1,"b":{"c":[1,2],"d":0},"z":1}\n200', []],
  ['another value', wanted, '{"a":2,"b":{"c":[1,2]}}\n200', [`PUT ${url} (it is not as wanted)`]],
  ['a longer list', wanted, '{"a":1,"b":{"c":[1,2,3]}}\n200', [`PUT ${url} (it is not as wanted)`]],
  ['not there', wanted, 'no\n404', [`PUT ${url} (it says 404)`]],
  [
    'not there, and made elsewhere',
    { ...wanted, send: { method: 'POST', url: 'http://h/api' } },
    '\n404',
    ['POST http://h/api (it says 404)'],
  ],
  ['to go', { url, state: 'absent' }, '{}\n200', [`DELETE ${url} (it is not as wanted)`]],
  ['gone', { url, state: 'absent' }, '\n404', []],
  ['a body', { url, body: /up/, send: { method: 'POST' } }, 'is up\n200', []],
  ['no answer: refused', wanted, '\n000', `refused: ${url} does not answer`],
  ['no curl: refused', wanted, '# none\n', 'refused: this host has no curl'],
]
for (const [says, options, have, then] of table) {
  test(says, () =>
    assert.equal(words(httpRequest('it', options).evaluate(reply(have), debian, new Prediction())), then),
  )
}

test('what is to start may answer: unknown', () => {
  const prediction = new Prediction()
  const effect: Effect = { type: 'unit', name: 'grafana.service', running: true }
  prediction.record('service:grafana', [effect])
  assert.is(
    words(httpRequest('it', wanted).evaluate(reply('\n000'), debian, prediction)),
    `unknown: ${url} answers only after service:grafana`,
  )
})

test('what cannot be meant is refused', () => {
  assert.throws(() => httpRequest('it', { url }), /given json, body or status/)
  assert.throws(() => httpRequest('it', { url, status: [200] }), /no json to send/)
  assert.throws(() => httpRequest('it', { url: 'ftp://x', json: 1 }), /a URL/)
})

for (const shell of findTool('curl') === undefined ? [] : shells()) {
  test(`${shell.name}: what an API keeps is compared, made and removed, with headers and a password`, async () => {
    const kept = new Map<string, string>()
    const seen: string[] = []
    const server = createServer((request, response) => {
      const path = request.url ?? ''
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        seen.push(
          `${request.method ?? ''} ${request.headers['x-token']?.toString() ?? ''} ${request.headers.authorization ?? ''}`,
        )
        if (request.method === 'PUT') kept.set(path, body)
        if (request.method === 'DELETE') kept.delete(path)
        const there = kept.get(path)
        response.statusCode = request.method === 'GET' ? (there === undefined ? 404 : 200) : 204
        response.end(request.method === 'GET' ? there : undefined)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x?list=[1-2]{a,b}`
      const options = { url: address, headers: { 'X-Token': secret('t"\\ok') }, username: 'a', password: secret('b') }
      const made = await converge(shell, httpRequest('it', { ...options, json: { text: `it's "big"`, n: 1 } }))
      assert.equal([made.failed, made.did, words(made.again)], [undefined, [`PUT ${address} (it says 404)`], []])
      assert.is(seen[0], `GET t"\\ok Basic ${Buffer.from('a:b').toString('base64')}`)
      const gone = await converge(shell, httpRequest('it', { ...options, state: 'absent' }))
      assert.equal([gone.failed, gone.did.length, words(gone.again)], [undefined, 1, []])
      const bad = await converge(shell, httpRequest('it', { ...options, json: 1, send: { status: [201] } }))
      assert.is(bad.failed?.code, 1)
    } finally {
      server.close()
    }
  })
}

test.run()

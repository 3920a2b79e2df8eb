import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { httpRequest, type HttpRequestOptions } from '../../../lib/resources/commands/http-request.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { secret } from '../../../lib/secret.ts'
import { converge, debian, findTool, reply, scratch, shells, words } from '../../support/converge-locally.ts'

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
  [
    'a form is sent with POST',
    { url, body: /done/, send: { url: 'http://h/form', form: { a: 'b' } } },
    'no\n200',
    ['POST http://h/form (it is not as wanted)'],
  ],
  [
    'a file to send is not there: refused',
    { url, body: /done/, send: { file: '/srv/x.json' } },
    'no\n200\n# lacks /srv/x.json',
    'refused: there is no file /srv/x.json to send',
  ],
  [
    'a file to send is not there, and nothing is to be sent',
    { url, body: /done/, send: { file: '/srv/x.json' } },
    'done\n200\n# lacks /srv/x.json',
    [],
  ],
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

test('a file to send may come with what is pending', () => {
  const send = httpRequest('it', { url, body: /done/, send: { file: '/srv/x.json' } })
  const after = (...effects: Effect[]) => {
    const later = new Prediction()
    later.record('file:/srv/x.json', effects)
    return words(send.evaluate(reply('no\n200\n# lacks /srv/x.json'), debian, later))
  }
  assert.equal(after({ type: 'path', path: '/srv/x.json', state: { type: 'file' } }), [
    `PUT ${url} (it is not as wanted)`,
  ])
  assert.is(after({ type: 'anything' }), 'unknown: whether file:/srv/x.json brings /srv/x.json')
})

test('invalid options are refused', () => {
  assert.throws(() => httpRequest('it', { url }), /given json, body or status/)
  assert.throws(() => httpRequest('it', { url, status: [200] }), /no json to send/)
  assert.throws(() => httpRequest('it', { url: 'ftp://x', json: 1 }), /a URL/)
  const sent = (send: HttpRequestOptions['send']) => () =>
    httpRequest('it', { url, status: [200], ...(send && { send }) })
  assert.throws(sent({ form: { a: 'b' }, body: 'x' }), /one of json, body, form, multipart, file, got body and form/)
  assert.throws(sent({ multipart: { 'a"b': 'c' } }), /names of fields without quotes/)
  assert.throws(sent({ multipart: { a: { file: 'x' } } }), /file/)
  assert.throws(sent({ file: 'x.json' }), /absolute path/)
  assert.throws(sent({ method: 'POST', headers: { 'a b': 'c' } }), /names of headers/)
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

for (const shell of findTool('curl') === undefined ? [] : shells()) {
  test(`${shell.name}: a request carries a form, files or one file, with headers of its own`, async () => {
    let done = false
    const seen: (readonly [method: string, type: string, token: unknown, body: string])[] = []
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { method = '', headers } = request
        if (method !== 'GET') {
          done = true
          seen.push([
            method,
            headers['content-type'] ?? '',
            headers['x-token'],
            Buffer.concat(chunks).toString('latin1'),
          ])
        }
        response.end(method === 'GET' ? (done ? 'done' : 'not yet') : '')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const path = join(scratch(), `it's, a; "file"`)
    writeFileSync(path, Buffer.from([0, 255, 10, 13]))
    try {
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`
      const send = async (content: HttpRequestOptions['send']) => {
        done = false
        const wanted = { url: address, body: /done/, headers: { 'X-Token': 'both' }, ...(content && { send: content }) }
        const { failed, again } = await converge(shell, httpRequest('it', wanted))
        assert.equal([failed?.stderr, words(again)], [undefined, []])
        return seen.at(-1) ?? []
      }
      assert.equal(await send({ form: { a: 'b c&d', n: 1, yes: true, p: secret('p+"q'), none: undefined } }), [
        'POST',
        'application/x-www-form-urlencoded',
        'both',
        'a=b+c%26d&n=1&yes=true&p=p%2B%22q',
      ])
      assert.equal(await send({ method: 'PATCH', file: path, headers: { 'x-token': secret('own') } }), [
        'PATCH',
        'application/octet-stream',
        'own',
        '\0\u00ff\n\r',
      ])
      const [method, type = '', , body = ''] = await send({
        multipart: { a: '@not a file;x', b: secret('two\nlines'), c: { file: path, type: 'text/csv' } },
      })
      assert.is(method, 'POST')
      assert.match(type, /^multipart\/form-data; boundary=/)
      assert.match(body, /name="a"\r\n\r\n@not a file;x\r\n/)
      assert.match(body, /name="b"\r\n\r\ntwo\nlines\r\n/)
      assert.match(body, /name="c"; filename=.*\r\nContent-Type: text\/csv\r\n\r\n\0\u00ff\n\r\r\n/)
    } finally {
      server.close()
    }
  })
}

test.run()

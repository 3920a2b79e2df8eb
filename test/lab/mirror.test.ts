import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { mirrorParts } from '../../lib/lab/artifacts/artifacts.ts'
import { editions, imageFiles, layerFile } from '../../lab/harbor/images.ts'
import { mirrorUrl } from '../../lib/lab/artifacts/mirror.ts'
import { describeLab } from '../../lib/lab/model.ts'
import { prepare } from '../support/prepare.ts'

const directory = mkdtempSync(join(tmpdir(), 'rolecall-mirror-'))
mkdirSync(join(directory, 'files/R1.2'), { recursive: true })
writeFileSync(join(directory, 'files/R1.2/tool'), '0123456789')
mkdirSync(join(directory, 'more'))
const manifest = '{"mediaType":"application/vnd.docker.distribution.manifest.v2+json"}'
mkdirSync(join(directory, 'files/v2/library/nginx/manifests'), { recursive: true })
writeFileSync(join(directory, 'files/v2/library/nginx/manifests/1.22'), manifest)
writeFileSync(join(directory, 'secret'), 'not to be served')
let server: ChildProcess | undefined
let port = 0

process.on('exit', () => {
  server?.kill()
  rmSync(directory, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** Unlike fetch it sends a path as it is, dots and all. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', path, headers, method, agent: false }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (text: string) => (body += text))
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }))
    })
    asked.once('error', reject).end()
  })
}

prepare(test, async () => {
  port = await new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
  const args = [
    join(mirrorParts, 'serve.js'),
    '127.0.0.1',
    String(port),
    'default abc',
    join(directory, 'more'),
    join(directory, 'files'),
  ]
  server = spawn(process.execPath, args, { stdio: 'ignore' })
  server.unref()
  for (let tries = 0; tries < 200; tries++) {
    if (await ask('/').then(Boolean, () => false)) return
    await sleep(50)
  }
  throw new Error('the mirror does not answer')
})

test('the mirror is at the gateway of its lab', () => {
  assert.is(mirrorUrl(describeLab('default', '/srv/site', 50)), 'http://10.10.50.254:8081/')
})

test('it serves a file, a part of it, and its head, and tells whose mirror it is', async () => {
  const whole = await ask('/R1.2/tool')
  assert.is(whole.body, '0123456789')
  assert.is(whole.headers['x-rolecall-mirror'], 'default abc')
  const part = await ask('/R1.2/tool', { range: 'bytes=7-' })
  assert.equal([part.status, part.body, part.headers['content-range']], [206, '789', 'bytes 7-9/10'])
  assert.is((await ask('/R1.2/tool', { range: 'bytes=10-' })).status, 416)
  const head = await ask('/R1.2/tool', {}, 'HEAD')
  assert.equal([head.status, head.body, head.headers['content-length']], [200, '', '10'])
  assert.is((await ask('/')).body, '/R1.2/tool\n/v2/library/nginx/manifests/1.22\n')
})

test('images are pulled from it as from a mirror of registries', async () => {
  const ping = await ask('/v2/')
  assert.equal([ping.status, ping.headers['docker-distribution-api-version']], [200, 'registry/2.0'])
  for (const method of ['GET', 'HEAD']) {
    const { status, headers } = await ask('/v2/library/nginx/manifests/1.22?ns=docker.io', {}, method)
    assert.equal(
      [status, headers['content-type'], headers['docker-content-digest']],
      [
        200,
        'application/vnd.docker.distribution.manifest.v2+json',
        `sha256:${createHash('sha256').update(manifest).digest('hex')}`,
      ],
    )
  }
  assert.is((await ask('/v2/library/nginx/manifests/2')).status, 404)
})

test('nothing outside of its directory is served, and nothing is accepted', async () => {
  for (const path of [
    '/../secret',
    '/R1.2/../../secret',
    '/%2e%2e/secret',
    '/..%2fsecret',
    '/R1.2',
    '/missing',
    '/%zz',
  ]) {
    const { status, body } = await ask(path)
    assert.is(status, 404, path)
    assert.not.match(body, 'not to be served')
  }
  assert.is((await ask('/R1.2/tool', {}, 'PUT')).status, 405)
})

test('docker load finds every service of the tutorial, with checks of health as in each line', () => {
  const layer = 'a'.repeat(64)
  for (const edition of editions) {
    const files = imageFiles(edition, 'amd64', layer)
    const manifest = JSON.parse(files['manifest.json'] ?? '') as {
      Config: string
      RepoTags: string[]
      Layers: string[]
    }[]
    const names = manifest.flatMap(({ RepoTags }) => RepoTags)
    const registry = edition.line === 1 ? 'v2.7.1-patch-2819-v1.8.3' : 'v2.9.5'
    assert.ok(names.includes(`goharbor/registry-photon:${registry}`), names.join())
    assert.ok(names.includes(`goharbor/harbor-core:${edition.version}`), names.join())
    assert.is(new Set(manifest.map(({ Config }) => Config)).size, names.length, 'each is an image of its own')
    const configs = manifest.map(
      ({ Config }) =>
        JSON.parse(files[Config] ?? '') as { config: { Healthcheck?: object }; rootfs: { diff_ids: string[] } },
    )
    for (const { rootfs } of configs) assert.equal(rootfs.diff_ids, [`sha256:${layer}`])
    assert.ok(manifest.every(({ Layers }) => Layers.join() === layerFile))
    const silent = names.filter((_, at) => configs[at]?.config.Healthcheck === undefined)
    const prepare = `goharbor/prepare:${edition.version}`
    const inThe18Line = ['goharbor/harbor-jobservice:v1.8.3', 'goharbor/redis-photon:v1.8.3', prepare]
    assert.equal(silent, edition.line === 1 ? inThe18Line : [prepare])
  }
})

test.run()

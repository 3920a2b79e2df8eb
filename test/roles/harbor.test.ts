import { inspect } from 'node:util'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { play, secret, type Resource, type Site } from 'rolecall'
import { Prediction } from '../../lib/resources/prediction/prediction.ts'
import { registryRecords } from '../../roles/dns-server/registry.ts'
import { Zone } from '../../roles/dns-server/zone.ts'
import harbor from '../../roles/harbor.ts'
import { harborAnswers } from '../../roles/harbor/answers.ts'
import { harborInstall } from '../../roles/harbor/install.ts'
import { serverConf } from '../../roles/harbor/nginx.ts'
import { harborLogs } from '../../roles/harbor/logs.ts'
import { harborProject } from '../../roles/harbor/project.ts'
import { harborYml, lineOf, Version } from '../../roles/harbor/settings.ts'
import { Installer } from '../../roles/harbor/unpack.ts'
import { contentOf, ids, resourceOf } from './played-resources.ts'

const password = 'A-password-of-the-test'
const at = { root: 'http://127.0.0.1:180', api: '/api/v2.0' }
const vars = {
  version: 'v2.9.5',
  installer: { source: 'https://mirror.example/harbor.tgz', sha256: 'a'.repeat(64) },
  adminPassword: password,
}
const { facts } = { facts: { os: { family: 'debian', id: 'debian', version: '12', name: '' } } as never }

function reply(text: string) {
  const bytes = Buffer.from(text)
  const lines = text.split('\n').filter((line, at, all) => line !== '' || at < all.length - 1)
  return { code: 0, bytes, text, lines }
}

/** What becomes of an answer of the host: `ok`, the first step, a refusal, or what is unknown. */
function verdict(resource: Resource, answer: string, prediction = new Prediction()): string {
  const evaluation = resource.evaluate(reply(answer), facts, prediction)
  if ('unknown' in evaluation) return `unknown: ${evaluation.unknown}`
  if ('refused' in evaluation) return `refused: ${evaluation.refused}`
  return evaluation.plan.steps[0]?.summary ?? 'ok'
}

function pending(...effects: Parameters<Prediction['record']>[1]): Prediction {
  const prediction = new Prediction()
  prediction.record('earlier:one', effects)
  return prediction
}

test('the chapter in its order: unpacked, linked, configured, installed, healthy, behind nginx, with its project', async () => {
  assert.equal(ids(await play(harbor, { vars })), [
    'pkg:curl,docker-compose,nginx',
    'exec:unpack /opt/harbor-v2.9.5',
    'link:/opt/harbor',
    'exec:/opt/harbor-v2.9.5/harbor.yml from its template',
    'yamlFile:/opt/harbor-v2.9.5/harbor.yml',
    'file:/opt/harbor-v2.9.5/.env',
    'harborInstall:/opt/harbor-v2.9.5',
    'dockerCompose:/opt/harbor-v2.9.5',
    'file:/etc/systemd/system/harbor.service',
    'service:harbor',
    'harborLogs:/data/harbor/logs',
    'harborAnswers:http://127.0.0.1:180',
    'file:/etc/nginx/conf.d/harbor.thtf.com.conf',
    'service:nginx',
    'harborProject:public',
  ])
})

test('where nginx was before, its file is mended before the package starts it', async () => {
  const files = { '/etc/nginx/conf.d/harbor.thtf.com.conf': 'server {' }
  const asked = ids(await play(harbor, { vars, files }))
  assert.equal(asked.slice(0, 2), ['file:/etc/nginx/conf.d/harbor.thtf.com.conf', 'pkg:curl,docker-compose,nginx'])
  assert.is(asked.filter((id) => id.startsWith('file:/etc/nginx')).length, 1)
})

test('the keys of the log stand where each line of Harbor looks for them', () => {
  const log = { level: 'info', rotateCount: 50, rotateSize: '200M', location: '/data/harbor/logs' } as const
  const common = {
    hostname: 'harbor.thtf.com',
    httpPort: 180,
    dataVolume: '/data/harbor',
    log,
    adminPassword: secret(password),
  }
  const rotation = { rotate_count: 50, rotate_size: '200M', location: '/data/harbor/logs' }
  const first = harborYml({ ...common, version: 'v1.8.3' })
  assert.equal(first.set.log, { level: 'info', ...rotation })
  const second = harborYml({ ...common, version: 'v2.9.5' })
  assert.equal(second.set.log, { level: 'info', local: rotation })
  assert.equal(
    [second.set.http, second.set.external_url, second.remove],
    [{ port: 180 }, 'http://harbor.thtf.com', ['https']],
  )
})

test('each line of Harbor has its API; what has no harbor.yml is refused', () => {
  const apis = ['v1.8.3', 'v1.10.1', 'v2.0.0', 'v2.9.5'].map((version) => `${version} ${lineOf(version).api}`)
  assert.equal(apis, ['v1.8.3 /api', 'v1.10.1 /api', 'v2.0.0 /api/v2.0', 'v2.9.5 /api/v2.0'])
  assert.is(Version.parse('2.9.5'), 'v2.9.5')
  for (const bad of ['v1.7.5', 'latest', '../v2.9.5', 'v2.9.5;x']) assert.not(Version.safeParse(bad).success, bad)
})

test('the installer comes with a checksum, or with the place where it is published', () => {
  const url = 'https://mirror.example/harbor.tgz'
  for (const sha256 of ['a'.repeat(64), { source: `${url}.sha256` }])
    assert.ok(Installer.safeParse({ source: url, sha256 }).success)
  for (const sha256 of ['a'.repeat(63), '', {}]) assert.not(Installer.safeParse({ source: url, sha256 }).success)
})

test('install.sh runs while its stamp is not that of harbor.yml', () => {
  const resource = harborInstall('/opt/harbor-v2.9.5', at)
  const runs = 'run /opt/harbor-v2.9.5/install.sh and wait until its services are healthy'
  assert.is(verdict(resource, 'installed\nengine\n'), 'ok')
  assert.is(verdict(resource, 'engine\n'), runs)
  assert.match(verdict(resource, ''), 'refused: Harbor needs a Docker engine')
  const yml = { type: 'path', path: '/opt/harbor-v2.9.5/harbor.yml', state: { type: 'file' } } as const
  assert.is(verdict(resource, 'installed\nengine\n', pending(yml)), runs)
  assert.is(verdict(resource, '', pending({ type: 'package', name: 'docker.io', installed: true })), runs)
})

test('a stamp of another harbor.yml does not count, under any shell', () => {
  const where = '/opt/harbor-v2.9.5'
  const probe = harborInstall(where, at).probe(facts).text.replaceAll(where, '"$root"')
  const script = `root=$(mktemp -d); trap 'rm -rf "$root"' EXIT; cd "$root"
look() { ( ${probe} ) | grep installed || echo not; }
look; echo a >harbor.yml; look; touch docker-compose.yml; look
sha256sum <harbor.yml >.installed-from; look; echo b >harbor.yml; look`
  for (const shell of [['dash'], ['busybox', 'sh']]) {
    const { stdout } = spawnSync(shell[0] ?? '', [...shell.slice(1), '-c', script.replaceAll(`'"$root"'`, '"$root"')])
    assert.is(String(stdout), 'not\nnot\nnot\ninstalled\nnot\n', shell.join(' '))
  }
})

test('it is installed when Docker, every component and the registry say so, and not before, under any shell', () => {
  const root = mkdtempSync(join(tmpdir(), 'harbor-'))
  const fake = (path: string, text: string) => writeFileSync(join(root, path), `#!/bin/sh\n${text}`, { mode: 0o755 })
  try {
    mkdirSync(join(root, 'bin'))
    const evaluation = harborInstall(root, at).evaluate(reply('engine\n'), facts, new Prediction())
    const script = 'plan' in evaluation ? (evaluation.plan.steps[0]?.sh.text ?? '') : ''
    writeFileSync(join(root, 'harbor.yml'), 'hostname: a\n')
    fake('install.sh', ':')
    // Each question is answered as it is not to be at first, and well when it is asked again.
    const once = (name: string, first: string, then: string) =>
      `if [ -e ${root}/${name} ]; then echo '${then}'; else echo ${name} >>${root}/asked; : >${root}/${name}; echo '${first}'; fi`
    fake('bin/docker', once('docker', 'core: Up 1 second (health: starting)', 'core: Up 2 seconds (healthy)'))
    const component = (status: string) =>
      `{ "status": "${status}", "components": [{ "name": "redis", "status": "${status}" }] }`
    fake(
      'bin/curl',
      `case $* in *${at.root}${at.api}/health) ${once('health', component('unhealthy'), component('healthy'))};;
*${at.root}/v2/) ${once('v2', '/v2/ answers 502', '/v2/ answers 401')};; esac`,
    )
    for (const shell of [['dash'], ['busybox', 'sh']]) {
      for (const name of ['asked', 'docker', 'health', 'v2', '.installed-from'])
        rmSync(join(root, name), { force: true })
      const ran = spawnSync(shell[0] ?? '', [...shell.slice(1), '-c', script], {
        env: { PATH: `${root}/bin:${process.env['PATH'] ?? ''}` },
      })
      assert.is(ran.status, 0, `${shell.join(' ')}: ${String(ran.stderr)}`)
      assert.is(readFileSync(join(root, 'asked'), 'utf8'), 'docker\nhealth\nv2\n', shell.join(' '))
      assert.ok(existsSync(join(root, '.installed-from')), shell.join(' '))
    }
  } finally {
    rmSync(root, { recursive: true })
  }
})

test('a lost harbor.yml comes from its template and is edited there, and the installer runs again', async () => {
  const where = '/opt/harbor-v2.9.5'
  const played = await play(harbor, { vars })
  const template = resourceOf(played, `exec:${where}/harbor.yml from its template`)
  const edit = resourceOf(played, `yamlFile:${where}/harbor.yml`)
  assert.is(verdict(template, 'unless 0\n'), 'ok')
  const lost = template.evaluate(reply('unless 1\n'), facts, new Prediction())
  const prediction = pending(...('effects' in lost ? lost.effects : []))
  const edited = edit.evaluate(reply('none 0 4 dir\n'), facts, prediction)
  // It is asked again once the template is there: it does not write a file of its own.
  assert.equal('dependsOn' in edited && edited.dependsOn, ['earlier:one'])
  assert.is.not(verdict(resourceOf(played, `harborInstall:${where}`), 'installed\nengine\n', prediction), 'ok')
})

test('a harbor.yml that says nothing is a lost one; another, a link or a directory in its place is left to its edit', async () => {
  const template = resourceOf(await play(harbor, { vars }), 'exec:/opt/harbor-v2.9.5/harbor.yml from its template')
  const { unless } = template.want as { unless: string }
  const cases = [
    [':', 'made'],
    [': >harbor.yml', 'made'],
    ['printf "# c\\n\\n" >harbor.yml', 'made'],
    ['echo "hostname: a" >harbor.yml', 'kept'],
    ['ln -s /nowhere harbor.yml', 'kept'],
    ['mkdir harbor.yml', 'kept'],
  ] as const
  for (const [before, then] of cases) {
    const root = mkdtempSync(join(tmpdir(), 'rolecall-harbor-'))
    const { status } = spawnSync('/bin/sh', ['-c', `${before}\n${unless}`], { cwd: root })
    rmSync(root, { recursive: true })
    assert.is(status === 0 ? 'kept' : 'made', then, before)
  }
})

test('Harbor that does not answer is started anew, unless its services are to be brought up', () => {
  const anew = 'restart the services of Harbor, because it does not answer at http://127.0.0.1:180'
  const up = { type: 'project', name: 'harbor', exists: true } as const
  const engine = { type: 'unit', name: 'docker.service', running: true } as const
  const rows: readonly [string, string, Prediction][] = [
    ['answers\n', 'ok', pending()],
    ['silent\n', anew, pending()],
    ['silent\n', 'ok', pending(up)],
    ['answers\n', 'ok', pending(engine)],
    ['led\n', anew, pending()],
    ['led\n', 'ok', pending(engine)],
    ['led\n', anew, pending({ ...engine, stays: true })],
    ['silent\n', anew, pending(engine)],
    ['no engine\n', 'ok', pending(up)],
    ['no engine\n', 'unknown: whether Harbor answers is known only after earlier:one', pending(engine)],
    ['no engine\n', 'refused: Harbor needs a Docker engine that answers', pending()],
  ]
  for (const [answer, then, prediction] of rows) assert.is(verdict(harborAnswers(at), answer, prediction), then)
})

test('lost logs are made again, unless something pending starts the services of Harbor', () => {
  const logs = harborLogs('/data/harbor/logs')
  const anew = 'create /data/harbor/logs and restart the services of Harbor, so that they write there'
  assert.is(verdict(logs, 'there\n'), 'ok')
  assert.is(verdict(logs, ''), anew)
  assert.is(verdict(logs, '', pending({ type: 'project', name: 'harbor', exists: true })), 'ok')
  assert.is(verdict(logs, '', pending({ type: 'unit', name: 'docker.service', running: true })), 'ok')
  assert.is(verdict(logs, '', pending({ type: 'unit', name: 'docker.service', running: true, stays: true })), anew)
})

test('a project is created once, and whether it is public follows', () => {
  const api = { url: 'http://127.0.0.1:180/api/v2.0', password: secret(password), dataVolume: '/data/harbor' }
  const project = harborProject(api, { name: 'public', public: true })
  const listed = (open: string) =>
    `${JSON.stringify([
      { name: 'public-too', project_id: 3, metadata: { public: 'true' } },
      { name: 'public', project_id: 2, metadata: { public: open } },
    ])}\n200\n`
  assert.is(verdict(project, `${listed('true')}data\nseen\n`), 'ok')
  assert.is(verdict(project, listed('false')), 'make project public public')
  assert.is(verdict(project, '[]\n200\n'), 'create public project public')
  assert.is(verdict(project, 'null\n200\n'), 'create public project public')
  assert.match(verdict(project, '{"errors":[]}\n401\ndata\n'), 'refused: Harbor refuses the password of admin')
  const starts = pending({ type: 'project', name: 'harbor', exists: true })
  const silent = 'curl: (7) Failed to connect\n000\n'
  assert.match(verdict(project, silent), 'refused: ')
  assert.is(verdict(project, silent, starts), 'create public project public')
  const evaluation = project.evaluate(reply(silent), facts, starts)
  assert.equal('plan' in evaluation && evaluation.mustConfirm, [], 'it goes along with whatever brings Harbor up')
})

test('a project is looked after anew when Harbor was started, also when Harbor cannot be asked yet', () => {
  const api = { url: 'http://127.0.0.1:180/api/v2.0', password: secret(password), dataVolume: '/data/harbor' }
  const project = harborProject(api, { name: 'public', public: true })
  const listed = `${JSON.stringify([{ name: 'public', project_id: 2, metadata: { public: 'true' } }])}\n200\ndata\n`
  const starts = pending({ type: 'project', name: 'harbor', exists: true })
  assert.match(verdict(project, listed), 'note that Harbor')
  assert.match(verdict(project, `${listed}seen\n`, starts), 'note that Harbor')
  assert.match(verdict(project, 'curl: (7) Failed to connect\n000\ndata\n', starts), 'see that Harbor has the public')
})

test('the password is in no argument list and in no text that is shown', async () => {
  const played = await play(harbor, { vars })
  assert.not.match(inspect(played.asked, { depth: 20 }), password)
  const basic = Buffer.from(`admin:${password}`).toString('base64')
  const probe = resourceOf(played, 'harborProject:public').probe(facts).text
  // printf is the shell's own, so its words are no arguments of a process.
  const [before = '', after = ''] = probe.split('| curl')
  assert.match(before, /^printf [^\n]*$/m)
  assert.equal([before.indexOf(basic) > before.lastIndexOf('printf '), after.includes(basic)], [true, false])
})

test('nginx passes on the name that the client asked for, and takes large layers', async () => {
  const conf = serverConf('harbor.thtf.com', 180)
  for (const line of [
    'server_name  harbor.thtf.com;',
    'client_max_body_size 1000m;',
    'proxy_pass http://127.0.0.1:180;',
    'Host $http_host;',
  ])
    assert.ok(conf.includes(line), line)
  assert.is(contentOf(await play(harbor, { vars }), 'file:/etc/nginx/conf.d/harbor.thtf.com.conf'), conf)
})

test('the record of the registry comes from its own variables, in the zone that its name is in', () => {
  const registry = {
    name: 'node-05',
    address: '10.10.50.40',
    groups: ['registry'],
    vars: () => ({ hostname: 'harbor.thtf.com' }),
  }
  const site = { hosts: (pattern: string) => (pattern === 'registry' ? [registry] : []) } as unknown as Site
  const record = { name: 'harbor', type: 'A', value: '10.10.50.40' }
  assert.equal(registryRecords(Zone.parse({ name: 'thtf.com' }), site), [record])
  assert.equal(registryRecords(Zone.parse({ name: 'host.com' }), site), [])
  assert.equal(registryRecords(Zone.parse({ name: 'tf.com' }), site), [])
  const own = Zone.parse({ name: 'thtf.com', records: [{ name: 'harbor', value: '10.10.50.1' }] })
  assert.equal(registryRecords(own, site), [])
})

test.run()

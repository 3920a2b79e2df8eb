// Hosts: node-01, node-03, node-05
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { arrives, changes, complaints, lab, onLab, put, reset, rolecall, ssh, text } from '../support/lab.ts'

const VARS = 'inventory/group_vars/registry.yml'
const HOST = 'node-05'
const hosts = ['site', '--limit', 'node-01,node-03,node-05'] as const

onLab("the tutorial's own Harbor, of the 1.8 line, arrives as check has said, and images go in and out", async () => {
  await reset(HOST)
  const { gateway } = await lab()
  const url = `http://${gateway}:8081/harbor-releases/release-1.8.0/harbor-offline-installer-v1.8.3.tgz`
  const before = text(VARS)
  const installer = /installer:\n.*?\n(?= {2}\w)/s
  assert.match(before, installer)
  put(
    VARS,
    before
      .replace('version: v2.9.5', 'version: v1.8.3')
      .replace(installer, `installer: { source: '${url}', sha256: { source: '${url}.sha256' } }\n`),
  )
  await arrives(...hosts)
})

onLab(
  'its API is below /api, its logs are told of in the old place, and the template keeps its other keys',
  async () => {
    assert.is(await ssh(HOST, 'readlink /opt/harbor'), '/opt/harbor-v1.8.3')
    assert.match(await ssh(HOST, 'curl -s http://harbor.thtf.com/api/projects'), '"name": "public"')
    const yml = await ssh(HOST, 'cat /opt/harbor/harbor.yml')
    assert.match(yml, /^log:\n(?:.*\n)*? {2}rotate_count: 50$/m)
    assert.match(yml, /^_version: 1\.8\.0$/m)
    assert.not.match(yml, /^ {2}local:/m)
  },
)

onLab('a changed variable of it runs its installer once', async () => {
  put(VARS, text(VARS).replace('rotateCount: 50', 'rotateCount: 7'))
  const apply = await rolecall('apply', 'site', '--role', 'harbor')
  assert.is(apply.code, 0, complaints(apply))
  const done = ['harborInstall:/opt/harbor-v1.8.3', 'harborProject:public', 'yamlFile:/opt/harbor-v1.8.3/harbor.yml']
  assert.equal(
    changes(apply),
    done.map((resource) => `${HOST} ${resource} changed`),
  )
  assert.equal(changes(await rolecall('apply', 'site', '--role', 'harbor')), [])
  await reset(HOST)
})

test.run()

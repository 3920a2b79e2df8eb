import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { configDigest, containerWant } from '../../../lib/resources/docker/container-want.ts'
import { dockerContainer } from '../../../lib/resources/docker/container.ts'
import { dockerLogin } from '../../../lib/resources/docker/login.ts'
import { dockerNetwork } from '../../../lib/resources/docker/network.ts'
import { dockerVolume } from '../../../lib/resources/docker/volume.ts'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { secret } from '../../../lib/secret.ts'
import { debian, probe, reply, scratch, shells, stepsOf, words } from '../../support/converge-locally.ts'

const up = 'engine running\n'
const login = dockerLogin('harbor.example.com', { username: 'robot', password: secret('correct horse') })
const kept = Buffer.from('robot:correct horse').toString('base64')
const digest = createHash('sha256').update(kept).digest('hex')
const table: readonly (readonly [says: string, resource: Resource, have: string, then: readonly string[] | string])[] =
  [
    ['a network as wanted', dockerNetwork('app'), `${up}network bridge false 172.30.0.0/24,172.30.0.1 \n`, []],
    ['no network', dockerNetwork('app'), up, ['create network app']],
    [
      'another subnet',
      dockerNetwork('app', { subnet: '10.9.0.0/24' }),
      `${up}network bridge false 172.30.0.0/24,172.30.0.1 \n`,
      ['recreate network app (its subnet was 172.30.0.0/24)'],
    ],
    [
      'an option of its driver',
      dockerNetwork('app', { driverOptions: { 'com.docker.network.bridge.name': 'br-app' } }),
      `${up}network bridge false 172.30.0.0/24,172.30.0.1 \noption com.docker.network.bridge.name=br-old\n`,
      ['recreate network app (its option com.docker.network.bridge.name was br-old)'],
    ],
    [
      'an option of its driver as wanted, beside others',
      dockerNetwork('app', { driverOptions: { mtu: '1400' } }),
      `${up}network bridge false 172.30.0.0/24,172.30.0.1 \noption x=y\noption mtu=1400\n`,
      [],
    ],
    [
      'a network is to go',
      dockerNetwork('app', { state: 'absent' }),
      `${up}network bridge false , \n`,
      ['remove network app'],
    ],
    [
      'no Docker: refused',
      dockerNetwork('app'),
      'engine none\n',
      'refused: a network needs Docker, and this host has no docker command',
    ],
    ['a volume as wanted', dockerVolume('data'), `${up}volume local\n`, []],
    ['no volume', dockerVolume('data'), up, ['create volume data']],
    [
      'another driver: refused',
      dockerVolume('data'),
      `${up}volume nfs\n`,
      'refused: volume data has the driver nfs, not local',
    ],
    ['a volume is to go', dockerVolume('data', { state: 'absent' }), `${up}volume local\n`, ['remove volume data']],
    ['a login as wanted', login, `${digest}  -\n`, []],
    ['no login', login, '', ['log in at harbor.example.com as robot']],
    [
      'a login is to go',
      dockerLogin('harbor.example.com', { state: 'absent' }),
      `${digest}  -\n`,
      ['log out of harbor.example.com'],
    ],
  ]
for (const [says, resource, have, then] of table) {
  test(says, () => assert.equal(words(resource.evaluate(reply(have), debian, new Prediction())), then))
}

test('with Docker to come there is neither network nor volume', () => {
  const prediction = new Prediction()
  const effect: Effect = { type: 'package', name: 'docker.io', installed: true }
  prediction.record('pkg:docker.io', [effect])
  for (const [resource, then] of [
    [dockerNetwork('app'), 'create network app'],
    [dockerVolume('app'), 'create volume app'],
  ] as const)
    assert.equal(words(resource.evaluate(reply('engine none\n'), debian, prediction)), [then])
})

test('a password is in no command line', () => {
  const [step] = stepsOf(login.evaluate(reply(''), debian, new Prediction()))
  assert.not.match(step?.sh.text ?? '', /correct horse/)
})

test('a container has a healthcheck, and one without has the digest that it had', () => {
  const health = { command: 'curl -f localhost', interval: '30s', retries: 3 }
  const made = dockerContainer('web', {
    image: 'app:v1',
    healthcheck: health,
    memory: '512m',
    capabilities: ['NET_ADMIN'],
  })
  const [step] = stepsOf(made.evaluate(reply(`${up}image sha256:1\n`), debian, new Prediction()))
  assert.match(
    step?.sh.text ?? '',
    /--health-cmd 'curl -f localhost' --health-interval 30s --health-retries 3 --memory 512m --cap-add NET_ADMIN/,
  )
  const plain = configDigest(containerWant('web', { image: 'app:v1' }))
  assert.is.not(plain, configDigest(containerWant('web', { image: 'app:v1', healthcheck: health })))
})

for (const shell of shells()) {
  test(`${shell.name}: what docker login has kept is found`, async () => {
    const dir = scratch()
    writeFileSync(join(dir, 'docker'), '#!/bin/sh\n')
    chmodSync(join(dir, 'docker'), 0o755)
    mkdirSync(join(dir, '.docker'))
    const auths = { 'other.example.com': { auth: 'eA==' }, 'harbor.example.com': { auth: kept } }
    writeFileSync(join(dir, '.docker/config.json'), JSON.stringify({ auths }, undefined, 2))
    const answer = await probe(shell, login, { env: { HOME: dir, PATH: `${dir}:${shell.path}` } })
    assert.equal(words(login.evaluate(answer, debian, new Prediction())), [])
  })
}

test.run()

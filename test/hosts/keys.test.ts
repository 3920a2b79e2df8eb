// Hosts: node-05
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { iniFile } from '../../lib/resources/structured/ini-file.ts'
import { jsonFile } from '../../lib/resources/structured/json-file.ts'
import { yamlFile } from '../../lib/resources/structured/yaml-file.ts'
import { dir } from '../../lib/resources/files/dir.ts'
import { secret } from '../../lib/secret.ts'
import { onHost } from './ground.ts'

const harbor = readFileSync(join(import.meta.dirname, '../resources/samples/harbor.yml'), 'utf8')

onHost(
  'node-05',
  'keys of JSON, YAML and INI files are set as check says, also in a file still to come',
  async (machine) => {
    const room = '/srv/rc-keys'
    const password = secret('correct-horse-battery')
    try {
      await machine.sh(
        `mkdir ${room}; echo '{ "a": 1,  "graph": 2 }' >${room}/app.json; cat >${room}/harbor.yml <<'END'\n${harbor}END`,
      )
      const { check, apply, again } = await machine.settle(
        dir(`${room}/new`),
        jsonFile(`${room}/new/daemon.json`, { set: { bip: '172.7.40.1/24', 'log-opts': { 'max-size': '10m' } } }),
        jsonFile(`${room}/app.json`, { set: { a: 2 }, remove: ['graph'] }),
        yamlFile(`${room}/harbor.yml`, { set: { http: { port: 180 } }, remove: ['https'] }),
        iniFile(`${room}/new/env.conf`, { set: { Service: { Environment: ['A=1', 'B=2'] } } }),
      )
      assert.equal(apply, check)
      assert.ok(
        apply.every((said) => said.startsWith('changed')),
        apply.join('\n'),
      )
      assert.equal(again, ['ok', 'ok', 'ok', 'ok', 'ok'])
      assert.is(await machine.sh(`cat ${room}/app.json`), '{ "a": 2 }')
      const [lines, port] = (
        await machine.sh(`grep -c ^ ${room}/harbor.yml; grep -n 'port: 180' ${room}/harbor.yml`)
      ).split('\n')
      assert.equal([Number(lines), port], [harbor.split('\n').length - 9, '10:  port: 180'])

      const kept = [
        yamlFile(`${room}/harbor.yml`, { set: { hostname: 'harbor.thtf.com', harbor_admin_password: password } }),
        jsonFile(`${room}/new/daemon.json`, { set: { bip: '172.7.40.1/24', 'live-restore': true } }),
      ]
      const second = await machine.settle(...kept)
      assert.equal(second.apply, [
        `changed: edit ${room}/harbor.yml: set hostname, harbor_admin_password`,
        `changed: edit ${room}/new/daemon.json: set live-restore`,
      ])
      assert.equal([second.check, second.again], [second.apply, ['ok', 'ok']])
      await machine.sh(`echo '##########' >>${room}/new/daemon.json`)
      const broken = await machine.make('apply', ...kept.slice(1))
      assert.match(broken.join('\n'), /broken JSON at line 8, column 1: Unexpected character '#'/)
    } finally {
      await machine.sh(`rm -rf ${room}`)
    }
  },
)

test.run()

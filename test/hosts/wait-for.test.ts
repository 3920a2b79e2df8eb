// Hosts: node-04
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { file } from '../../lib/resources/files/file.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { service } from '../../lib/resources/systemd/service.ts'
import { waitFor } from '../../lib/resources/commands/waiting/wait-for.ts'
import { onHost } from './ground.ts'

const conf = (status: number) =>
  file('/etc/nginx/conf.d/rc-wait.conf', {
    content: `server { listen 8180; return ${status}; }\n`,
  })

/** Other tests leave nginx on some hosts. */
const CLEAN = `export DEBIAN_FRONTEND=noninteractive
rm -rf /etc/nginx/conf.d/rc-wait.conf /run/rolecall
apt-get -qq -y purge nginx nginx-common >/dev/null 2>&1; true`

onHost(
  'node-04',
  'a wait after a service is foreseen, whenever that starts, restarts or only runs',
  async (machine) => {
    const statuses = (said: readonly string[]) => said.map((each) => each.split(':')[0])
    const site = (status: number) => {
      const nginx = service('nginx', { running: true, enabled: true, restartedAfter: [conf(status)] })
      const url = 'http://127.0.0.1:8180/'
      return [
        pkg(['nginx', 'curl']),
        conf(status),
        nginx,
        waitFor('the port', { port: 8180, againAfter: [nginx] }),
        waitFor('the answer', { url, status, againAfter: [nginx] }),
      ]
    }
    const same = async (status: number) => {
      const { check, apply, again } = await machine.settle(...site(status))
      assert.equal(statuses(apply), statuses(check))
      assert.equal(again, ['ok', 'ok', 'ok', 'ok', 'ok'])
      return statuses(apply)
    }
    try {
      await machine.sh(CLEAN)
      assert.equal(await same(204), ['changed', 'changed', 'changed', 'changed', 'changed'])
      assert.equal(await same(418), ['ok', 'changed', 'changed', 'changed', 'changed'])
      assert.equal(await same(418), ['ok', 'ok', 'ok', 'ok', 'ok'])
      await machine.sh('systemctl restart nginx')
      assert.equal(await same(418), ['ok', 'ok', 'ok', 'changed', 'changed'])
      await machine.sh('systemctl disable -q nginx')
      assert.equal(await same(418), ['ok', 'ok', 'changed', 'ok', 'ok'])
      await machine.sh('systemctl stop nginx')
      assert.equal(await same(418), ['ok', 'ok', 'changed', 'changed', 'changed'])
      const late = await machine.make('apply', waitFor('nobody', { url: 'http://127.0.0.1:8180/', deadline: 1 }))
      assert.match(late.join('\n'), /gave up after \d s; last seen: HTTP 418/)
    } finally {
      await machine.sh(CLEAN)
    }
  },
)

test.run()

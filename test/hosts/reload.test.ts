// Hosts: node-02
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dir } from '../../lib/resources/files/dir.ts'
import { file } from '../../lib/resources/files/file.ts'
import { link } from '../../lib/resources/files/link.ts'
import { service } from '../../lib/resources/systemd/service.ts'
import { onHost } from './ground.ts'

const room = '/etc/rc-web'
/** It reads its sites when it starts and when it reloads, and ends when it cannot. */
const unit = file('/etc/systemd/system/rc-web.service', {
  content: `[Service]
ExecStart=/bin/sh -c 'trap "cat ${room}/sites/* >/run/rc-web.seen" HUP; cat ${room}/sites/* >/run/rc-web.seen; while :; do sleep 0.2; done'
ExecReload=/bin/sh -c '! grep -q unreadable ${room}/sites/* && kill -HUP $MAINPID'
`,
})
const site = (content: string) => file(`${room}/site`, { content })
const sites = dir(`${room}/sites`)
const enabled = link(`${room}/sites/site`, { to: '../site' })
const web = (...also: readonly Parameters<typeof dir>[0][]) =>
  service('rc-web', {
    running: true,
    restartedAfter: [unit],
    reloadedAfter: [`${room}/site`, enabled, ...also],
    test: `! grep -q broken ${room}/sites/*`,
  })

onHost(
  'node-02',
  'a unit reloads once for each change, and a change that its test refuses is put back',
  async (machine) => {
    const clean = `systemctl stop rc-web 2>/dev/null; rm -rf ${room} /etc/systemd/system/rc-web.service /run/rc-web.seen; systemctl daemon-reload`
    await machine.sh(clean)
    try {
      const first = [unit, dir(room), sites, site('one\n'), enabled, web()]
      const made = await machine.settle(...first)
      assert.is(made.check.at(-1), 'changed: start rc-web')
      assert.equal(made.apply, made.check)
      assert.equal(made.again, ['ok', 'ok', 'ok', 'ok', 'ok', 'ok'])
      const pid = await machine.sh('systemctl show -p MainPID rc-web')

      const second = await machine.settle(site('two\n'), web())
      assert.equal(second.check, [`changed: write ${room}/site`, `changed: reload rc-web (after file:${room}/site)`])
      assert.match(second.apply.join('\n'), /changed: reload rc-web/)
      assert.equal(second.again, ['ok', 'ok'])
      await machine.sh('until grep -q two /run/rc-web.seen; do sleep 0.1; done')

      const other = file(`${room}/sites/other`, { content: 'new\n' })
      const bad = await machine.make('apply', site('broken\n'), other, web(`${room}/sites/other`))
      assert.match(bad.join('\n'), /the test before the reload of rc-web\.service fails \(exit 1\): ! grep -q broken/)
      assert.match(bad.join('\n'), /put back: \/etc\/rc-web\/site$/m)
      assert.is(await machine.sh(`cat ${room}/sites/*; systemctl show -p MainPID rc-web`), `two\n${pid}`)

      // What its test lets pass and its reload does not.
      const worse = await machine.make('apply', site('unreadable\n'), web())
      assert.match(worse.join('\n'), /rc-web\.service did not reload/)
      assert.match(worse.join('\n'), /put back: \/etc\/rc-web\/site/)
      assert.is(await machine.sh(`systemctl is-active rc-web; cat ${room}/site`), 'active\ntwo')
      // Whatever the failed reload left, the next one mends.
      await machine.make('apply', site('three\n'), web())
      assert.equal(await machine.make('check', site('three\n'), web()), ['ok', 'ok'])
      await machine.sh(
        'until grep -q three /run/rc-web.seen; do sleep 0.1; done; [ ! -e /run/rolecall/old/rc-web.service ]',
      )
    } finally {
      await machine.sh(clean)
    }
  },
)

test.run()

// Hosts: node-02
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { secret } from '../../lib/secret.ts'
import { debconf } from '../../lib/resources/packages/debconf.ts'
import { packageFile } from '../../lib/resources/packages/package-file.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { upgrade } from '../../lib/resources/packages/upgrade.ts'
import { onHost } from './ground.ts'

onHost(
  'node-02',
  'a package is held, upgraded, purged, and comes from a file; its questions are answered',
  async (machine) => {
    const clean =
      'apt-mark unhold tree >/dev/null 2>&1; apt-get -y purge tree >/dev/null 2>&1; rm -f /var/tmp/rc-tree.deb'
    await machine.sh(clean)
    try {
      const held = await machine.settle(pkg('tree', { state: 'latest', hold: true }))
      assert.match(held.check.join('\n'), /^changed: (fetch package lists .*: )?install tree \S+: hold tree$/)
      assert.equal([held.apply, held.again], [held.check, ['ok']])
      assert.is(await machine.sh('apt-mark showhold'), 'tree')
      const gone = await machine.settle(
        pkg('tree', { hold: false }),
        pkg('less', { state: 'absent', purge: true, autoremove: true }),
      )
      assert.is(gone.check[0], 'changed: unhold tree')
      assert.equal([gone.apply, gone.again], [gone.check, ['ok', 'ok']])

      await machine.sh(
        'cd /var/tmp && apt-get download tree >/dev/null 2>&1 && mv tree_*.deb rc-tree.deb && apt-get -y purge tree >/dev/null',
      )
      const local = await machine.settle(packageFile('tree', { source: '/var/tmp/rc-tree.deb' }))
      assert.match(local.check.join(), /^changed: install tree \S+ from \/var\/tmp\/rc-tree\.deb$/)
      assert.equal([local.apply, local.again], [local.check, ['ok']])
      assert.match(
        (await machine.make('check', packageFile('less', { source: '/var/tmp/rc-tree.deb' }))).join(),
        /holds the package tree, not less/,
      )

      const answers = [
        debconf('tzdata', 'tzdata/Areas', { type: 'select', value: 'Asia' }),
        debconf('rc-app', 'rc-app/password', { type: 'password', value: secret('correct horse') }),
      ]
      const asked = await machine.settle(...answers)
      assert.is(asked.check[1], 'changed: answer rc-app/password with a value that is not shown')
      assert.equal([asked.apply, asked.again], [asked.check, ['ok', 'ok']])

      const all = upgrade('everything', { autoremove: true })
      const upgraded = await machine.settle(all)
      assert.equal([upgraded.apply, upgraded.again], [upgraded.check, ['ok']])
    } finally {
      await machine.sh(clean)
    }
  },
)

test.run()

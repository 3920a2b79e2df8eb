// Hosts: node-02
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { secret } from '../../lib/secret.ts'
import { debconf } from '../../lib/resources/packages/debconf.ts'
import { packageFile } from '../../lib/resources/packages/file/package-file.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { upgrade } from '../../lib/resources/packages/upgrade.ts'
import { lab } from '../support/lab.ts'
import { onHost } from './ground.ts'

onHost(
  'node-02',
  'a package is held, upgraded, purged, and comes from a file; its questions are answered',
  async (machine) => {
    const clean =
      'apt-mark unhold tree >/dev/null 2>&1; apt-get -y purge tree >/dev/null 2>&1; rm -f /var/tmp/rc-tree.deb'
    await machine.sh(clean)
    const after: (() => void)[] = []
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
        /contains the package tree, not less/,
      )

      const body = Buffer.from(await machine.sh('base64 </var/tmp/rc-tree.deb'), 'base64')
      const sum = createHash('sha256').update(body).digest('hex')
      const server = createServer((_, response) => void response.end(body))
      after.push(() => void server.close())
      const { gateway } = await lab()
      await new Promise<void>((resolve) => server.listen(0, gateway, resolve))
      const url = `http://${gateway}:${(server.address() as AddressInfo).port}/rc-tree.deb`
      await machine.sh('apt-get -y purge tree >/dev/null; rm -rf /var/lib/rolecall/package-files')
      await machine.make('apply', pkg('wget'))
      const fetched = packageFile('tree', { source: url, sha256: sum })
      const first = await machine.settle(fetched)
      assert.equal(
        [first.check, first.apply, first.again],
        [[`changed: fetch and install tree from ${url}`], first.check, ['ok']],
      )
      await machine.sh('apt-get -y purge tree >/dev/null')
      const drifted = await machine.settle(fetched)
      assert.match(drifted.check.join(), /^changed: fetch and install tree \S+ from http/)
      assert.equal([drifted.apply, drifted.again], [drifted.check, ['ok']])
      const wrong = await machine.make('apply', packageFile('tree', { source: url, sha256: 'a'.repeat(64) }))
      assert.match(wrong.join('\n'), /expected sha256 a{64}, got [0-9a-f]{64}/)
      const other = await machine.make('apply', packageFile('less', { source: url, sha256: sum }))
      assert.match(other.join('\n'), /less: the file holds the package tree/)
      assert.is(
        await machine.sh(
          'ls -d /var/tmp/rolecall-package.* 2>/dev/null | wc -l; dpkg -s less >/dev/null 2>&1 || echo none',
        ),
        '0\nnone',
      )
      // Here by other hands, and named: nothing is fetched.
      const version = await machine.sh("dpkg-query -W -f '${Version}' tree; rm -rf /var/lib/rolecall/package-files")
      assert.equal(await machine.make('apply', packageFile('tree', { source: url, sha256: sum, version })), ['ok'])

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
      for (const end of after) end()
      await machine.sh(clean)
    }
  },
)

test.run()

// Hosts: node-04
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { repository } from '../../lib/resources/packages/repository/repository.ts'
import { onHost } from './ground.ts'

/** A flat repository of one package, made on the host: `apt-ftparchive` is in no base system, and one entry is quickly written. */
const MAKE = `set -e
mkdir -p /srv/repo/p/DEBIAN; cd /srv/repo
printf 'Package: rolecall-sample\\nVersion: 1.0\\nArchitecture: all\\nMaintainer: a <a@example.org>\\nDescription: a sample\\n' >p/DEBIAN/control
dpkg-deb --build p sample.deb >/dev/null
{ cat p/DEBIAN/control; echo "Filename: ./sample.deb"; echo "Size: $(stat -c %s sample.deb)"; echo "SHA256: $(sha256sum <sample.deb | cut -d' ' -f1)"; } >Packages
chmod -R a+rX /srv/repo`

const CLEAN = `dpkg -P rolecall-sample >/dev/null 2>&1; rm -rf /srv/repo /etc/apt/sources.list.d/sample.sources; :`

onHost(
  'node-04',
  'a package comes from a repository that stands before it, and check sees that it will',
  async (machine) => {
    const source = repository('sample', { apt: { uris: 'file:/srv/repo', suites: './', trusted: true } })
    const wanted = [source, pkg('rolecall-sample')]
    try {
      await machine.sh(MAKE)
      const { check, apply, again } = await machine.settle(...wanted)
      assert.equal(
        check.map((line) => line.split(':')[0]),
        ['changed', 'changed'],
        check.join('\n'),
      )
      assert.equal(
        apply.map((line) => line.split(':')[0]),
        ['changed', 'changed'],
        apply.join('\n'),
      )
      assert.equal(again, ['ok', 'ok'])
      assert.is(await machine.sh("dpkg-query -W -f '${Version}' rolecall-sample"), '1.0')

      const gone = await machine.settle(repository('sample', { state: 'absent' }))
      assert.equal(gone.apply, ['changed: remove the file /etc/apt/sources.list.d/sample.sources'])
      assert.equal(gone.check, gone.apply)
    } finally {
      await machine.sh(CLEAN)
    }
  },
)

test.run()

// Hosts: node-02
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { absent } from '../../lib/resources/files/absent.ts'
import { file } from '../../lib/resources/files/file.ts'
import { dpkgDivert } from '../../lib/resources/packages/apt/dpkg-divert.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { fileCapabilities } from '../../lib/resources/trees/file-capabilities.ts'
import { onHost } from './ground.ts'

onHost('node-02', 'a program of a package goes aside for one of our own, and comes back', async (machine) => {
  const path = '/usr/bin/tree'
  const clean = `dpkg-divert --quiet --no-rename --remove ${path}; rm -f ${path} ${path}.distrib; apt-get -y purge tree >/dev/null 2>&1; true`
  await machine.sh(clean)
  try {
    await machine.make('apply', pkg('tree'))
    const own = [dpkgDivert(path), file(path, { content: '#!/bin/sh\necho ours\n', mode: '0755' })]
    const { check, apply, again } = await machine.settle(...own)
    assert.equal(check, [`changed: divert ${path} to ${path}.distrib`, `changed: create ${path}`])
    assert.equal([apply, again], [check, ['ok', 'ok']])
    await machine.sh('apt-get -y --reinstall install tree >/dev/null 2>&1')
    assert.is(await machine.sh('tree'), 'ours', 'a new version of the package leaves it alone')
    // Taken away by somebody: a drift.
    await machine.sh(`rm ${path}; dpkg-divert --quiet --rename --remove ${path}`)
    const drift = await machine.settle(...own)
    assert.equal(
      [drift.check[0], drift.apply, drift.again],
      [`changed: divert ${path} to ${path}.distrib`, drift.check, ['ok', 'ok']],
    )
    const back = await machine.settle(absent(path))
    assert.equal(back.apply, back.check)
    const gone = await machine.settle(dpkgDivert(path, { state: 'absent' }))
    assert.equal([gone.check.length, gone.apply, gone.again], [1, gone.check, ['ok']])
    assert.is(await machine.sh(`${path} --version | cut -d' ' -f1; dpkg --verify tree`), 'tree')
  } finally {
    await machine.sh(clean)
  }
})

onHost('node-02', 'a program gets capabilities, loses them to an upgrade, and gets them again', async (machine) => {
  const path = '/usr/local/bin/rc-cat'
  await machine.sh(`rm -f ${path}; cp /bin/cat ${path}`)
  try {
    const wanted = [pkg('libcap2-bin'), fileCapabilities(path, { capabilities: ['cap_dac_read_search'] })]
    const first = await machine.settle(...wanted)
    assert.equal(first.again, ['ok', 'ok'])
    assert.match(first.apply[1] ?? '', /^changed: give .* cap_dac_read_search=ep$/)
    assert.is(await machine.sh(`runuser -u nobody -- ${path} /etc/shadow | head -n 1 | cut -d: -f1`), 'root')
    await machine.sh(`cp /bin/cat ${path}.new && mv ${path}.new ${path}`)
    const second = await machine.settle(...wanted)
    assert.equal([second.apply, second.again], [second.check, ['ok', 'ok']])
    const none = await machine.settle(fileCapabilities(path, { state: 'absent' }))
    assert.equal([none.apply, none.again], [none.check, ['ok']])
    assert.match(none.check[0] ?? '', /^changed: take all capabilities from .* \(was cap_dac_read_search=ep\)$/)
  } finally {
    await machine.sh(`rm -f ${path}`)
  }
})

test.run()

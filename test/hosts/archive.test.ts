// Hosts: node-05
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { archive } from '../../lib/resources/downloads/archive.ts'
import { link } from '../../lib/resources/files/link.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { yamlFile } from '../../lib/resources/structured/yaml-file.ts'
import { lab } from '../support/lab.ts'
import { onHost } from './ground.ts'

onHost('node-05', 'an archive is unpacked once, and what it brings is edited in the same run', async (machine) => {
  const { gateway } = await lab()
  const room = mkdtempSync(join(tmpdir(), 'rolecall-archive-'))
  mkdirSync(join(room, 'harbor'))
  writeFileSync(join(room, 'harbor/harbor.yml'), '# edit me\nhostname: reg.mydomain.com   # the name\n')
  execFileSync('tar', ['-czf', 'harbor.tgz', 'harbor'], { cwd: room })
  const body = readFileSync(join(room, 'harbor.tgz'))
  const sum = createHash('sha256').update(body).digest('hex')
  let asked = 0
  const server = createServer((request, response) => {
    asked++
    response.end(request.url === '/harbor.tgz' ? body : `${sum}  harbor.tgz\n`)
  })
  await new Promise<void>((resolve) => server.listen(0, gateway, resolve))
  const at = `http://${gateway}:${(server.address() as AddressInfo).port}`
  const release = (sha256: string | { readonly source: string }) => [
    archive('/opt/rc-harbor-1', { source: `${at}/harbor.tgz`, sha256, strip: 1 }),
    yamlFile('/opt/rc-harbor-1/harbor.yml', { set: { hostname: 'harbor.thtf.com' } }),
    link('/opt/rc-harbor', { to: '/opt/rc-harbor-1' }),
  ]
  try {
    await machine.make('apply', pkg('wget'))
    const { check, apply, again } = await machine.settle(...release({ source: `${at}/SHA256SUMS` }))
    const statuses = (said: readonly string[]) => said.map((each) => each.split(':')[0])
    assert.equal(statuses(apply), statuses(check))
    assert.equal(statuses(apply), ['changed', 'changed', 'changed'])
    assert.equal(again, ['ok', 'ok', 'ok'])
    assert.is(asked, 2, 'the archive and its checksum are asked for once')
    assert.is(
      await machine.sh('cat /opt/rc-harbor/harbor.yml; ls -A /opt | grep -c "^.rc-harbor" || true'),
      '# edit me\nhostname: harbor.thtf.com   # the name\n0',
    )
    assert.equal(await machine.make('check', ...release(sum)), ['ok', 'ok', 'ok'])
    const other = await machine.make('apply', ...release('0'.repeat(64)))
    assert.match(other.join('\n'), /contains another archive/)
  } finally {
    server.close()
    rmSync(room, { recursive: true })
    await machine.sh('rm -rf /opt/rc-harbor /opt/rc-harbor-1')
  }
})

test.run()

import { existsSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { backUpBeforeTest, restoreFunctions } from '../../../lib/resources/systemd/service/backup-before-test.ts'
import { lines, raw, Sh } from '../../../lib/sh/quote.ts'
import { run, scratch, shells } from '../../support/converge-locally.ts'

function isNobody(): boolean {
  const is = process.getuid?.() !== 0
  if (is) process.stdout.write('skipped: only root keeps old files\n')
  return is
}

for (const shell of shells()) {
  test(`${shell.name}: files, links and directories are put back as they were, and what is new goes`, async () => {
    if (isNobody()) return
    const root = scratch()
    const unit = `rc-old-${process.pid}-${shell.name}.service`
    // Directories of the test stand in one that others may write to, which is looked at: only what root alone changes is kept.
    const at = (name: string) => join(root, name)
    writeFileSync(at('a file'), 'old', { mode: 0o640 })
    symlinkSync('a file', at('link'))
    mkdirSync(at('tree'))
    writeFileSync(at('tree/x'), 'old')
    mkdirSync(at('dir'))
    writeFileSync(at('dir/kept'), 'old')
    const paths = ['a file', 'link', 'new', 'tree', 'new dir', 'new dir/in it'].map((name) => ({
      path: at(name),
      isDirectory: name === 'new dir',
    }))
    const keep = await run(shell, backUpBeforeTest(unit, [...paths, { path: at('dir'), isDirectory: true }]))
    assert.is(keep.code, 0)
    const change =
      raw(`cd '${root}'; echo new >'a file'; chmod 600 'a file'; ln -sfn tree link; echo new >new; rm -r tree; mkdir 'new dir'
echo x >'new dir/in it'; echo new >dir/kept`)
    await run(shell, change)
    // The second time it keeps what it has.
    await run(shell, backUpBeforeTest(unit, paths))
    const back = await run(shell, lines(restoreFunctions(unit), raw('put_back')))
    assert.is(back.code, 0, back.stderr)
    assert.is(readFileSync(at('a file'), 'utf8'), 'old')
    assert.is(statSync(at('a file')).mode & 0o777, 0o640)
    assert.is(readlinkSync(at('link')), 'a file')
    assert.is(readFileSync(at('tree/x'), 'utf8'), 'old')
    assert.equal([existsSync(at('new')), existsSync(at('new dir'))], [false, false])
    assert.is(readFileSync(at('dir/kept'), 'utf8'), 'new\n')
    assert.match(back.stderr, /put back: .*a file/)
    const nothing = await run(shell, lines(restoreFunctions(unit), raw('put_back')))
    assert.is(nothing.code, 1)
  })

  test(`${shell.name}: what another account can change is not kept`, async () => {
    if (isNobody()) return
    const root = scratch()
    const unit = `rc-open-${process.pid}-${shell.name}.service`
    mkdirSync(join(root, 'open'))
    await run(shell, new Sh(`chmod 777 '${root}/open'`))
    await run(shell, backUpBeforeTest(unit, [{ path: join(root, 'open/f'), isDirectory: false }]))
    assert.is((await run(shell, lines(restoreFunctions(unit), raw('put_back')))).code, 1)
  })

  test(`${shell.name}: nothing is kept or put back by way of another account's directory`, async () => {
    if (isNobody()) return
    const root = scratch()
    const unit = `rc-led-${process.pid}-${shell.name}.service`
    for (const dir of ['home/app', 'srv/app', 'victim']) mkdirSync(join(root, dir), { recursive: true })
    for (const name of ['home/app/f', 'srv/app/f', 'victim/f']) writeFileSync(join(root, name), 'old')
    const paths = ['home/app/f', 'srv/app/f'].map((name) => ({ path: join(root, name), isDirectory: false }))
    const give = raw(`cd '${root}'; chown 64711 home; echo theirs >victim/f`)
    await run(shell, give)
    await run(shell, backUpBeforeTest(unit, paths))
    await run(
      shell,
      raw(`cd '${root}'; chown 64711 srv; for d in home srv; do mv $d/app $d/away; ln -s ../victim $d/app; done`),
    )
    const back = await run(shell, lines(restoreFunctions(unit), raw('put_back')))
    assert.is(back.code, 1)
    assert.match(back.stderr, /^cannot put back .*srv\/app\/f: another account can change its directory by now\n$/)
    assert.is(readFileSync(join(root, 'victim/f'), 'utf8'), 'theirs\n')
  })
}

test.run()

import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { deleteBackup, backUpPaths } from '../../../lib/resources/rollback/backup.ts'
import { restoredFiles } from '../../../lib/resources/rollback/restored-files.ts'
import { raw } from '../../../lib/sh/quote.ts'
import { ask, converge, run, scratch, shells, stepsOf, words } from '../../support/converge-locally.ts'

/** Where somebody else than root keeps states. */
const env = { HOME: scratch() }

for (const shell of shells()) {
  test(`${shell.name}: files, links and directories are put back as they were, and what is new goes`, async () => {
    const root = scratch()
    const key = `test-${process.pid}-${shell.name}`
    const at = (name: string) => join(root, name)
    writeFileSync(at('a file'), 'old', { mode: 0o640 })
    writeFileSync(at('same'), 'same')
    symlinkSync('a file', at('link'))
    mkdirSync(at('tree/deep'), { recursive: true })
    writeFileSync(at('tree/deep/x'), 'old')
    mkdirSync(at('dir'))
    const names = [
      'a file',
      'same',
      'link',
      'tree',
      'dir',
      'new dir',
      'new dir/in it',
      'used',
      'used/in it',
      'new tree',
    ]
    const paths = names.map((name) => ({ path: at(name), isDirectory: ['dir', 'new dir', 'used'].includes(name) }))
    const keep = await run(shell, backUpPaths(key, paths), undefined, env)
    assert.is(keep.code, 0, keep.stderr)
    const change = () => {
      writeFileSync(at('a file'), 'new')
      rmSync(at('link'))
      symlinkSync('tree', at('link'))
      rmSync(at('tree'), { recursive: true })
      for (const name of ['new dir', 'used', 'new tree']) mkdirSync(at(name))
      for (const name of ['new dir/in it', 'used/in it', 'used/not ours', 'new tree/x', 'dir/stays'])
        writeFileSync(at(name), 'new')
    }
    change()
    // The second time it keeps what it has.
    assert.is((await run(shell, backUpPaths(key, paths), undefined, env)).code, 0)
    const back = await converge(shell, restoredFiles('batch', { key }), { env })
    assert.equal(stepsOf(back.again), [])
    assert.not.match(back.did.join('\n'), `${at('same')}$`)
    assert.equal([readFileSync(at('a file'), 'utf8'), statSync(at('a file')).mode & 0o777], ['old', 0o640])
    assert.is(readlinkSync(at('link')), 'a file')
    assert.is(readFileSync(at('tree/deep/x'), 'utf8'), 'old')
    assert.equal(
      ['new dir', 'new tree', 'used/in it', 'used/not ours', 'dir/stays'].map((name) => existsSync(at(name))),
      [...[false, false, false], ...[true, true]],
    )
  })

  test(`${shell.name}: what is forgotten is not put back`, async () => {
    const root = scratch()
    const key = `test-${process.pid}-${shell.name}-gone`
    await run(shell, backUpPaths(key, [{ path: join(root, 'new'), isDirectory: false }]), undefined, env)
    writeFileSync(join(root, 'new'), '')
    await run(shell, deleteBackup(key), undefined, env)
    await converge(shell, restoredFiles('batch', { key }), { env })
    assert.ok(existsSync(join(root, 'new')))
  })

  test(`${shell.name}: what another account can lead elsewhere is not kept, and nothing is put back through a link`, async () => {
    if (process.getuid?.() !== 0) return void process.stdout.write('skipped: only root gives directories away\n')
    const root = scratch()
    const key = `test-${process.pid}-${shell.name}-led`
    for (const dir of ['home/app', 'srv/app', 'victim']) mkdirSync(join(root, dir), { recursive: true })
    for (const name of ['home/app/x', 'srv/app/x', 'victim/x']) writeFileSync(join(root, name), 'old')
    chownSync(join(root, 'home'), 64711, 64711)
    const paths = ['home/app/x', 'srv/app/x', 'srv/app/new'].map((name) => ({
      path: join(root, name),
      isDirectory: false,
    }))
    assert.is((await run(shell, backUpPaths(key, paths), undefined, env)).code, 0)
    assert.match(words(await ask(shell, restoredFiles('batch', { key }), { env })).toString(), 'or one on the way')
    // By now the directory of root's stands in one of another account.
    chownSync(join(root, 'srv'), 64711, 64711)
    for (const name of ['home', 'srv']) {
      renameSync(join(root, name, 'app'), join(root, name, 'away'))
      symlinkSync('../victim', join(root, name, 'app'))
    }
    writeFileSync(join(root, 'victim/x'), 'theirs')
    writeFileSync(join(root, 'victim/new'), 'theirs')
    const back = await converge(shell, restoredFiles('batch', { key }), { env })
    assert.match(back.did.join('\n'), /leave .*srv\/app\/x: another account can change its directory by now/)
    assert.equal(
      ['x', 'new'].map((name) => readFileSync(join(root, 'victim', name), 'utf8')),
      ['theirs', 'theirs'],
    )
  })

  test(`${shell.name}: what is led elsewhere between the question and the step stays as it is`, async () => {
    if (process.getuid?.() !== 0) return void process.stdout.write('skipped: only root gives directories away\n')
    const root = scratch()
    const key = `test-${process.pid}-${shell.name}-race`
    for (const dir of ['srv/app', 'victim']) mkdirSync(join(root, dir), { recursive: true })
    for (const name of ['srv/app/x', 'victim/x']) writeFileSync(join(root, name), 'old')
    await run(shell, backUpPaths(key, [{ path: join(root, 'srv/app/x'), isDirectory: false }]))
    for (const name of ['srv/app/x', 'victim/x']) writeFileSync(join(root, name), 'new')
    const [step] = stepsOf(await ask(shell, restoredFiles('batch', { key }), { env }))
    chownSync(join(root, 'srv'), 64711, 64711)
    renameSync(join(root, 'srv/app'), join(root, 'srv/away'))
    symlinkSync('../victim', join(root, 'srv/app'))
    const { code, stderr } = await run(shell, step?.sh ?? raw(':'))
    assert.is(code, 1)
    assert.match(stderr, /another account can change the directory of .* by now/)
    assert.is(readFileSync(join(root, 'victim/x'), 'utf8'), 'new')
    await run(shell, deleteBackup(key), undefined, env)
  })
}

test.run()

import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { forgetKept, keepPaths } from '../../../lib/resources/rollback/keep.ts'
import { keptFiles } from '../../../lib/resources/rollback/kept-files.ts'
import { converge, run, scratch, shells, stepsOf } from '../../support/converge-locally.ts'

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
    const keep = await run(shell, keepPaths(key, paths))
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
    assert.is((await run(shell, keepPaths(key, paths))).code, 0)
    const back = await converge(shell, keptFiles('batch', { key }))
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
    await run(shell, keepPaths(key, [{ path: join(root, 'new'), isDirectory: false }]))
    writeFileSync(join(root, 'new'), '')
    await run(shell, forgetKept(key))
    await converge(shell, keptFiles('batch', { key }))
    assert.ok(existsSync(join(root, 'new')))
  })
}

test.run()

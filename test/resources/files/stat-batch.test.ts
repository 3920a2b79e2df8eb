import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { absent } from '../../../lib/resources/files/absent.ts'
import { dir } from '../../../lib/resources/files/dir.ts'
import { file } from '../../../lib/resources/files/file.ts'
import { statBatch } from '../../../lib/resources/files/path/stat-batch.ts'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { link } from '../../../lib/resources/files/link.ts'
import { raw } from '../../../lib/sh/quote.ts'
import { debian, run, scratch, shells } from '../../support/converge-locally.ts'

const me = process.getuid?.() ?? 0

/** One of everything that can be at a path. */
function zoo(): readonly Resource[] {
  const root = scratch()
  const at = (name: string) => join(root, name)
  writeFileSync(at('same'), 'same')
  writeFileSync(at('longer'), 'longer than wanted')
  writeFileSync(at('other'), 'SAME')
  writeFileSync(at('with space'), 'same')
  writeFileSync(at("with'quote"), 'same')
  writeFileSync(at('closed'), 'same')
  chmodSync(at('closed'), 0)
  mkdirSync(at('dir'))
  symlinkSync('same', at('link'))
  symlinkSync('nowhere', at('dangling'))
  const names = ['missing', 'same', 'longer', 'with space', "with'quote", 'closed', 'dir', 'link', 'dangling', 'other']
  return [
    ...names.map((name) => file(at(name), { content: 'same' })),
    file(at('same/below'), { content: 'same' }),
    file(at('none/below'), { content: 'same' }),
    dir(at('dir')),
    dir(at('same')),
    link(at('link'), { to: 'same' }),
    absent(at('dangling')),
    file(at('last'), { content: 'x', owner: 'root', group: 'nogroup' }),
  ]
}

for (const shell of shells()) {
  test(`a probe says the same with a batch of stat as without one (${shell.name})`, async () => {
    const resources = zoo()
    const shared =
      statBatch(
        resources.flatMap(({ statPaths }) => statPaths),
        me,
      )?.text ?? ''
    assert.match(shared, 'sha256sum')
    for (const resource of resources) {
      const probe = resource.probe(debian).text
      const said = async (before: string) => (await run(shell, raw(`${before}\n(${probe}\n)`))).stdout.toString()
      assert.is(await said(shared), await said(''), resource.id)
    }
  })

  for (const digest of ['b2sum', 'sha256sum'] as const)
    test(`a large content is not looked at together, and compared by ${digest} alone (${shell.name})`, async () => {
      const path = join(scratch(), 'large')
      const content = Buffer.alloc(1_500_000, 'x')
      const one = file(path, { content })
      assert.equal(one.statPaths, [{ path, size: undefined }])
      // Where the other program would be asked, nobody answers.
      const other = digest === 'b2sum' ? 'sha256sum' : 'b2sum'
      const said = async () =>
        (await run(shell, raw(`${other}() { :; }\n${one.probe({ ...debian, digest }).text}`))).stdout.toString()
      writeFileSync(path, content)
      assert.match(await said(), /^same$/m)
      content[700_000] = 0
      writeFileSync(path, content)
      assert.match(await said(), /^other$/m)
    })

  test(`with a batch of stat a file as wanted starts no process (${shell.name})`, async () => {
    const root = scratch()
    const files = ['a', 'b', 'c'].map((name) => file(join(root, name), { content: name }))
    for (const name of ['a', 'b', 'c']) writeFileSync(join(root, name), name)
    const shared =
      statBatch(
        files.flatMap(({ statPaths }) => statPaths),
        me,
      )?.text ?? ''
    // Without a PATH nothing but the shell itself can answer.
    const script = [shared, 'PATH=/nowhere', ...files.map((each) => `(${each.probe(debian).text}\n)`)].join('\n')
    const lines = (await run(shell, raw(script))).stdout.toString().trim().split('\n')
    assert.is(lines.filter((line) => line === 'same').length, 3, lines.join('\n'))
  })

  test(`a file that is not there starts no process, wherever the way to it ends (${shell.name})`, async () => {
    const root = scratch()
    mkdirSync(join(root, 'there'))
    const said = async (path: string) => {
      const script = `stat() { :; }\n(${file(join(root, path), { content: 'x' }).probe(debian).text}\n)`
      return (await run(shell, raw(script))).stdout.toString().split('\n')[0]
    }
    const to = (parent: string) => join(root, parent).length
    assert.is(await said('there/file'), `none 0 ${to('there')} dir`)
    assert.is(await said('there/none/file'), `none 0 ${to('there')} absent`)
    assert.is(await said('none/further/file'), `none 0 ${root.length} absent`)
  })
}

test('a path that is asked about twice is looked at once, and no path at all is no question', () => {
  const text = statBatch([{ path: '/etc/motd' }, { path: '/etc/motd' }])?.text ?? ''
  assert.is(text.match(/%n' -- \/ \/etc \/etc\/motd /g)?.length, 1)
  assert.is(statBatch([]), undefined)
})

test.run()

import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ensure } from '../../lib/converge/ensure.ts'
import { absent } from '../../lib/resources/files/absent.ts'
import { dir } from '../../lib/resources/files/dir.ts'
import { file } from '../../lib/resources/files/file.ts'
import type { Resource } from '../../lib/resources/kit/kind.ts'
import { line } from '../../lib/resources/files/line.ts'
import { forget, ground, onThisMachine, refusal, room, statuses } from '../support/ensure-here.ts'

onThisMachine(test)

/** Check says what apply does, and a second apply finds nothing to do. */
async function settles(...resources: readonly Resource[]): Promise<readonly string[]> {
  const said = async (mode: 'check' | 'apply') => {
    forget()
    await ensure(ground(mode), resources)
    return statuses()
  }
  const check = await said('check')
  const apply = await said('apply')
  assert.equal(apply, check)
  assert.equal(new Set(await said('apply')), new Set(['ok']))
  return check
}

test('One file under two names is one file', async () => {
  mkdirSync(join(room, 'r1'))
  symlinkSync('r1', join(room, 'cur'))
  writeFileSync(join(room, 'r1/conf'), 'c\n')
  await settles(line(join(room, 'cur/conf'), { line: 'L' }), line(join(room, 'r1/conf'), { line: 'M' }))
  assert.is(readFileSync(join(room, 'r1/conf'), 'utf8'), 'c\nL\nM\n')
})

test('One file under two names with different wanted content is refused before anything is done', async () => {
  mkdirSync(join(room, 'r1'))
  symlinkSync('r1', join(room, 'cur'))
  const pairs = [
    [file(join(room, 'cur/conf'), { content: 'a\n' }), file(join(room, 'r1/conf'), { content: 'b\n' })],
    [file(join(room, 'cur/conf'), { content: 'a\n' }), line(join(room, 'r1/conf'), { line: 'b' })],
    [dir(join(room, 'cur/d'), { mode: '0700' }), dir(join(room, 'r1/d'))],
    [file(join(room, 'cur/d/conf'), { content: 'a\n' }), absent(join(room, 'r1/d'))],
  ]
  for (const resources of pairs)
    for (const mode of ['check', 'apply'] as const) {
      forget()
      const made = [file(join(room, 'other'), { content: 'x' }), ...resources]
      const { problems } = await refusal(() => ensure(ground(mode), made))
      assert.match(problems[0]?.message ?? '', /r1\/.*(asked for twice|is to be in|is in what)|cur\/.*is in what/)
      assert.equal([problems[0]?.host, statuses().includes('changed')], ['here', false])
    }
  assert.not(existsSync(join(room, 'other')))
})

test('A directory made through a link also exists under its real path, however deep', async () => {
  mkdirSync(join(room, 'run'))
  symlinkSync(join(room, 'run'), join(room, 'var-run'))
  const check = await settles(
    dir(join(room, 'var-run/a/b'), { mode: '0750' }),
    file(join(room, 'run/a/b/x'), { content: 'a\n' }),
    line(join(room, 'var-run/a/b/y'), { line: 'a', create: true }),
    line(join(room, 'run/a/b/y'), { line: 'b' }),
  )
  assert.equal(check, ['changed', 'changed', 'changed', 'changed'])
  assert.is(readFileSync(join(room, 'run/a/b/y'), 'utf8'), 'a\nb\n')
})

test('A link that leads to a directory is that directory', async () => {
  mkdirSync(join(room, 'real'))
  symlinkSync('real', join(room, 'link'))
  await settles(dir(join(room, 'link'), { mode: '0750' }), dir(join(room, 'real'), { mode: '0750' }))
})

test('Links through links, and a replaced link', async () => {
  mkdirSync(join(room, 'one'))
  symlinkSync('one', join(room, 'two'))
  symlinkSync('two', join(room, 'three'))
  await settles(
    line(join(room, 'three/x'), { line: 'a', create: true }),
    line(join(room, 'two/y'), { line: 'a', create: true }),
    line(join(room, 'one/x'), { line: 'b' }),
    line(join(room, 'three/y'), { line: 'b' }),
  )
  forget()
  const check = ground('check')
  await ensure(check, [absent(join(room, 'two'))])
  await ensure(check, [dir(join(room, 'two')), file(join(room, 'two/x'), { content: 'b' })])
  assert.equal(statuses(), ['changed', 'changed', 'changed'])
})

test('A link to a directory that comes before is no obstacle, also where others may write', async () => {
  for (const shared of [false, true]) {
    const at = (name: string) => join(room, String(shared), name)
    mkdirSync(at('shared'), { recursive: true })
    // Functions that walk there are in the script then, and are asked instead.
    if (shared) chmodSync(at('shared'), 0o1777)
    symlinkSync('new', at('link'))
    const resources = [
      dir(at('new')),
      file(at('shared/f'), { content: '' }),
      dir(at('link')),
      file(at('link/f'), { content: '' }),
    ]
    forget()
    await ensure(ground('check'), resources)
    assert.equal(statuses(), ['changed', 'changed', 'unknown', 'unknown'])
    forget()
    await ensure(ground('apply'), resources)
    assert.equal(statuses(), ['changed', 'changed', 'ok', 'changed'])
  }
})

test.run()

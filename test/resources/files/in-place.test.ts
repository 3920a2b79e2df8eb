import { execFileSync } from 'node:child_process'
import { chmodSync, linkSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { file } from '../../../lib/resources/files/file.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { line } from '../../../lib/resources/files/line.ts'
import { raw, sh } from '../../../lib/sh/quote.ts'
import { ask, converge, debian, reply, run, scratch, shells, stepsOf, words } from '../../support/converge-locally.ts'

const inPlace = true
const there = (content: string) => `have 0 81a4 ${content.length} 0 0 root:root\ncontent\n${content}`

test('What is written in place is told as that; what is not there yet is made as ever', () => {
  const plan = (answer: string, want: Resource = file('/etc/hosts', { content: 'a\n', inPlace })) =>
    words(want.evaluate(reply(answer), debian, new Prediction()))
  assert.equal(plan(there('b\n')), ['write /etc/hosts (in place)'])
  assert.equal(plan(there('b\n'), line('/etc/hosts', { line: 'a', inPlace })), ['edit /etc/hosts: a (in place)'])
  assert.equal(plan('none 0 4 dir\n'), ['create /etc/hosts'])
  assert.equal(plan('have 0 a1ff 9 0 0 root:root\n'), ['replace the symbolic link /etc/hosts with a file'])
  assert.equal(plan(there('a\n')), [])
})

for (const shell of shells()) {
  const it = (says: string, what: () => Promise<void>) => test(`${shell.name}: ${says}`, what)
  /** A file that was made with two names. */
  function made(content: string) {
    const room = scratch()
    const path = join(room, `it's`)
    writeFileSync(path, content)
    chmodSync(path, 0o644)
    linkSync(path, join(room, 'other'))
    return { room, path, inode: statSync(path).ino }
  }

  it('the file stays itself, and nothing is left beside it', async () => {
    const { room, path, inode } = made('old\n')
    for (const content of ['new\n', 'x'.repeat(200_000), '']) {
      const { did, failed, again } = await converge(shell, file(path, { content, mode: '0640', inPlace }))
      assert.equal([did, failed?.stderr, words(again)], [[`write ${path} (in place)`], undefined, []])
      assert.equal(
        [readFileSync(path, 'utf8'), statSync(path).ino, statSync(path).mode & 0o777],
        [content, inode, 0o640],
      )
    }
    assert.is(readFileSync(join(room, 'other'), 'utf8'), '')
    assert.equal(readdirSync(room).toSorted(), [`it's`, 'other'])
  })

  it('the old content is kept as a copy', async () => {
    const { room, path } = made('old\n')
    await converge(shell, file(path, { content: 'new\n', backup: true, inPlace }))
    const [kept = ''] = readdirSync(room).filter((name) => name.endsWith('~'))
    assert.is(readFileSync(join(room, kept), 'utf8'), 'old\n')
  })

  it('no copy of the old content is left where nothing could be written', async () => {
    const { room, path } = made('old\n')
    const want = file(path, { content: 'new\n', backup: true, inPlace })
    for (const step of stepsOf(await ask(shell, want)))
      assert.is((await run(shell, raw(`chmod() { return 1; }\n${step.sh.text}`), step.stdin)).code, 1)
    assert.equal(
      readdirSync(room).filter((name) => name.endsWith('~')),
      [],
    )
    assert.is(readFileSync(path, 'utf8'), 'old\n')
  })

  it('a candidate that its validator refuses is never written', async () => {
    const { path } = made('old\n')
    const validate = sh`grep -q good "$candidate"`
    const { failed } = await converge(shell, file(path, { content: 'bad\n', validate, inPlace }))
    assert.equal([failed?.code, readFileSync(path, 'utf8')], [65, 'old\n'])
    const good = await converge(shell, file(path, { content: 'good\n', validate, inPlace }))
    assert.equal([good.failed, readFileSync(path, 'utf8')], [undefined, 'good\n'])
  })

  it('what somebody else made of the file meanwhile is left alone', async () => {
    const { path } = made('old\n')
    const changed = stepsOf(await ask(shell, line(path, { line: 'new', inPlace })))
    writeFileSync(path, 'theirs\n')
    for (const step of changed) assert.match((await run(shell, step.sh, step.stdin)).stderr, 'changed by somebody else')
    assert.is(readFileSync(path, 'utf8'), 'theirs\n')
    const gone = stepsOf(await ask(shell, file(path, { content: 'new\n', inPlace })))
    execFileSync('rm', [path])
    symlinkSync('other', path)
    for (const step of gone) assert.match((await run(shell, step.sh, step.stdin)).stderr, 'not a regular file any more')
  })
}

test.run()

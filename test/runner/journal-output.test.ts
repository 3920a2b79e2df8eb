import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { withoutMisleading } from '../../lib/machine/misleading.ts'
import { StepOutput } from '../../lib/runner/journal/step-output.ts'
import { ciUrlIn, sourceStateIn, sourceStateOf } from '../../lib/runner/journal/source-state.ts'
import { output, resource, step } from '../report/events.ts'

const piece = (host: string, text: string, stream: 'stdout' | 'stderr' = 'stdout') => {
  const event = output(host, text, stream)
  if (event.type !== 'output') throw new Error('no output')
  return event
}

test('the output of a step is kept until its end, and pieces of one stream are joined', () => {
  const kept = new StepOutput()
  for (const text of ['a', 'b\n', 'c\n']) kept.add(piece('x', text))
  kept.add(piece('x', 'oh\n', 'stderr'))
  kept.add(piece('y', 'other\n'))
  assert.equal(
    kept.over(resource('x', 'pkg:bind9', 'changed')).map(({ stream, text }) => [stream, text]),
    [
      ['stdout', 'ab\nc\n'],
      ['stderr', 'oh\n'],
    ],
  )
  assert.equal(kept.over(step('x', 'next')), [])
  assert.is(kept.rest().length, 1)
})

test('of long output the last 64 KiB are kept, with the number of missing bytes', () => {
  const kept = new StepOutput()
  for (let at = 0; at < 300; at++)
    kept.add(piece('x', `${String(at).padStart(999, '.')}\n`, at % 3 === 0 ? 'stderr' : 'stdout'))
  const all = kept.rest()
  const text = all.map((each) => each.text).join('')
  assert.ok(text.length < 66_000 && text.length > 65_000, String(text.length))
  assert.match(all[0]?.text ?? '', /^\.\.\. 234464 letters before\n/)
  assert.match(text, /299\n$/)
})

test('git’s answer is read, and anything but a commit is ignored', () => {
  const status = `# branch.oid ${'a'.repeat(40)}\n# branch.head main\n1 .M N... 100644 file\n`
  assert.equal(sourceStateIn(status), { commit: 'a'.repeat(40), branch: 'main', dirty: true })
  assert.equal(sourceStateIn('# branch.oid (initial)\n# branch.head (detached)\n'), { dirty: false })
})

test('the commit is that of the project, also in a hook of git, which has another repository in its environment', async () => {
  const [project, other] = ['project', 'other'].map((name) => {
    const directory = mkdtempSync(join(tmpdir(), `rolecall-${name}-`))
    execFileSync('git', ['init', '-q', '-b', name, directory], { env: withoutMisleading(process.env) })
    return directory
  })
  process.env['GIT_DIR'] = `${other ?? ''}/.git`
  try {
    assert.equal(await sourceStateOf(project ?? ''), { branch: 'project', dirty: false })
  } finally {
    delete process.env['GIT_DIR']
    for (const directory of [project, other]) rmSync(directory ?? '', { recursive: true })
  }
})

const urls: readonly [env: Record<string, string>, url: string | undefined][] = [
  [{ CI_JOB_URL: 'https://gitlab.com/a/-/jobs/1' }, 'https://gitlab.com/a/-/jobs/1'],
  [{ BUILD_URL: 'http://jenkins/job/1/' }, 'http://jenkins/job/1/'],
  [{ BUILD_URL: 'javascript:alert(1)' }, undefined],
  [{}, undefined],
]
for (const [env, url] of urls) test(`the job of ${JSON.stringify(env)}`, () => assert.is(ciUrlIn(env), url))

test.run()

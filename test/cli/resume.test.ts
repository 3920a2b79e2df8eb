import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { localProject, rolecall, write } from '../support/project.ts'

const test = suite('resume and runs')

/** One role that is always fine, and one that dies, fails or is interrupted as the environment says. */
function fragileProject(): string {
  const project = localProject()
  write(project, {
    'roles/fragile.ts': `import { file, role, z } from 'rolecall'
export default role({
  name: 'fragile',
  vars: z.object({ password: z.string().default('') }),
  async apply({ ensure }) {
    const { AILS } = process.env
    if (AILS === 'crash') process.kill(process.pid, 'SIGKILL')
    if (AILS === 'interrupt') process.kill(process.pid, 'SIGINT')
    if (AILS !== undefined) await new Promise((resolve) => setTimeout(resolve, 50))
    if (AILS === 'error') throw new Error('not today')
    await ensure(file(${JSON.stringify(join(project, 'fragile'))}, { content: 'x' }))
  },
})
`,
    'playbooks/site.ts': `import { playbook } from 'rolecall'
import fragile from '../roles/fragile.ts'
import motd from '../roles/motd.ts'

export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [motd, fragile] }] })
`,
  })
  return project
}

const ailments: readonly [ails: string, code: number, end: RegExp][] = [
  ['error', 2, /failed in .*: 1 changed, 1 failed/],
  ['interrupt', 130, /interrupted after .*: 1 changed/],
  ['crash', -1, /crashed/],
]
for (const [ails, code, end] of ailments) {
  test(`after ${ails}: runs says what is left and how to go on, resume does it`, async () => {
    const project = fragileProject()
    const broken = await rolecall(project, ['apply', 'site', '-e', 'motd.text=from-before'], { AILS: ails })
    assert.is(broken.code, code, broken.out + broken.err)
    const { out: runs } = await rolecall(project, ['runs'])
    assert.match(runs, end)
    const [, left, run] = /(1 of 2 units) left {2}rolecall resume (\S+)$/m.exec(runs) ?? []
    assert.ok(left, runs)

    const resumed = await rolecall(project, ['resume'])
    assert.is(resumed.code, 0, resumed.err)
    assert.match(resumed.out, `Resuming run ${run ?? '?'} (`)
    assert.match(resumed.out, '1 unit left of 2')
    assert.match(resumed.out, 'fragile: create')
    assert.not.match(resumed.out, 'motd')
    const after = (await rolecall(project, ['runs'])).out
    assert.match(after, /done in .*: 1 changed\n/)
    assert.not.match(after, 'rolecall resume', 'what was resumed well asks for nothing')

    const nothing = await rolecall(project, ['resume'])
    assert.is(nothing.code, 1)
    assert.match(nothing.err, 'there is nothing to resume')
    const again = await rolecall(project, ['resume', run ?? ''])
    assert.is(again.code, 0, 'a run that is named is taken')
  })
}

test('a changed playbook is reported, and the new one is used', async () => {
  const project = fragileProject()
  await rolecall(project, ['apply', 'site'], { AILS: 'error' })
  write(project, {
    'roles/fragile.ts': `import { role, z } from 'rolecall'
export default role({ name: 'fragile', vars: z.object({ password: z.string().default('') }), apply: async ({ note }) => note('mended') })
`,
  })
  const { code, out } = await rolecall(project, ['resume'])
  assert.is(code, 0)
  assert.match(out, "The playbook has changed since that run. Today's is used.")
  assert.match(out, 'mended')
})

test('a secret of -e is asked for again, by its name', async () => {
  const project = fragileProject()
  await rolecall(project, ['apply', 'site', '-e', 'fragile.password=hunter22'], { AILS: 'error' })
  assert.match((await rolecall(project, ['runs'])).out, / -e fragile\.password=\.\.\.$/m)
  const refused = await rolecall(project, ['resume'])
  assert.is(refused.code, 1)
  assert.match(refused.err, /hint +give the secret again: rolecall resume \S+ -e fragile\.password=VALUE/)
  assert.is((await rolecall(project, ['resume', '-e', 'fragile.password=hunter22'])).code, 0)
})

test('a run that is not there, and a project without any', async () => {
  const project = localProject()
  const none = await rolecall(project, ['resume'])
  assert.is(none.code, 1)
  assert.match(none.err, 'no run has anything left to do')
  await rolecall(project, ['check', 'site'])
  const { out } = await rolecall(project, ['runs', '--json'])
  const [{ run } = { run: '' }] = JSON.parse(out) as { run: string }[]
  const near = await rolecall(project, ['resume', run.slice(0, -1)])
  assert.match(near.err, `did you mean ${run}?`)
  assert.match((await rolecall(project, ['resume', run])).err, 'nothing is left of run')
})

test.run()

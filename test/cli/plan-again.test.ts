import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { projectOf, rolecall } from '../support/project.ts'

const test = suite('a plan whose apply did not come to its end')
const project = projectOf({
  'inventory/hosts.yml':
    'all:\n  hosts:\n    one: { ansible_connection: local }\n    two: { ansible_connection: local }\n',
  'playbooks/site.ts': `import { dir, exec, file, playbook, role } from 'rolecall'
const app = role({
  name: 'app',
  async apply({ ensure, host }) {
    const at = process.cwd() + '/state/' + host.name
    await ensure(dir(at), file(at + '/before', { content: 'before' }))
    await ensure(exec('register', { run: '! [ -e ' + process.cwd() + '/broken-' + host.name + ' ] && touch ' + at + '/registered', unless: 'test -e ' + at + '/registered' }))
    await ensure(file(at + '/after', { content: 'after' }))
    await ensure(file(process.cwd() + '/settings-' + host.name, { content: 'approved' }))
  },
})
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [app] }] })
`,
})
const at = (name: string) => join(project, name)
const apply = () => rolecall(project, ['apply', 'site.plan', '--no-types'])

test.before.each(async () => {
  for (const name of ['state', 'broken-two', '.rolecall/plans']) rmSync(at(name), { recursive: true, force: true })
  writeFileSync(at('broken-two'), '')
  for (const name of ['one', 'two']) writeFileSync(at(`settings-${name}`), 'old')
  const { code, out, err } = await rolecall(project, ['check', 'site', '--no-types', '--out', 'site.plan'])
  assert.is(code, 0, out + err)
})

test('a failed apply names the command that does the rest, and it does the rest', async () => {
  const failed = await apply()
  assert.is(failed.code, 2, failed.err)
  assert.match(failed.out, /^ {2}rolecall apply site\.plan {2}goes on: 1 unit left of 2$/m)
  assert.equal([existsSync(at('state/one/after')), existsSync(at('state/two/after'))], [true, false])

  rmSync(at('broken-two'))
  const { code, out, err } = await apply()
  assert.is(code, 0, out + err)
  assert.match(err, /^Run \S+ began this plan and failed: what it left undone is done now\.$/m)
  assert.is(readFileSync(at('state/two/after'), 'utf8'), 'after')

  const third = await apply()
  assert.is(third.code, 5)
  assert.match(third.err, /site\.plan {2}the plan was applied already, by run \S+ at [\d:]+, and a plan applies once/)
})

test('what somebody has changed between the two is not overwritten', async () => {
  await apply()
  rmSync(at('broken-two'))
  rmSync(at('state/two/before'))
  writeFileSync(at('state/two/before'), 'somebody else')
  const { code, out, err } = await apply()
  assert.is(code, 5, out + err)
  assert.match(out + err, /two {2}app {2}file:.*\/two\/before/)
  assert.is(readFileSync(at('state/two/before'), 'utf8'), 'somebody else')
  assert.not(existsSync(at('state/two/after')))
})

test('what comes after the failure is not overwritten either when somebody has changed it', async () => {
  await apply()
  rmSync(at('broken-two'))
  writeFileSync(at('settings-two'), 'somebody else')
  const { code, out, err } = await apply()
  assert.is(code, 5, out + err)
  assert.match(out + err, /two {2}app {2}file:.*settings-two/)
  assert.is(readFileSync(at('settings-two'), 'utf8'), 'somebody else')
})

test('a run that a hook keeps from beginning leaves the plan as it was', async () => {
  rmSync(at('broken-two'))
  const playbook = readFileSync(at('playbooks/site.ts'), 'utf8')
  writeFileSync(
    at('playbooks/site.ts'),
    playbook.replace(
      "name: 'site',",
      "name: 'site', hooks: { beforeRun: ({ mode }) => { if (mode === 'apply' && process.env['STOP_RUN'] === 'yes') throw new Error('not today') } },",
    ),
  )
  await rolecall(project, ['check', 'site', '--no-types', '--out', 'site.plan'])
  const stopped = await rolecall(project, ['apply', 'site.plan', '--no-types'], { STOP_RUN: 'yes' })
  assert.match(stopped.out + stopped.err, /not today/)
  assert.equal(readdirSync(at('.rolecall/plans')), [])
  const { code, out, err } = await apply()
  assert.is(code, 0, out + err)
  writeFileSync(at('playbooks/site.ts'), playbook)
})

test('without the journal of the run nobody knows how far it came', async () => {
  await apply()
  rmSync(at('.rolecall/runs'), { recursive: true })
  const { code, err } = await apply()
  assert.is(code, 5)
  assert.match(err, /site\.plan {2}the plan was applied already, and a plan applies once/)
})

test.run()

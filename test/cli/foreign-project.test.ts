import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { localProject, projectOf, rolecall } from '../support/project.ts'

/** A project from elsewhere: whatever loads a module of it leaves a file behind. */
function foreign(): { readonly project: string; readonly ran: () => boolean } {
  const trace = "import { writeFileSync } from 'node:fs'\nwriteFileSync('ran', '')\n"
  const project = projectOf({
    'package.json': '{ "type": "module" }',
    'inventory/hosts.yml': 'all:\n  hosts:\n    here: { ansible_connection: local }\n',
    'roles/motd.ts': `${trace}import { role } from 'rolecall'
export default role({ name: 'motd', apply: () => Promise.resolve() })
`,
    'playbooks/site.ts': `${trace}import { playbook } from 'rolecall'
import motd from '../roles/motd.ts'
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [motd] }] })
`,
    'tsconfig.json': '{}',
  })
  return { project, ran: () => existsSync(join(project, 'ran')) }
}

for (const words of [
  ['--help'],
  ['check', '--help'],
  ['--version'],
  ['completion', 'bash'],
  ['complete', '--', 'check', ''],
  ['complete', '--', 'apply', 'site', '--role', ''],
  ['complete', '--', 'explain', ''],
  ['list', 'hosts'],
  ['list', 'groups'],
  ['list', 'roles'],
  ['runs'],
])
  test(`"rolecall ${words.join(' ')}" runs nothing of a project`, async () => {
    const { project, ran } = foreign()
    const { code, err } = await rolecall(project, words)
    assert.is(code, 0, err)
    assert.not(ran())
  })

test('what is about a playbook loads it', async () => {
  const { project, ran } = foreign()
  await rolecall(project, ['list', 'roles', 'site'])
  assert.ok(ran())
})

test('a journal can be read by nobody but its owner', async () => {
  const project = localProject()
  await rolecall(project, ['check', 'site'])
  const journals = join(project, '.rolecall/runs')
  const [name = ''] = readdirSync(journals).filter((each) => each.endsWith('.jsonl'))
  assert.is(statSync(join(journals, name)).mode & 0o7777, 0o600)
})

test.run()

import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
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

/** The journals of a project, the oldest first. */
function journals(project: string): string[] {
  const directory = join(project, '.rolecall/runs')
  const names = readdirSync(directory).filter((name) => name.endsWith('.jsonl'))
  return names.map((name) => join(directory, name)).sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs)
}

test('a journal can be read by nobody but its owner, and has what changes inside files only when that was asked for', async () => {
  const project = localProject()
  await rolecall(project, ['check', 'site'])
  await rolecall(project, ['check', 'site', '--diff'])
  const [plain = '', asked = ''] = journals(project)
  for (const path of [plain, asked]) assert.is(statSync(path).mode & 0o7777, 0o600)
  assert.match(readFileSync(asked, 'utf8'), '"diff":')
  assert.not.match(readFileSync(plain, 'utf8'), '"diff":')
})

test.run()

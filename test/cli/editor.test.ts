import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { projectOf, rolecall, write } from '../support/project.ts'
import { startTypeScriptServer } from '../support/tsserver.ts'
import { hasYamlServer, startYamlServer } from '../support/yaml-server.ts'

const test = suite('What an editor completes')
const repository = resolve(import.meta.dirname, '../..')
const home = projectOf({})
const project = join(home, 'site')

const role = (body: string, more = '') => `import { file, role, service, z } from 'rolecall'
export default role({ name: 'web', ${more}
  vars: z.object({ port: z.number().default(80), mode: z.enum(['fast', 'safe']).default('safe') }),
  async apply({ ensure, vars, host }) { ${body} } })
`
const play = (body: string) => `import { playbook } from 'rolecall'
import welcome from '../roles/welcome.ts'
export default playbook({ name: 'site', plays: [{ name: 'all', roles: [welcome], ${body} }] })
`

/** What stands before the mark, in which file, and what must be among that which fits. */
const asked: readonly (readonly [what: string, file: string, text: string, names: readonly string[]])[] = [
  ['the options of a role', 'roles/web.ts', role('', '|'), ['about', 'tags', 'verify', 'deadline']],
  ['the kinds and what a role is given', 'roles/web.ts', role('await |'), ['ensure', 'file', 'service']],
  [
    'the options of a kind',
    'roles/web.ts',
    role("await ensure(file('/a', { content: '', | }))"),
    ['mode', 'owner', 'source'],
  ],
  ['the variables of the role', 'roles/web.ts', role('vars.|'), ['port', 'mode']],
  ['what a variable may be', 'roles/web.ts', role("if (vars.mode === '|') return"), ['fast', 'safe']],
  ['facts of a host', 'roles/web.ts', role('host.|'), ['hostname', 'os']],
  ['the options of a play', 'playbooks/site.ts', play("hosts: 'all', |"), ['serial', 'after', 'tags']],
  [
    'hosts and groups of the inventory',
    'playbooks/site.ts',
    play("hosts: '|'"),
    ['all', 'localhost', 'web-1', 'front'],
  ],
]

test('completion comes from TypeScript, in a project as init makes it', async () => {
  assert.is((await rolecall(home, ['init', 'site', '--yes'])).code, 0)
  mkdirSync(join(project, 'node_modules'))
  symlinkSync(repository, join(project, 'node_modules/rolecall'))
  symlinkSync(join(repository, 'node_modules/@types'), join(project, 'node_modules/@types'))
  write(project, {
    'inventory/hosts.yml': `all:\n  hosts:\n    localhost: { ansible_connection: local }\n  children:\n    front: { hosts: { web-1: } }\n`,
  })
  assert.is((await rolecall(project, ['schema'])).code, 0)
  const server = startTypeScriptServer(project)
  try {
    const lacking: string[] = []
    for (const [what, file, text, names] of asked) {
      const found = await server.completions(join(project, file), text)
      const missing = names.filter((name) => !found.includes(name))
      if (missing.length > 0) lacking.push(`${what} lack ${missing.join(', ')}: ${found.slice(0, 40).join(', ')}`)
    }
    assert.equal(lacking, [])
    const shown = await server.about(join(project, 'roles/web.ts'), role("await ensure(fi|le('/a', { content: '' }))"))
    assert.match(shown, 'file(')
  } finally {
    await server.close()
  }
})

test('variables of roles are in the schema that the editor has for YAML', () => {
  const settings = JSON.parse(readFileSync(join(project, '.vscode/settings.json'), 'utf8')) as Record<string, object>
  const schemas = settings['yaml.schemas'] as Record<string, readonly string[]>
  assert.equal(Object.keys(schemas).sort(), ['./.rolecall/schema/hosts.json', './.rolecall/schema/vars.json'].sort())
  const vars = JSON.parse(readFileSync(join(project, '.rolecall/schema/vars.json'), 'utf8')) as {
    properties: { welcome: { properties: { text: object } } }
  }
  assert.equal(vars.properties.welcome.properties.text, { default: 'Hello from Rolecall', type: 'string' })
})

/** What the YAML language server must offer at `|`. */
const askedInYaml: readonly (readonly [what: string, file: string, text: string, names: readonly string[]])[] = [
  ['the roles of the project', 'inventory/group_vars/all.yml', 'ansible_user: ops\nw|', ['welcome']],
  ['variables of a role', 'inventory/group_vars/front.yml', 'welcome:\n  |', ['text']],
  ['the same in a directory', 'inventory/group_vars/front/vars.yml', 'welcome:\n  |', ['text']],
  ['the same without an extension', 'inventory/host_vars/web-1', 'welcome:\n  |', ['text']],
  ['what a variable may be', 'inventory/host_vars/web-1.yml', 'ansible_become_method: |', ['sudo', 'su', 'doas']],
  ['the parts of a group', 'inventory/hosts.yml', 'all:\n  |', ['hosts', 'children', 'vars']],
  [
    'variables of a host',
    'inventory/more.yaml',
    'all:\n  hosts:\n    web-1:\n      |',
    ['ansible_host', 'ansible_user', 'welcome'],
  ],
]

if (!hasYamlServer) process.stdout.write('skipped: yaml-language-server is not installed; npm ci installs it\n')
else
  test('the YAML language server completes and checks files with the settings that `rolecall schema` writes', async () => {
    const server = await startYamlServer(project)
    try {
      for (const [what, file, text, names] of askedInYaml) {
        const found = await server.completions(file, text)
        for (const name of names) assert.ok(found.includes(name), `${what} lack ${name}: ${found.join(', ')}`)
      }
      const wrong = 'welcome:\n  txt: 1\n  text: 7\nansible_port: http\n'
      assert.equal((await server.problems('inventory/host_vars/wrong.yml', wrong)).toSorted(), [
        'Incorrect type. Expected "string".',
        'Property txt is not allowed.',
        'String does not match the pattern of "^\\d+$|\\{\\{".',
      ])
      assert.equal(await server.problems('inventory/host_vars/right.yml', 'welcome:\n  text: hi\nmine: 7\n'), [])
    } finally {
      await server.close()
    }
  })

test.run()

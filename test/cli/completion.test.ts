import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { localProject, rolecall, write } from '../support/project.ts'

const test = suite('completion')
const project = localProject()

const completed: readonly [words: readonly string[], values: readonly string[]][] = [
  [['che'], ['check']],
  [['check', ''], ['site']],
  [['check', 'site', '--acc'], ['--accept-new-host-keys']],
  [
    ['check', 'site', '-l', ''],
    ['all', 'here', 'ungrouped'],
  ],
  [['apply', 'site', '--role', 'm'], ['motd']],
  [['check', 'site', '--limit=he'], ['--limit=here']],
  [['check', 'site', '--nonsense=he'], []],
  [['check', 'site', '-l', 'all:!he'], ['all:!here']],
  [['check', 'site', '-l', 'here,a'], ['here,all']],
  [['check', '"si'], ['site']],
  [['apply', 'site', '--start-at', 'm'], ['motd']],
  [['check', 'site', '--sk'], ['--skip-tags']],
  [['explain', 'motd.text', ''], ['here']],
  [['explain', 'mo'], ['motd.text']],
  [['explain', 'motd.'], ['motd.text']],
  [
    ['lab', 'ssh', 'node-0'],
    ['node-01', 'node-02', 'node-03', 'node-04', 'node-05'],
  ],
  [['lab', 'reset', 'node-01', 'node-02'], ['node-02']],
  [['lab', 'ssh', 'node-01', '--', ''], []],
  [
    ['list', 'u'],
    ['units', 'unused'],
  ],
  [['completion', 'f'], ['fish']],
]

for (const [words, values] of completed) {
  test(`completion of "rolecall ${words.join(' ')}"`, async () => {
    const { out } = await rolecall(project, ['complete', '--', ...words])
    const found = out.split('\n').filter((line) => line !== '')
    assert.equal(
      found.map((line) => line.split('\t')[0]),
      values,
    )
  })
}

test('the script for bash is one that bash takes', async () => {
  const { out } = await rolecall(project, ['completion', 'bash'])
  execFileSync('bash', ['-n'], { input: out })
})

test('bash gets names that it would act upon in quotes', async () => {
  const { out } = await rolecall(project, ['completion', 'bash'])
  const ask = "rolecall() { printf 'a$(id)\\tplaybook\\n'; }\nCOMP_WORDS=(rolecall check '') COMP_CWORD=2\n_rolecall\n"
  const reply = execFileSync('bash', { input: `${out}${ask}printf %s "\${COMPREPLY[0]}"`, encoding: 'utf8' })
  assert.is(reply, 'a\\$\\(id\\)')
})

test('bash gets what is behind = and :, and no backslashes within quotes', async () => {
  const { out } = await rolecall(project, ['completion', 'bash'])
  const replies = (words: string, candidate: string) => {
    const mock = `rolecall() { printf '%s\\thost\\n' '${candidate}'; }`
    const ask = `${mock}\nCOMP_WORDS=(rolecall ${words})\nCOMP_CWORD=$((\${#COMP_WORDS[@]} - 1))\n_rolecall\n`
    return execFileSync('bash', { input: `${out}${ask}printf %s "\${COMPREPLY[0]}"`, encoding: 'utf8' })
  }
  assert.is(replies('check site --limit = we', '--limit=web'), 'web')
  assert.is(replies('check site --limit =', '--limit=web'), 'web')
  assert.is(replies('check site -l web : d', 'web:db'), 'db')
  assert.is(replies("check site -l web : ''", 'web:db'), 'db')
  assert.is(replies(`check '"my s'`, 'my site'), 'my site')
  assert.is(replies("check 'my s'", 'my site'), 'my\\ site')
})

test('explain completes variables of roles by their source text, and those of the inventory', async () => {
  const own = localProject()
  write(own, {
    'group_vars/all.yml': 'nginx_port: 80\nmotd:\n  text: hello\n  gone: 1\nother: { x: 1 }\n',
    'roles/app.ts': `const appVars = z.object({
  // name: z.string(),
  port: z.number().default(80), /* a: */ 'zone-name': z.string().regex(/^[{]/),
  tls: z.object({ key: z.string(), cert: z.string() }).optional(),
  hosts: z.array(z.string()).default(['}', "{"]),
})
export default role({ name: 'app', vars: appVars, async apply({ vars: { port } }) { return port } })
`,
    'roles/odd.ts': "export default role({ name: 'odd', vars: makeVars(), tags: [] })\n",
  })
  const completed = async (word: string) => {
    const { out } = await rolecall(own, ['complete', '--', 'explain', word])
    return out.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0]]))
  }
  assert.equal(await completed('app.'), ['app.hosts', 'app.port', 'app.tls', 'app.zone-name'])
  assert.equal(await completed('motd.'), ['motd.gone', 'motd.text'])
  assert.equal(await completed('nginx'), ['nginx_port'])
  assert.equal(await completed('o'), ['odd.', 'other'])
})

test('completion of plans, tags and runs', async () => {
  const own = localProject()
  const first = async (...words: readonly string[]) => {
    const { out } = await rolecall(own, ['complete', '--', ...words])
    return out.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0]]))
  }
  write(own, {
    'site.plan': '{}',
    'playbooks/tagged.ts': "playbook({ plays: [{ tags: ['web', 'dns'], roles: [] }] })\n",
    'roles/more.ts': "role({ tags: ['web', `slow`] })\n",
  })
  await rolecall(own, ['apply', 'site', '--no-types'])
  const [run = ''] = readdirSync(join(own, '.rolecall/runs')).map((name) => name.slice(0, -'.jsonl'.length))
  assert.equal(await first('apply', ''), ['site', 'site.plan', 'tagged'])
  assert.equal(await first('plan', 'show', ''), ['site.plan'])
  assert.equal(await first('check', 'site', '--tags', ''), ['dns', 'slow', 'web'])
  assert.equal(await first('check', 'site', '--skip-tags', 'dns,w'), ['dns,web'])
  assert.equal(await first('runs', 'show', ''), [run])
  assert.equal(await first('report', run.slice(0, 4)), [run])
  assert.equal(await first('resume', ''), [])
  assert.equal(await first('facts', 'al'), ['all'])
})

test.run()

import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { projectOf, rolecall } from '../support/project.ts'

const command = resolve(import.meta.dirname, '../../bin/rolecall.js')

const FILES = {
  'inventory/hosts.yml': 'all:\n  hosts:\n    here: { ansible_connection: local }\n',
  'inventory/group_vars/all.yml': [
    'domain: example.com',
    'base_port: 8000',
    'app_port: "{{ base_port + 80 }}"',
    'app_prot: 1',
    'left_over: [1]',
    'motdd: { text: hi }',
    'other-role: { x: 1 }',
    '',
  ].join('\n'),
  'vars.ts': `import { shared, z } from 'rolecall'

export const site = shared({ domain: z.string() })
`,
  'roles/app.ts': `import { asked, file, role, secret, secretText, z } from 'rolecall'
import { site } from '../vars.ts'

export default role({
  name: 'app',
  vars: z.object({
    port: z.int(),
    domain: site.domain,
    release: asked(z.string(), 'Release to deploy?'),
    token: asked(z.string().transform(secret), 'Token?', { hidden: true }),
  }),
  from: { port: 'app_port' },
  async apply({ ensure, vars: { port, domain, release, token } }) {
    await ensure(file(process.cwd() + '/app.conf', { content: secretText\`\${domain}:\${port} \${release} \${token}\\n\` }))
  },
})
`,
  'playbooks/site.ts': `import { playbook } from 'rolecall'
import app from '../roles/app.ts'

export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [app] }] })
`,
}

test('explain shows the flat variable that a role reads, with file and line', async () => {
  const { code, out } = await rolecall(projectOf(FILES), ['explain', 'app.port', 'here'])
  assert.is(code, 0)
  assert.match(out, /app\.port on here is 8080|app\.port on here is "8080"/)
  assert.match(out, /\* +group all +app_port +"\{\{ base_port \+ 80 \}\}" +inventory\/group_vars\/all\.yml:3/)
})

test('explain of an inventory variable names its readers', async () => {
  const { out } = await rolecall(projectOf(FILES), ['explain', 'domain', 'here'])
  assert.match(out, /domain on here is "example\.com"/)
  assert.match(out, /read by app\.domain/)
})

test('list unused names what no role and no template of theirs reads', async () => {
  const { code, out } = await rolecall(projectOf(FILES), ['list', 'unused', 'site'])
  assert.is(code, 0)
  assert.match(out, /left_over +group all +inventory\/group_vars\/all\.yml:5/)
  assert.match(out, /other-role/)
  assert.not.match(out, /base_port|domain|app_port/)
})

test('a name close to an unset variable is noted, and does not stop the run', async () => {
  const files = { ...FILES, 'inventory/group_vars/all.yml': 'domain: x\napp_prot: 81\napp: { port: 1 }\n' }
  const { code, out, err } = await rolecall(projectOf(files), [
    'check',
    'site',
    '--no-types',
    '-e',
    'app.release=v1',
    '-e',
    'app.token=t0ken-x',
  ])
  assert.is(code, 0, out + err)
  assert.match(out + err, /nothing reads "app_prot"[^]*did you mean "app_port"\?/)
})

test('a name of -e that nothing reads is reported', async () => {
  const given = ['app.release=v1', 'app.token=t0ken-x', 'wbe.port=81', 'speed=9'].flatMap((each) => ['-e', each])
  const { code, out, err } = await rolecall(projectOf(FILES), ['check', 'site', '--no-types', ...given])
  assert.is(code, 0, out + err)
  for (const name of ['wbe', 'speed']) assert.match(out + err, `nothing in playbook site reads "${name}"`)
  assert.not.match(out + err, 'reads "app"')
})

test('a variable of a role that is given without the name of the role is reported with both', async () => {
  const given = ['app.release=v1', 'app.token=t0ken-x', 'release=v2'].flatMap((each) => ['-e', each])
  const { out, err } = await rolecall(projectOf(FILES), ['check', 'site', '--no-types', ...given])
  assert.match(
    out + err,
    /reads "release"\n {2}hint {6}variables of roles have the role's name before them: app\.release/,
  )
})

test('without a terminal a variable that is asked for is an error which says how to give it', async () => {
  const { code, out } = await ended(
    spawn(process.execPath, [command, 'check', 'site', '--no-types'], { cwd: projectOf(FILES), detached: true }),
  )
  assert.is(code, 1)
  assert.match(out, /there is no terminal to ask for "Release to deploy\?"/)
  assert.match(out, /-e app\.release=/)
})

for (const [flag, question] of [
  ['-k', 'SSH password'],
  ['-K', 'BECOME password'],
] as const) {
  test(`without a terminal ${flag} is an error`, async () => {
    const { code, out } = await ended(
      spawn(process.execPath, [command, 'check', 'site', '--no-types', flag], {
        cwd: projectOf(FILES),
        detached: true,
      }),
    )
    assert.is(code, 1)
    assert.match(out, new RegExp(`there is no terminal to ask for "${question}"`))
  })
}

test('at a terminal it is asked once, and a secret is not shown', async () => {
  const cwd = projectOf(FILES)
  const words = [process.execPath, command, 'apply', 'site', '--no-types'].map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['-qec', words, '/dev/null'], { cwd })
  let shown = ''
  let questions = 0
  child.stdout.on('data', (bytes: Buffer) => {
    shown += bytes.toString()
    // The line is drawn anew with each letter, and the question with it.
    if (questions === 0 && shown.includes('deploy? ')) {
      questions = 1
      child.stdin.write('v1.2\r')
    } else if (questions === 1 && shown.includes('Token? ')) {
      questions = 2
      child.stdin.write('s3cret-token\r')
    }
  })
  await new Promise((done) => child.on('close', done))
  const { readFileSync } = await import('node:fs')
  assert.is(readFileSync(`${cwd}/app.conf`, 'utf8'), 'example.com:8080 v1.2 s3cret-token\n', shown)
  assert.not.match(shown, /s3cret-token/, JSON.stringify(shown))
})

function ended(child: ReturnType<typeof spawn>): Promise<{ code: number | null; out: string }> {
  return new Promise((done) => {
    let out = ''
    child.stdout?.on('data', (bytes: Buffer) => (out += bytes.toString()))
    child.stderr?.on('data', (bytes: Buffer) => (out += bytes.toString()))
    child.stdin?.end()
    child.on('close', (code) => done({ code, out }))
  })
}

test.run()

import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { localProject, projectOf, rolecall as command, write } from '../support/project.ts'

const test = suite('saved plans, questions and policies')

/** Types take seconds each time, and other tests look at them. */
function rolecall(cwd: string, args: readonly string[]) {
  return command(cwd, ['check', 'apply'].includes(args[0] ?? '') ? [...args, '--no-types'] : args)
}

const PASSWORD = 'correct-horse-battery'

/** A project that makes two files, one of them with a secret. */
function secretProject(): string {
  const project = projectOf({ 'inventory/hosts.yml': 'all: { hosts: { here: { ansible_connection: local } } }\n' })
  write(project, {
    'playbooks/site.ts': `import { file, playbook, role, secret, secretText, z } from 'rolecall'

const app = role({
  name: 'app',
  vars: z.object({ password: z.string().transform((text) => secret(text)), word: z.string().default('plain') }),
  async apply({ ensure, vars }) {
    await ensure(
      file(${JSON.stringify(join(project, 'secret'))}, { content: secretText\`password=\${vars.password}\\n\` }),
      file(${JSON.stringify(join(project, 'plain'))}, { content: vars.word + '\\n' }),
    )
  },
})
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [app] }] })
`,
  })
  return project
}

test('a plan holds no secret, no hash of one, and is for its owner alone', async () => {
  const project = secretProject()
  const { code, out, err } = await rolecall(project, [
    'check',
    'site',
    '--out',
    'p.plan',
    '-e',
    `app.password=${PASSWORD}`,
  ])
  assert.is(code, 0, err + out)
  const text = readFileSync(join(project, 'p.plan'), 'utf8')
  const { createHash } = await import('node:crypto')
  const content = `password=${PASSWORD}\n`
  const hashes = ['sha256', 'sha1', 'md5', 'sha512', 'blake2b512'].flatMap((name) => [
    createHash(name).update(PASSWORD).digest('hex'),
    createHash(name).update(content).digest('hex'),
  ])
  for (const known of [
    PASSWORD,
    Buffer.from(PASSWORD).toString('base64'),
    Buffer.from(PASSWORD).toString('hex'),
    ...hashes,
  ])
    assert.not.match(text, known)
  assert.is(statSync(join(project, 'p.plan')).mode & 0o777, 0o600)
  assert.is(statSync(join(project, '.rolecall/plan-key')).mode & 0o777, 0o600)
  assert.match(out, 'the plan has no secrets, so they must be given again: -e app.password=...')

  const missing = await rolecall(project, ['apply', 'p.plan'])
  assert.is(missing.code, 1)
  assert.match(missing.err, 'rolecall apply p.plan -e app.password=VALUE')
  const other = await rolecall(project, ['apply', 'p.plan', '-e', 'app.password=another-one'])
  assert.is(other.code, 5)
  assert.match(other.err, 'role app has other variables')
  const done = await rolecall(project, ['apply', 'p.plan', '-e', `app.password=${PASSWORD}`])
  assert.is(done.code, 0, done.err + done.out)
  assert.is(readFileSync(join(project, 'secret'), 'utf8'), content)
})

test('no plan is written when every host failed', async () => {
  const project = localProject()
  const site = join(project, 'playbooks/site.ts')
  writeFileSync(
    site,
    `import { absent, playbook, role } from 'rolecall'
const app = role({ name: 'app', async apply({ ensure }) { await ensure(absent('/proc')) } })
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [app] }] })
`,
  )
  const { code, out } = await rolecall(project, ['check', 'site', '--out', 'p.plan'])
  assert.is(code, 2, out)
  assert.match(out, 'no plan is written to p.plan: the only host failed')
  assert.not.ok(existsSync(join(project, 'p.plan')))
})

test('plan show tells what it does, who made it and how to apply it, in four forms', async () => {
  const project = localProject()
  await rolecall(project, ['check', 'site', '--out', 'p.plan'])
  const { out } = await rolecall(project, ['plan', 'show', 'p.plan'])
  assert.match(out, /^plan {5}[0-9a-f]{16}\nwhen .*\nwho .*\ncommand {2}rolecall apply site\n/)
  assert.match(out, /seal {5}intact/)
  assert.match(out, `file:${join(project, 'motd')}  here: create`)
  assert.match(out, /rolecall apply p\.plan {2}makes these changes\n\ncost: 1 change on 1 host, duration unknown/)
  const data = JSON.parse((await rolecall(project, ['plan', 'show', 'p.plan', '--json'])).out) as {
    cost: { changes: number }
    resources: object[]
  }
  assert.is(data.cost.changes, 1)
  assert.is(data.resources.length, 1)
  const markdown = (await rolecall(project, ['plan', 'show', 'p.plan', '--markdown'])).out
  assert.match(markdown, /^## site: 1 change on 1 host\n/)
  assert.match(markdown, '```diff')
  assert.match(markdown, '+welcome')
  await rolecall(project, ['plan', 'show', 'p.plan', '--html', 'p.html'])
  assert.match(readFileSync(join(project, 'p.html'), 'utf8'), /<!doctype html>[^]*planned/i)
})

test('the duration of a change is known from past runs', async () => {
  const project = localProject()
  await rolecall(project, ['apply', 'site'])
  writeFileSync(join(project, 'motd'), 'other\n')
  const { out } = await rolecall(project, ['check', 'site', '--no-types', '--out', 'p.plan'])
  assert.match(out, /cost: 1 change on 1 host, about \d+ ms by 1 past run\n/)
})

test('an applied plan is not resumed, and the journal says which it was', async () => {
  const project = localProject()
  await rolecall(project, ['check', 'site', '--no-types', '--out', 'p.plan'])
  await rolecall(project, ['apply', 'p.plan'])
  const runs = JSON.parse((await rolecall(project, ['runs', '--json'])).out) as { run: string; mode: string }[]
  assert.equal(
    runs.map(({ mode }) => mode),
    ['check', 'apply'],
  )
  const resumed = await rolecall(project, ['resume', runs[1]?.run ?? ''])
  assert.match(
    resumed.err,
    /applied a saved plan, and only the plan has what it may change[^]*rolecall apply PLAN does the rest/,
  )
})

test('a plan cannot be combined with options that select, and has its own file extension', async () => {
  const project = localProject()
  const { code, err } = await rolecall(project, ['apply', 'p.plan', '-l', 'here', '--role', 'motd'])
  assert.is(code, 1)
  assert.match(err, '-l and --role cannot be combined with a saved plan')
  assert.match((await rolecall(project, ['check', 'site', '--out', 'p.json'])).err, '--out p.json.plan')
  assert.match((await rolecall(project, ['check', 'site', '--out', 'p.plan', '--expires', 'soon'])).err, '30m, 12h, 7d')
})

test('changes that were unknown need --allow-unknown', async () => {
  const project = projectOf({
    'inventory/hosts.yml': 'all: { hosts: { here: { ansible_connection: local } } }\n',
  })
  write(project, {
    'playbooks/site.ts': `import { exec, file, playbook, role } from 'rolecall'
const at = ${JSON.stringify(project)}
const app = role({
  name: 'app',
  async apply({ ensure, $ }) {
    await ensure(exec('first', { run: \`echo later > \${at}/name\`, creates: at + '/name' }))
    const name = (await $.read\`cat \${at}/name\`).stdout.trim()
    await ensure(file(at + '/' + name, { content: 'made' }))
  },
})
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [app] }] })
`,
  })
  await rolecall(project, ['check', 'site', '--out', 'p.plan'])
  const { code, err } = await rolecall(project, ['apply', 'p.plan'])
  assert.is(code, 5)
  assert.match(err, /calls 1 resource unknown[^]*role:app[^]*--allow-unknown/)
  assert.not(existsSync(join(project, 'name')))
  const allowed = await rolecall(project, ['apply', 'p.plan', '--allow-unknown'])
  assert.is(allowed.code, 0, allowed.err + allowed.out)
  assert.is(readFileSync(join(project, 'later'), 'utf8'), 'made')
})

test('a command that says itself whether it has changed anything runs under a plan', async () => {
  const project = projectOf({ 'inventory/hosts.yml': 'all: { hosts: { here: { ansible_connection: local } } }\n' })
  write(project, {
    'playbooks/site.ts': `import { exec, playbook, role } from 'rolecall'
const app = role({
  name: 'app',
  async apply({ ensure }) {
    await ensure(exec('migrate', { run: 'echo applied one >>${join(project, 'log')}; cat ${join(project, 'log')}', changedBy: /^applied/m }))
  },
})
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [app] }] })
`,
  })
  await rolecall(project, ['check', 'site', '--out', 'p.plan'])
  assert.is((await rolecall(project, ['apply', 'p.plan'])).code, 5)
  const allowed = await rolecall(project, ['apply', 'p.plan', '--allow-unknown'])
  assert.is(allowed.code, 0, allowed.err + allowed.out)
  const asked = await rolecall(project, ['apply', 'site', '--yes'])
  assert.is(asked.code, 0, asked.err + asked.out)
  assert.is(readFileSync(join(project, 'log'), 'utf8'), 'applied one\napplied one\n')
})

test('a change after the comparison with the plan is not overwritten', async () => {
  const project = projectOf({ 'inventory/hosts.yml': 'all: { hosts: { here: { ansible_connection: local } } }\n' })
  // The role itself plays somebody who changes the host once the plan was compared.
  write(project, {
    'playbooks/site.ts': `import { writeFileSync } from 'node:fs'
import { file, playbook, role } from 'rolecall'
const at = ${JSON.stringify(project)}
const app = role({
  name: 'app',
  async apply({ ensure, checking }) {
    if (!checking) writeFileSync(at + '/second', 'of somebody else')
    await ensure(file(at + '/first', { content: '1' }), file(at + '/second', { content: '2' }))
  },
})
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [app] }] })
`,
    second: '2',
  })
  await rolecall(project, ['check', 'site', '--out', 'p.plan'])
  const { code, out } = await rolecall(project, ['apply', 'p.plan'])
  assert.is(code, 5)
  assert.match(
    out,
    /second it is not in the plan, and would now be changed|it is not in the plan, and would now be changed/,
  )
  assert.is(readFileSync(join(project, 'second'), 'utf8'), 'of somebody else')
})

test('apply --ask without a terminal says so, and --yes answers', async () => {
  const project = localProject()
  const asked = await rolecall(project, ['apply', 'site', '--ask'])
  assert.is(asked.code, 1)
  assert.match(asked.err, /there is no terminal to ask at[^]*--yes/)
  assert.not(existsSync(join(project, 'motd')))
  const answered = await rolecall(project, ['apply', 'site', '--ask', '--yes'])
  assert.is(answered.code, 0)
  assert.match(answered.out, /would change[^]*cost: 1 change on 1 host[^]*site applied in/)
  const again = await rolecall(project, ['apply', 'site', '--yes'])
  assert.match(again.out, /cost: nothing would change\n$/)
})

for (const gate of ["'verify'", '({ $, expect }) => $.read`true`.then(({ exitCode }) => expect(exitCode).toBe(0))'])
  test(`a plan of a play with the gate ${gate.slice(0, 8)} is applied: the gate is no change that the plan lacks`, async () => {
    const project = projectOf({ 'inventory/hosts.yml': 'all: { hosts: { here: { ansible_connection: local } } }\n' })
    write(project, {
      'playbooks/site.ts': `import { file, playbook, role } from 'rolecall'
const app = role({
  name: 'app',
  async apply({ ensure }) { await ensure(file(${JSON.stringify(join(project, 'made'))}, { content: 'x' })) },
  async verify({ $, expect }) { expect((await $.read\`cat ${join(project, 'made')}\`).stdout, 'it').toBe('x') },
})
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [app], serial: 1, gate: ${gate} }] })
`,
    })
    const planned = await rolecall(project, ['check', 'site', '--out', 'p.plan'])
    assert.is(planned.code, 0, planned.err + planned.out)
    const applied = await rolecall(project, ['apply', 'p.plan'])
    assert.is(applied.code, 0, applied.err + applied.out)
    assert.ok(existsSync(join(project, 'made')))
  })

test('a policy blocks what it forbids, in every apply', async () => {
  const project = localProject()
  write(project, {
    'policies/motd.ts': `import { policy } from 'rolecall'

export default policy({
  name: 'no-motd',
  about: 'words of welcome are made by hand',
  check: ({ resources }) =>
    resources.filter(({ kind, name }) => kind === 'file' && name.endsWith('motd'))
      .map((resource) => ({ resource, message: 'the motd is not touched' })),
})
`,
  })
  for (const args of [
    ['check', 'site'],
    ['apply', 'site'],
    ['apply', 'site', '--yes'],
    ['check', 'site', '--out', 'p.plan'],
    ['apply', 'p.plan'],
  ]) {
    const { code, err } = await rolecall(project, args)
    assert.is(code, 1, args.join(' '))
    assert.match(err, /policy no-motd: the motd is not touched\n {2}hint {6}words of welcome are made by hand/)
  }
  assert.not(existsSync(join(project, 'motd')))
})

test('a policy that throws, and an invalid policy file, keep plans from being applied', async () => {
  const project = localProject()
  write(project, {
    'policies/a.ts': `import { policy } from 'rolecall'\nexport default policy({ name: 'a', check: () => { throw new Error('oh') } })\n`,
  })
  assert.match(
    (await rolecall(project, ['apply', 'site'])).err,
    /policies\/a\.ts:2:\d+ .*policy a ended with an error: oh|policy a ended with an error: oh/,
  )
  for (const [answer, said] of [
    ['async check() { return [] }', /got {7}a promise\n {2}hint {6}check is not awaited: write it without async/],
    ["check: () => 'no'", /got {7}"no"\n {2}hint {6}return \[\] where nothing is against the plan/],
    ['check() {}', /policy a did not return a list of objections/],
  ] as const) {
    write(project, {
      'policies/a.ts': `import { policy } from 'rolecall'\nexport default policy({ name: 'a', ${answer} } as never)\n`,
    })
    assert.match((await rolecall(project, ['apply', 'site', '--no-types'])).err, said)
  }
  write(project, { 'policies/a.ts': 'export default 7\n' })
  for (const args of [
    ['apply', 'site'],
    ['check', 'site'],
    ['check', 'site', '--out', 'p.plan'],
  ]) {
    const { code, out, err } = await rolecall(project, args)
    assert.match(err, /policies\/a\.ts {2}policies\/a\.ts exports no policy[^]*got {7}7/)
    assert.equal([code, out], [1, ''], 'before any host is asked')
  }
  assert.not(existsSync(join(project, 'motd')))
})

test.run()

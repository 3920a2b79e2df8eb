import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hostsOfSshConfig } from '../../lib/cli/new-project/init.ts'
import { ownSource } from '../../lib/cli/new-project/own-source.ts'
import { unpack } from '../support/packed.ts'
import { command, projectOf, rolecall, write } from '../support/project.ts'

const test = suite('a new project')
const execute = promisify(execFile)
const repository = join(import.meta.dirname, '../..')
const home = projectOf({})
const project = join(home, 'my-site')
process.on('exit', () => rmSync('/var/tmp/rolecall-welcome', { force: true }))

test('a project is made from the packed tarball in an empty directory, and the two named commands work', async () => {
  await unpack(repository, join(home, 'package'))
  // What npm would install beside it.
  symlinkSync(join(repository, 'node_modules'), join(home, 'package/node_modules'))
  const command = join(home, 'package/bin/rolecall.js')
  const env = { ...process.env, npm_command: 'exec', FORCE_COLOR: undefined }
  const run = (args: readonly string[], cwd: string) => execute(process.execPath, [command, ...args], { cwd, env })
  const { stdout: said } = await run(['init', 'my-site', '--yes'], home)
  assert.match(
    said,
    /12 files made in my-site[^]*cd my-site\n {2}npm install\n {2}npx rolecall check site\n {2}npx rolecall apply site\n/,
  )
  const named = [...said.matchAll(/^ {2}npx rolecall (\w+ \w+)$/gm)].map(([, words = '']) => words.split(' '))
  assert.is(named.length, 2)
  for (const words of named) await run(words, project)
  assert.match(readFileSync('/var/tmp/rolecall-welcome', 'utf8'), 'Hello from Rolecall')
  await run(['verify', 'site'], project)
})

test('in a package that npm init has made, the commands that are named make it a project', async () => {
  const directory = projectOf({ 'package.json': '{ "type": "commonjs", "dependencies": { "rolecall": "*" } }\n' })
  const { out } = await rolecall(directory, ['init', '--yes'])
  assert.match(
    out,
    /Next:\n\n {2}npm pkg set type=module\n {2}npm install --save-dev "@types\/node@\S+ "eslint@[^]*check site\n/,
  )
  assert.not.match(out, 'rolecall@')
  const refused = await rolecall(directory, ['check', 'site'])
  assert.is(refused.code, 1)
  assert.match(refused.err, /\(TS1295\)\n {2}hint +`npm pkg set type=module` makes/)
  // What the first of these does: a host of these tests may have no npm.
  write(directory, { 'package.json': '{ "type": "module", "dependencies": { "rolecall": "*" } }\n' })
  assert.is((await rolecall(directory, ['check', 'site'])).code, 0)
  assert.match(
    (await rolecall(projectOf({ 'package.json': '{' }), ['init', '--yes'])).err,
    'package.json cannot be read',
  )
})

test('its types, its test and its data are sound', async () => {
  mkdirSync(join(project, 'node_modules'))
  for (const name of ['typescript', '@types', 'tsx', 'typescript-eslint', 'eslint'])
    symlinkSync(join(repository, 'node_modules', name), join(project, 'node_modules', name))
  symlinkSync(repository, join(project, 'node_modules/rolecall'))
  await execute(process.execPath, ['--import', 'tsx', '--test', 'test/welcome.test.ts'], { cwd: project })
  for (const name of ['package.json', 'tsconfig.json', '.vscode/settings.json'])
    JSON.parse(readFileSync(join(project, name), 'utf8'))
  const { parse } = await import('yaml')
  const workflow = parse(readFileSync(join(project, '.github/workflows/rolecall.yml'), 'utf8')) as { jobs: object }
  assert.equal(Object.keys(workflow.jobs), ['plan', 'apply'])
})

test('its linter reports nothing', async () => {
  await execute(process.execPath, [join(repository, 'node_modules/eslint/bin/eslint.js'), '.'], { cwd: project })
})

test('its linter finds a promise that nobody awaits', async () => {
  write(project, {
    'roles/lost.ts':
      "import { file, role } from 'rolecall'\nexport default role({ name: 'lost', async apply({ ensure }) { ensure(file('/a', { content: '' })) } })\n",
  })
  const said = await execute(
    process.execPath,
    [join(repository, 'node_modules/eslint/bin/eslint.js'), 'roles/lost.ts'],
    { cwd: project },
  ).catch((error: unknown) => error as { stdout: string })
  rmSync(join(project, 'roles/lost.ts'))
  assert.match(said.stdout, 'no-floating-promises')
})

test('nothing is overwritten', async () => {
  const { code, err } = await rolecall(home, ['init', 'my-site', '--yes'])
  assert.is(code, 1)
  assert.match(
    err,
    /is not empty, and nothing is overwritten[^]*hint +choose a new directory: rolecall init my-site-2\n/,
  )
})

test('roles, kinds and labs are added, below the project too, and their types fit', async () => {
  const below = join(project, 'playbooks')
  assert.match(
    (await rolecall(below, ['init', 'role', 'web-server'])).out,
    /roles\/web-server\.ts\n {2}test\/web-server\.test\.ts\n\nput it into a play: roles: \[webServer\]/,
  )
  assert.is((await rolecall(project, ['init', 'kind', 'time-zone'])).code, 0)
  const reserved = await rolecall(project, ['init', 'kind', 'package'])
  assert.match(reserved.err, /package is a word of JavaScript[^]*hint {6}rolecall init kind my-package/)
  assert.not(existsSync(join(project, 'kinds/package.ts')))
  assert.is((await rolecall(project, ['init', 'lab', 'web'])).code, 0)
  write(project, {
    'playbooks/more.ts': `import { playbook, role } from 'rolecall'
import { timeZone } from '../kinds/time-zone.ts'
import web from '../roles/web-server.ts'
import '../lab/lab.ts'
const clock = role({ name: 'clock', async apply({ ensure }) { await ensure(timeZone('system', { zone: 'UTC' })) } })
export default playbook({ name: 'more', plays: [{ name: 'all', hosts: 'all', roles: [clock, web] }] })
`,
  })
  const { code, err, out } = await rolecall(project, ['check', 'more'])
  // The new role writes below /etc, where this machine lets only root.
  if (process.getuid?.() === 0) assert.is(code, 0, err + out)
  else assert.match(out, 'hint      become root')
  assert.match(out, 'file:/etc/web-server.conf')
  await execute(process.execPath, ['--import', 'tsx', '--test', 'test/web-server.test.ts'], { cwd: project })
})

for (const [args, told] of [
  [['init', 'role'], 'a name for the role is missing'],
  [['init', 'role', 'Web_Server'], 'rolecall init role web-server'],
  [['init', 'role', 'über'], 'rolecall init role uber'],
  [['init', 'role', 'web-server'], 'exist already, and nothing is overwritten'],
  [['init', 'rolle', 'x'], 'rolle is neither role, kind nor lab'],
] as const)
  test(`"rolecall ${args.join(' ')}" is refused with words`, async () => {
    const { code, err } = await rolecall(project, args)
    assert.is(code, 1)
    assert.match(err, told)
  })

test('a part of a project is not made where none is', async () => {
  const nowhere = projectOf({})
  const { code, err } = await rolecall(nowhere, ['init', 'role', 'web'])
  assert.is(code, 1)
  assert.match(err, 'there is no project here to add a role to')
  assert.equal(readdirSync(nowhere), [])
})

test('where there is no room the file is named, and no half of one is left', async () => {
  const small = projectOf({ 'roles/web.ts': '' })
  // More than that this process may not write into a file: as with a full disk, the file is made and stays empty.
  const words = ['-c', 'ulimit -f 0; exec "$@"', 'sh', process.execPath, command, 'init', 'role', 'large']
  const said = await execute('sh', words, { cwd: small }).catch((error: unknown) => error as { stderr: string })
  assert.match(said.stderr, 'cannot write roles/large.ts on this machine: the file would be larger')
  assert.equal(readdirSync(join(small, 'roles')), ['web.ts'])
})

test('schema writes what editors complete from, and a play on hosts that are not there is a type error', async () => {
  const { code, err, out } = await rolecall(project, ['schema'])
  assert.is(code, 0, err + out)
  const { z } = await import('zod')
  const data = JSON.parse(readFileSync(join(project, '.rolecall/schema/vars.json'), 'utf8')) as {
    properties: { welcome: object }
  }
  assert.equal(
    Object.keys(
      z.object({ properties: z.object({ text: z.object({ type: z.string() }) }) }).parse(data.properties.welcome),
    ),
    ['properties'],
  )
  const settings = JSON.parse(readFileSync(join(project, '.vscode/settings.json'), 'utf8')) as Record<string, object>
  assert.ok('./.rolecall/schema/hosts.json' in (settings['yaml.schemas'] ?? {}))
  assert.is(settings['editor.formatOnSave'], true)
  const compiler = join(repository, 'node_modules/typescript-native/bin/tsc')
  const compile = () =>
    execute(process.execPath, [compiler, '--noEmit'], { cwd: project }).catch(
      (error: unknown) => error as { stdout: string },
    )
  assert.is((await compile()).stdout, '')
  const site = readFileSync(join(project, 'playbooks/site.ts'), 'utf8')
  write(project, { 'playbooks/site.ts': site.replace("hosts: 'all'", "hosts: 'labs'") })
  assert.match((await compile()).stdout, /'"labs"' is not assignable/)
  write(project, { 'playbooks/site.ts': site })
})

test('hosts are read from the configuration of ssh, without its patterns', () => {
  const text =
    'Host web-1 web-2\n  User a\nhost *.example.com !bad\nHost=db\n  HostName 192.0.2.1\nHost "quoted"\nMatch host x\n'
  assert.equal(hostsOfSshConfig(text), ['web-1', 'web-2', 'db', 'quoted'])
})

test('doctor lists each problem in a line, with the fix', async () => {
  const ssh = join(home, 'ssh-home/.ssh')
  mkdirSync(ssh, { recursive: true })
  writeFileSync(join(ssh, 'id_ed25519'), 'no key', { mode: 0o644 })
  symlinkSync('nowhere', join(ssh, 'id_gone'))
  const env = { HOME: join(home, 'ssh-home'), SSH_AUTH_SOCK: '' }
  const sick = await rolecall(project, ['doctor'], env)
  assert.is(sick.code, 1)
  assert.match(sick.out, /^ok {4}Node +\d+\./m)
  assert.match(sick.out, /^cure {2}key +.*id_ed25519 is not used, because other accounts can read it: chmod 600 /m)
  assert.match(sick.out, /^ok {4}localhost +.*(root|uid \d+)/m)
  const empty = projectOf({})
  const none = await rolecall(empty, ['doctor'], env)
  assert.match(none.out, /^cure {2}project +no playbooks\/ here: rolecall init DIRECTORY/m)
  const blocked = await rolecall(projectOf({ 'playbooks/site.ts': '', '.rolecall': '' }), ['doctor'], env)
  assert.match(
    blocked.out,
    /^cure {2}journal +cannot write into \.rolecall\/ on this machine: a part of the path is not a directory/m,
  )
  write(project, { 'gone.yml': 'all: { hosts: { gone: { ansible_connection: docker, ansible_host: no-such } } }\n' })
  const away = await rolecall(project, ['doctor', '-i', 'gone.yml'], env)
  assert.match(away.out, /^cure {2}gone +/m)
  const keyless = { HOME: join(home, 'keyless'), SSH_AUTH_SOCK: '' }
  const local = await rolecall(project, ['doctor'], keyless)
  assert.match(local.out, /^ok {4}ssh-agent +not running, and there is no key file; each host is reached without one$/m)
  assert.is(local.code, 0, local.out)
  const unreached = await rolecall(project, ['doctor', '-i', 'gone.yml'], keyless)
  assert.match(unreached.out, /^cure {2}ssh-agent +not running, and there is no key file: ssh-keygen/m)
  assert.ok(existsSync(project))
})

test('a new project takes Rolecall from where this program came: a registry, a file, or a clone', () => {
  const place = projectOf({
    'rolecall.tgz': '',
    'a/node_modules/rolecall/package.json': '{}',
    'a/node_modules/rolecall/bin/rolecall.js': '',
    'clone/package.json': '{}',
    'clone/bin/rolecall.js': '',
  })
  const installed = join(place, 'a/node_modules/rolecall/bin/rolecall.js')
  const lock = (resolved: string) =>
    write(place, {
      'a/node_modules/.package-lock.json': JSON.stringify({ packages: { 'node_modules/rolecall': { resolved } } }),
    })
  const from = (program: string) => ownSource('1.2.0', program, join(place, 'a/site'))
  assert.is(from(installed), '^1.2.0')
  lock('https://registry.npmjs.org/rolecall/-/rolecall-1.2.0.tgz')
  assert.is(from(installed), '^1.2.0')
  lock('file:../rolecall.tgz')
  assert.is(from(installed), 'file:../../rolecall.tgz')
  lock('file:../gone.tgz')
  assert.is(from(installed), '^1.2.0')
  assert.is(from(join(place, 'clone/bin/rolecall.js')), 'file:../../clone')
  assert.is(from(join(place, 'nowhere/bin/rolecall.js')), '^1.2.0')
})

test.run()

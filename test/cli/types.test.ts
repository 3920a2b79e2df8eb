import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { localProject, rolecall, write } from '../support/project.ts'

const test = suite('types are checked before a run')

const WRONG = "const count: number = 'three'\nvoid count\n"

function withMistake(): string {
  const project = localProject()
  const role = readFileSync(join(project, 'roles/motd.ts'), 'utf8')
  write(project, { 'roles/motd.ts': role + WRONG })
  return project
}

for (const mode of ['check', 'apply', 'verify'])
  test(`${mode} refuses a type that does not fit, with its place, and touches no host`, async () => {
    const project = withMistake()
    const { code, out, err } = await rolecall(project, [mode, 'site'])
    assert.is(code, 1)
    assert.is(out, '')
    assert.is(
      err,
      "roles/motd.ts:14:7  Type 'string' is not assignable to type 'number'. (TS2322)\n" +
        '  hint      correct the type (--no-types runs without this check)\n',
    )
    assert.not(existsSync(join(project, 'motd')))
    assert.not(existsSync(join(project, '.rolecall/runs')), 'a run that was refused is no run')
  })

test('--no-types runs all the same', async () => {
  const { code, err } = await rolecall(withMistake(), ['apply', 'site', '--no-types'])
  assert.is(code, 0, err)
})

test('a misspelt option and a misspelt key of a play are reported with the nearest name', async () => {
  const project = localProject()
  write(project, {
    'playbooks/site.ts': `import { file, playbook, role } from 'rolecall'
const motd = role({ name: 'motd', async apply({ ensure }) { await ensure(file('/etc/motd', { contents: 'x' })) } })
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [motd], serail: 1 }] })
`,
  })
  const { err } = await rolecall(project, ['check', 'site'])
  assert.match(err, /^playbooks\/site\.ts:2:94 {2}.*'contents' does not exist.*\n {2}hint {6}did you mean "content"\?/m)
  assert.match(err, /^playbooks\/site\.ts:3:16 {2}unknown option "serail" of play "all"$/m)
  assert.match(err, 'did you mean "serial"?')
  assert.match(err, '2 problems. No host was touched.')
})

test('files that a playbook does not import are not checked, and unused code is not an error', async () => {
  const project = localProject()
  write(project, {
    'playbooks/other.ts': WRONG,
    'tsconfig.json': '{ "compilerOptions": { "module": "nodenext", "strict": true, "noUnusedLocals": true } }',
  })
  const role = readFileSync(join(project, 'roles/motd.ts'), 'utf8')
  write(project, { 'roles/motd.ts': `${role}const unused = 1\n` })
  assert.is((await rolecall(project, ['check', 'site'])).code, 0)
})

test("the project's own tsconfig.json decides how strict the check is", async () => {
  const project = localProject()
  const role = readFileSync(join(project, 'roles/motd.ts'), 'utf8')
  write(project, { 'roles/motd.ts': `${role}export const first = (list: string[]): string => list[0]\n` })
  assert.is((await rolecall(project, ['check', 'site'])).code, 0)
  write(project, {
    'tsconfig.json':
      '{ "compilerOptions": { "module": "nodenext", "strict": true, "noUncheckedIndexedAccess": true } }',
  })
  const { code, err } = await rolecall(project, ['check', 'site'])
  assert.is(code, 1)
  assert.match(err, "roles/motd.ts:14:50  Type 'string | undefined' is not assignable to type 'string'.")
})

test("the project's own typescript checks, and only when something has changed", async () => {
  const project = localProject()
  const log = join(project, 'checks')
  write(project, {
    'node_modules/typescript/package.json': '{ "name": "typescript", "version": "5.9.9" }',
    // A stand-in for a compiler: it finds nothing wrong, and says which files it read.
    'node_modules/typescript/bin/tsc': `require('node:fs').appendFileSync(${JSON.stringify(log)}, 'checked\\n')
console.log(${JSON.stringify(`${project}/playbooks/site.ts\n${project}/roles/motd.ts\n${project}/node_modules/@a/b/types/index.d.ts`)})`,
    'node_modules/@a/b/package.json': '{}',
    'node_modules/@a/b/types/index.d.ts': '',
  })
  const checks = () => readFileSync(log, 'utf8').match(/checked/g)?.length
  const run = async () => assert.is((await rolecall(project, ['check', 'site'])).code, 0)
  await run()
  assert.is(checks(), 1)
  await run()
  assert.is(checks(), 1)
  const role = readFileSync(join(project, 'roles/motd.ts'), 'utf8')
  write(project, { 'roles/motd.ts': `${role}// changed\n` })
  await run()
  assert.is(checks(), 2)
  write(project, { 'tsconfig.json': '{}' })
  await run()
  assert.is(checks(), 4, 'once to read the settings, once to check')
  write(project, { 'node_modules/@a/b/package.json': '{ "version": "2" }' })
  await run()
  assert.is(checks(), 6, 'a package that is installed anew may have other types')
  await run()
  assert.is(checks(), 6)
  write(project, { 'node_modules/typescript/package.json': '{ "name": "typescript", "version": "5.9.10" }' })
  await run()
  assert.is(checks(), 8, 'another compiler may find what this one does not')
})

test('a compiler that does not start is reported as that', async () => {
  const project = localProject()
  write(project, {
    'node_modules/typescript/package.json': '{ "name": "typescript", "version": "5.9.9" }',
    'node_modules/typescript/bin/tsc': 'process.kill(process.pid, "SIGKILL")',
  })
  const { code, err } = await rolecall(project, ['check', 'site'])
  assert.is(code, 1)
  assert.match(err, 'the types could not be checked: the TypeScript compiler does not run')
  assert.match(err, '--no-types')
})

test.run()

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { inventoryFor } from '../../lib/lab/lab.ts'
import { describeLab } from '../../lib/lab/model.ts'
import { labProblems } from '../../lib/lab/project/check.ts'
import { planHosts } from '../../lib/lab/project/hosts.ts'
import { hostsLike } from '../../lib/lab/project/like.ts'
import { projectLab } from '../../lib/lab/project/load.ts'

const project = mkdtempSync(join(tmpdir(), 'rolecall-lab-project-'))
process.on('exit', () => rmSync(project, { recursive: true, force: true }))

function put(file: string, text: string): void {
  mkdirSync(dirname(join(project, file)), { recursive: true })
  writeFileSync(join(project, file), text)
}

const messages = (given: unknown) =>
  labProblems(given).map(({ code, message, hint }) => `${code}: ${message}${hint === undefined ? '' : `; ${hint}`}`)

test('a misspelt key is refused with the nearest name, in the lab, in a host and in a recipe', () => {
  const given = { host: {}, hosts: { web: { group: ['app'] } }, artifacts: { site: { biuld: () => undefined } } }
  assert.equal(messages(given), [
    'lab: unknown option "host" of the lab; did you mean "hosts"?',
    'lab: unknown option "group" of host "web"; did you mean "groups"?',
    'lab: unknown option "biuld" of artifact "site"; did you mean "build"?',
  ])
})

test('an invalid value of a host is refused with the valid ones', () => {
  const said = (host: unknown) => messages({ hosts: { web: host } }).join()
  assert.match(
    said({ family: 'rhel' }),
    'Expected family of host "web" to be "debian" or "el", got "rhel"; did you mean el?',
  )
  assert.match(said({ address: 254 }), 'from 1 to 253')
  assert.match(said({ memory: '2GB' }), 'such as "512M" or "2G"')
  assert.match(said({ groups: 'web' }), 'a list of groups')
  for (const name of ['Web', '-web', 'a b', '../x', 'a/b', '', 'x'.repeat(64), 'mirror', 'client'])
    assert.is(messages({ hosts: { [name]: {} } }).length, 1, name)
  for (const name of ['web', 'web-1.example.org', 'web_1', '10'])
    assert.equal(messages({ hosts: { [name]: {} } }), [], name)
})

test('a host and a group cannot have the same name', () => {
  const [said = ''] = messages({ hosts: { web: { groups: ['web'] }, db: { groups: ['sql'] } } })
  assert.match(said, 'Expected groups of host "web" to be names that no host of the lab has, got "web"')
})

test('two hosts cannot have one address', () => {
  assert.match(
    messages({ hosts: { a: { address: 20 }, b: { address: 20 } } }).join(),
    'another one than that of host "a", got 20',
  )
})

test('addresses are assigned, avoid chosen ones, and stay while the lab is up', () => {
  const octets = (hosts: Parameters<typeof planHosts>[0], before?: ReturnType<typeof planHosts>) =>
    planHosts(hosts, before).map(({ name, octet }) => `${name} ${octet}`)
  assert.equal(octets({ a: {}, b: { address: 11 }, c: {} }), ['a 12', 'b 11', 'c 13'])
  const before = planHosts({ a: {}, b: {}, c: {} })
  assert.equal(octets({ c: {}, d: {}, a: {} }, before), ['c 13', 'd 12', 'a 11'], 'another host takes what is free')
  assert.equal(octets({ a: {}, d: { address: 11 } }, before), ['a 12', 'd 11'], 'what is asked for comes first')
  assert.is(planHosts({ a: { memory: '2G' } })[0]?.memoryMiB, 2048)
})

test('the inventory of a lab has the hosts and groups of its project, and quotes names that YAML would misread', () => {
  const hosts = planHosts({ 'w-1': { groups: ['web', 'all_web'] }, 'db-1': {}, on: { groups: ['web'] } })
  const text = inventoryFor(describeLab('mine', '/srv/site', 60, { hosts }))
  assert.match(
    text,
    '  hosts:\n    w-1:\n      ansible_host: 10.10.60.11\n    db-1:\n      ansible_host: 10.10.60.12\n    "on":\n',
  )
  assert.match(text, '    web:\n      hosts:\n        w-1:\n        "on":\n    all_web:\n      hosts:\n        w-1:\n')
})

test('a host that is reached through a port of this machine is written with the port', () => {
  const lab = describeLab('mine', '/srv/site', 51, { hosts: planHosts({ web: {} }), byPorts: true })
  assert.match(inventoryFor(lab), '      ansible_host: 127.0.0.1\n      ansible_port: 13265\n')
})

test('an inventory becomes a lab: names, groups, and the family from a variable or a group', () => {
  put(
    'inventory/hosts.yml',
    `all:
  children:
    web: { hosts: { 'web-[1:2]': } }
    db: { hosts: { db_1: } }
    centos: { hosts: { old.example.org: } }
    prod: { children: { web: } }
`,
  )
  put('inventory/host_vars/web-2.yml', 'base: { os_family: RedHat }\n')
  put('inventory/host_vars/db_1.yml', 'base: { os_family: Debian }\n')
  assert.equal(hostsLike(join(project, 'inventory')), {
    'web-1': { groups: ['prod', 'web'] },
    'web-2': { groups: ['prod', 'web'], family: 'el' },
    db_1: { groups: ['db'], family: 'debian' },
    'old.example.org': { groups: ['centos'], family: 'el' },
  })
})

test('a project without lab/lab.ts has the default lab, and one with it has its own, in TypeScript', async () => {
  assert.equal(await projectLab(project), { type: 'lab' })
  put('lab/parts.ts', `export const groups: string[] = ['app']\n`)
  put(
    'lab/lab.ts',
    `import { lab } from 'rolecall'\nimport { groups } from './parts.ts'\nexport default lab({ hosts: { web: { groups } } })\n`,
  )
  assert.equal((await projectLab(project)).hosts, { web: { groups: ['app'] } })
})

test('problems of lab/lab.ts are reported with their place', async () => {
  const problems = async (text: string) => {
    put('lab/lab.ts', text)
    const error: unknown = await projectLab(project).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof Error && 'problems' in error, String(error))
    return (error.problems as { message: string; place?: { file: string; line?: number }; hint?: string }[])[0]
  }
  const misspelt = await problems(`import { lab } from 'rolecall'\n\nexport default lab({ hots: {} })\n`)
  assert.equal([misspelt?.message, misspelt?.hint], ['unknown option "hots" of the lab', 'did you mean "hosts"?'])
  assert.equal([misspelt?.place?.file.endsWith('lab/lab.ts'), misspelt?.place?.line], [true, 3])
  assert.is((await problems('export const lab = 1\n'))?.message, 'lab/lab.ts has no default export')
  assert.is(
    (await problems('export default { hosts: {} }\n'))?.message,
    'the default export of lab/lab.ts is not a lab',
  )
})

test.run()

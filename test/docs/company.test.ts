import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import site from '../../examples/company/playbooks/site.ts'
import { project } from './blocks.ts'

const company = join(project, 'examples/company')
const names = readdirSync(join(company, 'roles')).map((name) => name.replace('.ts', ''))
const page = readFileSync(join(company, 'README.md'), 'utf8')
const [kindsPart = '', linesPart = ''] = page.split('## Beside roles of Ansible')
const rows = [...kindsPart.matchAll(/^\| `(\w+)` +\|[^|]*\| (.*?) *\|$/gm)].map(([, role = '', kinds = '']) => ({
  role,
  kinds,
}))

function node(...args: readonly string[]): string {
  const env = { ...process.env, NO_COLOR: '1', NODE_TEST_CONTEXT: undefined }
  return execFileSync(process.execPath, args, { cwd: company, encoding: 'utf8', env })
}

test('the company has ten roles, each in a play and in the table', () => {
  const played = site.plays.flatMap(({ roles }) =>
    roles.map((each) => (each.type === 'use' ? each.role.name : each.name)),
  )
  assert.is(names.length, 10)
  assert.equal(played.toSorted(), names.toSorted())
  assert.equal(rows.map(({ role }) => role).toSorted(), names.toSorted())
})

test('each role uses the kinds that the table says', () => {
  const lacking = rows.flatMap(({ role, kinds }) => {
    const text = readFileSync(join(company, `roles/${role}.ts`), 'utf8')
    return [...kinds.matchAll(/`(\w+)`/g)].flatMap(([, kind = '']) =>
      new RegExp(`\\b${kind}\\(`).test(text) ? [] : [`${role}: ${kind}`],
    )
  })
  assert.equal(lacking, [])
})

test('the lines beside those of roles of Ansible are those of the files', () => {
  const told = [...linesPart.matchAll(/^\| `(\w+)` +\| +(\d+) \|/gm)].map(([, role = '', lines]) => [
    role,
    Number(lines),
  ])
  const counted = names.map((role) => {
    const lines = readFileSync(join(company, `roles/${role}.ts`), 'utf8').split('\n')
    return [role, lines.filter((line) => !/^\s*(\/\/|\/?\*|$)/.test(line)).length]
  })
  assert.equal(Object.fromEntries(told), Object.fromEntries(counted))
  const sum = (column: number) =>
    [...linesPart.matchAll(/^\| `.*$/gm)].reduce((total, [row]) => total + Number(row.split('|')[column]), 0)
  for (const column of [2, 4, 5]) assert.match(linesPart, `**${sum(column)}**`)
})

test('the tests of its roles pass', () => {
  const said = node('--import', join(project, 'node_modules/tsx/dist/loader.mjs'), '--test', 'test/roles.test.ts')
  assert.match(said, /pass 5\n[^]*fail 0/)
})

test('its inventory is read, with the variables of its roles', () => {
  const rolecall = join(project, 'bin/rolecall.js')
  assert.match(node(rolecall, 'list', 'hosts'), /web-01 +192\.0\.2\.11 +web/)
  assert.match(node(rolecall, 'explain', 'release.version', 'web-01'), /release\.version on web-01 is "v1\.4\.2"/)
  assert.match(node(rolecall, 'explain', 'app_domain', 'db-01'), /app\.example\.com/)
})

test.run()

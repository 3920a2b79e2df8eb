// Hosts: none
import { cpSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { down, inventoryFor, reset, up, type Lab } from '../../lib/lab/lab.ts'
import { compare, verdictsOf } from '../parity/parity.ts'
import { changes, complaints, project, put, rolecall, skipReason, type Ran } from '../support/lab.ts'

// The example project on its own lab: web-01 is Debian, db-01 of the Red Hat family. To be short, every role is on db-01, and on web-01 those of its group.
const company = resolve(import.meta.dirname, '../../examples/company')
const request = { project: company, name: `${process.env['ROLECALL_TEST_LAB'] ?? 'test'}-company` }
for (const part of ['playbooks', 'roles', 'inventory']) rmSync(join(project, part), { recursive: true, force: true })
cpSync(company, project, { recursive: true, filter: (path) => !path.includes('.rolecall') })

/** Both serve the application. */
const BOTH = `all:
  children:
    web: { hosts: { web-01: , db-01: } }
`

/** What no run can know before: a package's own script makes or leaves it. */
const UNKNOWN = ['web-01 web absent:/etc/nginx/sites-enabled/default']

let lab: Lab | undefined

function onCompany(says: string, work: () => Promise<void>): void {
  if (skipReason !== undefined) return test.skip(says)
  test(says, async () => {
    if (lab === undefined) {
      lab = await up({ ...request, family: 'el:db-01' })
      await reset(request, [])
      put('lab/hosts.yml', inventoryFor(lab))
      put('lab/both.yml', BOTH)
    }
    await work()
  })
}

const site = () => [
  'site',
  ...['inventory', 'lab/hosts.yml', 'lab/both.yml'].flatMap((path) => ['-i', path]),
  '-e',
  `release.source=http://${lab?.gateway ?? ''}:8081/app.git`,
  '--no-types',
]

onCompany(
  'check of fresh hosts of both families foresees what apply does; then there is nothing left to do',
  async () => {
    const check = await rolecall('check', ...site())
    assert.is(check.code, 0, complaints(check))
    const apply = await rolecall('apply', ...site())
    assert.is(apply.code, 0, complaints(apply))
    const resources = (ran: Ran) => new Map([...verdictsOf(ran)].filter(([name]) => !name.includes(' expect:')))
    const { surprises, unknown, done } = compare(resources(check), resources(apply))
    assert.equal([surprises, unknown.map((line) => line.replace(/: .*/, ''))], [[], UNKNOWN])
    assert.ok(done > 60, `${done} changes`)
    const again = await rolecall('apply', ...site())
    assert.equal([again.code, changes(again)], [0, []], complaints(again))
  },
)

test.after(async () => {
  if (lab !== undefined) await down(request)
})

test.run()

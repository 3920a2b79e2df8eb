import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { BootedHost } from '../role-generator/booted-host.ts'
import { noFigures, work, type Figures } from '../role-generator/campaign.ts'
import { layers } from '../role-generator/layer.ts'
import { LightHost } from '../role-generator/light-host.ts'
import type { TrialHost } from '../role-generator/trial-host.ts'
import { seedOfRun } from '../support/random.ts'
import { onLab } from '../support/lab.ts'

/** `npm run test:roles` has 2,000 of them, of seeds that nobody has run before. */
const LIGHT = 28
const BOOTED = 1

onLab(
  'random roles of files, accounts and packages: check foresees apply, and a second apply changes nothing',
  async () => {
    const root = await layers()
    await holds([new LightHost(root), new LightHost(root)], seedOfRun(70_000), LIGHT)
  },
)

onLab('random roles of units and services hold the same on a host that has booted', async () => {
  const host = await BootedHost.of(process.env['ROLECALL_TEST_LAB'] ?? 'test', 'node-01')
  assert.ok(host, 'node-01 of the lab is not up')
  await holds([host], seedOfRun(80_003), BOOTED)
})

async function holds(hosts: readonly TrialHost[], first: number, roles: number): Promise<void> {
  const figures: Figures = noFigures()
  let taken = 0
  const next = () => (taken < roles ? first + taken++ : undefined)
  const found: string[] = []
  await Promise.all(
    hosts.map((host) =>
      work(host, next, figures, ({ fault, seeds }, text) =>
        found.push(`seed ${seeds[0] ?? 0}: ${fault.promise}\n${fault.seen}\n${text}`),
      ),
    ),
  )
  for (const host of hosts) await host.close()
  assert.equal(found, [])
  assert.ok(figures.unknown <= 0.1 * figures.resources, `${figures.unknown} of ${figures.resources} are unknown`)
}

test.run()

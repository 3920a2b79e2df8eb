import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ensuredResources } from '../parity/ensured-resources.ts'
import { measured } from '../parity/measured.ts'
import { HEAD, row } from '../parity/parity.ts'
import { seedOfRun } from '../support/random.ts'
import { round } from '../parity/round.ts'
import { settled, together, type Pass } from '../parity/site.ts'
import { complaints, onLab, project, rolecall } from '../support/lab.ts'

const site = measured('site')

/** `npm run test:parity` has 200 of them. */
const DRIFTS = 15
/** The others have the same kinds of things, and take minutes to come back. */
const HOSTS = ['node-01', 'node-02']

onLab('check predicts what apply does about any drift, changes nothing, and no drift is left', async () => {
  const first = seedOfRun(2026)
  const apply = await rolecall('apply', 'site')
  assert.is(apply.code, 0, complaints(apply))
  const asked = (await ensuredResources(site.playbook, join(project, 'inventory'))).filter(
    // Packages that are broken several at once are for the long one: what check says of those is not right yet.
    ({ host, resource }) => HOSTS.includes(host) && resource.kind !== 'pkg',
  )
  const unharmed = await settled(site)
  const passes: Pass[] = []
  let drifts = 0
  for (let seed = first; drifts < DRIFTS; seed++) {
    const { drifts: these, drifted, converged, unlike } = await round(site, asked, seed, unharmed)
    drifts += these.length
    passes.push(drifted, converged)
    const found = [drifted, converged].flatMap(({ parity, changedByCheck, problems }) => [
      ...parity.surprises,
      ...parity.unknown,
      ...changedByCheck,
      ...problems,
    ])
    assert.equal([...found, ...unlike], [], `after ${these.join(' and ')}`)
  }
  const all = together(passes)
  process.stdout.write(`${HEAD}\n${row(`${drifts} drifts`, all.parity, all.changedByCheck.length)}\n`)
})

test.run()

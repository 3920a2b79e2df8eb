import { parseArgs } from 'node:util'
import { reportError } from '../../lib/cli/report-error.ts'
import { benchCluster } from './cluster.ts'
import { benchFirst } from './first.ts'
import { benchCheck } from './foresight.ts'
import { benchJournal } from './journal.ts'
import { benchLatency } from './latency.ts'
import { load, machine } from './machine.ts'
import { benchPlan } from './plan.ts'
import { benchScale } from './scale.ts'
import { benchSite, type Extent, type Tables } from './site.ts'
import { benchTrees } from './trees.ts'
import { benchView } from './view.ts'
import { benchStart, benchWork } from './work.ts'

/** Each bench by the word that asks for it. */
const BENCHES: Readonly<Record<string, (extent: Extent) => Tables>> = {
  site: benchSite,
  first: benchFirst,
  cluster: benchCluster,
  check: benchCheck,
  latency: benchLatency,
  scale: benchScale,
  work: benchWork,
  tree: benchTrees,
  start: benchStart,
  journal: benchJournal,
  plan: benchPlan,
  view: benchView,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '9' },
    ansible: { type: 'string', default: '3' },
    smoke: { type: 'boolean', default: false },
  },
})
const asked = positionals.length === 0 ? ['site'] : positionals
const unknown = asked.filter((name) => BENCHES[name] === undefined)
if (unknown.length > 0) {
  process.stderr.write(`There is no bench ${unknown.join(', ')}: there are ${Object.keys(BENCHES).join(', ')}.\n`)
  process.exitCode = 1
} else {
  const extent = { rounds: Number(values.rounds), ansibleRounds: Number(values.ansible), isSmoke: values.smoke }
  try {
    for (const name of asked) await bench(name, extent)
  } catch (error) {
    // A lab that belongs to another clone is told in words, as by the commands of the lab.
    process.exitCode = await reportError(error, { json: false, verbose: true })
  }
}

async function bench(name: string, extent: Extent): Promise<void> {
  const begin = performance.now()
  process.stdout.write(`${machine()}, load ${load()}\n\n`)
  for await (const table of BENCHES[name]?.(extent) ?? []) process.stdout.write(`${table}\n`)
  const minutes = ((performance.now() - begin) / 60_000).toFixed(1)
  process.stdout.write(`${name} took ${minutes} min, load ${load()}\n\n`)
}

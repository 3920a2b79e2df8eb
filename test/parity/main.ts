// `npm run test:parity [-- DRIFTS]`: check against apply, for the whole site. Prints what docs/check-mode.md shows.
import site from '../../playbooks/site.ts'
import { join } from 'node:path'
import { project, reset } from '../support/lab.ts'
import { askedBy } from './asked.ts'
import { HEAD, row } from './parity.ts'
import { Random, seedOfRun } from '../support/random.ts'
import { round, undisturbed, type Round } from './round.ts'
import { idle, pass, together, type Pass } from './site.ts'

const wanted = Number(process.argv[2] ?? 200)
const say = (text: string) => process.stdout.write(`${text}\n`)
const complaints: string[] = []

const random = new Random(seedOfRun())
const startedAt = Date.now()
await reset()
const fresh = await pass()
complain('factory-fresh hosts', fresh)
const converged = [await idle()]
for (const each of converged) complain('converged hosts', each)
const unharmed = await undisturbed()
const asked = await askedBy(site, join(project, 'inventory'))
say([`${asked.length} resources; fresh hosts took ${seconds()} s`, ...complaints].join('\n  '))

const rounds: Round[] = []
let drifts = 0
while (drifts < wanted) {
  const done = await round(asked, random, unharmed)
  rounds.push(done)
  drifts += done.drifts.length
  const before = complaints.length
  complain('drifted hosts', done.drifted)
  complain('repaired hosts', done.converged)
  complaints.push(...done.unlike.map((line) => `repaired hosts are unlike undisturbed ones: ${line}`))
  say(`${drifts} drifts, ${seconds()} s${complaints.length > before ? ':' : ''}`)
  if (complaints.length > before)
    say([...done.drifts, ...complaints.slice(before)].map((line) => `  ${line}`).join('\n'))
}

const drifted = together(rounds.map((each) => each.drifted))
const repaired = together([...converged, ...rounds.map((each) => each.converged)])
say(`\n${HEAD}`)
say(row('factory-fresh', fresh.parity, fresh.changedByCheck.length))
say(row(`drifted (${drifts} drifts)`, drifted.parity, drifted.changedByCheck.length))
say(row('converged', repaired.parity, repaired.changedByCheck.length))
say(`\n${complaints.length} complaints, ${seconds()} s`)
process.exitCode = complaints.length > 0 ? 1 : 0

function complain(where: string, { parity, changedByCheck, problems }: Pass): void {
  complaints.push(
    ...parity.surprises.map((line) => `${where}: ${line}`),
    ...changedByCheck.map((line) => `${where}: check changed ${line}`),
    ...problems.map((line) => `${where}: ${line}`),
  )
  const most = where === 'factory-fresh hosts' ? 0.02 : 0
  if (parity.unknown.length > most * parity.resources)
    complaints.push(...parity.unknown.map((line) => `${where}: unknown: ${line}`))
}

function seconds(): number {
  return Math.round((Date.now() - startedAt) / 1000)
}

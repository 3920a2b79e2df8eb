// `npm run test:parity [-- kubernetes | company] [DRIFTS]`: check against apply, for the whole site, the cluster or the example of a company. Prints what docs/check-mode.md shows.
import { join } from 'node:path'
import { endProject, lab, project, reset, useProject } from '../support/lab.ts'
import { ensuredResources } from './ensured-resources.ts'
import { measured } from './measured.ts'
import { HEAD, row } from './parity.ts'
import { seedOfRun } from '../support/random.ts'
import { round, type Round } from './round.ts'
import { idle, keepPackages, pass, settled, together, type Pass } from './site.ts'

const words = process.argv.slice(2)
const of = measured(words.find((word) => !isNumber(word)) ?? 'site')
const wanted = Number(words.find(isNumber) ?? of.usual)
const FRESH = 'factory-fresh hosts'
/** A program is not asked as long as what it would read is another account's, although an earlier resource of the run takes that back. */
const NOT_LOOKED_AT = /: whether others can change \S+ is known only after /
const say = (text: string) => process.stdout.write(`${text}\n`)
/** Each once: what is wrong after one round mostly stays so. */
const complaints = new Set<string>()

// Each round has a seed of its own, so that one alone can be made again: ROLECALL_SEED=IT npm run test:parity -- 1
const first = seedOfRun()
const startedAt = Date.now()
if (of.project !== undefined) await useProject(of.project.directory, of.project.family)
await reset()
const fresh = await pass(of)
reportError(FRESH, fresh)
const converged = await idle(of)
reportError('converged hosts', converged)
const unharmed = await settled(of)
const inventories = (of.project?.inventories ?? ['inventory']).map((path) => join(project, path))
const asked = await ensuredResources(of.playbook, inventories, { extra: of.project?.extra(await lab()) ?? [] })
if (of.keepsPackages) await keepPackages(asked)
say([`${asked.length} resources; fresh hosts took ${seconds()} s`, ...complaints].join('\n  '))

const rounds: Round[] = []
let drifts = 0
while (drifts < wanted) {
  const done = await round(of, asked, first + rounds.length, unharmed)
  rounds.push(done)
  drifts += done.drifts.length
  const before = complaints.size
  reportError('drifted hosts', done.drifted)
  reportError('repaired hosts', done.converged)
  for (const line of inShort(done.unlike)) complaints.add(`repaired hosts are unlike undisturbed ones: ${line}`)
  const found = [...complaints].slice(before)
  say(`seed ${done.seed}: ${drifts} drifts, ${seconds()} s${found.length > 0 ? ':' : ''}`)
  if (found.length > 0) say([...done.drifts, ...done.refused, ...found].map((line) => `  ${line}`).join('\n'))
}

const drifted = together(rounds.map((each) => each.drifted))
const repaired = together([converged, ...rounds.map((each) => each.converged)])
const sorts = rounds.flatMap((each) => each.sorts)
const counts = [...new Set(sorts)].sort().map((sort) => `${sort} ${sorts.filter((each) => each === sort).length}`)
say(`\n${HEAD}`)
say(row('factory-fresh', fresh.parity, fresh.changedByCheck.length))
say(row(`drifted (${drifts} drifts)`, drifted.parity, drifted.changedByCheck.length))
say(row('converged', repaired.parity, repaired.changedByCheck.length))
say(`\ndrifts by sort: ${counts.join(', ')}`)
say(`${complaints.size} complaints, ${rounds.length} rounds, ${seconds()} s`)
process.exitCode = complaints.size > 0 ? 1 : 0
if (of.project !== undefined) await endProject()

function reportError(where: string, { parity, changedByCheck, problems }: Pass): void {
  const unlooked = parity.unknown.filter((line) => !NOT_LOOKED_AT.test(line))
  const unknown = unlooked.length > (where === FRESH ? of.unknown.fresh : of.unknown.drifted) * parity.resources
  for (const line of [
    ...parity.surprises.filter((line) => where !== FRESH || of.toldLater?.test(line) !== true),
    ...changedByCheck.map((change) => `check changed ${change}`),
    ...problems,
    ...(unknown ? unlooked.map((line) => `unknown: ${line}`) : []),
  ])
    complaints.add(`${where}: ${line}`)
}

function isNumber(word: string): boolean {
  return /^\d+$/.test(word)
}

/** One lost package can be hundreds of files. */
function inShort(lines: readonly string[]): string[] {
  const most = 20
  return lines.length <= most ? [...lines] : [...lines.slice(0, most), `... and ${lines.length - most} lines more`]
}

function seconds(): number {
  return Math.round((Date.now() - startedAt) / 1000)
}

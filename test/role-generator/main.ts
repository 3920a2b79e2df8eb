// `npm run test:roles [-- ROLES]`: random roles on random hosts. Prints what docs/check-mode.md shows.
import { seedOfRun } from '../support/random.ts'
import { noFigures, work } from './campaign.ts'
import { BootedHost } from './booted-host.ts'
import { layers } from './layer.ts'
import { LightHost } from './light-host.ts'

const wanted = Number(process.argv[2] ?? process.env['ROLECALL_ROLES'] ?? 2000)
const first = seedOfRun()
const say = (text: string) => process.stdout.write(`${text}\n`)
const figures = noFigures()
const startedAt = Date.now()
const seconds = () => Math.round((Date.now() - startedAt) / 1000)

const root = await layers()
const only = process.env['ROLECALL_ONLY']
// Hosts of the lab, where they are up: for what needs systemd.
const nodes = ['node-01', 'node-02', 'node-03', 'node-04', 'node-05']
const booted = only === 'light' ? [] : await BootedHost.all(process.env['ROLECALL_TEST_LAB'] ?? 'test', nodes)
const light = only === 'booted' ? 0 : Number(process.env['ROLECALL_LIGHT'] ?? 2)
const hosts = [...Array.from({ length: light }, () => new LightHost(root)), ...booted]
let taken = 0
let isOver = false
// What has been found until then is told. One more ends it at once.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (isOver = true))
const next = () => (!isOver && figures.roles < wanted ? first + taken++ : undefined)
const ticker = setInterval(
  () => say(`${figures.roles} roles, ${figures.found.size} sorts of faults, ${seconds()} s`),
  20_000,
)
await Promise.all(
  hosts.map((host) =>
    work(
      host,
      next,
      figures,
      ({ fault, seeds }, text) => say(`\nseed ${seeds[0] ?? 0}: ${fault.promise}\n${fault.seen}\n${text}\n`),
      (seed, { promise, seen }) => say(`found with seed ${seed} on a ${host.kind} host: ${promise}: ${seen}`),
    ),
  ),
)
clearInterval(ticker)
for (const host of hosts) await host.close()

const share = ((100 * figures.unknown) / Math.max(1, figures.resources)).toFixed(1)
say(`\n${figures.roles} roles of ${taken} seeds from ${first} on, ${figures.resources} resources, ${seconds()} s`)
say(
  `disagreements: ${[...figures.found.values()].reduce((all, { seeds }) => all + seeds.length, 0)} of ${figures.found.size} sorts`,
)
for (const [sign, { seeds }] of [...figures.found].sort(([, a], [, b]) => b.seeds.length - a.seeds.length))
  say(`  ${seeds.length} x ${sign} (seeds ${seeds.slice(0, 5).join(', ')})`)
say(
  `unknown: ${figures.unknown} (${share} %); refused: ${figures.failed} of ${taken} cases; not counted, because the role contradicts itself: ${figures.contradicting}`,
)
for (const [reason, times] of [...figures.reasons].sort(([, a], [, b]) => b - a).slice(0, 15))
  say(`  ${times} x ${reason}`)
process.exitCode = figures.found.size > 0 ? 1 : 0

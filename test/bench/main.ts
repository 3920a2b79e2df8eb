import { parseArgs } from 'node:util'
import { benchCheck } from './foresight.ts'
import { benchLatency } from './latency.ts'
import { benchScale } from './scale.ts'
import { benchFirst, benchSite, type Extent } from './site.ts'
import { benchStart, benchWork } from './work.ts'

/** Each bench by the word that asks for it. */
const BENCHES: Readonly<Record<string, (extent: Extent) => Promise<string>>> = {
  site: benchSite,
  first: benchFirst,
  check: benchCheck,
  latency: benchLatency,
  scale: benchScale,
  work: benchWork,
  start: benchStart,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, smoke: { type: 'boolean', default: false } },
})
const asked = positionals.length === 0 ? ['site'] : positionals
const unknown = asked.filter((name) => BENCHES[name] === undefined)
if (unknown.length > 0) {
  process.stderr.write(`There is no bench ${unknown.join(', ')}: there are ${Object.keys(BENCHES).join(', ')}.\n`)
  process.exitCode = 1
} else {
  for (const name of asked) {
    const table = await BENCHES[name]?.({ rounds: Number(values.rounds), isSmoke: values.smoke })
    process.stdout.write(`${table ?? ''}\n`)
  }
}

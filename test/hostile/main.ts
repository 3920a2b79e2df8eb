// `npm run test:hostile`: everything that an adversary is known to try, so many times that a race is lost when it can be.
// ROLECALL_HOSTILE_ATTEMPTS changes how many times (500), ROLECALL_HOSTILE_PARTS=eve,... which parts.
import { asTheyCome, shown, type Part } from './part.ts'
import { evePart } from './eve-part.ts'
import { fuzzPart } from './fuzz-part.ts'
import { hostsPart } from './hosts-part.ts'

const parts: readonly Part[] = [evePart, fuzzPart, hostsPart]

const attempts = Number(process.env['ROLECALL_HOSTILE_ATTEMPTS'] ?? 500)
const only = process.env['ROLECALL_HOSTILE_PARTS']?.split(',')
const say = (line: string) => void process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`)

let losses = 0
const begun = Date.now()
const chosen = parts.filter(({ name }) => only?.includes(name) ?? true)
for (const { name, about } of chosen) say(`${name}: ${about}`)
const told = asTheyCome(
  chosen.map((part) => async (tell) => {
    for await (const figure of part.run(attempts)) tell({ ...figure, what: `${part.name}: ${figure.what}` })
  }),
)
for await (const figure of told) {
  losses += figure.losses.length
  say(`  ${shown(figure)}`)
}
const minutes = ((Date.now() - begun) / 60_000).toFixed(1)
say(`${losses === 0 ? 'nothing was lost' : `${losses} losses`}, in ${minutes} minutes`)
process.exitCode = losses === 0 ? 0 : 1

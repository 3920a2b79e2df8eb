// `npm run test:hostile`: everything that an adversary is known to try, so many times that a race is lost when it can be.
// ROLECALL_HOSTILE_ATTEMPTS changes how many times (500), ROLECALL_HOSTILE_PARTS=eve,... which parts.
import { shown, type Part } from './part.ts'
import { evePart } from './eve-part.ts'
import { fuzzPart } from './fuzz-part.ts'
import { hostsPart } from './hosts-part.ts'

const parts: readonly Part[] = [evePart, fuzzPart, hostsPart]

const attempts = Number(process.env['ROLECALL_HOSTILE_ATTEMPTS'] ?? 500)
const only = process.env['ROLECALL_HOSTILE_PARTS']?.split(',')
const say = (line: string) => void process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`)

let losses = 0
for (const part of parts.filter(({ name }) => only?.includes(name) ?? true)) {
  say(`${part.name}: ${part.about}`)
  for await (const figure of part.run(attempts)) {
    losses += figure.losses.length
    say(`  ${shown(figure)}`)
  }
}
say(losses === 0 ? 'nothing was lost' : `${losses} losses`)
process.exitCode = losses === 0 ? 0 : 1

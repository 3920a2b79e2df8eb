// `npm run test:hostile`: everything that an adversary is known to try, so many times that a race is lost when it can be.
// ROLECALL_HOSTILE_ATTEMPTS changes how many times (500), ROLECALL_HOSTILE_PARTS=eve,... which parts.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { shown, type Part } from './part.ts'
import { evePart } from './eve-part.ts'
import { fuzzPart } from './fuzz-part.ts'
import { hostsPart } from './hosts-part.ts'

const parts: readonly Part[] = [evePart, fuzzPart, hostsPart]

const attempts = Number(process.env['ROLECALL_HOSTILE_ATTEMPTS'] ?? 500)
const only = process.env['ROLECALL_HOSTILE_PARTS']?.split(',')
const say = (line: string) => void process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`)

/** Tries one part in this process, and gives how many losses there were. */
async function tried(part: Part): Promise<number> {
  let losses = 0
  say(`${part.name}: ${part.about}`)
  for await (const figure of part.run(attempts)) {
    losses += figure.losses.length
    say(`  ${part.name}: ${shown(figure)}`)
  }
  return losses
}

/** Each part has a process of its own: parsers that are given damaged inputs leave no time for anything else in theirs. Gives in how many something was lost. */
async function triedApart(chosen: readonly Part[]): Promise<number> {
  const codes = await Promise.all(
    chosen.map(async ({ name }) => {
      const env = { ...process.env, ROLECALL_HOSTILE_PARTS: name }
      const words = [...process.execArgv, fileURLToPath(import.meta.url)]
      const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'inherit', 'inherit'] })
      return await new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? 1)))
    }),
  )
  return codes.filter((code) => code !== 0).length
}

const begun = Date.now()
const chosen = parts.filter(({ name }) => only?.includes(name) ?? true)
const [first, ...more] = chosen
const lost = first !== undefined && more.length === 0 ? await tried(first) : await triedApart(chosen)
const minutes = ((Date.now() - begun) / 60_000).toFixed(1)
const what = more.length === 0 ? `${lost} losses` : `losses or an error in ${lost} parts`
say(`${chosen.map(({ name }) => name).join(', ')}: ${lost === 0 ? 'nothing was lost' : what}, in ${minutes} minutes`)
process.exitCode = lost === 0 && first !== undefined ? 0 : 1

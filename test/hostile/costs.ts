// What each hostile host costs the controller more than an honest one: memory and CPU, one host after the other.
import { hostile } from './behaviours.ts'
import { tryHosts } from './trial.ts'

/** What a hostile host may cost. */
const MOST_MIB = 50

const honest = await tryHosts({ honest: {}, other: {} })
let worst = { memory: 0, cpu: 0 }
let lost = 0
for (const { name, says, mode = 'check', ...behaviour } of hostile) {
  const { said, memoryMiB, cpuMs } = await tryHosts({ honest: {}, liar: behaviour }, { mode })
  const memory = memoryMiB - honest.memoryMiB
  const cpu = cpuMs - honest.cpuMs
  const isTold = says === undefined ? said['liar'] === honest.said['other'] : says.test(said['liar'] ?? '')
  const isFine = isTold && said['honest'] === honest.said['honest'] && memory <= MOST_MIB
  if (!isFine) lost++
  worst = { memory: Math.max(worst.memory, memory), cpu: Math.max(worst.cpu, cpu) }
  process.stdout.write(
    `${isFine ? 'ok    ' : 'LOST  '} ${memory.toFixed(0).padStart(4)} MiB ${cpu.toFixed(0).padStart(6)} ms  ${name}\n`,
  )
}
process.stdout.write(
  `${hostile.length} hostile hosts, ${lost} lost; the worst took ${worst.memory.toFixed(0)} MiB and ${worst.cpu.toFixed(0)} ms of CPU more than an honest one\n`,
)
process.exitCode = lost === 0 ? 0 : 1

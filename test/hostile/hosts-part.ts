import { hostile } from './behaviours.ts'
import type { Part } from './part.ts'
import { tryHosts } from './trial.ts'

/** What a hostile host may cost the controller more than an honest one. */
const MOST_MIB = 50

/** Each hostile host beside an honest one, one after the other, so that what it costs can be told. */
export const hostsPart: Part = {
  name: 'hosts',
  about: `${hostile.length} hosts that lie, flood or stall; at most ${MOST_MIB} MiB each, and nothing for the honest host beside it`,
  async *run() {
    const honest = await tryHosts({ honest: {}, other: {} })
    for (const { name, says, mode = 'check', ...behaviour } of hostile) {
      const { said, memoryMiB, cpuMs } = await tryHosts({ honest: {}, liar: behaviour }, { mode })
      const alone = mode === 'check' ? honest : await tryHosts({ honest: {}, other: {} }, { mode })
      const memory = memoryMiB - alone.memoryMiB
      const told = said['liar'] ?? 'nothing'
      const losses = [
        ...((says === undefined ? told === alone.said['other'] : says.test(told)) ? [] : [`it was told as: ${told}`]),
        ...(said['honest'] === alone.said['honest'] ? [] : [`the honest host: ${said['honest'] ?? 'nothing'}`]),
        ...(memory <= MOST_MIB ? [] : [`${memory.toFixed(0)} MiB`]),
      ]
      const note = `${memory.toFixed(0)} MiB and ${(cpuMs - alone.cpuMs).toFixed(0)} ms of CPU more`
      yield { what: `one that ${name}`, attempts: 1, losses, note }
    }
  },
}

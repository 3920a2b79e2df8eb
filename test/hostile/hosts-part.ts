import { hostile } from './behaviours.ts'
import { asTheyCome, type Figure, type Part } from './part.ts'
import { tryHosts, type Trial } from './trial.ts'

/** What a hostile host may cost the controller more than an honest one. */
const MOST_MIB = 50
const MOST_CPU_MS = 1000

/** What a host that does as it should is told to have: the small role's first file has no directory. */
const HONEST = '/nonexistent-a/x cannot be made: there is no directory /nonexistent-a'

/** Each hostile host beside an honest one, in a process of its own, so that what it costs can be told. */
export const hostsPart: Part = {
  name: 'hosts',
  about: `${hostile.length} hosts that lie, flood or stall; at most ${MOST_MIB} MiB and ${MOST_CPU_MS} ms of CPU each, and nothing for the honest host beside it`,
  async *run() {
    const honest = { check: await alone('check'), apply: await alone('apply') }
    const left = [...hostile]
    yield* asTheyCome(
      Array.from({ length: AT_A_TIME }, () => async (tell: (figure: Figure) => void) => {
        for (let next = left.shift(); next !== undefined; next = left.shift()) tell(await tried(next, honest))
      }),
    )
  },
}

/** Most of them only let time pass. */
const AT_A_TIME = 4

const alone = (mode: 'check' | 'apply') => tryHosts({ honest: {}, other: {} }, { mode })

async function tried(
  { name, says, mode = 'check', ...behaviour }: (typeof hostile)[number],
  honest: Readonly<Record<'check' | 'apply', Trial>>,
): Promise<Figure> {
  const { said, memoryMiB, cpuMs } = await tryHosts({ honest: {}, liar: behaviour }, { mode })
  const usual = honest[mode]
  const memory = memoryMiB - usual.memoryMiB
  const told = said['liar'] ?? 'nothing'
  const losses = [
    ...((says === undefined ? told === HONEST : says.test(told)) ? [] : [`it was told as: ${told}`]),
    ...(said['honest'] === HONEST ? [] : [`the honest host: ${said['honest'] ?? 'nothing'}`]),
    ...(memory <= MOST_MIB ? [] : [`${memory.toFixed(0)} MiB`]),
    ...(cpuMs - usual.cpuMs <= MOST_CPU_MS ? [] : [`${(cpuMs - usual.cpuMs).toFixed(0)} ms of CPU`]),
  ]
  const note = `${memory.toFixed(0)} MiB and ${(cpuMs - usual.cpuMs).toFixed(0)} ms of CPU more`
  return { what: `one that ${name}`, attempts: 1, losses, note }
}

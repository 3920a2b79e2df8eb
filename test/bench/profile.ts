import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

const CpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
})

/** Where a process writes its profile, by arguments for Node. */
export function profiled(): {
  readonly args: readonly string[]
  readonly shareOf: (functions: readonly string[]) => number
} {
  const directory = mkdtempSync(join(tmpdir(), 'rolecall-profile-'))
  return {
    args: ['--cpu-prof', `--cpu-prof-dir=${directory}`],
    shareOf(functions) {
      const [file = ''] = readdirSync(directory)
      const profile = CpuProfile.parse(JSON.parse(readFileSync(join(directory, file), 'utf8')))
      rmSync(directory, { recursive: true })
      return share(profile, new Set(functions))
    },
  }
}

/** The part of all busy time that was spent in these functions and in what they called. */
function share({ nodes, samples, timeDeltas }: z.infer<typeof CpuProfile>, functions: ReadonlySet<string>): number {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
  const counts = new Map<number, boolean>()
  const isWithin = (id: number): boolean => {
    const known = counts.get(id)
    if (known !== undefined) return known
    const parent = parents.get(id)
    const is = functions.has(byId.get(id)?.callFrame.functionName ?? '') || (parent !== undefined && isWithin(parent))
    counts.set(id, is)
    return is
  }
  let within = 0
  let busy = 0
  samples.forEach((id, at) => {
    if (['(idle)', '(program)'].includes(byId.get(id)?.callFrame.functionName ?? '')) return
    const time = timeDeltas[at] ?? 0
    busy += time
    if (isWithin(id)) within += time
  })
  return busy === 0 ? 0 : within / busy
}

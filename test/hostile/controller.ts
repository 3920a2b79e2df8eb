// A controller that runs one small role on the hosts of an inventory, and says what that cost: the process that a hostile host would harm.
import { readFileSync } from 'node:fs'
import { playbook, role, run, file, type Mode } from '../../lib/index.ts'

const [inventory = '', mode = 'check', abortAfter = '0'] = process.argv.slice(2)
const small = role({
  name: 'small',
  deadline: 10,
  async apply({ ensure }) {
    await ensure(file('/nonexistent-a/x', { content: 'x' }), file('/nonexistent-b/x', { content: 'x' }))
  },
})
const hosts = { name: 'all', hosts: 'all', roles: [small] }
const signal = Number(abortAfter) > 0 ? AbortSignal.timeout(Number(abortAfter)) : undefined
const said: Record<string, string> = {}
const startedAt = Date.now()
const before = process.cpuUsage()
const memoryBefore = process.memoryUsage().rss / 1024 / 1024
for await (const event of run(playbook({ name: 'p', plays: [hosts] }), {
  mode: mode as Mode,
  inventory,
  journal: false,
  ...(signal === undefined ? {} : { signal }),
})) {
  if (event.type === 'problem') said[event.problem.host ?? ''] ??= event.problem.message
  if (event.type === 'unit-end') said[`${event.host} end`] = event.end
}
const cpu = process.cpuUsage(before)
// Not getrusage(2), whose maximum a process inherits from whoever started it.
const [, peak = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
const memory = Number(peak) / 1024 - memoryBefore
const abortedFor = signal?.aborted === true ? Date.now() - startedAt - Number(abortAfter) : 0
process.stdout.write(
  `${JSON.stringify({ said, cpuMs: (cpu.user + cpu.system) / 1000, memoryMiB: memory, abortedFor })}\n`,
)

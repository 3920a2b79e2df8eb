import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { median } from './contest.ts'
import { projectWith, rolecall } from './ground.ts'
import { profiled } from './profile.ts'
import { quoted } from './plain-ssh.ts'
import type { Extent, Tables } from './site.ts'
import { markdown, seconds } from './table.ts'

const HOSTS = 500
const RESOURCES = 20

/** Ways to tell one and the same run: on a terminal, and where nothing is drawn. */
const VIEWS = {
  'in a pipe': { args: [], terminal: false },
  'live view, 80x24': { args: [], terminal: true },
  'in a pipe, -q': { args: ['-q'], terminal: false },
  'live view, 80x24, -q': { args: ['-q'], terminal: true },
} as const

type View = keyof typeof VIEWS

/** What each live view is compared with. */
const BESIDE: Readonly<Partial<Record<View, View>>> = {
  'live view, 80x24': 'in a pipe',
  'live view, 80x24, -q': 'in a pipe, -q',
}

/**
 * What the live view costs: the CPU of Rolecall's own process in a run over hundreds of hosts, on a terminal and in a pipe, in turn. The hosts are shells of this
 * machine: what they do is not counted, and no time goes to the encryption of SSH, of which the view would be a smaller part.
 */
export async function* benchView({ rounds, isSmoke }: Extent): Tables {
  const hosts = isSmoke ? 20 : HOSTS
  const project = projectWith(viewProject(hosts))
  for (const [work, clear] of [
    ['all to do', true],
    ['nothing to do', false],
  ] as const) {
    const costs = new Map<View, number[]>()
    for (let round = 0; round < rounds; round++) {
      // Who begins changes from round to round.
      const views = Object.keys(VIEWS) as View[]
      const first = round % views.length
      for (const view of [...views.slice(first), ...views.slice(0, first)]) {
        if (clear) rmSync(join(project, 'state'), { recursive: true, force: true })
        const ms = await ownCpu(project, view)
        process.stderr.write(
          `${hosts} hosts, ${work}: round ${round + 1} of ${rounds}, ${view} ${seconds(ms)} s of CPU\n`,
        )
        costs.set(view, [...(costs.get(view) ?? []), ms])
      }
    }
    yield markdown([
      [`${hosts} hosts, ${work}`, 'CPU here', 'least', 'against a pipe', 'least against least'],
      ...rowsOf(costs),
    ])
    if (clear) rmSync(join(project, 'state'), { recursive: true, force: true })
    const { args, shareOf } = profiled()
    await ownCpu(project, 'live view, 80x24', args)
    yield markdown([
      [`${hosts} hosts, ${work}`, 'of the CPU time of one run'],
      ['drawing the live view', `${(shareOf(DRAWING) * 100).toFixed(2)} %`],
    ])
  }
}

/**
 * What only the live view does: its frames, and the last one. Two runs differ by more than this costs on a machine that does other work as well, so the part
 * is also read from a profile of one run.
 */
const DRAWING = ['#drawAgain', '#draw']

/** Each view beside its pipe: the median of the rounds' own ratios, since what else goes on changes from round to round. */
function rowsOf(costs: ReadonlyMap<View, readonly number[]>): string[][] {
  return Array.from(costs, ([view, all]) => {
    const other = costs.get(BESIDE[view] ?? view) ?? []
    const ratios = all.map((ms, round) => ms / (other[round] ?? ms))
    const least = Math.min(...all) / Math.min(...other)
    return [view, seconds(median(all)), seconds(Math.min(...all)), percent(median(ratios)), percent(least)]
  })
}

function percent(ratio: number): string {
  return ratio === 1 ? '' : `${ratio < 1 ? '-' : '+'}${Math.abs((ratio - 1) * 100).toFixed(1)} %`
}

/** Runs it, and reads what CPU its process has used, of all its threads: milliseconds. */
async function ownCpu(project: string, view: View, nodeArgs: readonly string[] = []): Promise<number> {
  const { args, terminal } = VIEWS[view]
  const { argv, cwd } = rolecall(project, 'apply', 'site', '--no-types', ...args)
  const [node = process.execPath, ...words] = argv
  const told = [node, ...nodeArgs, '--require', './tell-cpu.cjs', ...words]
  // A terminal made by script(1) has no size by itself.
  const shown = ['script', '-qec', `stty cols 80 rows 24; exec ${told.map(quoted).join(' ')}`, '/dev/null']
  const [program = '', ...rest] = terminal ? shown : told
  const child = spawn(program, rest, {
    cwd,
    env: { ...process.env, TERM: 'xterm-256color', CI: '', LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-4000)))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`${view} ended with ${code ?? 'a signal'}:\n${said}`)
  return Number(readFileSync(join(project, 'cpu'), 'utf8'))
}

function viewProject(hosts: number): Record<string, string> {
  const names = Array.from({ length: hosts }, (_, at) => `    host-${at}: { ansible_connection: local }\n`)
  return {
    'inventory/hosts.yml': `all:\n  hosts:\n${names.join('')}`,
    'tell-cpu.cjs': `process.on('exit', () => {
  const { user, system } = process.cpuUsage()
  require('node:fs').writeFileSync('cpu', String((user + system) / 1000))
})
`,
    'playbooks/site.ts': `import { dir, file, playbook, role } from 'rolecall'
const app = role({
  name: 'app',
  async apply({ ensure, host }) {
    const at = process.cwd() + '/state/' + host.name
    await ensure(dir(at))
    for (let part = 0; part < ${RESOURCES}; part += 5)
      await ensure([0, 1, 2, 3, 4].map((n) => file(at + '/' + (part + n), { content: 'part ' + (part + n) + ' of ' + host.name + '\\n' })))
  },
})
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [app] }] })
`,
  }
}

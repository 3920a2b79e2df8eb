import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { indexPath } from '../../lib/runner/run-index/entry.ts'
import { writeYear } from '../support/year-of-runs.ts'
import { contest, type Contender } from './contest.ts'
import { projectWith, rolecall } from './ground.ts'
import type { Extent, Tables } from './site.ts'
import { memoryColumn, tableOf } from './table.ts'

/** The runs of a year: forty on each working day. */
const YEAR = { runs: 10_000, hosts: 12, resources: 24 }

/** Reading back a year of runs. `node-000` is changed or checked by each of them. */
export async function* benchJournal({ rounds, isSmoke }: Extent): Tables {
  const project = projectWith({ 'inventory/hosts.yml': 'all: { hosts: { node-000: } }\n' })
  const journals = join(project, '.rolecall/runs')
  const year = { ...YEAR, ...(isSmoke ? { runs: 100 } : {}), until: Date.now() }
  writeYear(journals, year)
  const without = () => {
    rmSync(indexPath(journals), { force: true })
    return Promise.resolve()
  }
  const contenders: readonly Contender[] = [
    { name: 'rolecall --version', command: rolecall(project, '--version') },
    { name: 'runs', command: rolecall(project, 'runs') },
    { name: 'history, without an index', command: rolecall(project, 'history', 'node-000'), prepare: without },
    { name: 'history', command: rolecall(project, 'history', 'node-000') },
    { name: 'history --since 7d', command: rolecall(project, 'history', 'node-000', '--since', '7d') },
    { name: 'runs --all', command: rolecall(project, 'runs', '--all') },
    { name: 'runs prune --check', command: rolecall(project, 'runs', 'prune', '--check') },
  ]
  const work = `${year.runs} runs`
  yield tableOf(work, await contest({ work, contenders, target: () => 0, rounds }), [memoryColumn])
  const prune: readonly Contender[] = [
    {
      name: 'runs prune',
      command: rolecall(project, 'runs', 'prune'),
      prepare: () => Promise.resolve(void writeYear(journals, year)),
    },
  ]
  yield tableOf('what is older than 90 days', await contest({ work, contenders: prune, target: () => 0, rounds: 1 }), [
    memoryColumn,
  ])
}

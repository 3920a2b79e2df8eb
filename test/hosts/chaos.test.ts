// Hosts: node-01, node-02
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import site from '../../playbooks/site.ts'
import { chaos } from '../chaos/chaos.ts'
import { LimitedDisks } from '../chaos/limited-disk.ts'
import { machinesOf } from '../chaos/machine.ts'
import { layOutProject } from '../chaos/project.ts'
import { ensuredResources } from '../parity/ensured-resources.ts'
import { seedOfRun } from '../support/random.ts'
import { lab, onLab, reset } from '../support/lab.ts'

const HOSTS = ['node-01', 'node-02']

const say = (line: string) => void process.stdout.write(`${line}\n`)
const seed = seedOfRun(1125)

const isThere = ['/usr/bin', '/usr/local/bin'].some((directory) => existsSync(`${directory}/inotifywait`))
if (!isThere) say('skipped: this needs inotifywait: apt-get install inotify-tools')

if (isThere)
  onLab(
    'a site that is interrupted anywhere arrives with the next run, and `npm run test:chaos` tries it longer',
    async () => {
      const { name } = await lab()
      await reset(...HOSTS)
      const all = await machinesOf({ project: process.cwd(), name })
      const machines = all.filter((machine) => HOSTS.includes(machine.name))
      const disks = new LimitedDisks(`/var/tmp/rolecall-chaos-${name}`, machines)
      await disks.limit()
      try {
        const project = layOutProject(process.cwd(), await lab())
        const limit = HOSTS.join(',')
        const tally = await chaos({
          seed,
          machines,
          disks,
          say,
          project,
          args: ['apply', 'site', '--limit', limit],
          asked: () => ensuredResources(site, join(project, 'inventory'), { limit }),
          rounds: { drifted: 4, fresh: 0 },
          isOver: () => false,
        })
        say(tally.toString())
        assert.ok(tally.isFine, `ROLECALL_SEED=${seed}`)
      } finally {
        await disks.unlimit()
      }
    },
  )

test.run()

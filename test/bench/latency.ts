import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inventoryFor } from '../../lib/lab/lab.ts'
import { contest, median, type Contender } from './contest.ts'
import { labGround, rolecall, type Ground } from './ground.ts'
import { siteScript, sshScripts } from './plain-ssh.ts'
import { sample } from './sample.ts'
import { ansibleRerun, connectingAlone, rolecallIsIdle, siteOf, type Extent, type Tables } from './site.ts'
import { memoryColumn, ratioOf, tableOf, type Column } from './table.ts'

const EACH_WAY_MS = 25

/** The rerun of one host behind a line of +25 ms each way. */
export async function* benchLatency(extent: Extent): Tables {
  const ground = await labGround()
  const { user, privateKey } = ground.lab
  // One whose roles write nothing that depends on its own address, which is the relay's here.
  const far = ground.hosts[1]
  if (far === undefined) throw new Error('the lab has no second host')
  await sample(siteOf(ground).command, ground.target)

  await using relay = await startRelay(far.address)
  const behind = reachedThrough(ground, far, relay.port)
  writeFileSync(join(ground.project, 'inventory/hosts.yml'), behind.inventory)
  const ours: Contender = {
    name: 'rolecall',
    command: rolecall(ground.project, 'apply', 'site', '-l', far.name),
    judge: rolecallIsIdle,
  }
  const relayed = { address: '127.0.0.1', port: relay.port, user, privateKey, knownHosts: behind.knownHosts }
  const contenders = [
    ours,
    ...sshScripts([relayed], siteScript(ground)),
    ...connectingAlone([relayed]),
    // That it works at all, the smoke of `site` shows as well.
    ...(extent.isSmoke ? [] : await ansibleRerun(ground, extent, behind.inventory, '-l', far.name)),
  ]
  const trips = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  const counting = contenders.map((contender): Contender => ({
    ...contender,
    prepare: () => relay.trips(),
    judge: async (ran) => {
      trips.get(contender.name)?.push(await relay.trips())
      contender.judge?.(ran)
    },
  }))
  const column: Column = {
    head: 'round trips',
    cell: (_, __, name) => median(trips.get(name) ?? []).toFixed(0),
  }
  const work = `rerun, nothing to do, one host, +${EACH_WAY_MS} ms each way`
  const result = await contest({ work, contenders: counting, target: ground.target, rounds: extent.rounds })
  yield tableOf(work, result, [column, memoryColumn, ratioOf('rolecall')])
}

/** An inventory in which one host is reached through a port of this machine. */
function reachedThrough({ lab, project }: Ground, far: Ground['hosts'][number], port: number) {
  const [, key = ''] = new RegExp(`^${far.name},\\S+ (.*)$`, 'm').exec(readFileSync(lab.knownHosts, 'utf8')) ?? []
  const knownHosts = join(project, 'known_hosts')
  writeFileSync(knownHosts, `${readFileSync(lab.knownHosts, 'utf8')}[127.0.0.1]:${port} ${key}\n`)
  const inventory = inventoryFor(lab)
    .replace(lab.knownHosts, knownHosts)
    .replace(`ansible_host: ${far.address}\n`, `ansible_host: 127.0.0.1\n      ansible_port: ${port}\n`)
  return { inventory, knownHosts }
}

/** The relay, in a process of its own until the block that asked for it ends. */
async function startRelay(address: string) {
  const port = await freePort()
  const relay = join(import.meta.dirname, 'relay.ts')
  const words = [...process.execArgv, relay, String(port), address, '22', String(EACH_WAY_MS)]
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  const next = async () => {
    const [text] = (await once(child.stdout, 'data')) as [Buffer]
    return text.toString().trim()
  }
  await next()
  return {
    port,
    /** Round trips since this was last asked. */
    async trips(): Promise<number> {
      const answer = next()
      child.stdin.write('\n')
      return Number(await answer)
    },
    async [Symbol.asyncDispose]() {
      child.kill()
      await once(child, 'close')
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

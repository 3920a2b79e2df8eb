import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { contest, type Contender } from './contest.ts'
import { labGround, playbookOf, rolecall } from './ground.ts'
import { EXCHANGES, siteScript, sshScripts } from './plain-ssh.ts'
import { sample } from './sample.ts'
import type { Extent } from './site.ts'
import { tableOf } from './table.ts'

const EACH_WAY_MS = 25

/** The rerun of one host behind a line of +25 ms each way. */
export async function benchLatency({ rounds }: Extent): Promise<string> {
  const ground = await labGround()
  const { nodes, user, privateKey, knownHosts } = ground.lab
  // One whose roles write nothing that depends on its own address, which is the relay's here.
  const [dns, far] = nodes
  if (dns === undefined || far === undefined) throw new Error('the lab has no hosts')
  const site: Contender = { name: 'rolecall', command: rolecall(ground.project, 'apply', playbookOf('chapter')) }
  await sample(site.command, ground.target)

  const port = await freePort()
  const relay = join(import.meta.dirname, 'relay.ts')
  const words = [...process.execArgv, relay, String(port), far.address, '22', String(EACH_WAY_MS)]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    await once(child.stdout, 'data')
    const known = join(ground.project, 'known_hosts')
    const [, key = ''] = new RegExp(`^${far.name},\\S+ (.*)$`, 'm').exec(readFileSync(knownHosts, 'utf8')) ?? []
    writeFileSync(known, `[127.0.0.1]:${port} ${key}\n`)
    const inventory = join(ground.project, 'inventory/hosts.yml')
    writeFileSync(
      inventory,
      readFileSync(inventory, 'utf8')
        .replace(knownHosts, known)
        .replace(`ansible_host: ${far.address}\n`, `ansible_host: 127.0.0.1\n      ansible_port: ${port}\n`),
    )
    const ours = rolecall(ground.project, 'apply', playbookOf('chapter'), '-l', far.name)
    const relayed = { address: '127.0.0.1', port, user, privateKey, knownHosts: known }
    const contenders = [{ name: 'rolecall', command: ours }, ...sshScripts([relayed], siteScript(dns.address, nodes))]
    const work = `rerun, nothing to do, one host, +${EACH_WAY_MS} ms each way`
    return tableOf(work, await contest({ work, contenders, target: ground.target, rounds }), Object.keys(EXCHANGES))
  } finally {
    child.kill()
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

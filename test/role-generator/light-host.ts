import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Host } from '../../lib/host/host.ts'
import { Entrance, killAll } from './namespaces.ts'
import type { Layers } from './layer.ts'
import { databases } from './database-servers.ts'
import { ACCOUNTS, entryOf, walk, type Entry, type Snapshot } from './snapshot.ts'
import type { TrialHost } from './trial-host.ts'

/** What roles of the generator name stands below it, in mounts of its own perhaps. */
const WALKED = '/srv'
const SKIPPED = ['/run/rolecall', '/proc', '/dev', '/sys', '/var/log', WALKED]
/** What servers of databases write by themselves. What is in them is asked for in SQL. */
const SERVERS = ['/var/lib/mysql', '/var/lib/postgresql', '/run/mysqld', '/run/postgresql']
/** What update-ca-certificates leaves behind when it is killed. */
const LEFT_BY_TOOLS = /^\/tmp\/ca-certificates\.tmp\.\w+$/

/**
 * A host without a boot: a mount namespace on this machine, whose root is a fresh overlay upon the lab's own base. It has everything but
 * systemd, and a new one takes 50 ms.
 */
export class LightHost implements TrialHost {
  readonly kind = 'light'
  readonly #room = mkdtempSync(join(tmpdir(), 'rolecall-roles-'))
  readonly #roots: Layers
  #layers: readonly string[]
  #hasDatabases = false
  #holder: ChildProcess | undefined
  readonly #entrance = new Entrance((script) => {
    const into = ['-t', String(this.#holder?.pid ?? 0), '--mount', '--uts', '--ipc', 'chroot', join(this.#room, 'm')]
    return ['nsenter', [...into, '/bin/sh', '-c', script]]
  })

  constructor(roots: Layers) {
    this.#roots = roots
    this.#layers = roots.plain
  }

  async reset(hasDatabases = false): Promise<void> {
    await this.#end()
    this.#hasDatabases = hasDatabases
    this.#layers = hasDatabases ? await this.#roots.databases() : this.#roots.plain
    const room = this.#room
    const script = [
      'set -e',
      `mount -t tmpfs -o size=512m,mode=755 none ${room}`,
      `cd ${room}; mkdir u w m`,
      `mount -t overlay overlay -o lowerdir=${this.#layers.join(':')},upperdir=u,workdir=w m`,
      'mount -t proc proc m/proc; mount --rbind /dev m/dev; mount -t tmpfs none m/run; mkdir m/run/mount',
      'hostname trial; echo ready; exec sleep infinity',
    ].join('\n')
    // A process that is killed takes its hosts along.
    const box = ['--pdeathsig', 'KILL', '--', 'unshare', '--mount', '--uts', '--ipc', '/bin/sh', '-c', script]
    const holder = spawn('setpriv', box, {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#holder = holder
    await new Promise<void>((ready, fail) => {
      let said = ''
      holder.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
      holder.stdout.once('data', () => ready())
      holder.once('close', () => fail(new Error(`no host: ${said}`)))
    })
  }

  sh(script: string) {
    return this.#entrance.sh(script)
  }

  connect(): Promise<Host> {
    return this.#entrance.connect()
  }

  async snapshot(): Promise<Snapshot> {
    const top = `/proc/${this.#holder?.pid ?? 0}/root${this.#room}`
    const skip = (path: string) => SKIPPED.includes(path) || SERVERS.includes(path) || LEFT_BY_TOOLS.test(path)
    const upper = walk(join(top, 'u'), '/', skip)
    const entries: [string, Entry][] = []
    for (const [path, entry] of upper) {
      if (entry.text === undefined && this.#below(path)?.is === entry.is) continue
      // What overlayfs puts in the place of something that was removed.
      entries.push([path, / 0 0 0$/.test(entry.is) && entry.is.startsWith('device') ? { is: 'gone', at: '' } : entry])
    }
    for (const path of ACCOUNTS) {
      if (upper.has(path)) continue
      const below = this.#below(path)
      if (below !== undefined) entries.push([path, below])
    }
    const run = walk(join(top, 'm/run'), '/run', skip)
    const asked = this.#hasDatabases ? await databases((script) => this.sh(script)) : []
    return new Map([...entries, ...run, ...walk(join(top, `m${WALKED}`), WALKED, () => false), ...asked])
  }

  async cut(): Promise<void> {
    this.#entrance.cut()
    for (let tries = 0; tries < 100 && this.#inside().length > 0; tries++) await new Promise((go) => setTimeout(go, 20))
    killAll(() => this.#inside())
  }

  async kill(): Promise<void> {
    killAll(() => this.#inside())
    this.#entrance.cut()
    await new Promise((go) => setTimeout(go, 1))
  }

  async close(): Promise<void> {
    await this.#end()
    rmdirSync(this.#room)
  }

  /** The entry of the base, which an unchanged copy in the overlay is like. */
  #below(path: string): Entry | undefined {
    for (const layer of this.#layers) {
      const real = join(layer, path)
      const stats = lstatSync(real, { throwIfNoEntry: false })
      if (stats === undefined) continue
      return { ...entryOf(real, stats), ...(ACCOUNTS.includes(path) ? { text: readFileSync(real, 'utf8') } : {}) }
    }
    return undefined
  }

  /** Every process of the host. */
  #inside(): number[] {
    const holder = this.#holder?.pid
    if (holder === undefined) return []
    const namespace = namespaceOf(holder)
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && pid !== holder && namespaceOf(pid) === namespace)
  }

  async #end(): Promise<void> {
    const holder = this.#holder
    if (holder === undefined) return
    this.#entrance.hangUp()
    killAll(() => this.#inside())
    this.#holder = undefined
    const over = new Promise((done) => holder.once('close', done))
    holder.kill('SIGKILL')
    await over
  }
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`)
  } catch {
    return undefined
  }
}

/** Whether this machine can have such hosts. */
export function reasonAgainstLight(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'hosts of the generator need Linux and root'
  return existsSync('/usr/bin/nsenter') ? undefined : 'hosts of the generator need nsenter'
}

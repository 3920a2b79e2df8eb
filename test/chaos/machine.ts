import { spawn } from 'node:child_process'
import { groupOf } from '../../lib/lab/nspawn/cgroup.ts'
import type { Ownership } from '../../lib/lab/drivers/driver.ts'
import { currentOwnership } from '../../lib/lab/ownership/ownership.ts'
import { diskOf } from '../../lib/lab/disks/directories.ts'
import { boot, cutPowerOf, waitUntilReady } from '../../lib/lab/nspawn/host.ts'
import type { LabNode, LabRequest } from '../../lib/lab/model.ts'
import { requester } from '../../lib/lab/ownership/requester.ts'
import { leaderOf } from '../../lib/lab/nspawn/process.ts'

/** One host of the lab as the harness sees it: past Rolecall and past SSH, so that what it asks costs and disturbs little. */
export class Machine {
  readonly name: string
  readonly address: string
  /** Where the lab keeps its disk on this machine. */
  readonly disk: string
  /** While its disk has a limit: a directory on the same file system, outside of what the host sees. */
  beside: string | undefined
  readonly #owned: Ownership
  readonly #node: LabNode

  constructor(owned: Ownership, node: LabNode) {
    this.name = node.name
    this.address = node.address
    this.disk = diskOf(owned.dirs, node.name)
    this.#owned = owned
    this.#node = node
  }

  /** The id of its first process here. It is another one after a reboot. */
  async leader(): Promise<number | undefined> {
    return leaderOf(await groupOf(this.#owned.lab.name, this.name))
  }

  /** Runs a script as root on it and gives what it printed. Throws when the script fails or the host is not there. */
  async run(script: string): Promise<string> {
    return this.#enter(
      ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--root', '--wd'],
      ['/bin/sh'],
      script,
    )
  }

  /** Runs a program of this machine in the host's network. */
  async inNetwork(...argv: readonly string[]): Promise<string> {
    return this.#enter(['--net'], argv, '')
  }

  async cutPower(): Promise<void> {
    await cutPowerOf(this.#owned.lab, this.#node)
  }

  async boot(): Promise<void> {
    await boot(this.#owned.dirs, this.#owned.lab, this.#node, () => undefined)
  }

  async ready(): Promise<void> {
    await waitUntilReady(this.#owned.dirs, this.#owned.lab, this.#node, () => undefined)
  }

  async #enter(namespaces: readonly string[], argv: readonly string[], input: string): Promise<string> {
    const leader = await this.leader()
    if (leader === undefined) throw new Error(`${this.name} is not running`)
    return program('nsenter', ['--target', String(leader), ...namespaces, '--', ...argv], input)
  }
}

/** The hosts of a lab that is up. */
export async function machinesOf(request: LabRequest): Promise<readonly Machine[]> {
  const owned = await currentOwnership(await requester(request))
  return owned.lab.nodes.map((node) => new Machine(owned, node))
}

/** Runs a program and gives what it printed. Throws when it ends with anything but 0. */
export function program(file: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const path = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`
    const child = spawn(file, args, { env: { ...process.env, PATH: path, LC_ALL: 'C' }, stdio: 'pipe' })
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(out)
      else reject(new Error(`${[file, ...args].join(' ')}\n${input}\nends with ${code ?? 'a signal'}: ${err.trim()}`))
    })
  })
}

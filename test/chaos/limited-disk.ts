import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, statfs, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { program, type Machine } from './machine.ts'

/** Enough for the whole site on a host, and little enough to be filled at once. */
const SIZE = '6G'

/** What of a host's disk is written to; `upper` and `work` must be on one file system. */
const PARTS = ['upper', 'work', 'data']

/**
 * Puts the disks of hosts on file systems of their own, each an image of limited size: so a disk can be full for real, and
 * a whole host is copied and put back in a second. The lab only sees that its directories are symbolic links now.
 */
export class LimitedDisks {
  readonly #room: string
  readonly #machines: readonly Machine[]

  /** @param room a directory of this machine for mounts and images; what a killed harness left in it is cleared away. */
  constructor(room: string, machines: readonly Machine[]) {
    this.#room = room
    this.#machines = machines
  }

  /** Moves the disks as they are into images. The hosts are booted anew. Throws while another process is at work there. */
  async limit(): Promise<void> {
    const owner = await readFile(join(this.#room, 'owner'), 'utf8').catch(() => '')
    if (owner !== '' && existsSync(`/proc/${owner}`)) throw new Error(`process ${owner} is at work on these disks`)
    await this.clear()
    await mkdir(this.#room, { recursive: true })
    // Whoever starts hosts meanwhile gets these mounts along into a mount namespace of its own: there they go when they go here.
    await program('mount', ['--bind', this.#room, this.#room])
    await program('mount', ['--make-shared', this.#room])
    await writeFile(join(this.#room, 'owner'), String(process.pid))
    await this.#each(async (machine) => {
      const image = this.#image(machine, 'live')
      await machine.cutPower()
      await mkdir(join(this.#room, machine.name), { recursive: true })
      await program('truncate', ['-s', SIZE, image])
      await program('mkfs.ext4', ['-q', '-m', '0', '-O', '^has_journal', image])
      await this.#mount(machine)
      for (const part of PARTS) {
        await program('cp', ['-a', join(machine.disk, part), this.#mountOf(machine)])
        await rm(join(machine.disk, part), { recursive: true })
        await symlink(join(this.#mountOf(machine), part), join(machine.disk, part))
      }
      await machine.boot()
    })
  }

  /** Keeps the disks as they are now under a name. */
  async keep(name: string): Promise<void> {
    await this.#each(async (machine) => {
      await machine.cutPower()
      await this.#unmount(machine)
      await program('cp', ['--sparse=always', this.#image(machine, 'live'), this.#image(machine, name)])
      await this.#mount(machine)
      await machine.boot()
    })
  }

  /** Gives hosts the disk that was kept under a name, and boots them. */
  async putBack(name: string, machines = this.#machines): Promise<void> {
    await this.#each(async (machine) => {
      await machine.cutPower()
      await this.#unmount(machine)
      await program('cp', ['--sparse=always', this.#image(machine, name), this.#image(machine, 'live')])
      await this.#mount(machine)
      await machine.boot()
    }, machines)
  }

  /** Moves the disks back to where the lab has them, as they are now. Where a host does not boot, this machine is left as it was all the same. */
  async unlimit(): Promise<void> {
    const ended = await Promise.allSettled(this.#machines.map((machine) => this.#moveBack(machine)))
    await this.clear()
    for (const each of ended) if (each.status === 'rejected') throw each.reason
  }

  async #moveBack(machine: Machine): Promise<void> {
    await machine.cutPower()
    for (const part of PARTS) {
      const moved = join(machine.disk, `${part}.new`)
      await rm(moved, { recursive: true, force: true })
      await program('cp', ['-a', join(this.#mountOf(machine), part), moved])
      await rm(join(machine.disk, part))
      await rename(moved, join(machine.disk, part))
    }
    machine.beside = undefined
    await machine.boot()
  }

  /** Unmounts and removes all there is in the room. */
  async clear(): Promise<void> {
    for (const name of await readdir(this.#room).catch(() => []))
      await program('umount', ['-l', join(this.#room, name, 'disk')]).catch(() => undefined)
    await program('umount', ['-l', this.#room]).catch(() => undefined)
    await rm(this.#room, { recursive: true, force: true })
  }

  async #mount(machine: Machine): Promise<void> {
    const mount = this.#mountOf(machine)
    await mkdir(mount, { recursive: true })
    await program('mount', ['-o', 'loop', this.#image(machine, 'live'), mount])
    machine.beside = mount
  }

  /** The host's own mounts of it end a moment after its last process; an image that is copied before is broken. */
  async #unmount(machine: Machine): Promise<void> {
    await program('umount', [this.#mountOf(machine)])
    for (let tries = 0; (await program('losetup', ['-j', this.#image(machine, 'live')])) !== ''; tries++) {
      if (tries === 1200) throw new Error(`the disk of ${machine.name} is still in use`)
      await sleep(50)
    }
  }

  #mountOf(machine: Machine): string {
    return join(this.#room, machine.name, 'disk')
  }

  #image(machine: Machine, name: string): string {
    return join(this.#room, machine.name, `${name}.img`)
  }

  async #each(work: (machine: Machine) => Promise<void>, machines = this.#machines): Promise<void> {
    await Promise.all(machines.map(work))
  }
}

/** Takes every free byte of the host's disk. */
export async function fill(machine: Machine): Promise<void> {
  if (machine.beside === undefined) throw new Error(`the disk of ${machine.name} has no limit`)
  for (let attempt = 0; attempt < 20; attempt++) {
    const { bavail, bsize } = await statfs(machine.beside)
    if (bavail === 0) return
    // The last blocks go to the map of the blocks itself.
    const share = attempt < 4 ? bavail * bsize : Math.ceil(bavail / 2) * bsize
    const file = join(machine.beside, `filler-${attempt}`)
    await program('fallocate', ['-l', String(share), file]).catch(() => undefined)
  }
}

/** Gives it all back. */
export async function drain(machine: Machine): Promise<void> {
  const { beside } = machine
  if (beside === undefined) return
  const names = (await readdir(beside)).filter((name) => name.startsWith('filler-'))
  await Promise.all(names.map((name) => rm(join(beside, name))))
}

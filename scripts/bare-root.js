// A root file system with only a minimal Debian and this Node: the tests have to install everything else that they need.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { installed } from './bootstrap.js'
import { project } from './freshness.js'

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * The mounts belong to this one process and end with it, however it or its parent ends. It holds them until its standard input closes. Every
 * machine resolves localhost, but debootstrap writes no /etc/hosts: the installer of a system does.
 */
const HOLD = `
lower=$1 at=$2 project=$3 node=$4
root=$at/root
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$at/upper,workdir=$at/work,volatile" "$root" &&
  mount --rbind /proc "$root/proc" && mount --rbind /dev "$root/dev" && mount --rbind /sys "$root/sys" &&
  mount -t tmpfs -o mode=755 tmpfs "$root/run" && mkdir -p "$root$project" && mount --bind "$project" "$root$project" &&
  { test -e "$root/etc/hosts" || echo '127.0.0.1 localhost' >"$root/etc/hosts"; } &&
  : >"$root/usr/bin/node" && mount --bind "$node" "$root/usr/bin/node" && cd "$root$project" || exit
# Whoever enters takes the root of this process, so it is ready only when its root is the new one.
exec chroot "$root" /bin/sh -c 'echo ready; exec cat'`

/** Whether one can be made here. */
export const canBeBare = process.platform === 'linux' && process.getuid?.() === 0

/**
 * Makes a bare root, and lets the tests' own installer add what they need.
 *
 * @param {string} busybox the package that provides busybox
 * @returns {Promise<{ into?: string[], why?: string, end(): void | Promise<void> }>} the words before a command that runs in it, or why there is none
 */
export async function bareRoot(busybox) {
  const found = await baseRoot()
  if (found.lower === undefined) return { why: found.why, end: () => undefined }
  // The same path in every run of this clone, so that a run removes the leftovers of a killed one.
  const at = join(
    dirname(found.lower),
    '../..',
    `bare-${createHash('sha256').update(project).digest('hex').slice(0, 8)}-${busybox}`,
  )
  rmSync(at, { recursive: true, force: true })
  for (const part of ['upper', 'work', 'root']) mkdirSync(join(at, part), { recursive: true, mode: 0o755 })
  const args = [
    '--mount',
    '--propagation',
    'slave',
    '--',
    'sh',
    '-c',
    HOLD,
    'sh',
    found.lower,
    at,
    project,
    process.execPath,
  ]
  const holder = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true, env: { PATH } })
  const remove = () => rmSync(at, { recursive: true, force: true })
  const end = async () => {
    const ended = holder.exitCode !== null ? undefined : new Promise((resolve) => holder.once('close', resolve))
    holder.stdin.end()
    await ended
    remove()
  }
  /** @type {Buffer[]} */
  const words = []
  holder.stderr.on('data', (chunk) => words.push(chunk))
  const [first] = await Promise.race([once(createInterface({ input: holder.stdout }), 'line'), once(holder, 'close')])
  if (first !== 'ready') {
    remove()
    return {
      why: `the bare root cannot be mounted: ${Buffer.concat(words).toString('utf8').trim()}`,
      end: () => undefined,
    }
  }
  const into = [
    ...['--target', String(holder.pid), '--mount', '--root', '--wd', '--', 'env', '-i', '-C', project],
    ...[`PATH=${PATH}`, 'HOME=/root', 'LANG=C.UTF-8', 'NO_COLOR=1', ...passedOn(), '/usr/bin/node'],
  ]
  const install = spawnSync('nsenter', [...into, 'scripts/install-tools.js', busybox], {
    encoding: 'utf8',
    env: { PATH },
  })
  if (install.status !== 0) {
    await end()
    return {
      why: `in a bare root this Node does not run, or what the tests need cannot be installed: ${install.stdout}${install.stderr}`,
      end: () => undefined,
    }
  }
  return { into: ['nsenter', ...into], end }
}

/** Environment variables that a person sets for the tests. */
function passedOn() {
  return Object.entries(process.env).flatMap(([key, value]) => (key.startsWith('ROLECALL_') ? [`${key}=${value}`] : []))
}

/**
 * The path of the base. The lab makes it if it is missing; several processes may try at once.
 *
 * @returns {Promise<{ lower: string, why?: undefined } | { lower?: undefined, why: string }>}
 */
async function baseRoot() {
  const args = ['--import', pathToFileURL(installed('tsx')).href, 'test/support/base-root.ts']
  const child = spawn(process.execPath, args, { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] })
  /** @type {[out: Buffer[], err: Buffer[]]} */
  const [out, err] = [[], []]
  child.stdout.on('data', (chunk) => out.push(chunk))
  child.stderr.on('data', (chunk) => err.push(chunk))
  const [code] = await once(child, 'close')
  if (code === 0) return { lower: Buffer.concat(out).toString('utf8') }
  return { why: `there is no bare root: ${Buffer.concat(err).toString('utf8').trim()}` }
}

/**
 * @param {import('node:events').EventEmitter} emitter
 * @param {string} event
 * @returns {Promise<unknown[]>}
 */
function once(emitter, event) {
  return new Promise((resolve) => emitter.once(event, (...values) => resolve(values)))
}

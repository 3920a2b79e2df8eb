import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import { baseRoot, ensureBase, type Base } from '../bases/base.ts'
import { basePackages, baseSetup, writeBaseFiles } from '../bases/debian.ts'
import { elWorld } from '../bases/el/packages.ts'
import type { FamilyName } from '../family.ts'
import { readArchive, type Archive } from '../machine/archive.ts'
import { replaceAtomically } from '../machine/files.ts'
import { hasProgram, isDebian } from '../machine/requirements.ts'
import { withLock } from '../machine/lock.ts'
import { readResolvers } from '../machine/resolvers.ts'
import { run } from '../machine/run.ts'
import { labError, type Say } from '../model.ts'
import type { ProjectLab } from '../project/types.ts'
import type { Engine } from './engine.ts'
import { baseImage } from './names.ts'

/** Change this when this file makes a different image from the same base. */
const version = 4

/** The image to build on where Debian cannot be built from its archive. It has the same packages. */
const foundation = 'docker.io/library/debian:bookworm-slim'

/**
 * The first process of a host. It removes the engine's mounts on three files that roles want to replace, and remounts control groups writable for systemd,
 * because some engines mount them read-only. At the first start it unpacks the host's own files and makes root and ops their
 * owners.
 */
const init = `#!/bin/sh
mount -o remount,rw /sys/fs/cgroup 2>/dev/null
for file in hosts hostname resolv.conf; do umount "/etc/$file" 2>/dev/null; done
if [ -f /identity.tar ]; then
  tar -x --no-same-owner -f /identity.tar -C / && chown -R ops:ops /home/ops && rm /identity.tar
fi
exec /sbin/init
`

/** Units that cannot work in a container. */
const masked = [
  'proc-sys-fs-binfmt_misc.automount',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
  'dev-hugepages.mount',
  'systemd-udev-trigger.service',
  'systemd-modules-load.service',
]

export const initPath = '/usr/lib/rolecall-lab/init'

/** Files that the image has beyond the base, as paths below its root. */
const extraFiles = [`.${initPath}`, ...masked.map((unit) => `./etc/systemd/system/${unit}`)]

/**
 * The image of a family. Built from this machine's package archive when the engine does not have it.
 *
 * @throws {RolecallError} when a program fails, or the family cannot be built without root.
 */
export async function ensureImage(
  engine: Engine,
  cache: string,
  family: FamilyName,
  project: ProjectLab,
  say: Say,
): Promise<Base> {
  if (process.getuid?.() === 0 && (await isDebian())) {
    const base = await ensureBase(cache, family, say, elWorld(project.el))
    const root = path.join(cache, baseRoot(base))
    return await ensureImported(engine, cache, fingerprintOf(base.fingerprint), say, async (tar, extra) => {
      // Only files: an engine refuses a tar that has a directory twice.
      await run('tar', ['-c', '-f', tar, '-C', root, '.', '-C', extra, ...extraFiles])
    })
  }
  if (family === 'el')
    throw labError('building hosts of the Red Hat family needs root', {
      hint: 'run the same command with sudo, or leave the family out',
    })
  return (await isDebian()) ? await buildFromArchive(engine, cache, say) : await buildUponFoundation(engine, cache, say)
}

function fingerprintOf(what: unknown): string {
  const text = JSON.stringify({ version, init, masked, what })
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** Without root: mmdebstrap makes the root in a user namespace. */
async function buildFromArchive(engine: Engine, cache: string, say: Say): Promise<Base> {
  const archive = await readArchive()
  if (!(await hasProgram('mmdebstrap')))
    throw labError('without root, building the image of hosts needs mmdebstrap, which is not installed', {
      hint: 'sudo apt-get install mmdebstrap uidmap',
    })
  const setup = `set -e\nroot=$1\nin_base() { chroot "$root" "$@"; }\n${baseSetup('"$root"/')}\n`
  const what = { basePackages, setup, archive }
  return await ensureImported(engine, cache, fingerprintOf(what), say, async (tar, extra) => {
    for (const part of ['apt/sources.list.d', 'apt/apt.conf.d', 'sudoers.d'])
      await mkdir(path.join(extra, 'etc', part), { recursive: true })
    await writeBaseFiles(extra, archive, await readResolvers(say))
    await run('tar', ['-c', '-f', `${extra}.tar`, '--owner=0', '--group=0', '-C', extra, '.'])
    const hooks = [`tar-in "${extra}.tar" /`, setup].map((hook) => `--customize-hook=${hook}`)
    const [program = '', ...options] = mmdebstrap(archive)
    let fraction = 0.1
    await run(program, [...options, ...hooks, archive.codename, tar, ...sourceLines(archive)], {
      onLine: (line) => say({ step: 'base', detail: line, fraction: (fraction += (0.9 - fraction) / 20) }),
    })
  })
}

function mmdebstrap({ settings }: Archive): readonly string[] {
  const options = settings.split('\n').filter((line) => line !== '')
  return [
    'mmdebstrap',
    '--mode=unshare',
    // Package lists are part of every base, so that a host can install packages right away.
    '--skip=cleanup/apt/lists',
    '--variant=minbase',
    `--include=${basePackages.join(',')}`,
    ...options.map((line) => `--aptopt=${line}`),
  ]
}

function sourceLines({ sources, id }: Archive): readonly string[] {
  const keyring = `/usr/share/keyrings/${id}-archive-keyring.gpg`
  return sources.map(
    ({ uri, suite, components }) => `deb [signed-by=${keyring}] ${uri} ${suite} ${components.join(' ')}`,
  )
}

/** Imports the tar that `fill` writes as the image of this name, unless the image exists. */
async function ensureImported(
  engine: Engine,
  cache: string,
  fingerprint: string,
  say: Say,
  fill: (tar: string, extra: string) => Promise<void>,
): Promise<Base> {
  return await ensureBuilt(engine, cache, fingerprint, say, async (directory, image) => {
    const extra = path.join(directory, 'extra')
    await writeExtra(extra)
    const tar = path.join(directory, 'root.tar')
    await fill(tar, extra)
    await engine.run(['import', tar, image])
  })
}

/** Builds in a temporary directory, one process at a time. */
async function ensureBuilt(
  engine: Engine,
  cache: string,
  fingerprint: string,
  say: Say,
  build: (directory: string, image: string) => Promise<void>,
): Promise<Base> {
  const image = baseImage(fingerprint)
  const isThere = async (): Promise<boolean> => await engine.succeeds(['image', 'inspect', image])
  if (await isThere()) return { fingerprint }
  const waiting = (): void => say({ step: 'waiting', detail: 'another process is building the image of the hosts' })
  await withLock(path.join(cache, 'image.lock'), waiting, async () => {
    if (await isThere()) return
    say({ step: 'base', detail: `building the image of the hosts for ${engine.name}`, fraction: 0.1 })
    const directory = await mkdtemp(path.join(cache, 'image-'))
    try {
      await build(directory, image)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
    say({ step: 'base', detail: `the image of the hosts is ${image}`, fraction: 1 })
  })
  return { fingerprint }
}

async function writeExtra(extra: string): Promise<void> {
  const units = path.join(extra, 'etc/systemd/system')
  await mkdir(units, { recursive: true })
  await mkdir(path.join(extra, path.dirname(initPath)), { recursive: true })
  for (const unit of masked) await symlink('/dev/null', path.join(units, unit))
  await replaceAtomically(path.join(extra, initPath), init, { mode: 0o755 })
}

/** Without Debian: builds with the engine, on Debian's official image. */
async function buildUponFoundation(engine: Engine, cache: string, say: Say): Promise<Base> {
  const setup = `set -e\nin_base() { "$@"; }\n${baseSetup('/')}\nmkdir -p /data\necho 'ops ALL=(ALL:ALL) NOPASSWD: ALL' >/etc/sudoers.d/ops\nchmod 440 /etc/sudoers.d/ops\n`
  const file = [
    `FROM ${foundation}`,
    `RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${basePackages.join(' ')}`,
    'COPY extra /',
    'COPY setup /setup',
    'RUN sh /setup && rm /setup',
    '',
  ].join('\n')
  const fingerprint = fingerprintOf({ file, setup })
  return await ensureBuilt(engine, cache, fingerprint, say, async (directory, image) => {
    await writeExtra(path.join(directory, 'extra'))
    await replaceAtomically(path.join(directory, 'setup'), setup)
    await replaceAtomically(path.join(directory, 'Containerfile'), file)
    await engine.run(['build', '-t', image, '-f', path.join(directory, 'Containerfile'), directory])
  })
}

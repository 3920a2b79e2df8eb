import { createHash } from 'node:crypto'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { mirrorParts, type Artifacts, type Workbench } from '../artifacts/artifacts.ts'
import { mirrorUrl } from '../artifacts/mirror.ts'
import type { MirrorStatus } from '../drivers/driver.ts'
import { replaceAtomically } from '../machine/files.ts'
import { lastLines } from '../machine/run.ts'
import { labError, mirrorPort, type Lab, type Say } from '../model.ts'
import { startOptions, type Engine } from './engine.ts'
import { stateOf } from './host.ts'
import { baseImage, containerName, labLabel, networkName } from './names.ts'

/** The label that tells which files a mirror serves. */
const servesLabel = 'rolecall.serves'

const installing = `export DEBIAN_FRONTEND=noninteractive
install() { apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 install "$@" >/tmp/apt.log 2>&1; }
script=$1
shift
[ $# -eq 0 ] || { echo "Installing $*"; install "$@" || { apt-get -qq update && install "$@"; } || { tail -n 15 /tmp/apt.log >&2; exit 1; }; }
exec sh -eu "./$script"`

/** Recipes of artifacts run in containers of the hosts' own image. */
export function workbench(
  engine: Engine,
  cache: string,
  project: string,
  base: string,
  architecture: string,
): Workbench {
  return {
    cache,
    project,
    base,
    architecture,
    async debian(directory, script, packages, onLine) {
      const file = '.script'
      await replaceAtomically(path.join(directory, file), script)
      const within = ['--volume', `${directory}:/build`, '--workdir', '/build']
      const words = ['sh', '-c', installing, 'sh', file, ...packages]
      await engine.run(['run', '--rm', ...startOptions(engine), ...within, baseImage(base), ...words], { onLine })
    },
  }
}

/**
 * Starts a container that serves these artifacts at the address that the hosts use. It runs this machine's own node.
 *
 * @throws {RolecallError} with the last lines of its output when it does not start
 */
export async function ensureMirror(
  engine: Engine,
  lab: Lab,
  base: string,
  { fingerprint, directories }: Artifacts,
  say: Say,
): Promise<void> {
  const name = containerName(lab.name, 'mirror')
  const serves = createHash('sha256').update(`${base} ${fingerprint} ${process.execPath}`).digest('hex').slice(0, 12)
  const format = `{{index .Config.Labels "${servesLabel}"}} {{.State.Status}}`
  const now = await engine.run(['container', 'inspect', '--format', format, name]).catch(() => '')
  if (now.trim() === `${serves} running`) return
  if (now !== '') await engine.run(['rm', '--force', name])
  const mounts = [
    [process.execPath, '/node'],
    [mirrorParts, '/parts'],
    ...directories.map((directory, index) => [directory, `/files/${index}`]),
  ].flatMap(([from, to]) => ['--volume', `${from ?? ''}:${to ?? ''}:ro`])
  await engine.run([
    ...['run', '--detach', '--name', name, '--label', `${labLabel}=${lab.name}`, '--label', `${servesLabel}=${serves}`],
    ...[
      '--network',
      networkName(lab.name),
      '--ip',
      lab.gateway,
      '--restart',
      'always',
      ...startOptions(engine),
      ...mounts,
      baseImage(base),
    ],
    ...['/node', '/parts/serve.js', '0.0.0.0', String(mirrorPort), `${lab.name} ${fingerprint}`],
    ...directories.map((_, index) => `/files/${index}`),
  ])
  await sleep(500)
  if ((await stateOf(engine, name))?.status !== 'running')
    throw labError(`the mirror of lab ${lab.name} does not start`, {
      output: lastLines(await engine.run(['logs', name]).catch(() => '')),
    })
  say({ step: 'mirror', detail: `serving artifacts at ${mirrorUrl(lab)}` })
}

/** The state of a lab's mirror; undefined when the lab has nothing to serve. */
export async function mirrorStatus(engine: Engine, lab: Lab): Promise<MirrorStatus | undefined> {
  const state = await stateOf(engine, containerName(lab.name, 'mirror'))
  if (state === undefined) return undefined
  const url = mirrorUrl(lab)
  return state.status === 'running' ? { url, state: 'running', pid: state.pid } : { url, state: 'stopped' }
}

import { spawnSync } from 'node:child_process'
import { inventoryFor } from '../../lib/lab/lab.ts'
import { contest, type Contender } from './contest.ts'
import { labGround, projectWith, rolecall } from './ground.ts'
import { quoted, sshOptions } from './plain-ssh.ts'
import { sample, type Command } from './sample.ts'
import { rolecallIsIdle, targetsOf, type Extent, type Tables } from './site.ts'
import { against, ratioOf, tableOf } from './table.ts'

const NODE = 'node-03'
const FILES = 1000
const DIRECTORIES = 100

/** 1,000 files of 0.1 to 8 KB in 100 directories to one host: first and again, beside rsync over ssh, with and without its checksums. */
export async function* benchTrees({ rounds }: Extent): Tables {
  if (spawnSync('rsync', ['--version']).status !== 0) {
    yield 'Trees are not measured: this machine has no rsync\n'
    return
  }
  const ground = await labGround([NODE])
  const project = projectWith({ 'inventory/hosts.yml': inventoryFor(ground.lab), ...files(), ...PLAYBOOK })
  const [target] = targetsOf(ground)
  if (target === undefined) throw new Error('the lab has no such host')
  const [ssh, login] = [['ssh', ...sshOptions(target)], `${target.user}@${target.address}`]
  const onHost = (script: string): Command => ({ argv: [...ssh, login, script] })
  await sample(
    onHost('sudo sh -c "command -v rsync || { apt-get -q update; apt-get -q -y install rsync; }" >/dev/null'),
    ground.target,
  )
  const clear = () =>
    sample(onHost('sudo rm -rf /srv/tree /srv/rsync; sudo mkdir -p /srv/rsync; sudo sync'), ground.target)
  const ours = rolecall(project, 'apply', 'tree', '--no-types')
  const theirs = (...more: readonly string[]): Command => {
    const shell = ssh.map(quoted).join(' ')
    const words = ['-e', shell, '--rsync-path=sudo rsync', 'data/', `${login}:/srv/rsync/`]
    return { argv: ['rsync', '-a', '--delete', ...more, ...words], cwd: project }
  }
  const first: readonly Contender[] = [
    { name: 'rolecall', command: ours, prepare: clear },
    { name: 'rsync', command: theirs(), prepare: clear },
  ]
  const write = await contest({ work: `${FILES} files, first`, contenders: first, target: ground.target, rounds })
  yield tableOf(`${FILES} files, first`, write, [against('rsync'), ratioOf('rolecall')])
  await sample(ours, ground.target)
  await sample(theirs(), ground.target)
  const again: readonly Contender[] = [
    { name: 'rolecall', command: ours, judge: rolecallIsIdle },
    { name: 'rsync', command: theirs() },
    { name: 'rsync --checksum', command: theirs('--checksum') },
  ]
  const rerun = await contest({ work: `${FILES} files, again`, contenders: again, target: ground.target, rounds })
  yield tableOf(`${FILES} files, again`, rerun, [against('rsync'), ratioOf('rolecall')])
}

const PLAYBOOK = {
  'playbooks/tree.ts': `import { playbook, role, tree } from 'rolecall'
const files = role({ name: 'files', apply: async ({ ensure }) => void (await ensure(tree('/srv/tree', { source: '../data', prune: true }))) })
export default playbook({ name: 'tree', plays: [{ name: 'tree', hosts: '${NODE}', roles: [files] }] })
`,
}

function files(): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: FILES }, (_, at) => [
      `data/d${at % 10}/e${Math.floor(at / 10) % (DIRECTORIES / 10)}/file-${at}.txt`,
      `${at}\n`.repeat(20 + ((at * 37) % 1600)),
    ]),
  )
}

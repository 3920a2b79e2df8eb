import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cutPower, down, openLab, sshArguments, status, up, type LabProgress } from '../../lib/lab/lab.ts'
import { groupOf } from '../../lib/lab/nspawn/cgroup.ts'
import { interfaceName } from '../../lib/lab/nspawn/network.ts'
import { hierarchiesOf } from '../../lib/lab/nspawn/own-groups.ts'
import { inHost } from '../../lib/lab/nspawn/process.ts'

const execute = promisify(execFile)
const clone = createHash('sha256')
  .update(import.meta.dirname)
  .digest('hex')
  .slice(0, 6)
const project = path.join(tmpdir(), `rolecall-t-kubelet-${clone}`)
const request = { project, name: `t-kubelet-${clone}` }

const mounts = (...lines: readonly string[]): string => lines.join('\n')
const memory = '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory'
const processors = '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct'
const systemd = '40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd'
const second = '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate'

test('the groups of version 1 are those that the caller itself is in', () => {
  const cgroup = '4:memory:/limits/of the:caller\n2:cpu,cpuacct:/\n9:name=systemd:/user.slice\n0::/unified\n'
  assert.equal(
    hierarchiesOf(mounts(memory, processors, systemd, second), cgroup).map(({ mount, group }) => `${mount} ${group}`),
    [
      '/sys/fs/cgroup/memory /limits/of the:caller',
      '/sys/fs/cgroup/cpu,cpuacct /',
      '/sys/fs/cgroup/systemd /user.slice',
    ],
  )
})

test('for a caller in a container, whose own group is the root, the group is counted once', () => {
  const inside = '35 31 0:32 /docker/1f /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory'
  const groups = (cgroup: string): unknown => hierarchiesOf(inside, cgroup).map(({ group }) => group)
  assert.equal(groups('4:memory:/docker/1f\n'), ['/'])
  assert.equal(groups('4:memory:/docker/1f/below\n'), ['/below'])
})

test('a machine with version 2 only has no groups of version 1', () => {
  assert.equal(hierarchiesOf('31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw', '0::/init.scope\n'), [])
  assert.equal(hierarchiesOf(second, '4:memory:/\n0::/\n'), [])
})

const reason = process.platform !== 'linux' ? 'not Linux' : process.getuid?.() !== 0 ? 'not root' : undefined
if (reason !== undefined) process.stdout.write(`skipped: the tests on a host for kubelet, because this is ${reason}\n`)
const real = (name: string, work: () => Promise<void>): void =>
  reason === undefined ? test(name, work) : test.skip(name, work)

async function ssh(...command: readonly string[]): Promise<string> {
  return (await execute('ssh', [...sshArguments(await openLab(request), 'worker'), ...command])).stdout.trim()
}

/** The groups of the lab in version 1, all that there are on the machine. */
async function ownGroups(): Promise<readonly string[]> {
  const { stdout } = await execute('find', ['/sys/fs/cgroup', '-type', 'd', '-path', `*/rolecall/${request.name}*`])
  return stdout.split('\n').filter((line) => line !== '' && !line.includes('/unified/'))
}

const kernel = ['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops'].map((name) => `/proc/sys/${name}`)
const machineSettings = async (): Promise<readonly string[]> =>
  await Promise.all(kernel.map(async (file) => await readFile(file, 'utf8')))

real('a host for kubelet has what kubelet writes, and the machine keeps its own', async () => {
  await mkdir(path.join(project, 'lab'), { recursive: true })
  await mkdir(path.join(project, 'node_modules'), { recursive: true })
  await rm(path.join(project, 'node_modules/rolecall'), { force: true })
  await symlink(path.resolve(import.meta.dirname, '../..'), path.join(project, 'node_modules/rolecall'))
  await writeFile(
    path.join(project, 'lab/lab.ts'),
    "import { lab } from 'rolecall'\nexport default lab({ hosts: { worker: { kubelet: true } } })\n",
  )
  await down(request)
  const before = await machineSettings()
  await up(request)
  assert.is(await ssh('systemctl is-system-running'), 'running')
  assert.equal((await ssh(`cat ${kernel.join(' ')}`)).split('\n'), ['1', '10', '1'])
  await ssh(`sudo sh -c 'echo 20 >${kernel[1] ?? ''} && test -e /dev/kmsg'`)
  assert.equal(await machineSettings(), before)
})

real('its groups are its own, below those of whoever boots it, and do what a pod wants', async () => {
  const hierarchies = hierarchiesOf(
    await readFile('/proc/self/mountinfo', 'utf8'),
    await readFile('/proc/self/cgroup', 'utf8'),
  )
  const wanted = hierarchies.map(({ mount, group }) => path.join(mount, group, 'rolecall', request.name, 'worker'))
  if (!hierarchies.some(({ controllers }) => controllers.includes('memory'))) {
    process.stdout.write('skipped: groups of version 1, which this machine does not have\n')
    return
  }
  const found = await ownGroups()
  for (const directory of wanted) assert.ok(found.includes(directory), directory)
  const pod = '/sys/fs/cgroup/memory/kubepods'
  await ssh(`sudo sh -c 'mkdir ${pod} && echo 64M >${pod}/memory.limit_in_bytes && cat ${pod}/memory.limit_in_bytes'`)
  const hog = `echo \\$\\$ >${pod}/cgroup.procs; exec head -c 300M /dev/zero | tail`
  assert.is(await ssh(`sudo sh -c "${hog}" >/dev/null 2>&1; test $? -ne 0 && echo ended`), 'ended')
})

real('a command that takes too long in a host is ended there', async () => {
  const group = await groupOf(request.name, 'worker')
  assert.is(await inHost(group, ['sleep', '86399'], 300), '')
  assert.is(await ssh('pgrep -fx "sleep 86399" || echo none'), 'none')
})

real(
  'after a cut of power no group of the host is left, and what is left of its network is no obstacle to the next boot',
  async () => {
    await cutPower(request, ['worker'])
    const ofTheHost = (await ownGroups()).filter((group) => `${group}/`.includes('/worker/'))
    assert.equal(ofTheHost, [])
    assert.is((await status(request)).nodes[0]?.state, 'stopped')
    const lab = await openLab(request)
    await execute('ip', [
      'link',
      'add',
      interfaceName(lab, lab.nodes[0]),
      'type',
      'veth',
      'peer',
      'name',
      'old-rolecall',
    ])
    const lines: LabProgress[] = []
    await up(request, (line) => lines.push(line))
    assert.not.match(lines.map(({ detail }) => detail).join('\n'), 'died')
    assert.is(await ssh('ls -d /sys/fs/cgroup/memory/kubepods 2>/dev/null || echo none'), 'none')
  },
)

real('down leaves no group and no setting', async () => {
  await down(request)
  assert.equal(await ownGroups(), [])
  await rm(project, { recursive: true, force: true })
})

test.run()

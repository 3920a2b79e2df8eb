import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../lib/errors.ts'
import { groupOf, processesIn } from '../../lib/lab/nspawn/cgroup.ts'
import { exists } from '../../lib/lab/machine/files.ts'
import {
  cutPower,
  down,
  openLab,
  reset,
  restartHosts,
  restore,
  save,
  saved,
  sshArguments,
  status,
  up,
  type LabProgress,
} from '../../lib/lab/lab.ts'

const execute = promisify(execFile)

// The same for every run of this clone, so that a run repairs what an interrupted one left, and for no other clone.
const clone = createHash('sha256')
  .update(import.meta.dirname)
  .digest('hex')
  .slice(0, 6)
const project = path.join(tmpdir(), `rolecall-t-lab-${clone}`)
const request = { project, name: `t-lab-${clone}` }

const reason = process.platform !== 'linux' ? 'not Linux' : process.getuid?.() !== 0 ? 'not root' : undefined
if (reason !== undefined) process.stdout.write(`skipped: the tests on real hosts, because this is ${reason}\n`)
const real = (name: string, work: () => Promise<void>): void =>
  reason === undefined ? test(name, work) : test.skip(name, work)

async function ssh(node: string, ...command: readonly string[]): Promise<string> {
  const lab = await openLab(request)
  return (await execute('ssh', [...sshArguments(lab, node), ...command])).stdout.trim()
}

async function told(work: (say: (progress: LabProgress) => void) => Promise<unknown>): Promise<readonly string[]> {
  const lines: string[] = []
  await work(({ node, detail }) => lines.push(node === undefined ? detail : `${node} ${detail}`))
  return lines
}

async function pidOf(name: string): Promise<number> {
  const pid = (await status(request)).nodes.find((node) => node.name === name)?.pid
  if (pid === undefined) throw new Error(`${name} does not run`)
  return pid
}

async function refusal(work: Promise<unknown>): Promise<RolecallError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof RolecallError) return error
  throw new Error('Expected a RolecallError', { cause: error })
}

/** What of a lab can be seen on the machine, outside its own directories. */
async function traces(): Promise<string> {
  const commands = [
    ['ip', '-o', 'link'],
    ['ip', 'route'],
    ['iptables', '-S'],
    ['iptables', '-t', 'nat', '-S'],
  ] as const
  const outputs = await Promise.all(commands.map(async ([file, ...args]) => (await execute(file, args)).stdout))
  const mounts = await readFile('/proc/self/mountinfo', 'utf8')
  return `${outputs.join('')}${mounts}`
}

/** Whether a lab that is up has this network, such as 10.10.52.0/24. */
async function isNetworkOfALab(subnet: string): Promise<boolean> {
  const [, , third = ''] = subnet.split('.')
  const directory = '/run/rolecall/labs'
  const files = (await exists(directory)) ? await readdir(directory) : []
  const records = await Promise.all(files.map(async (file) => await readFile(path.join(directory, file), 'utf8')))
  return records.some((text) => (JSON.parse(text) as { subnet?: number }).subnet === Number(third))
}

real('up brings five hosts that answer, with real systemd, sudo and apt', async () => {
  await mkdir(project, { recursive: true })
  await down(request)
  const lab = await up(request)
  assert.is(lab.nodes.length, 5)
  const { isUp, nodes } = await status(request)
  assert.ok(isUp)
  for (const node of nodes) assert.is(node.state, 'running', node.name)
  assert.is(await ssh('node-03', 'hostname'), 'node-03')
  assert.is(await ssh('node-01', 'sudo', 'id', '-un'), 'root')
  assert.is(await ssh('node-02', 'systemctl', 'is-system-running'), 'running')
  assert.match(await ssh('node-04', 'apt-cache', 'policy', 'bind9'), 'Candidate: 1:')
  assert.is((await stat(lab.privateKey)).mode & 0o777, 0o600)
})

real('a second up leaves every host alone', async () => {
  const before = await status(request)
  const lines = await told((say) => up(request, say))
  assert.equal(
    lines.filter((line) => !line.endsWith(' ready')),
    [],
  )
  const pids = ({ nodes }: typeof before): unknown[] => nodes.map((node) => node.pid)
  assert.equal(pids(await status(request)), pids(before))
})

real('another project is refused, by name of the owner, and told what to do', async () => {
  const other = `${project}-other`
  await mkdir(other, { recursive: true })
  for (const work of [up, down, reset]) {
    const { problems } = await refusal(work({ ...request, project: other }))
    assert.match(problems[0]?.message ?? '', project)
    assert.match(problems[0]?.hint ?? '', `rolecall lab down --name ${request.name}`)
  }
  await rm(other, { recursive: true })
})

real('reset gives one host factory-fresh, with the host key it had, and touches no other', async () => {
  await Promise.all([ssh('node-02', 'sudo touch /etc/mine /data/mine'), ssh('node-03', 'sudo touch /etc/mine')])
  await reset(request, ['node-02'])
  assert.is(await ssh('node-02', 'ls /etc/mine /data/mine 2>/dev/null || echo gone'), 'gone')
  assert.is(await ssh('node-03', 'ls /etc/mine'), '/etc/mine')
})

real('what was saved of a host comes back as often as it is wanted: files, what was removed, and /data', async () => {
  const before =
    'echo first >/etc/kept; rm /etc/debian_version; rm -r /usr/share/doc/sudo; mkdir /usr/share/doc/sudo; echo data >/data/kept'
  const after = 'rm /etc/kept /data/kept; touch /etc/debian_version; echo other >/usr/share/doc/sudo/new'
  const look = 'cat /etc/kept /data/kept; ls /etc/debian_version /usr/share/doc/sudo 2>&1; systemctl is-system-running'
  const wanted = [
    'first',
    'data',
    "ls: cannot access '/etc/debian_version': No such file or directory",
    '/usr/share/doc/sudo:',
    'running',
  ].join('\n')
  await ssh('node-01', `sudo sh -c '${before}'`)
  const other = await pidOf('node-02')
  await save(request, 'kept', ['node-01'])
  assert.is(await ssh('node-01', look), wanted, 'the host goes on with what it had')
  for (let time = 0; time < 2; time++) {
    await ssh('node-01', `sudo sh -c '${after}'`)
    await restore(request, 'kept')
    assert.is(await ssh('node-01', look), wanted)
  }
  assert.is(await pidOf('node-02'), other, 'a host that was not saved is left alone')
})

real('a saved disk outlives a reset, and one that was saved upon it is whole without it', async () => {
  await ssh('node-01', 'sudo sh -c "echo second >/etc/kept2"')
  await save(request, 'upon', ['node-01', 'node-02'])
  await reset(request, ['node-01'])
  assert.is(await ssh('node-01', 'ls /etc/kept 2>/dev/null || echo gone'), 'gone')
  await save(request, 'kept', ['node-01'])
  await restore(request, 'upon', ['node-01'])
  assert.is(await ssh('node-01', 'cat /etc/kept /etc/kept2'), 'first\nsecond')
  await restore(request, 'kept')
  assert.is(await ssh('node-01', 'ls /etc/kept 2>/dev/null || echo gone'), 'gone', 'what is saved again is replaced')
  const all = (await saved(request)).map(({ label, nodes }) => `${label} ${nodes.join(' ')}`)
  assert.equal(all, ['kept node-01', 'upon node-01 node-02'])
})

real('what was never saved is refused, and told what was', async () => {
  const unknown = (await refusal(restore(request, 'keptt'))).problems[0]
  assert.equal([unknown?.expected, unknown?.got], ['kept, upon', 'keptt'])
  const missing = (await refusal(restore(request, 'kept', ['node-01', 'node-03']))).problems[0]
  assert.equal([missing?.expected, missing?.got], ['node-01', 'node-03'])
  assert.is((await refusal(save(request, '../kept'))).problems[0]?.got, '../kept')
})

real('a host whose systemd-nspawn was killed is repaired by up, and keeps its disk', async () => {
  process.kill(await pidOf('node-03'), 'SIGKILL')
  while ((await status(request)).nodes[2]?.state === 'running') await new Promise((resolve) => setTimeout(resolve, 20))
  const others = await pidOf('node-04')
  await up(request)
  assert.is(await ssh('node-03', 'ls /etc/mine'), '/etc/mine')
  assert.is(await pidOf('node-04'), others)
})

real('a missing bridge, a missing rule and a torn record are repaired by up', async () => {
  const lab = await openLab(request)
  await execute('ip', ['link', 'delete', lab.bridge])
  const masquerade = (await execute('iptables', ['-t', 'nat', '-S', 'POSTROUTING'])).stdout
    .split('\n')
    .find((line) => line.includes(request.name))
  await execute('iptables', ['-t', 'nat', '-D', ...(masquerade ?? '').split(' ').slice(1)])
  await up(request)
  assert.match(await traces(), `--comment rolecall-${request.name} -j MASQUERADE`)
  assert.is(await ssh('node-05', 'hostname'), 'node-05')

  await writeFile(`/run/rolecall/labs/${request.name}.json`, '{"name": "t-l')
  assert.is((await up(request)).bridge, lab.bridge)
  assert.is(await ssh('node-05', 'hostname'), 'node-05')
})

real('a host can be restarted, can restart itself, and comes back by up when its power was cut', async () => {
  const bootOf = (node: string): Promise<string> => ssh(node, 'systemctl show --value -p UserspaceTimestamp')
  const before = await bootOf('node-04')
  await restartHosts(request, ['node-04'])
  const restarted = await bootOf('node-04')
  assert.is.not(restarted, before)

  await cutPower(request, ['node-05'])
  assert.is((await status(request)).nodes[4]?.state, 'stopped')
  await ssh('node-04', 'sudo systemctl reboot').catch(() => undefined)
  const isUpAsBefore = () =>
    bootOf('node-04').then(
      (boot) => boot === restarted,
      () => false,
    )
  while (await isUpAsBefore()) await new Promise((resolve) => setTimeout(resolve, 100))
  await up(request)
  assert.is(await ssh('node-05', 'hostname'), 'node-05')
  assert.is.not(await bootOf('node-04'), restarted)
})

real('down leaves no process, mount, bridge, rule or record, and can be said twice', async () => {
  const { bridge, subnet } = await openLab(request)
  const pids = await processesIn(await groupOf(request.name))
  assert.ok(pids.length > 20, 'the hosts run')
  await down(request)
  for (const pid of pids) assert.not.ok(await exists(`/proc/${pid}/ns/mnt`), `process ${pid} is gone`)
  assert.not.ok(await exists(await groupOf(request.name)))
  assert.not.ok(await exists(`/run/rolecall/labs/${request.name}.json`))
  assert.not.ok(await exists(`/run/rolecall/${request.name}.lock`))
  const left = await traces()
  // A lab of another test may have taken the number of the network meanwhile.
  const ofNetwork = (await isNetworkOfALab(subnet)) ? [] : [`${bridge}:`, subnet]
  for (const trace of [`rolecall-${request.name}`, `labs/${request.name}`, ...ofNetwork]) {
    assert.not.ok(left.includes(trace), `nothing of ${trace} is left`)
  }
  assert.not.ok((await status(request)).isUp)
  await down(request)
  assert.match((await refusal(reset(request))).problems[0]?.hint ?? '', `rolecall lab up --name ${request.name}`)
  await rm(project, { recursive: true })
})

test.run()

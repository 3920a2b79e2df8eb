import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../lib/errors.ts'
import { Host } from '../../lib/host/host.ts'
import { connectionOf } from '../../lib/inventory/connections/connection.ts'
import type { Connection } from '../../lib/transport/transport.ts'
import { startSshd, whyNoSshd } from '../support/sshd.ts'

// Short: the names of sockets are.
const room = mkdtempSync(join(tmpdir(), 'prog-'))
const runtime = join(room, 'run')
mkdirSync(runtime)
process.env['XDG_RUNTIME_DIR'] = runtime
test.after(() => rmSync(room, { recursive: true, force: true }))

/** A server that takes connections and never says a word. */
async function silentServer(): Promise<{ readonly port: number; readonly taken: Promise<unknown>; close(): void }> {
  const peers: Socket[] = []
  const server = createServer((peer) => peers.push(peer.on('error', () => undefined))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    for (const peer of peers) peer.destroy()
    server.close()
  }
  return { port: (server.address() as AddressInfo).port, taken: once(server, 'connection'), close }
}

function writeConfig(port: number, ...more: readonly string[]): string {
  const path = join(room, `config-${port}-${more.length}`)
  writeFileSync(
    path,
    [
      'Host target',
      '  HostName 127.0.0.1',
      `  Port ${port}`,
      `  IdentityFile ${room}/id`,
      '  IdentitiesOnly yes',
      `  UserKnownHostsFile ${room}/known_hosts`,
      '  GlobalKnownHostsFile /dev/null',
      ...more,
      '  ConnectTimeout 60',
      '',
    ].join('\n'),
  )
  return path
}

function targetOf(config: string, client: 'ssh' | 'openssh' = 'openssh') {
  return connectionOf('target', { ansible_connection: client, ansible_ssh_args: ['-F', config] })
}

async function problemOf(work: Promise<unknown>): Promise<RolecallError> {
  try {
    await work
  } catch (error) {
    if (error instanceof RolecallError) return error
    throw error
  }
  throw new Error('no refusal')
}

/** Waits until something holds; what never holds ends with the test run. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((again) => setTimeout(again, 20))
}

/** The status of a command; null when the connection was lost. */
async function statusOf(connection: Connection, command: string): Promise<unknown> {
  const channel = await connection.open(command)
  channel.stdout.resume()
  channel.stderr.resume()
  const [status] = (await once(channel, 'close')) as [unknown]
  return status
}

const isClean = () => readdirSync(runtime).length === 0

/** Processes that have this room in their command line, by what they are. */
function running(): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && pid !== String(process.pid))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')]
      } catch {
        return []
      }
    })
    .filter((line) => line.includes(runtime))
}

if (whyNoSshd !== undefined) {
  process.stdout.write(`skipped: ${whyNoSshd}\n`)
  test.skip('a host is reached by the program ssh')
} else {
  for (const name of ['host_ed25519', 'id'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(room, name)])
  execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-C', '', '-f', join(room, 'host_rsa')])
  writeFileSync(join(room, 'authorized_keys'), readFileSync(join(room, 'id.pub')))
  const sshd = await startSshd(room, 'sshd')
  test.after(() => sshd.stop())
  const hostKey = readFileSync(join(room, 'host_ed25519.pub'), 'utf8').trim()
  writeFileSync(join(room, 'known_hosts'), `[127.0.0.1]:${sshd.port} ${hostKey}\n`)

  test('a host that accepts and never answers is given up after ConnectTimeout, and nothing stays', async () => {
    const server = await silentServer()
    const target = targetOf(writeConfig(server.port, '  ConnectTimeout 1'))
    const { problems } = await problemOf(Host.open('target', target))
    server.close()
    assert.equal([problems[0]?.code, problems[0]?.expected], ['connect', 'sshd answers within 1 s'])
    await until(() => isClean() && running().length === 0)
  })

  test('a run that is ended while ssh connects ends ssh, and nothing stays', async () => {
    const server = await silentServer()
    const ending = new AbortController()
    const opening = problemOf(Host.open('target', targetOf(writeConfig(server.port)), { signal: ending.signal }))
    await server.taken
    ending.abort()
    const { problems } = await opening
    server.close()
    assert.match(problems[0]?.got ?? '', /the run was ended/)
    await until(() => isClean() && running().length === 0)
  })

  test('a connection that breaks during a command is reported as lost, and nothing stays', async () => {
    const connection = await Host.open('target', targetOf(writeConfig(sshd.port)))
    const channel = await connection.open('echo "$PPID"; sleep 600')
    const [session] = (await once(channel.stdout, 'data')) as [Buffer]
    channel.stdout.resume()
    channel.stderr.resume()
    const ended = once(channel, 'close')
    process.kill(Number(session.toString()), 'SIGKILL')
    assert.equal(await ended, [null, null])
    assert.is(connection.lost?.code, 'lost')
    await until(() => isClean() && running().length === 0)
    await problemOf(Promise.resolve().then(() => connection.open('true')))
  })

  test('a command that ends with 255 has ended, and the connection stands', async () => {
    const connection = await Host.open('target', targetOf(writeConfig(sshd.port)))
    assert.equal([await statusOf(connection, 'exit 255'), await statusOf(connection, 'exit 3')], [255, 3])
    assert.is(connection.lost, undefined)
    connection.close()
    await until(() => isClean() && running().length === 0)
  })

  test('cut ends running commands at once, and close leaves nothing', async () => {
    for (const way of ['cut', 'close'] as const) {
      const connection = await Host.open('target', targetOf(writeConfig(sshd.port)))
      const channel = await connection.open('echo begun; cat')
      await once(channel.stdout, 'data')
      channel.stdout.resume()
      channel.stderr.resume()
      const ended = once(channel, 'close')
      connection[way]()
      await ended
      assert.is(connection.lost, undefined)
      await until(() => isClean() && running().length === 0)
    }
  })

  test('a controller that is killed leaves no ssh and no file', async () => {
    const script = join(room, 'controller.mts')
    const module = (path: string) => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)))
    writeFileSync(
      script,
      `import { Host } from ${module('../../lib/host/host.ts')}
import { connectionOf } from ${module('../../lib/inventory/connections/connection.ts')}
const args = ['-F', ${JSON.stringify(writeConfig(sshd.port))}]
await Host.open('target', connectionOf('target', { ansible_connection: 'openssh', ansible_ssh_args: args }))
console.log('in')
setInterval(() => undefined, 1000)
`,
    )
    const controller = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(controller.stdout, 'data')
    assert.is(isClean(), false)
    controller.kill('SIGKILL')
    await until(() => isClean() && running().length === 0)
  })

  test('a connection that ssh shares already is used by both transports, and stays', async () => {
    const socket = join(room, 'shared')
    const config = writeConfig(sshd.port, `  ControlPath ${socket}`)
    const own = spawn('ssh', ['-F', config, '-M', '-N', 'target'], { stdio: ['ignore', 'ignore', 'inherit'] })
    await until(() => existsSync(socket))
    for (const client of ['ssh', 'openssh'] as const) {
      const connection = await Host.open('target', targetOf(config, client))
      const channel = await connection.open('echo "$SSH_CONNECTION"')
      channel.stderr.resume()
      const [said] = (await once(channel.stdout, 'data')) as [Buffer]
      assert.match(said.toString(), new RegExp(` ${sshd.port}\n$`))
      assert.is(await statusOf(connection, 'exit 255'), 255)
      assert.is(connection.lost, undefined)
      connection.close()
      await until(isClean)
      execFileSync('ssh', ['-F', config, '-O', 'check', 'target'], { stdio: 'pipe' })
    }
    const ended = once(own, 'close')
    own.kill()
    await ended
  })
}

test.run()

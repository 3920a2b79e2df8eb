import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

/** A real sshd on loopback, for the account that runs the tests. */
export interface Sshd {
  readonly port: number
  /** What it has logged so far. */
  said(): string
  stop(): void
}

/** Where an sshd is: the machine's own, or that of the lab's bare root. */
const program = ['/usr/sbin/sshd', ...bases().map((base) => join(base, 'usr/sbin/sshd'))].find((path) =>
  existsSync(path),
)

/** Why no sshd can be started here; undefined: it can. */
export const whyNoSshd =
  program === undefined ? 'there is no sshd here: install openssh-server, or make a lab once' : undefined

/** The password of the account for as long as an sshd of ours looks. Only root can lend it one. */
export const PASSWORD = 'let me in'
export const hasPasswords = process.getuid?.() === 0

function bases(): readonly string[] {
  const directory = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rolecall/base')
  return existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name, 'root')) : []
}

/** Starts an sshd with these lines of sshd_config(5) before the usual ones. */
export async function startSshd(room: string, name: string, lines: readonly string[] = []): Promise<Sshd> {
  const port = await freePort()
  const directory = join(room, name)
  mkdirSync(directory, { recursive: true })
  const config = join(directory, 'sshd_config')
  writeFileSync(
    config,
    [
      ...lines,
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      'ListenAddress ::1',
      `PidFile ${directory}/pid`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'MaxAuthTries 20',
      'MaxStartups 100',
      `HostKey ${room}/host_ed25519`,
      `HostKey ${room}/host_rsa`,
      `AuthorizedKeysFile ${room}/authorized_keys`,
      '',
    ].join('\n'),
  )
  const root = program?.replace(/\/usr\/sbin\/sshd$/, '') ?? ''
  const library =
    root === '' ? {} : { LD_LIBRARY_PATH: `${root}/usr/lib/x86_64-linux-gnu:${root}/lib/x86_64-linux-gnu` }
  const words = [program ?? '', '-D', '-e', '-f', config]
  const child = hasPasswords
    ? spawn('unshare', ['--mount', 'sh', '-c', inItsOwnView(directory), 'sh', ...words], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, ...library },
      })
    : spawn(words[0] ?? '', words.slice(1), {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, ...library },
      })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  for (let tries = 0; tries < 1200; tries++) {
    if (await isOpen(port)) return { port, said: () => said, stop: () => stop(child) }
    if (child.exitCode !== null) break
    await new Promise((ready) => setTimeout(ready, 50))
  }
  stop(child)
  throw new Error(`sshd does not start: ${said}`)
}

/** Its sessions may outlive it for a while, and hold its standard error. */
function stop(child: ChildProcessByStdio<null, null, Readable>): void {
  child.kill()
  child.stderr.destroy()
  child.unref()
}

/** root's sshd wants an account for its parts, and passwords: it gets both in files that nobody else sees. */
function inItsOwnView(directory: string): string {
  const { username } = userInfo()
  const hash = spawnSync('openssl', ['passwd', '-6', PASSWORD]).stdout.toString().trim()
  const passwd = readFileSync('/etc/passwd', 'utf8')
  writeFileSync(
    join(directory, 'passwd'),
    /^sshd:/m.test(passwd) ? passwd : `${passwd}sshd:x:64999:65534::/run/sshd:/usr/sbin/nologin\n`,
  )
  writeFileSync(join(directory, 'shadow'), `${username}:${hash}:19000:0:99999:7:::\nsshd:*:19000::::::\n`)
  return `mkdir -p /run/sshd && mount --bind '${directory}/passwd' /etc/passwd && mount --bind '${directory}/shadow' /etc/shadow && exec "$@"`
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((ready) => server.once('listening', ready))
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return port
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

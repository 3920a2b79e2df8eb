import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuthContext, Connection as Client, ServerConfig } from 'ssh2'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError, type Problem } from '../../lib/errors.ts'
import { connectionOf } from '../../lib/inventory/connections/connection.ts'
import { Host } from '../../lib/host/host.ts'
import { secret } from '../../lib/secret.ts'

// ssh2 is no module of the new kind, and its types say that it is.
const ssh2 = createRequire(import.meta.url)('ssh2') as {
  Server: new (
    config: ServerConfig,
    onConnection: (client: Client) => void,
  ) => { injectSocket(socket: import('node:net').Socket): void }
  utils: { generateKeyPairSync(type: 'ecdsa', options: { bits: 256 }): { private: string; public: string } }
}

const PASSWORD = 'for the host alone'
const room = mkdtempSync(join(tmpdir(), 'bastion-'))
test.after(() => rmSync(room, { recursive: true, force: true }))

interface Sshd {
  readonly port: number
  /** The answers that it was given. */
  readonly told: string[]
  close(): void
}

/** An sshd that asks for a password in both ways, and lets in whoever knows it. `says`: how it asks. */
async function sshd(password: string, says: string): Promise<Sshd> {
  const { private: key } = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
  const told: string[] = []
  const decide = (context: AuthContext, answer: string) => {
    told.push(answer)
    if (answer === password) context.accept()
    else context.reject(['keyboard-interactive', 'password'])
  }
  const ssh = new ssh2.Server({ hostKeys: [key] }, (client) => {
    client.on('error', () => undefined)
    client.on('authentication', (context) => {
      if (context.method === 'password') decide(context, context.password)
      else if (context.method === 'keyboard-interactive')
        context.prompt([{ prompt: says, echo: false }], (answers) => decide(context, answers[0] ?? ''))
      else context.reject(['keyboard-interactive', 'password'])
    })
    client.on('tcpip', (accept, _refuse, { destIP, destPort }) => {
      const onward = connect(destPort, destIP)
      const channel = accept()
      onward.on('error', () => channel.close())
      channel.on('error', () => onward.destroy())
      channel.pipe(onward).pipe(channel)
    })
    client.on('session', (accept) => accept().on('exec', (run) => run().exit(0)))
  })
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined)
    ssh.injectSocket(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, told, close: () => server.close() }
}

/** Connects by the program ssh to a host behind a bastion that asks for a password, with the host's password. */
async function throughBastion(bastion: Sshd, host: Sshd, way: readonly string[]): Promise<readonly Problem[]> {
  const config = join(room, 'config')
  const name = (alias: string, { port }: Sshd, ...more: readonly string[]) =>
    [`Host ${alias}`, '  HostName 127.0.0.1', `  Port ${port}`, ...more.map((line) => `  ${line}`)].join('\n')
  writeFileSync(
    config,
    `${name('target', host, ...way, 'User ops')}
${name('bastion', bastion, 'User jump')}
Host *
  UserKnownHostsFile ${room}/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking accept-new
  IdentityFile ${room}/none
  IdentitiesOnly yes
`,
  )
  chmodSync(config, 0o600)
  rmSync(join(room, 'known_hosts'), { force: true })
  const target = connectionOf('target', {
    ansible_connection: 'openssh',
    ansible_ssh_args: ['-F', config],
    ansible_password: secret(PASSWORD),
  })
  try {
    const connected = await Host.connect('target', target)
    connected.close()
    return []
  } catch (error) {
    if (!(error instanceof RolecallError)) throw error
    return error.problems
  }
}

const questions = {
  'a bastion that asks for a password': 'Password: ',
  'a bastion that asks in the words of the host': "ops@127.0.0.1's password: ",
  'a bastion that names the host in parentheses': '(ops@127.0.0.1) Password: ',
}
for (const [says, question] of Object.entries(questions))
  for (const way of [['ProxyJump bastion'], [`ProxyCommand ssh -F ${room}/config -W %h:%p bastion`]])
    test(`${says} is not told the password of the host (${way[0]?.split(' ')[0] ?? ''})`, async () => {
      const [bastion, host] = await Promise.all([sshd('of the bastion', question), sshd(PASSWORD, 'Password: ')])
      try {
        const [problem] = await throughBastion(bastion, host, way)
        assert.equal([bastion.told.includes(PASSWORD), host.told], [false, []])
        assert.match(
          problem?.message ?? '',
          'jump@127.0.0.1, a jump host on the way to ops@127.0.0.1, refuses the login',
        )
      } finally {
        bastion.close()
        host.close()
      }
    })

test('a host behind a bastion that lets everybody in is told its password', async () => {
  const [bastion, host] = await Promise.all([sshd('', 'Password: '), sshd(PASSWORD, 'Password: ')])
  try {
    await throughBastion(bastion, host, ['ProxyJump bastion'])
    assert.equal([bastion.told.includes(PASSWORD), host.told], [false, [PASSWORD]])
  } finally {
    bastion.close()
    host.close()
  }
})

test.run()

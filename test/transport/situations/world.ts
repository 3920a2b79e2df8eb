import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { authenticator } from '../../support/authenticator.ts'
import { freePort, startSshd, type Sshd } from '../../support/sshd.ts'

/** Sshds, keys and agents for one table of situations. */
export interface World {
  readonly room: string
  readonly ports: Readonly<Record<ServerName, number>>
  /** A port at which nobody listens. */
  readonly closed: number
  /** The public host key of all but those that have their own. */
  readonly hostKey: string
  readonly hostRsaKey: string
  /** Another key, that no host has. */
  readonly otherKey: string
  /** A key of a type that no host has. */
  readonly ecdsaKey: string
  readonly authority: string
  readonly agents: Readonly<Record<'full' | 'crowded' | 'certified' | 'touched' | 'empty' | 'dead', string>>
  stop(): void
}

export type ServerName =
  | 'plain'
  | 'bastion'
  | 'second'
  | 'closedBastion'
  | 'certified'
  | 'old'
  | 'modern'
  | 'password'
  | 'asking'
  | 'both'
  | 'env'
  | 'few'

/** Keys that no host knows. */
const CROWD = ['id_crowd1', 'id_crowd2', 'id_crowd3'] as const

/** Keys of an authenticator, where there is one: two types, one in the agent alone, one with a passphrase and a PIN, one that needs no touch, a stranger. */
const TOUCHED: readonly (readonly [name: string, type: string, passphrase?: string, ...more: readonly string[]])[] = [
  ['id_touched', 'ed25519-sk'],
  ['id_touched_ecdsa', 'ecdsa-sk'],
  ['id_touched_agent', 'ed25519-sk'],
  ['id_touched_pin', 'ed25519-sk', 'open sesame', '-O', 'verify-required', '-a', '4'],
  ['id_untouched', 'ed25519-sk', '', '-O', 'no-touch-required'],
  ['id_touched_stranger', 'ed25519-sk'],
]

/** Of all passphrases. */
export const PASSPHRASE = 'open sesame'

export async function makeWorld(): Promise<World> {
  const room = mkdtempSync(join(tmpdir(), 'ssh-world-'))
  const at = (name: string) => join(room, name)
  const keygen = (...words: readonly string[]) => execFileSync('ssh-keygen', ['-q', ...words], { stdio: 'pipe' })
  const make = (name: string, type: string, passphrase = '', ...more: readonly string[]) =>
    keygen('-t', type, '-N', passphrase, '-C', '', '-f', at(name), ...more)
  for (const [name, type] of [
    ['host_ed25519', 'ed25519'],
    ['host_other', 'ed25519'],
    ['authority', 'ed25519'],
    ['id_ed25519', 'ed25519'],
    ['id_ecdsa', 'ecdsa'],
    ['id_agent', 'ed25519'],
    ['id_certified', 'ed25519'],
    ['id_stranger', 'ed25519'],
    ['id_both', 'ed25519'],
    ['id_expired', 'ed25519'],
    ...CROWD.map((name) => [name, 'ed25519'] as const),
  ] as const)
    make(name, type)
  make('host_rsa', 'rsa', '', '-b', '2048')
  make('id_rsa', 'rsa', '', '-b', '2048')
  make('id_locked', 'ed25519', PASSPHRASE, '-a', '4')
  make('id_pem', 'rsa', '', '-b', '2048', '-m', 'PEM')
  make('id_pem_locked', 'rsa', PASSPHRASE, '-b', '2048', '-m', 'PEM')
  make('id_pkcs8', 'rsa', '', '-b', '2048', '-m', 'PKCS8')
  make('id_pkcs8_locked', 'rsa', PASSPHRASE, '-b', '2048', '-m', 'PKCS8')
  make('id_pkcs8_ecdsa', 'ecdsa', '', '-m', 'PKCS8')
  if (authenticator !== undefined)
    for (const [name, type, passphrase, ...more] of TOUCHED) make(name, type, passphrase, '-w', authenticator, ...more)
  const { username } = userInfo()
  keygen('-s', at('authority'), '-I', 'host', '-h', '-n', 'certified,127.0.0.1', at('host_ed25519.pub'))
  mkdirSync(at('cert'))
  for (const name of ['host_ed25519', 'host_ed25519.pub', 'host_ed25519-cert.pub'])
    copyFileSync(at(name), at(`cert/${name}`))
  rmSync(at('host_ed25519-cert.pub'))
  keygen('-s', at('authority'), '-I', 'user', '-n', username, at('id_certified.pub'))
  keygen('-s', at('authority'), '-I', 'user', '-n', username, '-V', '20200101:20200102', at('id_expired.pub'))
  copyFileSync(at('host_ed25519.pub'), at('revoked'))
  writeFileSync(at('empty'), '')
  writeFileSync(at('garbage'), 'no key at all\n')
  copyFileSync(at('id_ed25519'), at('id_open'))
  chmodSync(at('id_open'), 0o644)
  for (const name of ['empty', 'garbage']) chmodSync(at(name), 0o600)
  const publicOf = (name: string) => readFileSync(at(`${name}.pub`), 'utf8').trim()
  const allowed = [
    'id_ed25519',
    'id_ecdsa',
    'id_rsa',
    'id_agent',
    'id_locked',
    'id_pem',
    'id_pem_locked',
    'id_pkcs8',
    'id_pkcs8_locked',
    'id_pkcs8_ecdsa',
    'id_both',
    ...(authenticator !== undefined
      ? TOUCHED.map(([name]) => name).filter((name) => !/stranger|untouched/.test(name))
      : []),
  ]
  writeFileSync(
    at('authorized_keys'),
    `${allowed.map(publicOf).join('\n')}\n${authenticator !== undefined ? `no-touch-required ${publicOf('id_untouched')}\n` : ''}cert-authority ${publicOf('authority')}\n`,
  )
  const keyOnly = publicOf('host_ed25519').split(' ').slice(0, 2).join(' ')
  const servers: Record<ServerName, Promise<Sshd>> = {
    plain: startSshd(room, 'plain'),
    few: startSshd(room, 'few', ['MaxAuthTries 2']),
    bastion: startSshd(room, 'bastion'),
    second: startSshd(room, 'second'),
    closedBastion: startSshd(room, 'closed', ['AllowTcpForwarding no']),
    certified: startSshd(room, 'certified', [
      `HostKey ${at('cert/host_ed25519')}`,
      `HostCertificate ${at('cert/host_ed25519-cert.pub')}`,
    ]),
    old: startSshd(room, 'old', [
      'KexAlgorithms diffie-hellman-group14-sha1',
      'Ciphers aes128-cbc',
      'MACs hmac-sha1',
      'HostKeyAlgorithms ssh-rsa',
    ]),
    modern: startSshd(room, 'modern', ['KexAlgorithms sntrup761x25519-sha512@openssh.com']),
    password: startSshd(room, 'password', ['PasswordAuthentication yes', 'PubkeyAuthentication no']),
    asking: startSshd(room, 'asking', [
      'KbdInteractiveAuthentication yes',
      'UsePAM no',
      'PubkeyAuthentication yes',
      'AuthenticationMethods publickey',
    ]),
    both: startSshd(room, 'both', ['PasswordAuthentication yes', 'AuthenticationMethods publickey,password']),
    env: startSshd(room, 'env', ['AcceptEnv ROLECALL_*']),
  }
  const started = Object.fromEntries(
    await Promise.all(Object.entries(servers).map(async ([name, server]) => [name, await server] as const)),
  ) as Record<ServerName, Sshd>
  const agents = {
    full: agent(at('agent-full')),
    crowded: agent(at('agent-crowded')),
    certified: agent(at('agent-certified')),
    touched: agent(at('agent-touched'), ...(authenticator !== undefined ? ['-P', authenticator] : [])),
    empty: agent(at('agent-empty')),
  }
  for (const name of Object.keys(agents)) await agentAnswers(at(`agent-${name}`))
  const add = (socket: string, ...keys: readonly string[]) =>
    execFileSync('ssh-add', ['-q', ...(authenticator !== undefined ? ['-S', authenticator] : []), ...keys.map(at)], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
      stdio: 'pipe',
    })
  add(at('agent-full'), 'id_agent', 'id_stranger')
  add(at('agent-crowded'), ...CROWD)
  add(at('agent-certified'), 'id_certified')
  if (authenticator !== undefined) {
    add(at('agent-touched'), 'id_touched_agent')
    rmSync(at('id_touched_agent'))
  }
  rmSync(at('id_agent'))
  return {
    room,
    ports: Object.fromEntries(Object.entries(started).map(([name, { port }]) => [name, port])) as Record<
      ServerName,
      number
    >,
    closed: await freePort(),
    hostKey: keyOnly,
    hostRsaKey: publicOf('host_rsa').split(' ').slice(0, 2).join(' '),
    otherKey: publicOf('host_other').split(' ').slice(0, 2).join(' '),
    ecdsaKey: publicOf('id_ecdsa').split(' ').slice(0, 2).join(' '),
    authority: publicOf('authority').split(' ').slice(0, 2).join(' '),
    agents: {
      full: at('agent-full'),
      crowded: at('agent-crowded'),
      certified: at('agent-certified'),
      touched: at('agent-touched'),
      empty: at('agent-empty'),
      dead: at('agent-dead'),
    },
    stop() {
      for (const server of Object.values(started)) server.stop()
      for (const process of Object.values(agents)) process.kill()
      rmSync(room, { recursive: true, force: true })
    },
  }
}

/** An agent without a key says so with 1; with 2 it does not answer yet. */
async function agentAnswers(socket: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (spawnSync('ssh-add', ['-l'], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' }).status !== 2)
      return
    await new Promise((again) => setTimeout(again, 50))
  }
  throw new Error(`no agent answers at ${socket}`)
}

function agent(socket: string, ...more: readonly string[]) {
  return spawn('ssh-agent', ['-D', '-a', socket, ...more], { stdio: 'ignore' })
}

import { execFile } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../../lib/errors.ts'
import { Host } from '../../../lib/host/host.ts'
import { connectionOf } from '../../../lib/inventory/connections/connection.ts'
import { secret } from '../../../lib/secret.ts'
import { hasPasswords, whyNoSshd } from '../../support/sshd.ts'
import type { Situation } from './situation.ts'
import { makeWorld, type World } from './world.ts'

interface Ended {
  readonly outcome: string
  readonly said: string
}

/** What a session says of where it is, and of one variable. */
const scriptOf = ({ variable, comparesKnown }: Situation) => {
  const value = variable === undefined ? '' : variable === 'SSH_AUTH_SOCK' ? '${SSH_AUTH_SOCK:+set}' : `$${variable}`
  return `set -- $SSH_CONNECTION; echo "in $4 ${value}"${comparesKnown === true ? '; sleep 0.5' : ''}`
}

async function inSituation<T>(situation: Situation, world: World, work: () => Promise<T>): Promise<T> {
  const own = { SSH_AUTH_SOCK: situation.agent === undefined ? undefined : world.agents[situation.agent] }
  const wanted: Record<string, string | undefined> = { ...own, ...situation.environment?.(world) }
  const before = Object.fromEntries(Object.keys(wanted).map((name) => [name, process.env[name]]))
  const set = (values: Readonly<Record<string, string | undefined>>) => {
    for (const [name, value] of Object.entries(values))
      if (value === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = value
  }
  set(wanted)
  try {
    return await work()
  } finally {
    set(before)
  }
}

/** What the real ssh makes of it. */
function bySsh(situation: Situation, config: string, world: World): Promise<Ended> {
  const answer = situation.password ?? situation.passphrase
  const askpass = join(world.room, 'askpass')
  if (answer !== undefined) {
    writeFileSync(askpass, `#!/bin/sh\necho '${answer}'\n`)
    chmodSync(askpass, 0o700)
  }
  const asks = answer === undefined ? ['-o', 'BatchMode=yes'] : ['-o', 'NumberOfPasswordPrompts=1']
  const env = { ...process.env, LC_ALL: 'C', SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' }
  const words = ['-F', config, ...asks, ...(situation.args?.(world) ?? []), 'target', scriptOf(situation)]
  return new Promise((resolve) => {
    const child = execFile('ssh', words, { env, timeout: 20_000 }, (_, stdout, said) => {
      const found = /^in .*$/m.exec(stdout)?.[0]
      resolve({ outcome: found ?? kindOf(said), said })
    })
    child.stdin?.end()
  })
}

function kindOf(said: string): string {
  if (/Host key verification failed|HOST IDENTIFICATION HAS CHANGED|REVOKED/i.test(said)) return 'host-key'
  return /Permission denied|Too many authentication/i.test(said) ? 'auth' : 'connect'
}

/** What Rolecall makes of it. */
async function byRolecall(
  situation: Situation,
  config: string,
  world: World,
  client: 'ssh' | 'openssh',
): Promise<Ended> {
  const { password, passphrase } = situation
  const connection = connectionOf('target', {
    ansible_connection: client,
    ansible_ssh_args: ['-F', config, ...(situation.args?.(world) ?? [])],
    ...(password === undefined ? {} : { ansible_password: secret(password) }),
    ...(passphrase === undefined ? {} : { ansible_ssh_private_key_passphrase: secret(passphrase) }),
  })
  try {
    const host = await Host.connect('target', connection)
    let out = ''
    const onStdout = (bytes: Uint8Array) => void (out += Buffer.from(bytes).toString())
    await host.run({ script: scriptOf(situation), onStdout })
    host.close()
    return { outcome: out.trimEnd(), said: (host.connection.notes ?? []).join('\n') }
  } catch (error) {
    if (!(error instanceof RolecallError)) throw error
    const [problem] = error.problems
    return { outcome: problem?.code ?? '', said: JSON.stringify(problem, null, 1) }
  }
}

function writeConfig(situation: Situation, at: number, world: World): string {
  const { room, ports, hostKey } = world
  const all = Object.entries(ports).map(([, port]) => `[127.0.0.1]:${port} ${hostKey}`)
  const lines = [
    ...situation.config(world),
    'Host *',
    `  UserKnownHostsFile ${room}/known_hosts`,
    '  GlobalKnownHostsFile /dev/null',
    '  ConnectTimeout 10',
    '',
  ]
  const known = situation.known?.(world) ?? all
  writeFileSync(join(room, 'known_hosts'), known.map((line) => `${line}\n`).join(''))
  for (const name of ['known_hosts.old', 'known_second.old']) rmSync(join(room, name), { force: true })
  for (const name of ['known_second', 'known more'])
    writeFileSync(join(room, name), `[127.0.0.1]:${ports.plain} ${hostKey}\n`)
  writeFileSync(join(room, 'included-a.conf'), `Host target\n  Port ${ports.plain}\n`)
  const path = join(room, `config-${at}`)
  for (const file of [path, join(room, 'config')]) writeFileSync(file, lines.join('\n'))
  return path
}

/** The lines of the files of host keys, and of those that stood there before. */
function knownIn({ room }: World): unknown {
  return ['known_hosts', 'known_second', 'known_hosts.old', 'known_second.old'].map((name) =>
    existsSync(join(room, name)) ? readFileSync(join(room, name), 'utf8').split('\n') : 'not there',
  )
}

/** Tests that Rolecall ends as the real ssh ends, by both of its transports. */
export async function trySituations(situations: readonly Situation[]): Promise<void> {
  if (whyNoSshd !== undefined) {
    process.stdout.write(`skipped: ${whyNoSshd}\n`)
    return test.skip('Rolecall ends as ssh ends, by both transports')
  }
  const world = await makeWorld()
  test.after(() => world.stop())

  for (const [at, situation] of situations.entries()) {
    if (situation.password !== undefined && !hasPasswords) {
      process.stdout.write(`skipped: ${situation.name}: only root can lend the account a password\n`)
      test.skip(situation.name)
      continue
    }
    test(`${situation.name}: ends as ssh ends, by both transports`, async () => {
      await inSituation(situation, world, async () => {
        const refresh = () => writeConfig(situation, at, world)
        const expected = situation.ends ?? `in ${world.ports[situation.at ?? 'plain']} `
        const real = await bySsh(situation, refresh(), world)
        const learned = knownIn(world)
        assert.ok(real.outcome.startsWith(expected.trimEnd()), `ssh itself: ${real.outcome}\n${real.said}`)
        for (const client of ['ssh', 'openssh'] as const) {
          const ours = await byRolecall(situation, refresh(), world, client)
          const inAt = `in ${world.ports[situation.at ?? 'plain']}`
          assert.is(
            ours.outcome,
            situation.ours === 'in' ? inAt : (situation.ours ?? real.outcome.trimEnd()),
            `${client}: ${ours.said}\nssh: ${real.said}`,
          )
          if (situation.comparesKnown === true) assert.equal(knownIn(world), learned, client)
        }
      })
    })
  }
}

import { execFile, execFileSync } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseKnownHosts } from '../../lib/transport/known-hosts.ts'
import { Random } from '../support/random.ts'
import { startSshd, whyNoSshd } from '../support/sshd.ts'

const FILES = 100
const SEED = 20_240_613

/** What ssh says of a key with these files: the words of its verdict. */
function bySsh(at: number, host: string, port: number, file: string): Promise<string> {
  const through = `bash -c 'exec 2>/dev/null 3<>/dev/tcp/127.0.0.1/${at}; cat <&3 & cat >&3; kill $!'`
  const words = [
    ...['-F', 'none', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes', '-o', 'PubkeyAuthentication=no'],
    ...['-o', `UserKnownHostsFile=${file}`, '-o', 'GlobalKnownHostsFile=none', '-o', 'HostKeyAlgorithms=ssh-ed25519'],
    ...['-o', 'ConnectTimeout=20', '-o', `ProxyCommand=${through}`, '-p', String(port), host, 'true'],
  ]
  return new Promise((resolve) => {
    execFile('ssh', words, { env: { ...process.env, LC_ALL: 'C' } }, (_, __, said) => {
      if (/REVOKED/.test(said)) resolve('revoked')
      else if (/HAS CHANGED/.test(said)) resolve('changed')
      else if (/host key is known/.test(said)) resolve('unknown')
      else resolve(/Permission denied/.test(said) ? 'known' : said)
    })
  })
}

if (whyNoSshd !== undefined) {
  process.stdout.write(`skipped: ${whyNoSshd}\n`)
  test.skip('random known_hosts files mean to us what they mean to ssh')
} else
  test(`${FILES} random known_hosts files mean to us what they mean to ssh (seed ${SEED})`, async () => {
    const room = mkdtempSync(join(tmpdir(), 'known-hosts-ssh-'))
    for (const [name, type] of [
      ['host_ed25519', 'ed25519'],
      ['other', 'ed25519'],
      ['host_rsa', 'rsa'],
    ] as const)
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', join(room, name)])
    writeFileSync(join(room, 'authorized_keys'), '')
    const sshd = await startSshd(room, 'plain', ['MaxStartups 100'])
    const keys = ['host_ed25519', 'other', 'host_rsa'].map(
      (name) =>
        readFileSync(join(room, `${name}.pub`), 'utf8')
          .trim()
          .split(' ')
          .slice(0, 2) as [string, string],
    )
    const [ours = ['', '']] = keys
    const blob = Buffer.from(ours[1], 'base64')
    const chances = new Random(SEED)
    const pick = <T>(from: readonly T[]) => chances.pick(from)
    const hashed = (name: string) => {
      const salt = randomBytes(20)
      return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
    }
    const line = () => {
      const plain = pick([
        'web.example.org',
        'WEB.example.org',
        '[web.example.org]:2222',
        'db.example.org',
        'web',
        '10.0.0.1',
      ])
      const names = pick([
        plain,
        plain,
        `${plain},other`,
        `other,${plain}`,
        'web.*',
        '*',
        '*.example.org,!web.example.org',
        '!web.example.org,*',
        'w?b.example.org',
        '[*]:2222',
        hashed('web.example.org'),
        hashed('WEB.example.org'),
        hashed('[web.example.org]:2222'),
        `${hashed('web.example.org')},x`,
        hashed('db.example.org'),
      ])
      const [type, base64] = pick([true, true, false]) ? ours : pick(keys)
      const damaged = pick([
        base64,
        base64,
        base64,
        base64,
        base64,
        base64,
        base64.slice(0, -8),
        `${base64.slice(0, 10)}!!${base64.slice(10)}`,
        `${base64}AAAA`,
        base64.slice(0, -1),
      ])
      const called = pick([type, type, type, type, type, type, 'ssh-rsa', 'no-pty', 'ssh-ed25519'])
      const marker = pick(['', '', '', '', '', '', '', '@revoked ', '@cert-authority ', '@strange ', '@revoked'])
      const before = pick(['', '', '', '', ' ', '\t', '\uFEFF', '#'])
      const after = pick(['', '', '', ' comment', '\r', ' \t', ' a b'])
      const between = pick([' ', ' ', ' ', '\t', '  '])
      return `${before}${marker}${names}${between}${called}${between}${damaged}${after}`
    }
    const different: string[] = []
    try {
      for (let at = 0; at < FILES; at++) {
        const text = Array.from({ length: pick([1, 1, 2, 3]) }, line).join('\n') + pick(['\n', ''])
        const file = join(room, 'known_hosts')
        writeFileSync(file, text)
        const host = pick(['web.example.org', 'web.example.org', 'WEB.example.org', 'db.example.org'])
        const port = pick([22, 22, 2222])
        const real = await bySsh(sshd.port, host, port, file)
        const known = parseKnownHosts([{ path: file, text: readFileSync(file, 'latin1') }])
        const verdict = known.check(host, port, blob).type
        if (verdict !== real) different.push(`${host}:${port} ssh: ${real}, here: ${verdict}\n${text}`)
      }
    } finally {
      sshd.stop()
      rmSync(room, { recursive: true, force: true })
    }
    assert.equal(different, [])
  })

test.run()

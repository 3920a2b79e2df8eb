import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Die } from '../support/die.ts'
import { differences } from './as-ssh.ts'

const ROUNDS = Number(process.env['ROLECALL_CONFIGS'] ?? 25)
const SEED = Number(process.env['ROLECALL_SEED'] ?? 16)
const room = mkdtempSync(join(tmpdir(), 'ssh-evaluate-'))
mkdirSync(join(room, 'more'))
test.after(() => rmSync(room, { recursive: true }))

interface Case {
  readonly config: string
  readonly hosts?: readonly string[]
  readonly files?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
}

/** Names of ports are known where a package has brought the list of them. */
const NAMED_PORT: Case = { config: 'Host h\n Port ssh' }
const hasPorts = existsSync('/etc/services')
if (!hasPorts) process.stdout.write('skipped: Port ssh: there is no /etc/services here\n')

const cases: readonly Case[] = [
  ...(hasPorts ? [NAMED_PORT] : []),
  { config: 'Host a b\n HostName %h.ex.org\nHost !b *\n Port 99\nHost *\n User u', hosts: ['a', 'b', 'c'] },
  {
    config: 'Host *.ex.org !bad.ex.org\n ProxyJump bastion\nHost bastion\n User jump',
    hosts: ['x.ex.org', 'bad.ex.org'],
  },
  { config: 'Host web-?? db-[12]\n Port 1', hosts: ['web-01', 'web-1', 'db-1', 'db-[12]'] },
  { config: 'host=h\nport=5\nuser = "a b"' },
  { config: 'HOST h\n\tHOSTNAME "10.0.0.1"\n\tPORT\t33\n# c\n\nUser x # trailing' },
  { config: 'Host h\n ProxyCommand none\nHost *\n ProxyJump b' },
  { config: 'Host h\n ProxyJump a\n ProxyCommand nc %h' },
  { config: 'Host h\n ProxyCommand ssh -W %h:%p "q" # x\n ProxyJump a' },
  { config: 'Host h\n ProxyJump u@a:22,v@[::1]:33,ssh://w@c:44' },
  {
    config:
      'Host h\n IdentityFile a\n IdentityFile "b c"\n IdentityFile ~/x\n IdentityFile a\n CertificateFile ~/x-cert.pub',
  },
  { config: 'Host h\n UserKnownHostsFile a "b c" ~/d\n GlobalKnownHostsFile /x /y\n UserKnownHostsFile z' },
  { config: 'Host h\n UserKnownHostsFile a\n UpdateHostKeys yes\nHost i\n UpdateHostKeys ask', hosts: ['h', 'i', 'j'] },
  {
    config:
      'Host h\n VerifyHostKeyDNS yes\nHost i\n VerifyHostKeyDNS no\nHost j\n VerifyHostKeyDNS ask\n UpdateHostKeys yes\nHost k\n VerifyHostKeyDNS ask',
    hosts: ['h', 'i', 'j', 'k'],
  },
  { config: 'Host h\n HostKeyAlias FooBar\n HostName FOO.Example.ORG' },
  { config: 'Host FOO\n Port 7', hosts: ['foo', 'FOO', 'Foo'] },
  { config: 'Match host foo\n Port 7\nMatch originalhost FOO\n User z', hosts: ['foo', 'FOO'] },
  {
    config:
      'Host h\n HostName real\nMatch host real\n Port 9\nMatch originalhost h user root\n ConnectTimeout 3\nMatch !host real\n Port 10',
    hosts: ['h', 'x'],
  },
  {
    config: 'Match host "a,b" user root,ops\n Port 9\nMatch host a* !user root\n Port 8',
    hosts: ['a', 'b', 'ab'],
    args: ['-l', 'ops'],
  },
  { config: 'Match final host h\n Port 2\nHost h\n Port 3\n User f\nMatch final all\n ConnectTimeout 9' },
  { config: 'Match canonical\n Port 2\nMatch final\n Port 3' },
  { config: 'Host h\n HostName h.x\nHost h.x\n Port 3\nMatch final\n User m' },
  {
    config: 'Include ROOM/more/inc*\nHost *\n Port 1',
    files: { inc1: 'Host h\n Port 5', inc2: 'User two' },
    hosts: ['h', 'k'],
  },
  {
    config: 'Host h\n Include ROOM/more/jnc\n Port 1\nHost *\n User z',
    files: { jnc: 'User inner\nHost x\n User never' },
    hosts: ['h', 'x'],
  },
  {
    config: 'Host x\n Include ROOM/more/knc\nHost *\n User z',
    files: { knc: 'Port 9\nHost h\n Port 5' },
    hosts: ['h', 'x'],
  },
  { config: 'Include "ROOM/more/l nc"', files: { 'l nc': 'Port 9' } },
  { config: 'Host h\n SetEnv A=1 B="two words" C=\n SetEnv D=4' },
  { config: 'Host h\n SendEnv FOO GIT_*\n SendEnv -FOO\n SendEnv ROLE_?' },
  {
    config:
      'Host h\n KexAlgorithms +diffie-hellman-group1-sha1\n HostKeyAlgorithms +ssh-rsa\n PubkeyAcceptedKeyTypes +ssh-rsa\n Ciphers aes128-cbc,aes256-ctr\n MACs -hmac-sha1*',
  },
  { config: 'Host h\n KexAlgorithms ^curve25519-sha256\n HostKeyAlgorithms -ecdsa*\n MACs +hmac-md5' },
  { config: 'Host h\n ChallengeResponseAuthentication no\n PreferredAuthentications password,publickey' },
  { config: 'Port 5\nUser a', args: ['-o', 'Port=8', '-p', '9', '-J', 'a,b', '-4', '-A', '-C', '-oUser=you'] },
  { config: 'Host h\n HostName ::1', hosts: ['h', 'user@h'] },
  { config: "Host h\n User 'sq uoted'\n HostName 'x'" },
  { config: 'Host h\n User a\\ b\\\\c' },
  { config: 'Host h\r\n Port 4\r\n User x\r' },
  { config: 'Host "a b" h\n Port 3', hosts: ['h'] },
  {
    config: 'Host h\n BatchMode yes\nHost i\n BatchMode no\nHost j\n BatchMode yes\n ServerAliveInterval 7',
    hosts: ['h', 'i', 'j'],
  },
  { config: 'Host h\n AddressFamily INET6\n ControlPath NONE\n UserKnownHostsFile NONE' },
  {
    config: 'Host h\n ProxyJump j1 j2\nHost i\n ProxyJump j # c\nHost k\n ProxyJump NONE\nHost l\n ProxyCommand NONE',
    hosts: ['h', 'i', 'k', 'l'],
  },
  { config: "Include 'ROOM/more/mnc'", files: { mnc: 'Port 9' } },
  { config: 'Host h\n Port 5\n User z', hosts: ['ssh://u@h:7', 'ssh://h', 'ssh://u@h/'] },
  { config: 'Host h\n User u', args: ['-A', '-a', '-4', '-6'] },
  { config: 'Host h\n User u', args: ['-a', '-A', '-6', '-4'] },
  { config: 'Host h\n ControlPath ~root/x\n UserKnownHostsFile ~root/y ~/z' },
  { config: 'Host *\n  HostName %h.x\nHost h.x\n Port 3\nMatch host h.x\n User m' },
]

/** A configuration of which nobody knows what it means before it was asked. */
function randomCase(die: Die): Case {
  const hosts = ['a', 'b', 'a.x', 'web-1', 'WEB-2']
  const pattern = () => die.oneOf(['a', 'b', '*', 'a*', '*.x', '?', 'web-?', '!b', '!a.x', 'WEB-2', 'web-*'])
  const criterion = () =>
    die.oneOf(['host', 'originalhost', '!host', '!originalhost', 'user', '!user', 'localuser']) +
    ` ${pattern()},${pattern()}`
  const setting = () =>
    die.oneOf([
      `Port ${1 + die.below(9)}`,
      `User ${die.oneOf(['root', 'a', 'b'])}`,
      `HostName ${die.oneOf(['%h.x', 'a', 'B.x', 'web-1'])}`,
      // `none` before a ProxyCommand is left out: OpenSSH 9.2 and 10.3 make different things of that.
      `ProxyJump ${die.oneOf(['j3', 'j1', 'j1,j2'])}`,
      `ProxyCommand ${die.oneOf(['none', 'nc %h %p'])}`,
      `IdentityFile ${die.oneOf(['/k1', '/k2', '"/k 3"'])}`,
      `SetEnv V=${die.below(9)}`,
      'Include ROOM/more/part',
      `BatchMode ${die.oneOf(['yes', 'no', 'TRUE'])}`,
      `AddressFamily ${die.oneOf(['any', 'INET', 'inet6'])}`,
      `ConnectTimeout ${die.oneOf(['5', '2m', '1h30m', '0', 'none'])}`,
      `ServerAliveInterval ${die.oneOf(['15', '1m', '0'])}`,
      `UserKnownHostsFile ${die.oneOf(['/a /b', '"/a b" /c', 'NONE', '/dev/null', '~/k'])}`,
      `StrictHostKeyChecking ${die.oneOf(['yes', 'NO', 'off', 'accept-new', 'ask'])}`,
      `ForwardAgent ${die.oneOf(['yes', 'no'])}`,
      `Ciphers ${die.oneOf(['+3des-cbc', '-*gcm*', '^aes256-ctr', 'aes256-ctr,aes128-ctr'])}`,
      `HostKeyAlias ${die.oneOf(['Foo', '"a b"'])}`,
      `PreferredAuthentications ${die.oneOf(['publickey', 'password,publickey'])}`,
      `${die.oneOf(['IDENTITIESONLY', 'identitiesonly ='])} ${die.oneOf(['yes', 'no'])}`,
    ])
  const section = () =>
    die.oneOf([
      `Host ${pattern()} ${pattern()}`,
      `Match ${criterion()}`,
      `Match ${criterion()} ${criterion()}`,
      'Match all',
      'Match final all',
      `Match final ${criterion()}`,
    ])
  const part = (count: number) =>
    Array.from({ length: count }, () => [section(), ` ${setting()}`, ` ${setting()}`].join('\n')).join('\n')
  return {
    config: `${die.oneOf(['', setting()])}\n${part(4)}`,
    files: { part: part(2).replaceAll('Include', '# Include') },
    hosts,
  }
}

function found({ config, hosts = ['h'], files = {}, args = [] }: Case, at: number): string[] {
  const path = join(room, `config-${at}`)
  const write = (file: string, text: string) => writeFileSync(file, text.replaceAll('ROOM', room), { mode: 0o600 })
  write(path, `${config}\n`)
  for (const [name, text] of Object.entries(files)) write(join(room, 'more', name), `${text}\n`)
  return hosts.flatMap((address) =>
    differences({ address, args: { first: ['-F', path], last: args } }, path).map(
      (line) => `${address}: ${line}\n${config}`,
    ),
  )
}

if (spawnSync('ssh', ['-V']).status !== 0) process.stdout.write('skipped: there is no ssh here to compare with\n')
else {
  test(`${cases.length} configurations mean without ssh what they mean to ssh`, () => {
    assert.equal(cases.flatMap(found), [])
  })

  test(`${ROUNDS} random configurations mean without ssh what they mean to ssh`, () => {
    const die = new Die(SEED)
    const random = Array.from({ length: ROUNDS }, () => randomCase(die))
    assert.equal(random.flatMap((each, at) => found(each, 1000 + at)).slice(0, 5), [])
  })
}

test.run()

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { differences, settledWithoutSsh } from './as-ssh.ts'

const room = mkdtempSync(join(tmpdir(), 'ssh-broken-'))
test.after(() => rmSync(room, { recursive: true }))
process.env['ROLECALL_TEST_ROOM'] = room

/** A configuration, and what else is asked of it. */
interface Case {
  readonly config: string
  readonly address?: string
  readonly args?: readonly string[]
}

/** Lines that ssh takes or refuses, each in a file of its own. */
const LINES: readonly string[] = [
  // Keywords.
  'Prot 22',
  'Port',
  'Port # 22',
  'Port ""',
  'Host',
  'Host ""',
  'Host #',
  'Match',
  'Include',
  'Include ""',
  '= Port 22',
  '=Port=22',
  'Port=22',
  'Port =22',
  'Port= 22',
  'Port == 22',
  'Port=="22"',
  '"Port" 22',
  '"Port 22',
  'Port"22"',
  "Port '22'",
  'Port "2"2',
  'Port 22 23',
  'Port 22 # 23',
  'Port 22#23',
  'Port\t\t22\t',
  '\u000bPort 22',
  'Port 22\u000c',
  '\u00a0Port 22',
  '\ufeffPort 22',
  'Port 22\r',
  'Po\0rt 22',
  'Port 2\x002',
  '# Port "22',
  '#"Port 22',
  'PORT 22',
  'Port: 22',
  'IgnoreUnknown Prot\nProt 22',
  'IgnoreUnknown P*,!Port\nProt 22\nPrut',
  'IgnoreUnknown P*,!Prut\nProt 22\nPrut 1',
  'Prot 22\nIgnoreUnknown Prot',
  'Host other\n IgnoreUnknown Prot\nHost *\n Prot 22',
  'Host other\n Prot 22',
  'Host other\n Port 99999',
  'Host other\n ProxyJump u@',
  'Protocol 2',
  'RSAAuthentication yes',
  'Cipher 3des',
  'CompressionLevel 6',
  'UsePrivilegedPort "no',
  'IdentityFile2 /k',
  'KeepAlive yes',
  'ProtocolKeepAlives 7',
  'SetupTimeOut 8',
  // Numbers, times and switches.
  'Port 0',
  'Port 65535',
  'Port 65536',
  'Port -1',
  'Port +22',
  'Port 0x16',
  'Port 22.0',
  'Port 022',
  'Port " 22"',
  'Port nothing-listens-so',
  'ConnectTimeout none',
  'ConnectTimeout NONE',
  'ConnectTimeout 1h30m',
  'ConnectTimeout 1h 30m',
  'ConnectTimeout 30x',
  'ConnectTimeout -1',
  'ConnectTimeout 99999999999',
  'ConnectTimeout m',
  'ConnectTimeout 5M3S',
  'ConnectTimeout 0.5',
  'ServerAliveInterval 15 seconds',
  'ServerAliveCountMax three',
  'ServerAliveCountMax 1h',
  'ServerAliveCountMax 2147483648',
  'ConnectionAttempts 0',
  'ConnectionAttempts -1',
  'NumberOfPasswordPrompts yes',
  'RequiredRSASize 2k',
  'ForwardX11 on',
  'IdentitiesOnly YES',
  'IdentitiesOnly 1',
  'IdentitiesOnly yes no',
  'BatchMode true',
  'BatchMode maybe',
  'Compression true',
  'Compression yes',
  'StrictHostKeyChecking accept-new',
  'StrictHostKeyChecking accept_new',
  'StrictHostKeyChecking Off',
  'UpdateHostKeys ask',
  'UpdateHostKeys confirm',
  'PubkeyAuthentication unbound',
  'PubkeyAuthentication host-bound',
  'PubkeyAuthentication hostbound',
  'VerifyHostKeyDNS ask',
  'AddressFamily inet4',
  'AddressFamily Any',
  'RequestTTY force',
  'RequestTTY always',
  'SessionType none',
  'SessionType shell',
  'ControlMaster autoask',
  'ControlMaster sometimes',
  'ControlPersist 10m',
  'ControlPersist YES',
  'ControlPersist forever',
  'Tunnel yes',
  'Tunnel maybe',
  'TunnelDevice any:2',
  'TunnelDevice tun0',
  'EscapeChar ^A',
  'EscapeChar none',
  'EscapeChar ab',
  'LogLevel DEBUG2',
  'LogLevel debug4',
  'SyslogFacility local7',
  'SyslogFacility LOCAL9',
  'FingerprintHash md5',
  'FingerprintHash crc',
  'IPQoS af21 cs1',
  'IPQoS 0x10',
  'IPQoS 010',
  'IPQoS 256',
  'IPQoS fast',
  'IPQoS af21 cs1 ef',
  'RekeyLimit default none',
  'RekeyLimit 1G 1h',
  'RekeyLimit 15',
  'RekeyLimit 16',
  'RekeyLimit 1X',
  'RekeyLimit 1G soon',
  'AddKeysToAgent confirm 5m',
  'AddKeysToAgent 1h',
  'AddKeysToAgent yes 5m',
  'AddKeysToAgent maybe',
  'StreamLocalBindMask 0177',
  'StreamLocalBindMask 888',
  // Lists.
  'Ciphers aes128-ctr,foo',
  'Ciphers aes128-ctr,,foo',
  'Ciphers aes128-*',
  'Ciphers -foo',
  'Ciphers +3des-cbc',
  'Ciphers +',
  'Ciphers aes128-ctr aes256-ctr',
  'Ciphers ,aes128-ctr',
  'MACs hmac-sha2-256,hmac-none',
  'MACs ^hmac-md5-96',
  'KexAlgorithms curve25519',
  'KexAlgorithms +diffie-hellman-group1-sha1',
  'HostKeyAlgorithms ssh-*',
  'HostKeyAlgorithms +foo*',
  'HostKeyAlgorithms +ssh-rsa,ssh-dss',
  'HostKeyAlgorithms RSA',
  'HostKeyAlgorithms !ssh-rsa',
  'PubkeyAcceptedKeyTypes ssh-rsa2',
  'CASignatureAlgorithms ssh-ed25519,foo',
  'PreferredAuthentications publickey,foo',
  'PreferredAuthentications publickey password',
  'SendEnv A=B',
  'SendEnv LC_* -LC_ALL ""',
  'SetEnv A',
  'SetEnv A=1 B',
  'SetEnv A="1 2" A=3',
  'SetEnv =x',
  'CanonicalDomains .x',
  'CanonicalDomains a..b',
  'CanonicalDomains ex_ample.org none',
  'CanonicalizeMaxDots x',
  'CanonicalizeHostname no',
  'CanonicalizeHostname maybe',
  'CanonicalizePermittedCNAMEs *.a:*.b',
  'CanonicalizePermittedCNAMEs *.a',
  'UserKnownHostsFile none /x',
  'UserKnownHostsFile /x none',
  'UserKnownHostsFile NONE',
  'UserKnownHostsFile ""',
  'UserKnownHostsFile /x ""',
  'GlobalKnownHostsFile /x none',
  'GlobalKnownHostsFile ~/x %h',
  'LocalForward 8080 localhost:80',
  'LocalForward 8080',
  'LocalForward 8080 localhost',
  'LocalForward x localhost:80',
  'LocalForward 127.0.0.1:8080 [::1]:80',
  'LocalForward /a/b localhost:80',
  'LocalForward 0 localhost:80',
  'RemoteForward 8080 localhost:80',
  'RemoteForward 0 localhost:80',
  'RemoteForward 1080',
  'RemoteForward x',
  'DynamicForward 1080',
  'DynamicForward 0',
  'RemoteForward 0',
  'DynamicForward [::1]:1080',
  'DynamicForward localhost',
  'PermitRemoteOpen any',
  'PermitRemoteOpen localhost:80 any',
  'PermitRemoteOpen localhost',
  // Jumps and commands.
  'ProxyJump none x',
  'ProxyJump a,b:22,c@d:33,ssh://e@f:44',
  'ProxyJump u@',
  'ProxyJump @h',
  'ProxyJump a:99999',
  'ProxyJump a:',
  'ProxyJump a:b:c',
  'ProxyJump [::1',
  'ProxyJump [::1]:22',
  'ProxyJump a,,b',
  'ProxyJump a,',
  'ProxyJump ,a',
  'ProxyJump ssh://a/b',
  'ProxyJump ssh://a_b:22/',
  'ProxyJump ssh://@a',
  'ProxyJump #a',
  'ProxyJump = a',
  'ProxyCommand nc "%h',
  'ProxyCommand = nc %h %p',
  'ProxyCommand nc %h %p # c',
  'ProxyCommand ""',
  'ProxyCommand #',
  'RemoteCommand echo %z',
  'RemoteCommand echo %h',
  'RemoteCommand none',
  'LocalCommand echo %z',
  // Match.
  'Match foo',
  'Match host',
  'Match host #',
  'Match host ""',
  'Match all all',
  'Match all host h\n Port 5',
  'Match host h all\n Port 5',
  'Match host h user root all\n Port 5',
  'Match final all\n Port 5',
  'Match canonical all\n Port 5',
  'Match !all\n Port 5',
  'Match !final\n Port 5',
  'Match host=h\n Port 5',
  'Match host = h user=root\n Port 5',
  'Match host h, user root\n Port 5',
  'Match host "h" user root # c\n Port 5',
  'Match host h # user nobody\n Port 5',
  'Match "host h"\n Port 5',
  'Match HOST H\n Port 5',
  'Match originalhost h localuser nobody\n Port 5',
  'Match user\n Port 5',
  'Match host h address 10.0.0.1\n Port 5',
  'Match host other foo bar\n Port 5',
  "Match host it's\n Port 5",
  'Host !h\n Port 5',
  'Host !other\n Port 5',
  'Host * !h\n Port 5',
  'Host h !h\n Port 5',
  'Host !h h\n Port 5',
  'Host "h" \'x\'\n Port 5',
  'Host h, x\n Port 5',
  'Host h #x\n Port 5',
  'Host h#x\n Port 5',
  // Quotes and escapes.
  'User "a b"',
  'User a b',
  "User 'a b'",
  'User a\\ b',
  'User "a\\"b"',
  'User "a\\ b"',
  'User a\\nb',
  'User "a" "b"',
  'User a"b c"d',
  'User "a',
  "User it's",
  'IdentityFile "/a b"',
  'IdentityFile /a b',
  'IdentityFile none',
  'IdentityFile NONE',
  'HostName "a b"',
  'HostName ""',
  'HostName 127.1',
  'HostName 0x7f000001',
  'HostName 0177.0.0.1',
  'HostName 1.2.3.400',
  'HostName 0:0:0::1',
  'HostName FE80::1',
  'HostName REAL.Example.ORG',
  'HostKeyAlias "A B"',
  `User ${'x'.repeat(5000)}`,
  `IdentityFile /${'y/'.repeat(9000)}`,
  `# ${'z'.repeat(100_000)}\nPort 7`,
  // What stands twice.
  'Port 1\nPort 2',
  'ProxyCommand none\nProxyJump a',
  'ProxyJump a\nProxyCommand nc',
  'UserKnownHostsFile /a\nUserKnownHostsFile /b',
  'User a\nHost h\n User b',
  'SetEnv A=1\nSetEnv B=2',
  'PubkeyAuthentication no\nDSAAuthentication yes',
  // Files that are included.
  'Include ROOM/missing',
  'Include ROOM/missing*',
  'Include ROOM/open',
  'Host other\n Include ROOM/open',
  'Include ROOM/wrong',
  'Host other\n Include ROOM/wrong',
  'Include ROOM/directory',
  'Include ROOM/loop',
  'Include ROOM/dangling',
  'Include ROOM/itself',
  'Include ROOM/part-[12]',
  'Include ROOM/part-[!1]',
  'Include ROOM/part-{1,2}',
  'Include ROOM/part-?',
  'Include ROOM/.hid* ROOM/par*',
  'Include ~nobody-there/x',
  'Include = ROOM/part-1',
  'Include "ROOM/part-1" ROOM/part-2 # c',
  'Include ROOM/part-1/x',
]

const TOKENS = ['%%', ...'hnrpCduijkLlzTHIKtf'.split('').map((token) => `%${token}`)]
const PIECES = [
  ...['${HOME}', '${ROLECALL_TEST_ROOM}/x', '${ROLECALL_NOT_SET}', '${}', '${HOME', '$HOME', '$', '${HOME}${HOME}'],
  ...[
    '~',
    '~/x',
    '~root/x',
    '~nobody-there/x',
    '/x/~/y',
    '%',
    '/x/%',
    '/x%%h',
    '%%%%h',
    'none',
    'NONE',
    'SSH_AUTH_SOCK',
  ],
  ...['yes', '$ROLECALL_TEST_ROOM', '$bad-name', '/a$b', '%h.%h', '~%h', '${HOME}/%h/%%'],
]

const cases: readonly Case[] = [
  ...LINES.map((config) => ({ config })),
  ...['UserKnownHostsFile', 'HostName'].flatMap((keyword) =>
    TOKENS.map((value) => ({ config: `${keyword} ${value}` })),
  ),
  ...['UserKnownHostsFile', 'HostName', 'IdentityAgent'].flatMap((keyword) =>
    PIECES.map((value) => ({ config: `${keyword} ${value}` })),
  ),
  ...['ControlPath', 'ForwardAgent', 'IdentityAgent'].flatMap((keyword) =>
    ['%j', '%z', '%C', '${HOME}/%h', '${ROLECALL_NOT_SET}', '~', '$HOME'].map((value) => ({
      config: `${keyword} ${value}`,
    })),
  ),
  ...['a;b', '-x', 'a b', 'u@', '@h', 'u@v@h', 'ssh://u@h:7', 'ssh://h/p', 'ssh://u%40x@h', 'ssh://h:x', '$h'].map(
    named,
  ),
  ...[
    'H.Example',
    '127.1',
    '1',
    '::1',
    '0:0::1',
    '[::1]',
    '10.0.0.1',
    '08.1.1.1',
    'a_b',
    'h.',
    'x%y',
    '',
    '2001:DB8::1',
  ].map(named),
  ...[
    ...[
      'Port=70000',
      'Port 5',
      'Port = 5',
      'Prot=5',
      'Port',
      'Host=x',
      'Match=all',
      'Include=/x',
      'User=a;b',
      'User="a b"',
    ],
    ...[
      'StrictHostKeyChecking=nope',
      'UserKnownHostsFile=/a /b',
      'UserKnownHostsFile="/a b"',
      'ProxyCommand=nc "%h" %p',
    ],
    ...['IdentityFile=/a b', 'ControlPath=%z', 'ConnectTimeout=abc', ' Port=9', 'CanonicalizeHostname=no'],
  ].map((option) => ({ config: 'User u', args: ['-o', option] })),
  ...[
    ['-l', 'a;b'],
    ['-l', 'a b'],
    ['-p', '70000'],
    ['-p', 'x'],
    ['-J', 'u@'],
    ['-J', 'a b'],
    ['-c', 'foo'],
    ['-c', 'aes256-ctr'],
    ['-m', 'foo'],
    ['-m', 'hmac-sha1'],
    ['-l', 'u', '-o', 'User=v'],
    ['-o', 'User=v', '-l', 'u'],
    ['-K', '-k', '-t', '-C'],
  ].map((args) => ({ config: 'Port 5', args })),
  { config: 'User w', address: 'u@h', args: ['-l', 'v'] },
  { config: 'Port 4', address: 'ssh://u@h:7', args: ['-p', '8'] },
]

function named(address: string): Case {
  return { config: 'Host h\n Port 5', address }
}

function prepare(): void {
  const write = (name: string, text: string, mode = 0o600) => {
    writeFileSync(join(room, name), text)
    chmodSync(join(room, name), mode)
  }
  write('open', 'Port 9\n', 0o666)
  write('wrong', 'Port x\n')
  write('itself', `Include ${room}/itself\n`)
  write('part-1', 'Port 9\n')
  write('part-2', 'User two\n')
  write('.hidden', 'ConnectTimeout 3\n')
  mkdirSync(join(room, 'directory'))
  symlinkSync(join(room, 'loop'), join(room, 'loop'))
  symlinkSync(join(room, 'nowhere'), join(room, 'dangling'))
}

function found({ config, address = 'h', args = [] }: Case, at: number): string[] {
  const path = join(room, `config-${at}`)
  writeFileSync(path, `${config.replaceAll('ROOM', room)}\n`, { mode: 0o600 })
  return differences({ address, args: { first: ['-F', path], last: args } }, path).map(
    (line) => `${config.slice(0, 200)} | ${address} ${args.join(' ')}: ${line}`,
  )
}

const hasSsh = spawnSync('ssh', ['-V']).status === 0
if (!hasSsh) process.stdout.write('skipped: there is no ssh here to compare with\n')
else
  test(`${cases.length} odd and broken configurations are taken or refused as ssh does`, () => {
    prepare()
    assert.equal(cases.flatMap(found), [])
  })

/** What ssh itself expands only when it connects: the command that it starts ends at once. */
const WHEN_CONNECTING: readonly Case[] = [
  ...['IdentityFile', 'CertificateFile'].flatMap((keyword) =>
    [...TOKENS, '${HOME}/x', '${ROLECALL_NOT_SET}', '~nobody-there/x', '/x%'].map((value) => ({
      config: `${keyword} ${value}\nProxyCommand false`,
    })),
  ),
  ...TOKENS.map((token) => ({ config: `ProxyCommand false ${token}` })),
  // Only for this host: otherwise the ssh that connects to the jump host jumps too, and so on without an end.
  ...TOKENS.map((token) => ({ config: `Host h\nProxyJump ${token}-x@127.0.0.1:1` })),
]

function isRefusedByBoth({ config }: Case, at: number): string[] {
  const path = join(room, `connect-${at}`)
  writeFileSync(path, `${config}\n`, { mode: 0o600 })
  const { stderr } = spawnSync('ssh', ['-F', path, '-oBatchMode=yes', 'h', 'true'], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  const there = /unknown key|environment|No such user|invalid format/.exec(stderr)
  const question = { address: 'h', args: { first: ['-F', path], last: [] } }
  const here = settledWithoutSsh(question, path)
  return (there !== null) === (typeof here === 'string') ? [] : [`${config}: ssh says ${stderr}`]
}

if (hasSsh)
  test(`${WHEN_CONNECTING.length} values that are expanded to connect are taken or refused as ssh does`, () => {
    assert.equal(WHEN_CONNECTING.flatMap(isRefusedByBoth), [])
  })

test.run()

import { PASSWORD } from '../../support/sshd.ts'
import { hop, lineFor, to, withKey, type Situation } from './situation.ts'
import { PASSPHRASE } from './world.ts'

/** Names, addresses and bastions. */
export const ways: readonly Situation[] = [
  { name: 'an alias', config: to('plain') },
  {
    name: 'HostName with %h',
    config: (w) => [
      'Host 127.0.0.*',
      `  Port ${w.ports.plain}`,
      `  IdentityFile ${w.room}/id_ed25519`,
      'Host target',
      '  HostName 127.0.0.1',
      `  Port ${w.ports.plain}`,
      `  IdentityFile ${w.room}/id_ed25519`,
    ],
  },
  {
    name: 'IPv6',
    config: (w) => ['Host target', '  HostName ::1', `  Port ${w.ports.plain}`, `  IdentityFile ${w.room}/id_ed25519`],
    known: (w) => [`[::1]:${w.ports.plain} ${w.hostKey}`],
  },
  {
    name: 'AddressFamily that the address is not of',
    config: (w) => ['Host target', '  HostName ::1', '  AddressFamily inet', `  Port ${w.ports.plain}`],
    ends: 'connect',
  },
  { name: 'BindAddress', config: to('plain', 'BindAddress 127.0.0.1') },
  {
    name: 'a port nobody listens at',
    config: (w) => ['Host target', '  HostName 127.0.0.1', `  Port ${w.closed}`],
    ends: 'connect',
  },
  { name: 'a name that is not there', config: () => ['Host target', '  HostName nobody.invalid'], ends: 'connect' },
  { name: 'another user', config: to('plain', 'User nobody-at-all'), ends: 'auth' },
  {
    name: 'Include',
    config: (w) => [
      'Include ROOM/included-*.conf'.replace('ROOM', w.room),
      'Host target',
      '  HostName 127.0.0.1',
      `  IdentityFile ${w.room}/id_ed25519`,
    ],
  },
  {
    name: 'Match host',
    config: (w) => [
      'Match originalhost target',
      '  HostName 127.0.0.1',
      `  Port ${w.ports.plain}`,
      `  IdentityFile ${w.room}/id_ed25519`,
    ],
  },
  {
    name: 'Match exec that holds',
    config: (w) => [
      'Match originalhost target exec "true"',
      '  HostName 127.0.0.1',
      `  Port ${w.ports.plain}`,
      `  IdentityFile ${w.room}/id_ed25519`,
    ],
  },
  {
    name: 'Match exec that does not',
    config: (w) => ['Match originalhost target exec "false"', `  Port ${w.closed}`, ...to('plain')(w)],
  },
  { name: 'Match final', config: (w) => [...to('plain')(w), 'Match final all', '  ServerAliveInterval 20'] },
  { name: 'the first value counts', config: (w) => [...to('plain')(w), 'Host *', `  Port ${w.closed}`] },
  { name: 'an option that nobody knows', config: to('plain', 'NoSuchOption yes'), ends: 'connect' },
  { name: 'IgnoreUnknown', config: to('plain', 'IgnoreUnknown NoSuch*', 'NoSuchOption yes') },
  { name: 'one bastion', config: (w) => [...to('plain', 'ProxyJump jump')(w), ...hop(w, 'jump', 'bastion')] },
  {
    name: 'two bastions in a row',
    config: (w) => [...to('plain', 'ProxyJump one,two')(w), ...hop(w, 'one', 'bastion'), ...hop(w, 'two', 'second')],
  },
  {
    name: 'a bastion behind a bastion',
    config: (w) => [
      ...to('plain', 'ProxyJump two')(w),
      ...hop(w, 'one', 'bastion'),
      ...hop(w, 'two', 'second', 'ProxyJump one'),
    ],
  },
  {
    name: 'a bastion by its address and port',
    config: (w) => [
      ...to('plain', `ProxyJump 127.0.0.1:${w.ports.bastion}`)(w),
      'Host 127.0.0.1',
      `  IdentityFile ${w.room}/id_ed25519`,
    ],
  },
  {
    name: 'a bastion that lets nobody in',
    config: (w) => [...to('plain', 'ProxyJump jump')(w), ...hop(w, 'jump', 'bastion', 'User nobody-at-all')],
    ends: 'auth',
  },
  {
    name: 'a bastion whose key is not known',
    config: (w) => [...to('plain', 'ProxyJump jump')(w), ...hop(w, 'jump', 'bastion')],
    known: (w) => [lineFor(w, 'plain')],
    ends: 'host-key',
  },
  {
    name: 'a bastion whose key has changed',
    config: (w) => [...to('plain', 'ProxyJump jump')(w), ...hop(w, 'jump', 'bastion')],
    known: (w) => [lineFor(w, 'plain'), lineFor(w, 'bastion', w.otherKey)],
    ends: 'host-key',
  },
  {
    name: 'a host behind a bastion whose key is not known',
    config: (w) => [...to('plain', 'ProxyJump jump')(w), ...hop(w, 'jump', 'bastion')],
    known: (w) => [lineFor(w, 'bastion')],
    ends: 'host-key',
  },
  {
    name: 'a bastion that forwards nothing',
    config: (w) => [...to('plain', 'ProxyJump jump')(w), ...hop(w, 'jump', 'closedBastion')],
    ends: 'connect',
  },
  {
    name: 'a bastion that is down',
    config: (w) => [...to('plain', 'ProxyJump jump')(w), 'Host jump', '  HostName 127.0.0.1', `  Port ${w.closed}`],
    ends: 'connect',
  },
  {
    name: 'ProxyJump none',
    config: (w) => ['Host target', '  ProxyJump none', ...to('plain', 'ProxyJump nowhere')(w)],
  },
  {
    name: 'ProxyCommand of another ssh',
    config: (w) => [
      ...to('plain', `ProxyCommand ssh -F ${w.room}/config -W [%h]:%p jump`)(w),
      ...hop(w, 'jump', 'bastion'),
    ],
  },
  { name: 'ProxyCommand that fails', config: to('plain', 'ProxyCommand false'), ends: 'connect' },
  { name: 'ProxyCommand that is not there', config: to('plain', 'ProxyCommand /no/such/program %h'), ends: 'connect' },
  {
    name: 'a bastion in the arguments',
    config: (w) => [...to('plain')(w), ...hop(w, 'jump', 'bastion')],
    args: () => ['-J', 'jump'],
  },
  {
    name: 'ProxyCommand in the arguments',
    config: (w) => [...to('plain')(w), ...hop(w, 'jump', 'bastion')],
    args: (w) => ['-o', `ProxyCommand=ssh -F ${w.room}/config -W %h:%p -q jump`],
  },
]

/** Keys, agents and passwords. */
export const keys: readonly Situation[] = [
  { name: 'an RSA key', config: withKey('id_rsa') },
  { name: 'an ECDSA key', config: withKey('id_ecdsa') },
  { name: 'a PEM key', config: withKey('id_pem') },
  { name: 'a PKCS#8 RSA key', config: withKey('id_pkcs8') },
  { name: 'a PKCS#8 ECDSA key', config: withKey('id_pkcs8_ecdsa') },
  { name: 'a key with a passphrase', config: withKey('id_locked'), passphrase: PASSPHRASE },
  { name: 'a key with a passphrase that is wrong', config: withKey('id_locked'), passphrase: 'wrong', ends: 'auth' },
  { name: 'a key with a passphrase that nobody gives', config: withKey('id_locked'), ends: 'auth' },
  { name: 'a PEM key with a passphrase', config: withKey('id_pem_locked'), passphrase: PASSPHRASE },
  { name: 'a PKCS#8 key with a passphrase', config: withKey('id_pkcs8_locked'), passphrase: PASSPHRASE },
  { name: 'a key that the host does not know', config: withKey('id_stranger'), ends: 'auth' },
  { name: 'a key that is not there', config: withKey('id_nowhere'), ends: 'auth' },
  { name: 'an empty key', config: withKey('empty'), ends: 'auth' },
  { name: 'garbage for a key', config: withKey('garbage'), ends: 'auth' },
  { name: 'a public key for a private one', config: withKey('id_ecdsa.pub'), ends: 'auth' },
  { name: 'a key that others can read', config: withKey('id_open'), ends: 'auth' },
  { name: 'one bad key and one good one', config: withKey('garbage', 'IdentityFile ROOM/id_ed25519') },
  { name: 'a certificate beside the key', config: withKey('id_certified') },
  {
    name: 'a certificate in CertificateFile',
    config: withKey('id_certified', 'CertificateFile ROOM/id_certified-cert.pub'),
  },
  {
    name: 'a key of the agent',
    config: (w) => ['Host target', '  HostName 127.0.0.1', `  Port ${w.ports.plain}`],
    agent: 'full',
  },
  { name: 'a public file that names a key of the agent', config: withKey('id_agent.pub'), agent: 'full' },
  { name: 'IdentitiesOnly keeps the agent out', config: withKey('id_stranger'), agent: 'full', ends: 'auth' },
  {
    name: 'the agent beside a key file',
    config: (w) => [
      'Host target',
      '  HostName 127.0.0.1',
      `  Port ${w.ports.plain}`,
      `  IdentityFile ${w.room}/id_stranger`,
    ],
    agent: 'full',
  },
  {
    name: 'a certificate in the agent',
    config: (w) => ['Host target', '  HostName 127.0.0.1', `  Port ${w.ports.plain}`],
    agent: 'certified',
  },
  { name: 'an agent that is gone', config: to('plain'), agent: 'dead' },
  { name: 'an empty agent', config: to('plain'), agent: 'empty' },
  {
    name: 'IdentityAgent',
    config: (w) => [
      'Host target',
      '  HostName 127.0.0.1',
      `  Port ${w.ports.plain}`,
      `  IdentityAgent ${w.agents.full}`,
    ],
  },
  {
    name: 'IdentityAgent none',
    config: (w) => [
      'Host target',
      '  HostName 127.0.0.1',
      `  Port ${w.ports.plain}`,
      '  IdentityAgent none',
      `  IdentityFile ${w.room}/id_stranger`,
    ],
    agent: 'full',
    ends: 'auth',
  },
  { name: 'PubkeyAuthentication no', config: to('plain', 'PubkeyAuthentication no'), ends: 'auth' },
  {
    name: 'a password',
    config: (w) => ['Host target', '  HostName 127.0.0.1', `  Port ${w.ports.password}`],
    at: 'password',
    password: PASSWORD,
  },
  {
    name: 'BatchMode beside a password of the inventory, which nobody is asked for',
    config: (w) => ['Host target', '  HostName 127.0.0.1', `  Port ${w.ports.password}`, '  BatchMode yes'],
    at: 'password',
    password: PASSWORD,
    ends: 'auth',
    ours: 'in',
  },
  {
    name: 'a wrong password',
    config: (w) => ['Host target', '  HostName 127.0.0.1', `  Port ${w.ports.password}`],
    password: 'wrong',
    ends: 'auth',
  },
  { name: 'a key and a password', config: to('both'), at: 'both', password: PASSWORD },
  { name: 'a key and no password', config: to('both'), ends: 'auth' },
]

/** Host keys, algorithms and the session. */
export const hostKeys: readonly Situation[] = [
  { name: 'a host that nobody knows', config: to('plain'), known: () => [], ends: 'host-key' },
  {
    name: 'a host key that has changed',
    config: to('plain'),
    known: (w) => [lineFor(w, 'plain', w.otherKey)],
    ends: 'host-key',
  },
  {
    name: 'StrictHostKeyChecking accept-new',
    config: to('plain', 'StrictHostKeyChecking accept-new'),
    known: () => [],
  },
  {
    name: 'accept-new and a changed key',
    config: to('plain', 'StrictHostKeyChecking accept-new'),
    known: (w) => [lineFor(w, 'plain', w.otherKey)],
    ends: 'host-key',
  },
  { name: 'StrictHostKeyChecking no', config: to('plain', 'StrictHostKeyChecking no'), known: () => [] },
  {
    name: 'StrictHostKeyChecking no and a changed key, which Rolecall refuses',
    config: to('plain', 'StrictHostKeyChecking no'),
    known: (w) => [lineFor(w, 'plain', w.otherKey)],
    ours: 'host-key',
  },
  {
    name: 'no known hosts at all, and no checking',
    config: to('plain', 'StrictHostKeyChecking no', 'UserKnownHostsFile /dev/null'),
    known: () => [],
  },
  { name: 'HostKeyAlias', config: to('plain', 'HostKeyAlias other'), known: (w) => [`other ${w.hostKey}`] },
  {
    name: 'a second known_hosts file',
    config: to('plain', 'UserKnownHostsFile ROOM/known_none ROOM/known_second'),
    known: () => [],
  },
  {
    name: 'a known_hosts file with a space in its name',
    config: to('plain', 'UserKnownHostsFile ROOM/known_none "ROOM/known more"'),
    known: () => [],
  },
  { name: 'a line without the port', config: to('plain'), known: (w) => [`127.0.0.1 ${w.hostKey}`] },
  {
    name: 'only the other key of the host is known',
    config: to('plain'),
    known: (w) => [lineFor(w, 'plain', w.hostRsaKey)],
  },
  {
    name: 'a revoked key',
    config: to('plain'),
    known: (w) => [lineFor(w, 'plain'), `@revoked * ${w.hostKey}`],
    ends: 'host-key',
  },
  {
    name: 'a host certificate',
    config: to('certified', 'HostKeyAlias certified'),
    at: 'certified',
    known: (w) => [`@cert-authority * ${w.authority}`],
  },
  {
    name: 'a host certificate, and the authority stands without the port',
    config: to('certified'),
    at: 'certified',
    known: (w) => [`@cert-authority 127.0.0.* ${w.authority}`],
  },
  {
    name: 'a host certificate of another name',
    config: to('certified', 'HostKeyAlias elsewhere'),
    known: (w) => [`@cert-authority * ${w.authority}`],
    ends: 'host-key',
  },
  {
    name: 'an authority that did not sign',
    config: to('certified'),
    known: (w) => [`@cert-authority * ${w.otherKey}`],
    ends: 'host-key',
  },
  { name: 'a certified host that is known by its key', config: to('certified'), at: 'certified' },
  {
    name: 'NoHostAuthenticationForLocalhost',
    config: to('plain', 'NoHostAuthenticationForLocalhost yes'),
    known: () => [],
  },
  { name: 'a host with old algorithms', config: to('old'), ends: 'connect' },
  {
    name: 'a host with old algorithms that are allowed',
    config: to(
      'old',
      'KexAlgorithms +diffie-hellman-group14-sha1',
      'HostKeyAlgorithms +ssh-rsa',
      'Ciphers +aes128-cbc',
    ),
    known: (w) => [lineFor(w, 'old', w.hostRsaKey)],
    at: 'old',
  },
  { name: 'a host with an algorithm that ssh2 lacks', config: to('modern'), at: 'modern' },
  {
    name: 'Ciphers of one kind',
    config: to('plain', 'Ciphers aes256-ctr', 'MACs hmac-sha2-512', 'KexAlgorithms ecdh-sha2-nistp384'),
  },
  { name: 'Ciphers without any', config: to('plain', 'Ciphers -*gcm*,*ctr*,chacha*'), ends: 'connect' },
  {
    name: 'HostKeyAlgorithms',
    config: to('plain', 'HostKeyAlgorithms rsa-sha2-512'),
    known: (w) => [lineFor(w, 'plain', w.hostRsaKey)],
  },
  { name: 'SetEnv', config: to('env', 'SetEnv ROLECALL_ONE="a b"'), at: 'env', variable: 'ROLECALL_ONE' },
  {
    name: 'SendEnv',
    config: to('env', 'SendEnv ROLECALL_T*'),
    at: 'env',
    variable: 'ROLECALL_TWO',
    environment: () => ({ ROLECALL_TWO: 'two' }),
  },
  { name: 'ForwardAgent', config: to('plain', 'ForwardAgent yes'), agent: 'full', variable: 'SSH_AUTH_SOCK' },
  { name: 'ServerAliveInterval and ConnectTimeout', config: to('plain', 'ServerAliveInterval 5', 'ConnectTimeout 5') },
  {
    name: 'LocalForward of a port that is taken',
    config: (w) => to('plain', `LocalForward ${w.ports.bastion} 127.0.0.1:1`)(w),
  },
]

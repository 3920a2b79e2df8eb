import { userInfo } from 'node:os'
import { hop, lineFor, to, withKey, type Situation } from './situation.ts'

const { username } = userInfo()

/** What configurations of years have in them. */
export const moreSituations: readonly Situation[] = [
  {
    name: 'two bastions in a row, each with a key of its own',
    config: (w) => [
      ...to('plain', 'ProxyJump first,second', 'IdentitiesOnly yes')(w),
      ...hop(w, 'first', 'bastion').map((line) => line.replace('id_ed25519', 'id_rsa')),
      ...hop(w, 'second', 'second', 'IdentitiesOnly yes').map((line) => line.replace('id_ed25519', 'id_ecdsa')),
    ],
  },
  {
    name: 'two bastions in a row, and the second lets nobody in',
    config: (w) => [
      ...to('plain', 'ProxyJump first,second')(w),
      ...hop(w, 'first', 'bastion'),
      ...hop(w, 'second', 'second', 'IdentitiesOnly yes').map((line) => line.replace('id_ed25519', 'id_stranger')),
    ],
    ends: 'auth',
  },
  {
    name: 'ProxyCommand with %h, %p, %r, %n and %%',
    config: (w) => [
      ...to(
        'plain',
        `ProxyCommand sh -c 'test "%%-%n-%r" = "%%-target-${username}" && exec ssh -F ${w.room}/config -W %h:%p jump'`,
      )(w),
      ...hop(w, 'jump', 'bastion'),
    ],
  },
  {
    name: 'Match canonical',
    config: (w) => [
      'Host target',
      '  HostName 127.0.0.1',
      '  CanonicalizeHostname yes',
      `  IdentityFile ${w.room}/id_ed25519`,
      'Match canonical all',
      `  Port ${w.ports.plain}`,
    ],
  },
  {
    name: 'a name that is left out by a negation, with quotes and equals signs',
    config: (w) => [
      'Host=t* !target',
      `  Port=${w.closed}`,
      'Host "target"',
      '  HostName = "127.0.0.1"',
      `  Port="${w.ports.plain}" # the port`,
      `\tidentityfile "${w.room}/id_ed25519"`,
    ],
  },
  { name: 'an empty SSH_AUTH_SOCK', config: to('plain'), environment: () => ({ SSH_AUTH_SOCK: '' }) },
  {
    name: 'IdentityAgent of a variable that is empty',
    config: to('plain', 'IdentityAgent $ROLECALL_NO_AGENT'),
    environment: () => ({ ROLECALL_NO_AGENT: '' }),
  },
  {
    name: 'an agent with more keys than the host lets anybody try',
    config: to('few'),
    agent: 'crowded',
    ends: 'auth',
  },
  {
    name: 'IdentitiesOnly beside an agent with too many keys',
    config: to('few', 'IdentitiesOnly yes'),
    agent: 'crowded',
    at: 'few',
  },
  { name: 'a certificate that has expired', config: withKey('id_expired'), ends: 'auth' },
  {
    name: 'PubkeyAcceptedAlgorithms without that of the key',
    config: withKey('id_rsa', 'PubkeyAcceptedAlgorithms ssh-ed25519'),
    ends: 'auth',
  },
  { name: 'RequiredRSASize above that of the key', config: withKey('id_rsa', 'RequiredRSASize 4096'), ends: 'auth' },
  {
    name: 'RequiredRSASize above that of the host key',
    config: to('plain', 'HostKeyAlgorithms rsa-sha2-512', 'RequiredRSASize 4096'),
    known: (w) => [lineFor(w, 'plain', w.hostRsaKey)],
    ends: 'connect',
  },
  {
    name: 'RevokedHostKeys with the key of the host',
    config: to('plain', 'RevokedHostKeys ROOM/revoked'),
    ends: 'host-key',
  },
  {
    name: 'KnownHostsCommand',
    config: (w) => to('plain', `KnownHostsCommand /bin/echo ${lineFor(w, 'plain')}`)(w),
    known: () => [],
  },
  {
    name: 'PreferredAuthentications without keys',
    config: to('plain', 'PreferredAuthentications password'),
    ends: 'auth',
  },
  {
    name: 'Compression, TCPKeepAlive, IPQoS and RekeyLimit',
    config: to('plain', 'Compression yes', 'TCPKeepAlive no', 'IPQoS af21 cs1', 'RekeyLimit 1G 1h'),
  },
  {
    name: 'ControlMaster auto where nobody listens yet',
    config: to('plain', 'ControlMaster auto', 'ControlPath ROOM/shared-%C', 'ControlPersist no'),
  },
  { name: 'AddKeysToAgent', config: to('plain', 'AddKeysToAgent yes'), agent: 'empty' },
  { name: 'UpdateHostKeys and VisualHostKey', config: to('plain', 'UpdateHostKeys yes', 'VisualHostKey yes') },
  { name: 'RequestTTY where there is no terminal', config: to('plain', 'RequestTTY yes') },
  {
    name: 'known_hosts with comments, a wildcard for the port, and a negation',
    config: to('plain'),
    known: (w) => ['# a comment', '', `[127.0.0.*]:* ${w.hostKey} somebody@somewhere`],
  },
  {
    name: 'known_hosts that leaves the host with its port out by a negation, and not without',
    config: to('plain'),
    known: (w) => [`![127.0.0.1]:${w.ports.plain},* ${w.hostKey}`],
  },
]

import { chmodSync, copyFileSync, existsSync } from 'node:fs'
import { homedir, hostname, userInfo } from 'node:os'
import { join, relative } from 'node:path'
import { beside, hop, lineFor, target, to, type Situation } from './situation.ts'
import type { World } from './world.ts'

const { username, uid } = userInfo()

/** A copy of the usual key under another name. */
const keyAt = (world: World, name: string) => {
  const path = join(world.room, name)
  if (existsSync(path)) return
  copyFileSync(join(world.room, 'id_ed25519'), path)
  chmodSync(path, 0o600)
}

/** Tokens, conditions, inclusions, and what else decides how a host is reached. */
export const furtherWays: readonly Situation[] = [
  {
    name: 'Include of a pattern, from which another is included, with Match in both',
    config: beside(
      {
        'd/10-a.conf': (w) => [
          'Match originalhost target',
          `  Include ${w.room}/d/deep-*.inc`,
          'Host *',
          `  Port ${w.closed}`,
        ],
        'd/deep-1.inc': (w) => ['Match host 127.0.0.1,target', `  Port ${w.ports.plain}`],
        'd/20-b.conf': (w) => ['Host target', '  HostName 127.0.0.1', `  IdentityFile ${w.room}/id_ed25519`],
      },
      (w) => [`Include ${w.room}/d/*.conf`],
    ),
  },
  {
    name: 'Include within Host of another host counts for that host alone',
    config: beside({ 'x.inc': (w) => [`Port ${w.closed}`] }, (w) => [
      'Host elsewhere',
      `  Include ${w.room}/x.inc`,
      ...to('plain')(w),
    ]),
  },
  {
    name: 'Include of a file that is not there',
    config: (w) => [`Include ${w.room}/nowhere/*.conf`, ...to('plain')(w)],
  },
  {
    name: 'IdentityFile with %d, %u, %h, %n, %p, %r and %i',
    config: (w) => {
      keyAt(w, `k-${username}-127.0.0.1-target-${w.ports.plain}-${username}-${uid}`)
      return target(w, 'IdentityFile ROOM/k-%u-%h-%n-%p-%r-%i', 'IdentitiesOnly yes')
    },
  },
  {
    name: 'IdentityFile with %L, %l, %k and %%',
    config: (w) => {
      keyAt(w, `l-${hostname().split('.')[0] ?? ''}-alias-%`)
      return target(w, 'HostKeyAlias alias', 'IdentityFile ROOM/l-%L-%k-%%', 'IdentitiesOnly yes')
    },
    known: (w) => [`alias ${w.hostKey}`],
  },
  {
    name: 'IdentityFile with ${VARIABLE} that is not set',
    config: (w) => {
      keyAt(w, 'env-key')
      return target(w, 'IdentityFile ${ROLECALL_KEYS}/env-key', 'IdentitiesOnly yes')
    },
    ends: 'connect',
  },
  {
    name: 'IdentityFile with ${VARIABLE} that is set',
    config: (w) => {
      keyAt(w, 'env-key')
      return target(w, 'IdentityFile ${ROLECALL_KEYS}/env-key', 'IdentitiesOnly yes')
    },
    environment: (w) => ({ ROLECALL_KEYS: w.room }),
  },
  {
    name: 'IdentityFile of ~user',
    config: (w) =>
      target(w, `IdentityFile ~${username}/${relative(homedir(), w.room)}/id_ed25519`, 'IdentitiesOnly yes'),
  },
  {
    name: 'IdentityFile of a user that is not there',
    config: (w) => target(w, 'IdentityFile ~nobody-at-all/id', 'IdentityFile ROOM/id_ed25519'),
    ends: 'connect',
  },
  { name: 'IdentityFile with an unknown token', config: (w) => target(w, 'IdentityFile ROOM/%q'), ends: 'connect' },
  {
    name: 'IdentityFile in quotes with a space',
    config: (w) => {
      keyAt(w, 'my key')
      return target(w, 'IdentityFile "ROOM/my key"', 'IdentitiesOnly yes')
    },
  },
  {
    name: 'UserKnownHostsFile with tokens',
    config: beside({ 'kh-target': (w) => [lineFor(w, 'plain')] }, to('plain', 'UserKnownHostsFile ROOM/kh-%n')),
    known: () => [],
  },
  { name: 'UserKnownHostsFile none', config: to('plain', 'UserKnownHostsFile none'), ends: 'host-key' },
  {
    name: 'UserKnownHostsFile none, and a file of the system',
    config: to('plain', 'UserKnownHostsFile none', 'GlobalKnownHostsFile ROOM/known_second'),
  },
  {
    name: 'GlobalKnownHostsFile with two files',
    config: to('plain', 'GlobalKnownHostsFile ROOM/nowhere ROOM/known_second'),
    known: () => [],
  },
  { name: 'StrictHostKeyChecking off', config: to('plain', 'StrictHostKeyChecking off'), known: () => [] },
  { name: 'StrictHostKeyChecking yes beside a known key', config: to('plain', 'StrictHostKeyChecking yes') },
  {
    name: 'StrictHostKeyChecking ask where nobody can answer',
    config: to('plain', 'StrictHostKeyChecking ask'),
    known: () => [],
    ends: 'host-key',
  },
  {
    name: 'Match user',
    config: (w) => [
      `Match user ${username}`,
      `  Port ${w.ports.plain}`,
      ...target(w, 'IdentityFile ROOM/id_ed25519').map((line) => line.replace(/Port \d+/, `Port ${w.closed}`)),
    ],
  },
  {
    name: 'Match localuser',
    config: (w) => [`Match localuser !${username},*`, `  Port ${w.closed}`, ...to('plain')(w)],
  },
  {
    name: 'Match with negated criteria',
    config: (w) => [`Match !host target !originalhost elsewhere`, `  Port ${w.ports.plain}`, ...to('bastion')(w)],
    at: 'bastion',
  },
  {
    name: 'Match exec with tokens',
    config: (w) => [
      `Match exec "test %n-%h-%r = target-target-${username}"`,
      `  Port ${w.ports.plain}`,
      ...to('bastion')(w),
    ],
  },
  {
    name: 'Match exec that prints',
    config: (w) => [`Match exec "echo loud; echo louder >&2"`, `  Port ${w.ports.plain}`, ...to('bastion')(w)],
  },
  {
    name: 'Match final host',
    config: (w) => [
      'Match final host 127.0.0.1',
      `  IdentityFile ${w.room}/id_ed25519`,
      `  IdentitiesOnly yes`,
      ...target(w),
    ],
  },
  {
    name: 'Match tagged, and a Tag',
    config: (w) => ['Match tagged prod', `  Port ${w.ports.plain}`, ...to('bastion')(w)],
    ends: 'connect',
  },
  {
    name: 'Match localnetwork',
    config: (w) => ['Match localnetwork 192.0.2.0/24', `  Port ${w.closed}`, ...to('plain')(w)],
    ends: 'connect',
  },
  { name: 'Match with a criterion without a value', config: (w) => ['Match host', ...to('plain')(w)], ends: 'connect' },
  {
    name: 'Match all after others',
    config: (w) => ['Match originalhost nobody', `  Port ${w.closed}`, 'Match all', ...to('plain')(w).slice(1)],
  },
  {
    name: 'CanonicalizeHostname with a domain',
    config: (w) => [
      'Host target',
      '  CanonicalizeHostname yes',
      '  CanonicalDomains invalid',
      '  CanonicalizeFallbackLocal no',
      `  Port ${w.ports.plain}`,
    ],
    ends: 'connect',
  },
  {
    name: 'CanonicalizeHostname with dots that are enough',
    config: (w) => ['CanonicalizeHostname yes', 'CanonicalizeMaxDots 0', 'CanonicalDomains invalid', ...to('plain')(w)],
  },
  {
    name: 'HostName with %h',
    config: (w) => [
      'Host target',
      '  HostName 127.0.0.1',
      `  Port ${w.ports.plain}`,
      `  IdentityFile ${w.room}/id_ed25519`,
      '  HostKeyAlias %h',
    ],
    ends: 'host-key',
  },
  { name: 'Port beyond the highest', config: (w) => [...target(w).slice(0, 2), '  Port 70000'], ends: 'connect' },
  {
    name: 'AddressFamily any and a host of both',
    config: (w) => [
      'Host target',
      '  HostName localhost',
      '  AddressFamily inet',
      `  Port ${w.ports.plain}`,
      `  IdentityFile ${w.room}/id_ed25519`,
    ],
    known: (w) => [`[localhost]:${w.ports.plain} ${w.hostKey}`],
  },
  { name: 'BindAddress that is not of this machine', config: to('plain', 'BindAddress 192.0.2.1'), ends: 'connect' },
  { name: 'BindInterface', config: to('plain', 'BindInterface lo') },
  {
    name: 'ConnectionAttempts and ConnectTimeout',
    config: (w) => [
      'Host target',
      '  HostName 127.0.0.1',
      `  Port ${w.closed}`,
      '  ConnectionAttempts 2',
      '  ConnectTimeout 1',
    ],
    ends: 'connect',
  },
  {
    name: 'ProxyCommand with quotes in quotes',
    config: (w) => [
      ...to('plain', `ProxyCommand sh -c "exec ssh -F '${w.room}/config' -W %h:%p 'jump'"`)(w),
      ...hop(w, 'jump', 'bastion'),
    ],
  },
  {
    name: 'ProxyCommand with a pipe',
    config: (w) => [
      ...to('plain', `ProxyCommand ssh -F ${w.room}/config -W %h:%p jump 2>/dev/null | cat`)(w),
      ...hop(w, 'jump', 'bastion'),
    ],
  },
  {
    name: 'ProxyCommand none before another',
    config: (w) => [
      ...target(w, 'ProxyCommand none', 'IdentityFile ROOM/id_ed25519'),
      'Host *',
      '  ProxyCommand false',
    ],
  },
  {
    name: 'ProxyCommand before ProxyJump',
    config: (w) => [
      ...to('plain', `ProxyCommand ssh -F ${w.room}/config -W %h:%p jump`, 'ProxyJump nowhere')(w),
      ...hop(w, 'jump', 'bastion'),
    ],
  },
  {
    name: 'ProxyJump with a user and a port',
    config: (w) => [
      ...to(
        'plain',
        `ProxyJump ${username}@127.0.0.1:${w.ports.bastion},ssh://${username}@127.0.0.1:${w.ports.second}`,
      )(w),
      'Host 127.0.0.1',
      `  IdentityFile ${w.room}/id_ed25519`,
    ],
  },
  {
    name: 'ProxyJump with another user, who is not let in',
    config: (w) => [...to('plain', 'ProxyJump eve@jump')(w), ...hop(w, 'jump', 'bastion', `User ${username}`)],
    ends: 'auth',
  },
  {
    name: 'ProxyJump of a bastion with a ProxyCommand',
    config: (w) => [
      ...to('plain', 'ProxyJump jump')(w),
      ...hop(w, 'jump', 'bastion', `ProxyCommand ssh -F ${w.room}/config -W %h:%p second`),
      ...hop(w, 'second', 'second'),
    ],
  },
  {
    name: 'ProxyJump by IPv6',
    config: (w) => [
      ...to('plain', `ProxyJump [::1]:${w.ports.bastion}`)(w),
      'Host ::1',
      `  IdentityFile ${w.room}/id_ed25519`,
    ],
    known: (w) => [lineFor(w, 'plain'), `[::1]:${w.ports.bastion} ${w.hostKey}`],
  },
  {
    name: 'a bastion with StrictHostKeyChecking of its own',
    config: (w) => [
      ...to('plain', 'ProxyJump jump')(w),
      ...hop(w, 'jump', 'bastion', 'StrictHostKeyChecking accept-new'),
    ],
    known: (w) => [lineFor(w, 'plain')],
  },
  {
    name: 'a bastion with RemoteCommand',
    config: (w) => [...to('plain', 'ProxyJump jump')(w), ...hop(w, 'jump', 'bastion', 'RemoteCommand sleep 5')],
  },
]

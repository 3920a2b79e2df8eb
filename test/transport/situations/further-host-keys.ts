import { createHmac, randomBytes } from 'node:crypto'
import { beside, lineFor, target, to, type Situation } from './situation.ts'

const hashed = (name: string, key: string) => {
  const salt = randomBytes(20)
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')} ${key}`
}

/** Host keys, algorithms and the session. */
export const furtherHostKeys: readonly Situation[] = [
  {
    name: 'a hashed name with a port',
    config: to('plain'),
    known: (w) => [hashed(`[127.0.0.1]:${w.ports.plain}`, w.hostKey)],
  },
  { name: 'a hashed name without the port', config: to('plain'), known: (w) => [hashed('127.0.0.1', w.hostKey)] },
  {
    name: 'a hashed name with an old key',
    config: to('plain'),
    known: (w) => [hashed(`[127.0.0.1]:${w.ports.plain}`, w.otherKey)],
    ends: 'host-key',
  },
  {
    name: '@cert-authority with a pattern and a port',
    config: to('certified'),
    at: 'certified',
    known: (w) => [`@cert-authority [127.0.0.*]:${w.ports.certified} ${w.authority}`],
  },
  {
    name: '@cert-authority with a pattern without the port',
    config: to('certified'),
    at: 'certified',
    known: (w) => [`@cert-authority 127.0.0.* ${w.authority}`],
  },
  {
    name: '@cert-authority hashed',
    config: to('certified'),
    at: 'certified',
    known: (w) => [`@cert-authority ${hashed(`[127.0.0.1]:${w.ports.certified}`, w.authority)}`],
  },
  {
    name: '@revoked with a negation that leaves the host out',
    config: to('plain'),
    known: (w) => [`@revoked *,![127.0.0.1]:${w.ports.plain} ${w.hostKey}`, lineFor(w, 'plain')],
  },
  { name: 'HostKeyAlgorithms with a plus', config: to('plain', 'HostKeyAlgorithms +ssh-rsa') },
  {
    name: 'HostKeyAlgorithms with a minus of all that is known',
    config: to('plain', 'HostKeyAlgorithms -ssh-ed25519*'),
    ends: 'host-key',
  },
  {
    name: 'HostKeyAlgorithms with a caret, and both keys known',
    config: to('plain', 'HostKeyAlgorithms ^rsa-sha2-256'),
    known: (w) => [lineFor(w, 'plain'), lineFor(w, 'plain', w.hostRsaKey)],
  },
  {
    name: 'HostKeyAlgorithms with a caret, and the other key known',
    config: to('plain', 'HostKeyAlgorithms ^rsa-sha2-256'),
    ends: 'host-key',
  },
  { name: 'KexAlgorithms with a minus and a pattern', config: to('plain', 'KexAlgorithms -curve25519*,sntrup*') },
  { name: 'KexAlgorithms with a caret', config: to('plain', 'KexAlgorithms ^diffie-hellman-group16-sha512') },
  { name: 'KexAlgorithms with an unknown name', config: to('plain', 'KexAlgorithms +nonsense'), ends: 'connect' },
  {
    name: 'Ciphers with a minus of everything but CBC',
    config: to('plain', 'Ciphers -*gcm*,*ctr*,chacha*'),
    ends: 'connect',
  },
  { name: 'MACs with a caret', config: to('plain', 'MACs ^hmac-sha1', 'Ciphers aes128-ctr') },
  {
    name: 'RevokedHostKeys of a file that is not there',
    config: to('plain', 'RevokedHostKeys ROOM/nowhere'),
    ends: 'host-key',
  },
  {
    name: 'KnownHostsCommand that fails',
    config: to('plain', 'KnownHostsCommand /bin/false'),
    known: () => [],
    ends: 'connect',
  },
  {
    name: 'CheckHostIP yes and HashKnownHosts',
    config: to('plain', 'CheckHostIP yes', 'HashKnownHosts yes', 'StrictHostKeyChecking accept-new'),
    known: () => [],
  },
  { name: 'VerifyHostKeyDNS yes', config: to('plain', 'VerifyHostKeyDNS yes') },
  { name: 'FingerprintHash md5 and LogLevel DEBUG', config: to('plain', 'FingerprintHash md5', 'LogLevel DEBUG3') },
  {
    name: 'LogLevel QUIET and a wrong key',
    config: to('plain', 'LogLevel QUIET'),
    known: (w) => [lineFor(w, 'plain', w.otherKey)],
    ends: 'connect',
    ours: 'host-key',
  },
  {
    name: 'SetEnv twice, of which the first counts',
    config: to('env', 'SetEnv ROLECALL_ONE=first ROLECALL_TWO=x', 'SetEnv ROLECALL_ONE=second'),
    at: 'env',
    variable: 'ROLECALL_ONE',
  },
  {
    name: 'SendEnv with a minus',
    config: to('env', 'SendEnv ROLECALL_T*', 'SendEnv -ROLECALL_TWO'),
    at: 'env',
    variable: 'ROLECALL_TWO',
    environment: () => ({ ROLECALL_TWO: 'two' }),
  },
  {
    name: 'SendEnv and SetEnv of one name',
    config: to('env', 'SendEnv ROLECALL_*', 'SetEnv ROLECALL_TWO=set'),
    at: 'env',
    variable: 'ROLECALL_TWO',
    environment: () => ({ ROLECALL_TWO: 'two' }),
  },
  { name: 'RequestTTY force', config: to('plain', 'RequestTTY force') },
  { name: 'StdinNull and ForkAfterAuthentication', config: to('plain', 'StdinNull no', 'ForkAfterAuthentication no') },
  {
    name: 'ControlPath of a socket that is dead',
    config: beside({ 'dead.sock': () => [''] }, to('plain', 'ControlMaster auto', 'ControlPath ROOM/dead.sock')),
  },
  { name: 'ControlPath none and ControlMaster yes', config: to('plain', 'ControlMaster yes', 'ControlPath none') },
  {
    name: 'PermitLocalCommand and LocalCommand',
    config: to('plain', 'PermitLocalCommand yes', 'LocalCommand echo from here'),
  },
  {
    name: 'ExitOnForwardFailure and a forward that fails',
    config: (w) => to('plain', 'ExitOnForwardFailure yes', `LocalForward ${w.ports.bastion} 127.0.0.1:1`)(w),
    ends: 'connect',
    ours: 'in',
  },
  { name: 'DynamicForward and RemoteForward', config: (w) => to('plain', 'RemoteForward 0 127.0.0.1:1')(w) },
  {
    name: 'EscapeChar, VisualHostKey and NoHostAuthenticationForLocalhost no',
    config: to('plain', 'EscapeChar ~', 'VisualHostKey yes', 'NoHostAuthenticationForLocalhost no'),
  },
  {
    name: 'words of the command line before the file',
    config: to('bastion'),
    args: (w) => ['-p', String(w.ports.plain)],
  },
  { name: '-4, -C, -q and -v among the words', config: to('plain'), args: () => ['-4', '-C', '-q', '-v'] },
  {
    name: '-l of another user among the words',
    config: to('plain'),
    args: () => ['-l', 'nobody-at-all'],
    ends: 'auth',
  },
  {
    name: '-i among the words',
    config: (w) => target(w, 'IdentitiesOnly yes'),
    args: (w) => ['-i', `${w.room}/id_ed25519`],
  },
  {
    name: '-oKEY=VALUE and -o "KEY VALUE" among the words',
    config: (w) => target(w),
    args: (w) => [`-oIdentityFile=${w.room}/id_ed25519`, '-o', 'IdentitiesOnly yes'],
  },
]

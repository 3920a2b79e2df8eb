import { PASSWORD } from '../../support/sshd.ts'
import { target, to, withKey, type Situation } from './situation.ts'
import { PASSPHRASE } from './world.ts'

/** Keys, agents and passwords. */
export const furtherKeys: readonly Situation[] = [
  {
    name: 'IdentitiesOnly, and several files: one missing, one locked, one right',
    config: withKey('nowhere', 'IdentityFile ROOM/id_locked', 'IdentityFile ROOM/id_ed25519'),
  },
  {
    name: 'one locked key with its passphrase after one that is not there',
    config: withKey('nowhere', 'IdentityFile ROOM/id_locked'),
    passphrase: PASSPHRASE,
  },
  { name: 'IdentityFile none beside an agent', config: (w) => target(w, 'IdentityFile none'), agent: 'full' },
  {
    name: 'IdentityFile none, IdentitiesOnly, and an agent',
    config: (w) => target(w, 'IdentityFile none', 'IdentitiesOnly yes'),
    agent: 'full',
    ends: 'auth',
  },
  { name: 'IdentityAgent by SSH_AUTH_SOCK', config: (w) => target(w, 'IdentityAgent SSH_AUTH_SOCK'), agent: 'full' },
  {
    name: 'IdentityAgent with ${}',
    config: (w) => target(w, 'IdentityAgent ${ROLECALL_AGENT}'),
    environment: (w) => ({ ROLECALL_AGENT: w.agents.full }),
  },
  { name: 'IdentityAgent that is not there, beside a file', config: to('plain', 'IdentityAgent /nowhere/agent') },
  {
    name: 'many keys of an agent before the file, at a host with few tries',
    config: to('few'),
    agent: 'crowded',
    ends: 'auth',
  },
  {
    name: 'the file first, whose key the crowded agent lacks, at a host with few tries',
    config: to('few', 'IdentityAgent none'),
    agent: 'crowded',
    at: 'few',
  },
  {
    name: 'CertificateFile for a key of the agent',
    config: (w) => target(w, 'IdentityFile none', 'CertificateFile ROOM/id_certified-cert.pub'),
    agent: 'certified',
  },
  { name: 'CertificateFile that is not there', config: to('plain', 'CertificateFile ROOM/nowhere-cert.pub') },
  {
    name: 'PubkeyAcceptedAlgorithms with a minus',
    config: withKey('id_rsa', 'PubkeyAcceptedAlgorithms -rsa-sha2-512,rsa-sha2-256,ssh-rsa'),
    ends: 'auth',
  },
  {
    name: 'PubkeyAcceptedAlgorithms with a caret',
    config: withKey('id_rsa', 'PubkeyAcceptedAlgorithms ^rsa-sha2-256'),
  },
  { name: 'PubkeyAcceptedKeyTypes, the old name', config: withKey('id_rsa', 'PubkeyAcceptedKeyTypes +ssh-rsa') },
  {
    name: 'PubkeyAcceptedAlgorithms with an unknown name',
    config: withKey('id_rsa', 'PubkeyAcceptedAlgorithms rsa-9'),
    ends: 'connect',
  },
  {
    name: 'PreferredAuthentications with all',
    config: to('plain', 'PreferredAuthentications keyboard-interactive,publickey,password'),
  },
  {
    name: 'PasswordAuthentication no beside a password',
    config: (w) =>
      target(w, 'PasswordAuthentication no', 'KbdInteractiveAuthentication no').map((line) =>
        line.replace(/Port .*/, `Port ${w.ports.password}`),
      ),
    password: PASSWORD,
    ends: 'auth',
  },
  {
    name: 'NumberOfPasswordPrompts 1',
    config: (w) =>
      target(w, 'NumberOfPasswordPrompts 1').map((line) => line.replace(/Port .*/, `Port ${w.ports.password}`)),
    password: PASSWORD,
    at: 'password',
  },
  { name: 'AddKeysToAgent with a time', config: to('plain', 'AddKeysToAgent 5m'), agent: 'empty' },
  { name: 'HostbasedAuthentication yes', config: to('plain', 'HostbasedAuthentication yes') },
  { name: 'GSSAPIAuthentication yes', config: to('plain', 'GSSAPIAuthentication yes') },
  {
    name: 'EnableSSHKeysign and Protocol 2',
    config: to('plain', 'EnableSSHKeysign no', 'Protocol 2', 'UsePrivilegedPort no'),
  },
  {
    name: 'ForwardAgent of a socket',
    config: (w) => to('plain', `ForwardAgent ${w.agents.full}`)(w),
    agent: 'empty',
    variable: 'SSH_AUTH_SOCK',
  },
  {
    name: 'ForwardAgent of a variable',
    config: to('plain', 'ForwardAgent $ROLECALL_AGENT'),
    environment: (w) => ({ ROLECALL_AGENT: w.agents.full }),
    agent: 'empty',
    variable: 'SSH_AUTH_SOCK',
  },
  { name: 'ForwardX11 and Tunnel', config: to('plain', 'ForwardX11 yes', 'ForwardX11Trusted yes') },
]

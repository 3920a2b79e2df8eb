import { authenticator } from '../../support/authenticator.ts'
import { hop, to, withKey, type Situation } from './situation.ts'

const PROVIDER = `SecurityKeyProvider ${authenticator ?? ''}`

/** Keys on an authenticator, which signs when it is touched. The one of the tests is touched at once. */
export const securityKeys: readonly Situation[] = [
  { name: 'a security key of type ed25519', config: withKey('id_touched', PROVIDER) },
  { name: 'a security key of type ecdsa', config: withKey('id_touched_ecdsa', PROVIDER) },
  {
    name: 'a security key, the provider in the environment',
    config: withKey('id_touched', 'SecurityKeyProvider $SSH_SK_PROVIDER'),
    environment: () => ({ SSH_SK_PROVIDER: authenticator ?? '' }),
  },
  { name: 'a security key with a passphrase', config: withKey('id_touched_pin', PROVIDER), passphrase: 'open sesame' },
  { name: 'a security key that needs no touch', config: withKey('id_untouched', PROVIDER) },
  {
    name: 'a security key in the agent',
    config: to('plain', 'IdentityFile none'),
    agent: 'touched',
  },
  {
    name: 'a security key in the agent, named by its public half',
    config: withKey('id_touched_agent.pub'),
    agent: 'touched',
  },
  {
    name: 'a security key in the agent, and IdentitiesOnly with another file',
    config: withKey('id_stranger'),
    agent: 'touched',
    ends: 'auth',
  },
  {
    name: 'a security key after a key that the host does not know',
    config: withKey('id_stranger', 'IdentityFile ROOM/id_touched', PROVIDER),
  },
  {
    name: 'a security key that the host does not know, before a key that it knows',
    config: withKey('id_touched_stranger', 'IdentityFile ROOM/id_ed25519', PROVIDER),
  },
  {
    name: 'a security key that the host does not know',
    config: withKey('id_touched_stranger', PROVIDER),
    ends: 'auth',
  },
  { name: 'a security key without its authenticator', config: withKey('id_touched'), ends: 'auth' },
  {
    name: 'a security key, and a provider that is not there',
    config: withKey('id_touched', 'SecurityKeyProvider /nowhere.so'),
    ends: 'auth',
  },
  {
    name: 'a security key, and an authenticator that breaks',
    config: withKey('id_touched', PROVIDER),
    environment: () => ({ SSH_SK_HELPER: '/bin/false' }),
    ends: 'auth',
  },
  {
    name: 'a security key, and PubkeyAcceptedAlgorithms leaves it out',
    config: withKey('id_touched', PROVIDER, 'PubkeyAcceptedAlgorithms ssh-ed25519'),
    ends: 'auth',
  },
  {
    name: 'a security key for the bastion alone',
    config: (w) => [
      ...to('plain', 'ProxyJump jump')(w),
      ...hop(w, 'jump', 'bastion', PROVIDER).map((line) => line.replace('id_ed25519', 'id_touched')),
    ],
  },
  {
    name: 'a security key for the host, and another one for the bastion',
    config: (w) => [
      ...withKey('id_touched', PROVIDER, 'ProxyJump jump')(w),
      ...hop(w, 'jump', 'bastion', PROVIDER).map((line) => line.replace('id_ed25519', 'id_touched_ecdsa')),
    ],
  },
]

import { readAgeIdentities, type AgeIdentities } from './age-identities.ts'
import type { AgeKeys } from './age.ts'
import type { Passwords } from './passwords.ts'

/** All that can open what stands encrypted in a repository. */
export class Keyring {
  readonly passwords: Passwords
  readonly #env: NodeJS.ProcessEnv
  #age: AgeIdentities | undefined

  constructor(passwords: Passwords, env: NodeJS.ProcessEnv) {
    this.passwords = passwords
    this.#env = env
  }

  /** Read when the first file of age is met. */
  get age(): AgeIdentities {
    this.#age ??= readAgeIdentities(this.#env)
    return this.#age
  }

  /** The passwords of Ansible Vault serve as passphrases of age as well: both are asked for in the same way. */
  get ageKeys(): AgeKeys {
    return {
      identities: this.age.identities,
      passphrases: this.passwords.known.map(({ bytes }) => bytes.toString('utf8')),
    }
  }
}

/** For what is read without any key. */
export const NO_PASSWORDS: Passwords = { known: [], failures: [] }

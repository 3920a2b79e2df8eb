import { readAgeIdentities, type AgeIdentities } from './age-identities.ts'
import type { AgeKeys } from './age.ts'
import type { Passwords } from './passwords.ts'

/** All passwords and keys for the encrypted files of a repository. */
export class Keyring {
  readonly passwords: Passwords
  readonly #env: NodeJS.ProcessEnv
  #age: AgeIdentities | undefined

  constructor(passwords: Passwords, env: NodeJS.ProcessEnv) {
    this.passwords = passwords
    this.#env = env
  }

  /** Keys are read for the first age file. */
  get age(): AgeIdentities {
    this.#age ??= readAgeIdentities(this.#env)
    return this.#age
  }

  /** Ansible Vault passwords are also tried as age passphrases, since both come from the same prompts. */
  get ageKeys(): AgeKeys {
    return {
      identities: this.age.identities,
      passphrases: this.passwords.known.map(({ bytes }) => bytes.toString('utf8')),
    }
  }
}

/** A keyring without keys. */
export const NO_PASSWORDS: Passwords = { known: [], failures: [] }

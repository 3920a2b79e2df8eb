import { existsSync } from 'node:fs'
import { join } from 'node:path'

const FILE = 'usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so'

/** A FIDO authenticator in software, of OpenSSH's own tests: installed, or as `scripts/tools.js` unpacks it. */
export const authenticator = ['/', join(import.meta.dirname, '../../node_modules/.cache/openssh-tests')]
  .map((root) => join(root, FILE))
  .find((path) => existsSync(path))

/** Why there is none here; undefined: there is one. */
export const whyNoAuthenticator =
  authenticator === undefined ? 'there is no authenticator in software here (Debian: openssh-tests)' : undefined

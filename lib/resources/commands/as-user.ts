import { sh, type Sh } from '../../sh/quote.ts'

/** A script as another user, by su(1), which asks only root for no password. */
export function asUser(user: string | undefined, script: Sh): Sh {
  return user === undefined ? sh`(\n${script}\n)` : sh`su -s /bin/sh ${user} -c ${script.text}`
}

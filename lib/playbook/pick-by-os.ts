import { RolecallError } from '../errors.ts'
import type { Facts, OsFamily } from '../facts.ts'
import type { RoleHost } from './context.ts'

/** Makes the `pick` function of a role's host. */
export function pickByOs({ os }: Facts, host: string, role: string): RoleHost['pick'] {
  return <Choices extends Readonly<Partial<Record<OsFamily, unknown>>>>(choices: Choices) => {
    const choice = choices[os.family]
    if (choice !== undefined) return choice as Exclude<Choices[keyof Choices & OsFamily], undefined>
    throw new RolecallError({
      code: 'unsupported',
      host,
      role,
      message: `role ${role} does not know the family of this host`,
      expected: `one of ${Object.keys(choices).join(', ')}`,
      got: `${os.family} (${os.name})`,
      hint: `give the role what it needs for ${os.family}, or keep it off this host with a pattern such as all:!${host}`,
    })
  }
}

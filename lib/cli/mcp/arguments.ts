import { z } from 'zod'
import { RolecallError } from '../../errors.ts'
import { playbookNames } from '../../playbook/load/find.ts'
import { nearest } from '../../text/nearest.ts'

/** `@FILE` in a pattern would read a file of this machine, and say what stands in there. */
export const pattern = z
  .string()
  .min(1)
  .regex(/^[^@]*$/, 'hosts and groups by name: a file of patterns (@FILE) is not read here')
const limit = pattern.optional().describe('only these hosts: node-01, a group, or a pattern such as web:!web-03')
export const selection = {
  limit,
  roles: z.array(z.string().min(1)).optional().describe('only these roles'),
  tags: z.array(z.string().min(1)).optional().describe('only plays, roles and parts with one of these tags'),
}

/** Only a playbook of this project: a path could be any program. */
export function known(name: string): string {
  const names = playbookNames(process.cwd())
  if (names.includes(name)) return name
  const near = nearest(name, names)
  throw new RolecallError({
    code: 'usage',
    message: `there is no playbook "${name}"`,
    expected: names.length === 0 ? 'a file in playbooks/' : `one of ${names.join(', ')}`,
    ...(near.length === 0 ? {} : { hint: `did you mean ${near.join(' or ')}?` }),
  })
}

interface Selection {
  readonly limit?: string | undefined
  readonly roles?: readonly string[] | undefined
  readonly tags?: readonly string[] | undefined
}

export function selectionArgs({ limit: pattern, roles = [], tags = [] }: Selection): string[] {
  return [
    ...(pattern === undefined ? [] : [`--limit=${pattern}`]),
    ...roles.map((role) => `--role=${role}`),
    ...(tags.length === 0 ? [] : [`--tags=${tags.join(',')}`]),
  ]
}

/**
 * Values for roles. How a host is reached is none of them: ssh may be told to run a program, and another address would get the passwords. Secrets are not declared
 * here either: a program prints them.
 */
export function valueArgs(values: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(values).map(([name, value]) => {
    const isName = /^[A-Za-z_][\w-]*(\.[\w-]+)*$/.test(name)
    // No template: those read files and the environment of this machine.
    if (isName && !/^(ansible_|secrets(\.|$))/.test(name))
      return `--extra=${name}=${/[{\\]/.test(value) ? '!unsafe\n' : ''}${value}`
    throw new RolecallError({
      code: 'usage',
      message: isName ? `${name} is not to be set by an agent` : `"${name}" is no variable`,
      expected: 'role.variable',
      ...(isName ? { hint: 'set it in the inventory, or start the server with -e' } : {}),
    })
  })
}

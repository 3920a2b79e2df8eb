import { z } from 'zod'
import { RolecallError } from '../../errors.ts'
import { playbookNames } from '../../playbook/load/find.ts'
import { nearest } from '../../text/nearest.ts'

/** `@FILE` in a pattern would read a file of this machine and reveal its content. */
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

/** Only a playbook of this project, because a path could be any program. */
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
 * Values for roles. Connection variables are refused: they could make ssh run a program, or send passwords to another address. Secrets are refused too, because
 * they may be declared as the output of a program.
 */
export function valueArgs(values: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(values).map(([name, value]) => {
    const isName = /^[A-Za-z_][\w-]*(\.[\w-]+)*$/.test(name)
    // No templates, because they can read files and the environment of this machine.
    if (isName && !/^(ansible_|secrets(\.|$))/.test(name))
      return `--extra=${name}=${/[{\\]/.test(value) ? '!unsafe\n' : ''}${value}`
    throw new RolecallError({
      code: 'usage',
      message: isName ? `an agent may not set ${name}` : `"${name}" is not a variable`,
      expected: 'role.variable',
      ...(isName ? { hint: 'set it in the inventory, or start the server with -e' } : {}),
    })
  })
}

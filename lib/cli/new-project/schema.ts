import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { makeDirectory } from '../../machine/make-directory.ts'
import { RolecallError } from '../../errors.ts'
import { openProjectInventory } from '../../playbook/load/inventory.ts'
import { loadPlaybook, playbookNames } from '../../playbook/load/load.ts'
import type { AnyRole } from '../../playbook/role.ts'
import { withSecrets } from '../../vault/repository-secrets.ts'
import { counted } from '../../report/text/words.ts'
import { writeWhole } from '../../machine/write-whole.ts'
import { print } from '../print.ts'
import { pathsOf, type RunFlags } from '../run-options.ts'
import { secretsOf } from '../vault/vault-options.ts'

const VARS = '.rolecall/schema/vars.json'
const HOSTS = '.rolecall/schema/hosts.json'
const TYPES = 'rolecall-env.d.ts'
const SETTINGS = '.vscode/settings.json'

/** `rolecall schema`: writes schemas for completion of variables in YAML, and types for hosts and groups in TypeScript. */
export async function writeSchemas(flags: RunFlags): Promise<void> {
  const roles = new Map<string, AnyRole>()
  const tags = new Set<string>()
  for (const name of playbookNames(process.cwd())) {
    const { playbook } = await loadPlaybook(name)
    for (const play of playbook.plays) {
      for (const tag of play.tags ?? []) tags.add(tag)
      for (const use of play.roles) {
        const role = use.type === 'use' ? use.role : use
        roles.set(role.name, role)
        for (const tag of role.tags) tags.add(tag)
      }
    }
  }
  const secrets = await secretsOf(flags, { onUnopened: () => undefined })
  const inventory = await withSecrets(secrets, () =>
    openProjectInventory(pathsOf(flags.inventory), { extra: [], secrets, once: {} }),
  )
  secrets.settle()
  const vars = varsSchema([...roles.values()])
  write(VARS, json(vars))
  write(HOSTS, json(hostsSchema(vars)))
  write(
    TYPES,
    typesText(
      inventory.hosts.map(({ name }) => name),
      [...inventory.groups.keys()],
      [...tags],
    ),
  )
  const written = [VARS, HOSTS, TYPES, ...mapInEditor()]
  print([
    ...written.map((file) => `  ${file}`),
    '',
    `${counted(roles.size, 'role')}, ${counted(inventory.hosts.length, 'host')}: run it again when they change`,
  ])
}

/** The variables of all roles, by role, and the inventory variables that roles read. Other names are allowed. */
function varsSchema(roles: readonly AnyRole[]): Record<string, unknown> {
  const properties = roles.map(({ name, about, vars }) => {
    const schema = z.toJSONSchema(vars, { io: 'input', unrepresentable: 'any' })
    // A level of the inventory may set only some of them.
    const loose = Object.entries(schema).filter(([key]) => key !== '$schema' && key !== 'required')
    return [name, { description: about ?? `variables of the role ${name}`, ...Object.fromEntries(loose) }] as const
  })
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Variables of hosts and groups',
    type: ['object', 'null'],
    properties: { ...CONNECTION, ...Object.fromEntries(properties) },
  }
}

const text = (description: string) => ({ type: 'string', description })

/** The variables of connections that most inventories have. */
const CONNECTION = {
  ansible_host: text('name or address for the connection'),
  // The value may be a template, which is a string.
  ansible_port: { type: ['integer', 'string'], pattern: '^\\d+$|\\{\\{', description: 'port of sshd' },
  ansible_user: text('user for the login'),
  ansible_connection: {
    enum: ['ssh', 'openssh', 'local', 'docker', 'podman', 'machinectl', 'nspawn'],
    description: 'how the host is reached',
  },
  ansible_ssh_private_key_file: text('private key'),
  ansible_become: {
    type: ['boolean', 'string'],
    description: 'whether changes are made as another user, root by default',
  },
  ansible_become_user: text('the user to become'),
  ansible_become_method: { enum: ['sudo', 'su', 'doas'], description: 'the program for becoming this user' },
  ansible_become_password: text('the password for becoming this user: encrypted by rolecall vault, or asked for by -K'),
  ansible_become_flags: text('options of that program, such as -H -S -n'),
  ansible_become_exe: text('path of that program'),
  ansible_password: text('password for the login: encrypted by rolecall vault, or asked for by -k'),
  ansible_ssh_private_key_passphrase: text('passphrase of the key, encrypted by rolecall vault'),
  ansible_ssh_common_args: text('options of ssh, such as -J bastion.example.org'),
  ansible_ssh_extra_args: text('more options of ssh'),
  ansible_timeout: { type: ['integer', 'string'], description: 'time limit for connecting, in seconds' },
}

function hostsSchema(vars: Record<string, unknown>): object {
  const { $schema, ...inner } = vars
  return {
    $schema,
    title: 'An inventory',
    type: 'object',
    additionalProperties: { $ref: '#/$defs/group' },
    $defs: {
      vars: inner,
      group: {
        type: ['object', 'null'],
        additionalProperties: false,
        properties: {
          hosts: { type: ['object', 'null'], additionalProperties: { $ref: '#/$defs/vars' } },
          children: { type: ['object', 'null'], additionalProperties: { $ref: '#/$defs/group' } },
          vars: { $ref: '#/$defs/vars' },
        },
      },
    },
  }
}

function typesText(hosts: readonly string[], groups: readonly string[], tags: readonly string[]): string {
  const union = (names: readonly string[]) =>
    names.length === 0 ? 'never' : names.map((name) => JSON.stringify(name)).join(' | ')
  return `// Written by rolecall schema.
import 'rolecall'

declare module 'rolecall' {
  interface ProjectNames {
    readonly hosts: ${union(hosts)}
    readonly groups: ${union(groups)}
    readonly tags: ${union(tags)}
  }
}
`
}

/** Maps the schemas to their files. Other settings are kept. */
function mapInEditor(): string[] {
  const settings = readSettings()
  const own = {
    [`./${VARS}`]: [
      '**/group_vars/**/*.{yml,yaml}',
      '**/host_vars/**/*.{yml,yaml}',
      '**/group_vars/*',
      '**/host_vars/*',
    ],
    [`./${HOSTS}`]: ['inventory/*.{yml,yaml}'],
  }
  const before = settings['yaml.schemas']
  const others = typeof before === 'object' && before !== null ? before : {}
  write(SETTINGS, json({ ...settings, 'yaml.schemas': { ...others, ...own } }))
  return [SETTINGS]
}

function readSettings(): Record<string, unknown> {
  let content: string
  try {
    content = readFileSync(SETTINGS, 'utf8')
  } catch {
    return {}
  }
  try {
    const data: unknown = JSON.parse(content)
    if (typeof data === 'object' && data !== null) return { ...data }
  } catch {
    // Reported below.
  }
  throw new RolecallError({
    code: 'usage',
    message: `${SETTINGS} cannot be read as JSON, and is left as it is`,
    place: { file: SETTINGS },
    hint: `remove its comments, or map the schemas by hand: "yaml.schemas": { "./${VARS}": "**/group_vars/*" }`,
  })
}

function write(file: string, content: string): void {
  makeDirectory(dirname(file))
  writeWhole(file, content)
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

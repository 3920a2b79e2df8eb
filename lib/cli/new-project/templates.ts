import type { PackageNeeds } from './existing-package.ts'
import { TSCONFIG, ESLINT, GITIGNORE, EDITORCONFIG, VSCODE, WORKFLOW } from './settings-templates.ts'

/** The data for a new project. */
interface ProjectChoices {
  /** The name in package.json. */
  readonly name: string
  /** The version of Rolecall in package.json: a version, or a file. */
  readonly source: string
  /** Hosts of the inventory, by their names in `~/.ssh/config`; none means this machine. */
  readonly hosts: readonly string[]
}

/** The entries of package.json that a project needs. */
export function packageNeeds(source: string): PackageNeeds {
  return {
    type: 'module',
    devDependencies: {
      '@types/node': '^20.19.0',
      eslint: '^9.39.0',
      rolecall: source,
      tsx: '^4.20.0',
      typescript: '^5.9.0',
      'typescript-eslint': '^8.50.0',
    },
  }
}

/** The files of a new project, by their paths. */
export function projectFiles({ name, source, hosts }: ProjectChoices): Readonly<Record<string, string>> {
  const { type, devDependencies } = packageNeeds(source)
  const packageJson = {
    name,
    private: true,
    type,
    engines: { node: '>=20.12' },
    scripts: {
      check: 'rolecall check site',
      apply: 'rolecall apply site',
      verify: 'rolecall verify site',
      test: 'tsx --test test/*.test.ts',
      lint: 'eslint .',
      typecheck: 'tsc --noEmit',
    },
    devDependencies,
  }
  return {
    'package.json': json(packageJson),
    'tsconfig.json': json(TSCONFIG),
    'inventory/hosts.yml': inventoryText(hosts),
    'roles/welcome.ts': WELCOME,
    'test/welcome.test.ts': roleTestText('welcome', 'file:/var/tmp/rolecall-welcome'),
    'playbooks/site.ts': SITE,
    'eslint.config.js': ESLINT,
    '.gitignore': GITIGNORE,
    '.editorconfig': EDITORCONFIG,
    '.vscode/settings.json': json(VSCODE),
    '.vscode/extensions.json': json({ recommendations: ['dbaeumer.vscode-eslint', 'redhat.vscode-yaml'] }),
    '.github/workflows/rolecall.yml': WORKFLOW,
  }
}

function inventoryText(hosts: readonly string[]): string {
  const lines =
    hosts.length === 0
      ? [
          '    # This machine, so that the first check works. Add your own hosts here:',
          '    #   web-1: { ansible_host: 192.0.2.10, ansible_user: ops, ansible_become: true }',
          '    localhost: { ansible_connection: local }',
        ]
      : [
          '    # Names of ~/.ssh/config. ansible_become: true makes changes as root, by sudo.',
          ...hosts.map((host) => `    ${/^[A-Za-z][\w.-]*$/.test(host) ? host : JSON.stringify(host)}: {}`),
        ]
  return ['all:', '  hosts:', ...lines, ''].join('\n')
}

const WELCOME = `import { file, role, z } from 'rolecall'

export default role({
  name: 'welcome',
  about: 'a message of the day, as a first example',
  vars: z.object({ text: z.string().default('Hello from Rolecall') }),
  async apply({ ensure, host, vars }) {
    await ensure(file('/var/tmp/rolecall-welcome', { content: \`\${vars.text} on \${host.hostname}\\n\` }))
  },
  async verify({ $, expect, vars }) {
    expect((await $.read\`cat /var/tmp/rolecall-welcome\`).stdout).toContain(vars.text)
  },
})
`

const SITE = `import { playbook } from 'rolecall'
import welcome from '../roles/welcome.ts'

export default playbook({
  name: 'site',
  plays: [{ name: 'all', hosts: 'all', roles: [welcome] }],
})
`

/** A role that does nothing yet. */
export function roleText(name: string): string {
  return `import { file, role, z } from 'rolecall'

export default role({
  name: '${name}',
  about: 'the purpose of this role, in one line',
  vars: z.object({ text: z.string().default('hello') }),
  async apply({ ensure, vars }) {
    await ensure(file('/etc/${name}.conf', { content: \`\${vars.text}\\n\` }))
  },
  async verify({ $, expect, vars }) {
    expect((await $.read\`cat /etc/${name}.conf\`).stdout).toContain(vars.text)
  },
})
`
}

/** A test of the resources that a role asks for. */
export function roleTestText(name: string, resource = `file:/etc/${name}.conf`): string {
  return `import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { play } from 'rolecall'
import role from '../roles/${name}.ts'

test('${name} asks for its file', async () => {
  const { asked } = await play(role)
  deepEqual(
    asked.map(({ id }) => id),
    ['${resource}'],
  )
})
`
}

/** A kind of resource. */
export function kindText(name: string): string {
  return `import { kind, sh, z } from 'rolecall'

/**
 * Describe the kind here. This example sets the time zone.
 *
 * @example
 * ${camel(name)}('system', { zone: 'UTC' })
 */
export const ${camel(name)} = kind({
  name: '${camel(name)}',
  options: z.object({ zone: z.string() }),
  // A script in POSIX sh that reads the present state and changes nothing.
  probe: () => sh\`readlink /etc/localtime || :\`,
  // Turns the output into data.
  read: (_, reply) => ({ zone: reply.text.trim().replace('/usr/share/zoneinfo/', '') }),
  // The steps from the present state to the wanted one; none if they are equal.
  plan: (want, have) =>
    have.zone === want.zone
      ? []
      : [{ summary: \`set the time zone to \${want.zone}\`, sh: sh\`ln -sfn \${'/usr/share/zoneinfo/' + want.zone} /etc/localtime\` }],
})
`
}

/** A lab with hosts whose names begin with this name. */
export function labText(name: string): string {
  return `import { lab } from 'rolecall'

/** Throwaway hosts for trying playbooks: rolecall lab up, rolecall lab inventory. */
export default lab({
  hosts: {
    '${name}-01': { groups: ['${name}'] },
    '${name}-02': { groups: ['${name}'] },
  },
})
`
}

function camel(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

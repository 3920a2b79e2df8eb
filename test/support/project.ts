import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inOwnProcess, inSharedProcess, type Said } from './program/run-command.ts'

export { command, type Said } from './program/run-command.ts'

const made: string[] = []
process.on('exit', () => made.forEach((directory) => rmSync(directory, { recursive: true, force: true })))

/** A throwaway project with these files in it; it is gone when the test ends. */
export function projectOf(files: Readonly<Record<string, string>>): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'rolecall-project-')))
  made.push(directory)
  write(directory, files)
  return directory
}

export function write(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), content)
  }
}

/**
 * Runs the real command, as a person would in that directory. Where the environment has what Node or esbuild read only once, in a process of its own;
 * ROLECALL_OWN_PROCESSES=1 gives each command one.
 */
export function rolecall(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Said> {
  const needsOwn = READ_ONCE.some((name) => name in env) || process.env['ROLECALL_OWN_PROCESSES'] === '1'
  return (needsOwn ? inOwnProcess : inSharedProcess)({ cwd, args, env: environment(env) })
}

/** The same in a process of its own: for what is about the process. */
export function rolecallProcess(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Said> {
  return inOwnProcess({ cwd, args, env: environment(env) })
}

const READ_ONCE = ['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'ESBUILD_BINARY_PATH', 'LANG', 'LC_ALL']

function environment(more: Readonly<Record<string, string>>): Record<string, string> {
  const here = Object.entries(process.env).filter(([name]) => !OF_THIS_TERMINAL.includes(name))
  return { ...(Object.fromEntries(here) as Record<string, string>), ...more }
}

const OF_THIS_TERMINAL = ['FORCE_COLOR', 'DEBUG', 'GITHUB_ACTIONS']

/** A project whose one host is this machine, and whose one role keeps a file in a directory of its own. */
export function localProject(): string {
  const directory = projectOf({
    'inventory/hosts.yml': 'all:\n  hosts:\n    here: { ansible_connection: local }\n',
    'playbooks/site.ts': `import { playbook } from 'rolecall'
import motd from '../roles/motd.ts'

export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [motd] }] })
`,
  })
  write(directory, {
    'roles/motd.ts': `import { file, role, z } from 'rolecall'

export default role({
  name: 'motd',
  about: 'a word of welcome',
  vars: z.object({ text: z.string().default('welcome') }),
  async apply({ ensure, vars }) {
    await ensure(file(${JSON.stringify(join(directory, 'motd'))}, { content: vars.text + '\\n' }))
  },
  async verify({ $, expect, vars }) {
    expect((await $.read\`cat ${join(directory, 'motd')}\`).stdout.trim()).toBe(vars.text)
  },
})
`,
  })
  return directory
}

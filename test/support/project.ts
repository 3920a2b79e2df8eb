import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** The program, as it is built. */
export const command = resolve(import.meta.dirname, '../../bin/rolecall.js')

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

export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the real command, as a person would in that directory. */
export function rolecall(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Said> {
  return new Promise((done) => {
    const clean = { ...process.env, FORCE_COLOR: undefined, DEBUG: undefined, GITHUB_ACTIONS: undefined, ...env }
    execFile(process.execPath, [command, ...args], { cwd, env: clean }, (error, out, err) => {
      done({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out, err })
    })
  })
}

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

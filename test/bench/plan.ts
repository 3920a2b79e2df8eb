import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { projectWith, rolecall } from './ground.ts'
import { sample, WATCH_MS } from './sample.ts'
import type { Extent, Tables } from './site.ts'
import { markdown, seconds } from './table.ts'

const HOSTS = 1000
/** It must not be in the plan, in no encoding. */
const SECRET = 'correct-horse-battery'

/**
 * A plan for many hosts: written, shown, applied, and applied once more, which is refused. The hosts are shells of this machine, each with a directory of its own, so the seconds hold what the hosts
 * do as well.
 */
export async function* benchPlan({ isSmoke }: Extent): Tables {
  const hosts = isSmoke ? 20 : HOSTS
  const project = projectWith(planProject(hosts))
  const plan = join(project, 'site.plan')
  const secret = ['-e', `app.password=${SECRET}`]
  const steps: readonly (readonly [name: string, args: readonly string[], expected: RegExp])[] = [
    ['check --out', ['check', 'site', '--no-types', '-q', ...secret, '--out', 'site.plan'], /is written to|site\.plan/],
    ['plan show', ['plan', 'show', 'site.plan'], new RegExp(`${hosts} hosts`)],
    ['plan show --markdown', ['plan', 'show', 'site.plan', '--markdown'], /The plan/],
    ['apply', ['apply', 'site.plan', '--no-types', '-q', ...secret], new RegExp(`${hosts * 7} changed`)],
    ['check afterwards', ['check', 'site', '--no-types', '-q', ...secret], /nothing would change|0 would change/i],
  ]
  const rows: string[][] = []
  for (const [name, args, expected] of steps) {
    const ran = await sample(rolecall(project, ...args), () => 0, WATCH_MS.timed)
    if (!expected.test(ran.said)) throw new Error(`${name} does not say ${expected.source}:\n${ran.said}`)
    process.stderr.write(`${hosts} hosts: ${name} ${seconds(ran.wallMs)} s\n`)
    rows.push([name, seconds(ran.wallMs), seconds(ran.controllerMs), ran.memoryMiB.toFixed(0)])
  }
  yield markdown([[`a plan for ${hosts} hosts`, 'seconds', 'CPU here', 'memory, MiB'], ...rows])
  const text = readFileSync(plan, 'utf8')
  const found = encodings(SECRET).filter((form) => text.includes(form))
  if (found.length > 0) throw new Error(`the plan holds the secret as ${found.join(', ')}`)
  yield `The plan has ${(statSync(plan).size / 1e6).toFixed(1)} MB, and holds the secret in none of ${encodings(SECRET).length} forms.\n`
}

function encodings(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [secret, bytes.toString('base64').replace(/=+$/, ''), bytes.toString('hex'), encodeURIComponent(secret)]
}

function planProject(hosts: number): Record<string, string> {
  const names = Array.from({ length: hosts }, (_, at) => `    host-${at}: { ansible_connection: local }\n`)
  return {
    'inventory/hosts.yml': `all:\n  hosts:\n${names.join('')}`,
    'playbooks/site.ts': `import { dir, file, line, playbook, role, secret, secretText, z } from 'rolecall'
const app = role({
  name: 'app',
  vars: z.object({ password: z.string().transform((text) => secret(text)), port: z.number().default(80) }),
  async apply({ ensure, vars, host }) {
    const at = process.cwd() + '/state/' + host.name
    await ensure(
      dir(at),
      file(at + '/secret', { content: secretText\`password=\${vars.password}\\n\`, mode: '0600' }),
      ...[1, 2, 3, 4].map((n) => file(at + '/conf-' + n, { content: 'port ' + vars.port + '\\n# ' + host.name + '\\n' })),
      line(at + '/lines', { line: 'wanted', create: true }),
    )
  },
})
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [app] }] })
`,
  }
}

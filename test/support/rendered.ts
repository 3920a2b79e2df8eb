import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runInThisContext } from 'node:vm'
import * as rolecall from '../../lib/index.ts'
import type { Reply, Resource } from '../../lib/resources/kit/kind.ts'
import { Prediction } from '../../lib/resources/prediction/prediction.ts'
import { probe, stepsOf } from '../../lib/testing/converge.ts'
import { debian, rocky } from '../../lib/testing/facts.ts'
import { shells } from '../../lib/testing/shells.ts'
import { keyA } from './sample-keys.ts'

/** Each kind by its name, and the example that the reference shows of it. */
export const examples: ReadonlyMap<string, string> = new Map(
  readFileSync(resolve(import.meta.dirname, '../../docs/reference.md'), 'utf8')
    .split(/^### /m)
    .filter((part) => /^function .*\): Resource\b/m.test(part))
    .map((part) => [/^\w+/.exec(part)?.[0] ?? '', /^```typescript\n([\s\S]*?)^```/m.exec(part)?.[1] ?? '']),
)

const files = mkdtempSync(join(tmpdir(), 'rolecall-rendered-'))
process.on('exit', () => rmSync(files, { recursive: true, force: true }))
writeFileSync(join(files, 'app'), 'a\n')
writeFileSync(join(files, 'app.eta'), '<%= it.port %> <%= it.hosts[0] %>\n')
mkdirSync(join(files, 'tree'))
writeFileSync(join(files, 'tree/app.conf.eta'), '<%= it.port %>\n')

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA3c0C3a4b6VLxYM0Tu6tRAMtdXO4lUYGkA3cVvDE5Hd'

/** What examples name, and leave to the reader. */
const LEFT_TO_THE_READER: Readonly<Record<string, unknown>> = {
  armour: keyA,
  conf: '/etc/bind/named.conf',
  digits: '0'.repeat(64),
  ensure: () => Promise.resolve([]),
  gitlab: 'https://gitlab.example',
  grub: '/etc/default/grub',
  hosts: [{ address: '10.4.7.11', name: 'one' }],
  index: rolecall.exec('index', { run: './reindex', creates: '/srv/index', background: true }),
  key: KEY,
  mirror: 'https://mirror.example',
  name: 'app',
  nginx: 'nginx.service',
  oldKey: `${KEY} old`,
  password: 's3cret-word',
  readFileSync: () => '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  releases: 'https://mirror.example/releases',
  sha256: '0'.repeat(64),
  site: '/etc/nginx/sites-enabled/site',
  token: rolecall.secret('s3cret'),
  url: 'postgres://app@db/app',
}

/** The same example, with files that are there. */
function withFiles(example: string): string {
  return example
    .replaceAll(/'\.\.\/templates\/[^']*'/g, `'${join(files, 'app.eta')}'`)
    .replaceAll("'../files/app.jar'", `'${join(files, 'app')}'`)
    .replaceAll(/'\.\.\/files\/(www|app)'/g, `'${join(files, 'tree')}'`)
    .replaceAll("'...'", `'${'0'.repeat(64)}'`)
}

/** The resources that the example of a kind makes, in the order in which it makes them. */
export async function resourcesOf(kind: string, example: string): Promise<readonly Resource[]> {
  const made: Resource[] = []
  const scope: Record<string, unknown> = { ...rolecall, ...LEFT_TO_THE_READER }
  for (const name of examples.keys()) {
    const make = Reflect.get(rolecall, name) as (...given: readonly unknown[]) => Resource
    scope[name] = (...given: readonly unknown[]) => {
      const resource = make(...given)
      made.push(resource)
      return resource
    }
  }
  for (const [name, value] of Object.entries(scope)) Reflect.set(globalThis, name, value)
  const code = `(async () => {\n${withFiles(example)}\n})()`
  await (runInThisContext(code, { filename: `the example of ${kind}` }) as Promise<void>)
  return made
}

/** A script as a host gets it, and where it comes from. */
export interface Rendered {
  readonly from: string
  readonly text: string
}

const [shell] = shells()

/** What this machine answers, by the script that asks: most of them ask both families the same. */
const answers = new Map<string, Promise<Reply>>()

/** What a resource asks hosts of both families, and the steps that it plans from what this machine answers. No step runs. */
export async function scriptsOf(resource: Resource): Promise<readonly Rendered[]> {
  const found: Rendered[] = []
  for (const facts of [debian, rocky]) {
    const { text } = resource.probe(facts)
    found.push({ from: `probe of ${resource.id} on ${facts.os.family}`, text })
    if (shell === undefined) continue
    const answer = answers.get(text) ?? probe(shell, resource, { facts })
    answers.set(text, answer)
    const evaluation = resource.evaluate(await answer, facts, new Prediction())
    for (const { summary, sh } of stepsOf(evaluation))
      found.push({ from: `step "${summary}" of ${resource.id} on ${facts.os.family}`, text: sh.text })
  }
  return found
}

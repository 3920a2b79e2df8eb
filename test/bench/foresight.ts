import { readFileSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { percent } from '../parity/parity.ts'
import { ansibleSite, whyNoAnsible } from './ansible.ts'
import { labGround, rolecall } from './ground.ts'
import type { Tables } from './site.ts'
import { markdown } from './table.ts'

/** What a run said of each thing it looks after: a resource, or a task on a host. */
type Said = ReadonlyMap<string, string>

/** Check mode on factory-fresh hosts, and what apply then did: Rolecall's site beside the same one for Ansible. */
export async function* benchCheck(): Tables {
  const ground = await labGround()
  await ground.reset([])
  const ours = (mode: string) => said(rolecall(ground.project, mode, 'site', '--json').argv, ground.project)
  const prediction = await ours('check')
  const done = await ours('apply')

  const reason = whyNoAnsible({ install: true })
  if (reason !== undefined) throw new Error(`there is no Ansible to compare with: ${reason}`)
  await ground.reset([])
  const { directory: files } = ansibleSite(ground)
  const site = readFileSync(join(files, 'site.yml'), 'utf8')
  writeFileSync(join(files, 'forgiving.yml'), site.replaceAll(/^( {2}hosts: .*)$/gm, '$1\n  ignore_errors: true'))
  const ansible = (...args: string[]) => said(['ansible-playbook', '-i', 'hosts.yml', '-e', '@lab.yml', ...args], files)
  await ansible('prepare.yml')
  const strict = await ansible('--check', 'site.yml')
  const forgiving = await ansible('--check', 'forgiving.yml')
  const made = await ansible('site.yml')

  const head = ['check of factory-fresh hosts', 'changes made', 'foreseen', 'recall', 'precision', 'unknown', 'failed']
  yield markdown([
    head,
    row('rolecall check', prediction, done),
    row('ansible-playbook --check', strict, made),
    row('the same, errors ignored', forgiving, made),
  ])
}

function row(name: string, prediction: Said, done: Said): string[] {
  const these = (of: Said, status: string) => [...of].flatMap(([thing, each]) => (each === status ? [thing] : []))
  const [predicted, changed] = [these(prediction, 'changed'), these(done, 'changed')]
  const right = predicted.filter((thing) => done.get(thing) === 'changed').length
  return [
    name,
    String(changed.length),
    String(right),
    percent(right, changed.length),
    percent(right, predicted.length),
    String(these(prediction, 'unknown').length),
    String(these(prediction, 'failed').length),
  ]
}

/** Runs a program that prints JSON lines. How it ends does not matter: what it said of each thing does. */
async function said([program = '', ...args]: readonly string[], cwd: string): Promise<Said> {
  const env = { ...process.env, ANSIBLE_STDOUT_CALLBACK: 'told', ANSIBLE_NOCOLOR: '1' }
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject))
  const events = out
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Readonly<Record<string, string>>)
  return new Map(
    events.flatMap(({ type, host = '', task, role = '', resource, status = '' }) => {
      if (task !== undefined) return [[`${host} ${task}`, status] as const]
      return type === 'resource' ? [[`${host} ${role} ${resource ?? ''}`, status] as const] : []
    }),
  )
}

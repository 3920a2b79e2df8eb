import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError, type Problem } from '../../lib/errors.ts'
import type { ResourceEvent, RunEvent, SummaryEvent } from '../../lib/events.ts'
import {
  cutPower,
  down,
  openLab,
  reset as resetHosts,
  restore,
  save,
  saved,
  sshArguments,
  up,
  type Lab,
} from '../../lib/lab/lab.ts'
import { nodeNames } from '../../lib/lab/model.ts'
import { pointAtMirror } from './mirror.ts'
import { patientInventory } from './patient.ts'
import { withoutWarning } from './program/run-command.ts'

const repository = resolve(import.meta.dirname, '../..')
const command = join(repository, 'bin/rolecall.js')
let request = { project: repository, name: process.env['ROLECALL_TEST_LAB'] ?? 'test' }

/** Why there are no real hosts here; undefined where there should be. */
export const skipReason =
  process.platform === 'linux' && process.getuid?.() === 0
    ? undefined
    : 'the lab of the tests needs Linux and root: sudo npm test'
if (skipReason !== undefined) process.stdout.write(`skipped: ${skipReason}\n`)

/** The hosts that the test file says it uses: others may be in use by a file beside it. All of them when it says nothing. */
const [, own = ''] = /^\/\/ Hosts: (.+)$/m.exec(readFileSync(process.argv[1] ?? import.meta.filename, 'utf8')) ?? []

/** Throws for a host that the test file does not say it uses. */
export function requireOwn(...hosts: readonly string[]): void {
  const strangers = hosts.filter((host) => own !== '' && !own.split(', ').includes(host))
  if (strangers.length > 0 && own !== 'none')
    throw new Error(`${strangers.join(', ')}: this file says that it uses ${own}, in its line "// Hosts:"`)
}

/** Where a command line of these tests runs: the site itself, in a directory of its own, with the lab as its inventory. */
export const project = realpathSync(mkdtempSync(join(tmpdir(), 'rolecall-hosts-')))
process.on('exit', () => rmSync(project, { recursive: true, force: true }))
for (const part of ['playbooks', 'roles', 'inventory'])
  cpSync(join(repository, part), join(project, part), { recursive: true })

let opened: Promise<Lab> | undefined

/** The lab, which must be up; its inventory is written when it is first asked for. */
export function lab(): Promise<Lab> {
  opened ??= openLab(request).then((found) => {
    put('inventory/hosts.yml', patientInventory(found))
    pointAtMirror(project, found)
    return found
  })
  return opened
}

/**
 * Uses another project of this repository, on a lab of its own, instead of the site. Comes before all else here. The lab's inventory is
 * `lab/hosts.yml`.
 */
export async function useProject(directory: string, family: string): Promise<Lab> {
  request = { project: directory, name: `${request.name}-${basename(directory)}` }
  for (const part of ['playbooks', 'roles', 'inventory']) rmSync(join(project, part), { recursive: true, force: true })
  cpSync(directory, project, { recursive: true, filter: (path) => !path.includes('.rolecall') })
  const found = await up({ ...request, family })
  put('lab/hosts.yml', patientInventory(found))
  opened = Promise.resolve(found)
  return found
}

/** Takes the lab down that `useProject` has booted. */
export async function endProject(): Promise<void> {
  await down(request)
}

/** A test on real hosts. */
export function onLab(says: string, work: () => Promise<void>): void {
  if (skipReason !== undefined) return test.skip(says)
  test(says, async () => {
    await lab()
    try {
      await work()
    } catch (error) {
      // Its message alone says neither what was got nor what the host's console had to say.
      if (error instanceof RolecallError) error.message = JSON.stringify(error.problems, undefined, 2)
      throw error
    } finally {
      // One that is left by a failed assertion would keep this process alive.
      for (const child of running) child.kill('SIGKILL')
    }
  })
}

/** Writes a file of the project. */
export function put(path: string, text: string): void {
  mkdirSync(dirname(join(project, path)), { recursive: true })
  writeFileSync(join(project, path), text)
}

/** Reads a file of the project. */
export function text(path: string): string {
  return readFileSync(join(project, path), 'utf8')
}

/** Gives hosts a factory-fresh disk; all of them when none are named. */
export async function reset(...nodes: readonly string[]): Promise<void> {
  requireOwn(...(nodes.length > 0 ? nodes : nodeNames))
  await resetHosts(request, nodes)
}

/** Keeps the disks of all hosts as they are, for files that begin from them. */
export async function saveDisks(label: string): Promise<void> {
  requireOwn(...nodeNames)
  await save(request, label)
}

/** Gives hosts the disks that an earlier file has saved. Leaves them as they are where there are none: a file may run by itself. */
export async function restoreDisks(label: string, ...nodes: readonly string[]): Promise<void> {
  requireOwn(...nodes)
  const there = (await saved(request)).find((each) => each.label === label)?.nodes ?? []
  if (nodes.every((node) => there.includes(node))) await restore(request, label, nodes)
}

/** Runs `work` while a host has no power, and brings the host back afterwards. */
export async function withoutPower(node: string, work: () => Promise<void>): Promise<void> {
  requireOwn(...nodeNames)
  await cutPower(request, [node])
  try {
    await work()
  } finally {
    await up(request)
  }
}

/** Runs a script as root on a host, past Rolecall, and gives what it printed. Throws when it fails. */
export async function ssh(node: string, script: string): Promise<string> {
  const { code, out, err } = await sshTried(node, script)
  if (code !== 0) throw new Error(`${node}: ${script}\nends with ${code}: ${err}`)
  return out.trim()
}

export async function sshTried(node: string, script: string): Promise<Said> {
  requireOwn(node)
  const args = [...sshArguments(await lab(), node), 'sudo /bin/sh -s']
  return await begin('ssh', args, script).done
}

export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface Ran extends Said {
  readonly events: readonly RunEvent[]
  readonly resources: readonly ResourceEvent[]
  readonly problems: readonly Problem[]
  readonly summary: SummaryEvent
}

/** Runs the real command with `--json`, and reads what it tells. */
export function rolecall(...args: readonly string[]): Promise<Ran> {
  return start(...args).done
}

/** The same, while it still runs. */
export function start(...args: readonly string[]): {
  readonly kill: (signal: NodeJS.Signals) => void
  readonly done: Promise<Ran>
  readonly until: (seen: string) => Promise<void>
} {
  const { child, done, until } = begin(process.execPath, [command, ...args, '--json'])
  const ran = done.then(read)
  // One that a failed test leaves behind is killed, and has no summary.
  ran.catch(() => undefined)
  return { kill: (signal) => void child.kill(signal), until, done: ran }
}

/** Runs the real command and gives what a person sees of it. */
export function told(...args: readonly string[]): Promise<Said> {
  return begin(process.execPath, [command, ...args]).done.then(withoutWarning)
}

/** `host resource status` of all that a run said something about, sorted. */
export function verdicts({ resources }: Ran): string[] {
  return resources.map(({ host, resource, status }) => `${host} ${resource} ${status}`).sort()
}

/** The same, of what is not as wanted. */
export function changes(ran: Ran): string[] {
  return verdicts(ran).filter((line) => !line.endsWith(' ok'))
}

/** Check, apply, apply, verify: what check says is what apply does, and then there is nothing left to do. Gives the first apply. */
export async function arrives(...args: readonly string[]): Promise<Ran> {
  const check = await rolecall('check', ...args)
  assert.is(check.code, 0, complaints(check))
  const apply = await rolecall('apply', ...args)
  assert.is(apply.code, 0, complaints(apply))
  assert.equal(verdicts(apply), verdicts(check))
  const again = await rolecall('apply', ...args)
  assert.equal([again.code, changes(again)], [0, []], complaints(again))
  const verify = await rolecall('verify', ...args)
  assert.is(verify.code, 0, complaints(verify))
  return apply
}

/** A failed assertion should show what the run said, not only its exit code. */
export function complaints({ problems, err }: Ran): string {
  return [...problems.map((problem) => JSON.stringify(problem)), err].join('\n')
}

const running = new Set<ChildProcess>()

function begin(file: string, args: readonly string[], input = '') {
  const env = { ...process.env, FORCE_COLOR: undefined, DEBUG: undefined, NO_COLOR: '1' }
  const child = spawn(file, args, { cwd: project, env, stdio: ['pipe', 'pipe', 'pipe'] })
  const waiting = new Map<string, () => void>()
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    for (const [seen, tell] of waiting) if (out.includes(seen)) tell()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  running.add(child)
  child.once('close', () => running.delete(child))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const done = new Promise<Said>((tell, fail) => {
    child.once('error', fail)
    child.once('close', (code, signal) => {
      tell({ code: code ?? -1, out, err: signal === null ? err : `${err}ended by ${signal}` })
    })
  })
  const until = (seen: string) =>
    new Promise<void>((tell, fail) => {
      waiting.set(seen, tell)
      if (out.includes(seen)) tell()
      void done.then((said) => fail(new Error(`ended without a word of ${seen}: ${said.out}\n${said.err}`)))
    })
  return { child, done, until }
}

function read(said: Said): Ran {
  withoutWarning(said)
  const lines = said.out.split('\n').filter((line) => line !== '')
  const events = lines.map((line) => JSON.parse(line) as RunEvent)
  const summary = events.at(-1)
  requireOwn(...new Set(events.flatMap((event) => ('host' in event ? [event.host] : []))))
  if (summary?.type !== 'summary') throw new Error(`no summary at the end:\n${said.out.slice(-2000)}\n${said.err}`)
  return {
    ...said,
    events,
    resources: events.filter((event) => event.type === 'resource'),
    problems: events.flatMap((event) => (event.type === 'problem' ? [event.problem] : [])),
    summary,
  }
}

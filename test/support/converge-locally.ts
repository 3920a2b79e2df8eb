import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Facts } from '../../lib/facts.ts'
import { Prediction } from '../../lib/resources/prediction/prediction.ts'
import type { Reply, Resource, Step, Evaluation } from '../../lib/resources/kit/kind.ts'
import { quote, type Sh } from '../../lib/sh/quote.ts'

/** A shell to try scripts with, and the PATH it finds its tools in. */
export interface Shell {
  readonly name: string
  readonly bin: string
  readonly path: string
  /** Its applets, where it takes them before anything in the PATH: Debian's busybox-static does. */
  readonly prefers?: ReadonlySet<string>
}

export interface Ran {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

/** A finished run: what was planned at first, what each step said, and what was left to do afterwards. */
export interface Converged {
  readonly evaluation: Evaluation
  /** The words of the steps that ran to their end. */
  readonly did: readonly string[]
  /** The step that failed, with its exit code and words. */
  readonly failed?: Ran & { readonly say: string }
  /** The same question asked again after the last step. */
  readonly again: Evaluation
}

export interface Circumstances {
  readonly facts?: Facts
  readonly prediction?: Prediction
  /** More environment for the scripts, such as a PATH with a fake tool in front. */
  readonly env?: Readonly<Record<string, string>>
}

export const debian: Facts = {
  hostname: 'node-01',
  os: { family: 'debian', id: 'debian', version: '12', name: 'Debian GNU/Linux 12 (bookworm)' },
  arch: 'x86_64',
  init: 'systemd',
  packageManager: 'apt',
  digest: 'b2sum',
  addresses: ['10.10.50.50'],
  networks: [{ device: 'eth0', cidr: '10.10.50.50/24' }],
  uid: 0,
}
export const rocky: Facts = {
  ...debian,
  os: { family: 'el', id: 'rocky', version: '9.4', name: 'Rocky Linux 9.4 (Blue Onyx)' },
  packageManager: 'dnf',
  digest: 'b2sum',
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * The shells this machine can try scripts with: dash with the system's own tools, and busybox with its applets in front.
 * One that is missing is named on standard output, so that a skip is never silent.
 */
export function shells(): readonly Shell[] {
  const found: Shell[] = []
  const dash = findTool('dash')
  if (dash === undefined) say('skipped: dash is not installed, so its tests do not run')
  else found.push({ name: 'dash', bin: dash, path: PATH })
  const busybox = findTool('busybox')
  if (busybox === undefined) say('skipped: busybox is not installed, so its tests do not run')
  else found.push(installBusybox(busybox))
  return found
}

/** Runs one script as a host would: by `sh -c`, in the C locale, with exactly these bytes on standard input. */
export function run(shell: Shell, script: Sh, stdin?: Uint8Array, env: Circumstances['env'] = {}): Promise<Ran> {
  return finish(start(shell, ['-c', script.text], env), stdin ?? new Uint8Array())
}

/**
 * Starts a script (`-c SCRIPT`, or `-s` for one on standard input) and hands back the child, for tests that end it half-way. It leads
 * a process group of its own.
 */
export function start(shell: Shell, args: readonly string[], env: Circumstances['env'] = {}) {
  const all = { PATH: shell.path, LC_ALL: 'C', ...env }
  const inFront = functionsFor(shell, all.PATH)
  const [how = '', script, ...others] = args
  const words = script === undefined ? [how] : [how, `${inFront}${script}`, ...others]
  const child = spawn(shell.bin, words, { env: all, detached: true, cwd: '/' })
  if (script === undefined && inFront !== '') child.stdin.write(inFront)
  return child
}

/** A tool of a test that stands in the PATH before a shell's own applets, for a shell that would take these all the same: a function. */
function functionsFor({ prefers }: Shell, path: string): string {
  if (prefers === undefined) return ''
  const found = new Map<string, string>()
  for (const dir of path.split(':').filter((each) => each.startsWith(`${tmpdir()}/`)))
    for (const name of existsSync(dir) ? readdirSync(dir) : [])
      if (prefers.has(name) && !found.has(name)) found.set(name, join(dir, name))
  const inFront = [...found].filter(([, file]) => !lstatSync(file).isSymbolicLink())
  return inFront.map(([name, file]) => `${name}() { ${quote(file)} "$@"; }\n`).join('')
}

/** Runs the probes of resources in one script, as `ensure` does: each in a subshell, with nothing on standard input. */
export async function probe(shell: Shell, resource: Resource, circumstances: Circumstances = {}): Promise<Reply> {
  const question = `(\n${resource.probe(circumstances.facts ?? debian).text}\n) </dev/null`
  const child = start(shell, ['-s'], circumstances.env)
  const { code, stdout } = await finish(child, Buffer.from(question))
  return reply(stdout, code)
}

/** What a probe printed, in the form that `read` takes. */
export function reply(printed: string | Uint8Array, code = 0): Reply {
  const bytes = typeof printed === 'string' ? Buffer.from(printed) : printed
  const text = Buffer.from(bytes).toString('utf8')
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return { code, bytes, text, lines }
}

/** Probes and weighs, and changes nothing. */
export async function ask(shell: Shell, resource: Resource, circumstances: Circumstances = {}): Promise<Evaluation> {
  const answer = await probe(shell, resource, circumstances)
  return resource.evaluate(answer, circumstances.facts ?? debian, circumstances.prediction ?? new Prediction())
}

/** Probe, weigh, run the steps until one fails, probe and weigh again. */
export async function converge(
  shell: Shell,
  resource: Resource,
  circumstances: Circumstances = {},
): Promise<Converged> {
  const evaluation = await ask(shell, resource, circumstances)
  const did: string[] = []
  for (const step of stepsOf(evaluation)) {
    const ran = await run(shell, step.sh, step.stdin, circumstances.env)
    if (ran.code !== 0) {
      return {
        evaluation,
        did,
        failed: { ...ran, say: step.summary },
        again: await ask(shell, resource, circumstances),
      }
    }
    did.push(step.summary)
  }
  return { evaluation, did, again: await ask(shell, resource, circumstances) }
}

/** The steps of an answer. A refusal or an unknown has none. */
export function stepsOf(evaluation: Evaluation): readonly Step[] {
  return 'plan' in evaluation ? evaluation.plan.steps : []
}

/** The steps of an answer in words, or why there are none: what a table test compares. */
export function words(evaluation: Evaluation): readonly string[] | string {
  if ('refused' in evaluation) return `refused: ${evaluation.refused}`
  if ('unknown' in evaluation) return `unknown: ${evaluation.unknown}`
  return evaluation.plan.steps.map((step) => step.summary)
}

/** A directory that is gone when the process ends. */
export function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'rolecall-test-'))
  scratched.push(dir)
  return dir
}

const scratched: string[] = []
process.on('exit', () => {
  for (const dir of scratched) rmSync(dir, { recursive: true, force: true })
})

function finish(child: ReturnType<typeof start>, stdin: Uint8Array): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const exit = code ?? (signal === 'SIGKILL' ? 137 : 143)
      resolve({ code: exit, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('utf8') })
    })
    // A script that ends before it has read everything is its own business: the exit code says so.
    child.stdin.on('error', () => undefined)
    child.stdin.end(stdin)
  })
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function installBusybox(busybox: string): Shell {
  const applets = scratch()
  execFileSync(busybox, ['--install', '-s', applets])
  const shell = { name: 'busybox', bin: join(applets, 'sh'), path: `${applets}:${PATH}` }
  // An empty PATH finds nothing but what is built in.
  const isOwn = spawnSync(shell.bin, ['-c', 'basename /a/b'], { env: { PATH: '/nowhere' } }).status === 0
  return isOwn ? { ...shell, prefers: new Set(readdirSync(applets)) } : shell
}

/** Where a tool is on this machine. */
export function findTool(name: string): string | undefined {
  return PATH.split(':')
    .map((dir) => join(dir, name))
    .find((file) => existsSync(file))
}

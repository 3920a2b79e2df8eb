import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { quote, type Sh } from '../sh/quote.ts'
import { scratch } from './scratch.ts'

/** A shell for tests of scripts, and the PATH in which it finds its tools. */
export interface Shell {
  readonly name: string
  readonly bin: string
  readonly path: string
  /** Its applets, where it prefers them to the PATH, as Debian's busybox-static does. */
  readonly prefers?: ReadonlySet<string>
}

/** Additional environment for a script, such as a PATH with a fake tool in front. */
export type Environment = Readonly<Record<string, string>>

/** The result of a script. */
export interface Ran {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * The shells on this machine for tests of scripts: dash with the system's own tools, and busybox with its applets in front. A missing one is named on
 * standard output, so that a skip is never silent.
 */
export function shells(): readonly Shell[] {
  const found: Shell[] = []
  const dash = findTool('dash')
  if (dash === undefined) say('skipped: dash is not installed, so its tests do not run')
  else found.push({ name: 'dash', bin: dash, path: PATH })
  const busybox = findTool('busybox')
  if (busybox === undefined) say('skipped: busybox is not installed, so its tests do not run')
  else found.push(busyboxShell(busybox))
  return found
}

/** Runs one script as a host would: by `sh -c`, in the C locale, with exactly these bytes on standard input. */
export function run(shell: Shell, script: Sh, stdin?: Uint8Array, env: Environment = {}): Promise<Ran> {
  return finish(start(shell, ['-c', asArgument(script.text)], env), stdin ?? new Uint8Array())
}

/** Linux takes 128 KiB as one argument. A host gets its scripts through a stream, which has no limit. */
const LONGEST_ARGUMENT = 120_000

function asArgument(script: string): string {
  if (Buffer.byteLength(script) <= LONGEST_ARGUMENT) return script
  const file = join(scratch(), 'script')
  writeFileSync(file, script)
  return `. ${quote(file)}`
}

/**
 * Starts a script (`-c SCRIPT`, or `-s` for one on standard input) and returns the child, for tests that end it half-way. It leads a process group of
 * its own.
 */
export function start(shell: Shell, args: readonly string[], env: Environment = {}) {
  const all = { PATH: shell.path, LC_ALL: 'C', ...env }
  const inFront = functionsFor(shell, all.PATH)
  const [how = '', script, ...others] = args
  const words = script === undefined ? [how] : [how, `${inFront}${script}`, ...others]
  const child = spawn(shell.bin, words, { env: all, detached: true, cwd: '/' })
  if (script === undefined && inFront !== '') child.stdin.write(inFront)
  return child
}

/** A fake tool as a shell function, for shells that prefer their own applets to the PATH. */
function functionsFor({ prefers }: Shell, path: string): string {
  if (prefers === undefined) return ''
  const found = new Map<string, string>()
  for (const dir of path.split(':').filter((each) => each.startsWith(`${tmpdir()}/`)))
    for (const name of existsSync(dir) ? readdirSync(dir) : [])
      if (prefers.has(name) && !found.has(name)) found.set(name, join(dir, name))
  const inFront = [...found].filter(([, file]) => !lstatSync(file).isSymbolicLink())
  return inFront.map(([name, file]) => `${name}() { ${quote(file)} "$@"; }\n`).join('')
}

/** Waits for the end of a script. */
export function finish(child: ReturnType<typeof start>, stdin: Uint8Array): Promise<Ran> {
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
    // A script may end before it has read its whole input: the exit status says how.
    child.stdin.on('error', () => undefined)
    child.stdin.end(stdin)
  })
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** By its path: the applets are installed once for all tests of a process. */
const busyboxes = new Map<string, Shell>()

function busyboxShell(busybox: string): Shell {
  const shell = busyboxes.get(busybox) ?? installBusybox(busybox)
  busyboxes.set(busybox, shell)
  return shell
}

function installBusybox(busybox: string): Shell {
  const applets = scratch()
  execFileSync(busybox, ['--install', '-s', applets])
  const shell = { name: 'busybox', bin: join(applets, 'sh'), path: `${applets}:${PATH}` }
  // An empty PATH finds only builtins.
  const isOwn = spawnSync(shell.bin, ['-c', 'basename /a/b'], { env: { PATH: '/nowhere' } }).status === 0
  return isOwn ? { ...shell, prefers: new Set(readdirSync(applets)) } : shell
}

/** Where a tool is on this machine. */
export function findTool(name: string): string | undefined {
  return PATH.split(':')
    .map((dir) => join(dir, name))
    .find((file) => existsSync(file))
}

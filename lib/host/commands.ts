import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import type { Options } from 'zx/core'
import { RolecallError } from '../errors.ts'
import { placeIn, placeOfCall } from '../place.ts'
import { ownStreams } from '../sh/own-streams.sh.ts'
import { sections } from '../sh/sections.sh.ts'
import { takingSecrets } from './secret-words.ts'
import { quote } from '../sh/quote.ts'
import { WholeCharacters } from '../text/whole-characters.ts'
import { noteUse } from './command-calls.ts'
import type { Request } from './shell/request.ts'
import type { Commands } from './command-types.ts'

export type { SecretOptions } from './command-types.ts'

export type { Commands } from './command-types.ts'

/** The host that commands run on. */
interface CommandHost {
  run(request: Request): Promise<number>
  stream(request: Omit<Request, 'stdin' | 'own' | 'functions'>, input: Readable): Promise<number>
  as(user: string): Promise<CommandHost>
}

/**
 * Loads zx when a role first uses its `$`, which saves other roles 120 ms. A role takes `$` out of its context without an await, so loading is
 * synchronous.
 */
const requireHere = createRequire(import.meta.url)

/** What `onOutput` is told while a command runs. */
type OnOutput = (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void

/** Observes commands. `before` can prevent a command by throwing an error; `after` can turn its result into an error in the same way. */
export interface CommandWatch {
  before(command: string): void | Promise<void>
  after(command: string, code: number): void
}

const noWatch: CommandWatch = { before: () => undefined, after: () => undefined }

/** Real zx whose commands run on the host, in the run's shell: no process on this machine, no new channel. */
export function commandsOf(
  host: CommandHost,
  onOutput: OnOutput = () => undefined,
  watch: CommandWatch = noWatch,
): Commands {
  const { $ } = adapted()
  const options = {
    spawn: (command: string, _: unknown, { cwd, env }: SpawnOptions) =>
      new RemoteCommand(host, inPlace(command, cwd, env), onOutput, watch),
    // The host's shell may be dash or busybox, which do not know zx's $'...'.
    quote,
    prefix: '',
    postfix: '',
    shell: '/bin/sh',
    // The environment and working directory of this machine mean nothing on the host.
    env: {},
    cwd: '/',
    // zx would signal a LOCAL process tree. Deadlines are enforced on the host, and a cancelled run ends its processes there itself.
    kill: () => Promise.resolve(),
    verbose: false,
    // Otherwise zx writes a command's stderr to the controller's own.
    quiet: true,
  }
  const commands = takingSecrets($(options as unknown as Partial<Options>))
  return withUsers(commands, (user) => commandsOf(asUser(host, user), onOutput, watch))
}

/** The other user's shell is opened for the first command that needs it. */
function asUser(host: CommandHost, user: string): CommandHost {
  return {
    run: async (request) => (await host.as(user)).run(request),
    stream: async (request, input) => (await host.as(user)).stream(request, input),
    as: (other) => host.as(other),
  }
}

function withUsers(commands: object, as: (user: string) => Commands): Commands {
  return new Proxy(commands, {
    get: (target, key, self): unknown => (key === 'as' ? as : Reflect.get(target, key, self)),
    apply(target, self, words): unknown {
      const made: unknown = Reflect.apply(target as (...args: unknown[]) => unknown, self, words)
      return typeof made === 'function' ? withUsers(made, as) : made
    },
  }) as Commands
}

type ZxModule = Pick<typeof import('zx/core'), '$' | 'Fail' | 'ProcessPromise'>

let zx: ZxModule | undefined

function adapted(): ZxModule {
  if (zx !== undefined) return zx
  zx = requireHere('zx/core') as ZxModule
  remoteLimits(zx.ProcessPromise.prototype)
  noteUse(zx.ProcessPromise.prototype)
  locateWhenRead(zx.Fail)
  return zx
}

/**
 * Replaces methods of zx that need a local process. The host enforces the limit of `timeout`; `kill`, `abort` and `stdio` are refused.
 *
 * When a command fails, zx kills the one that reads from it (`break`), by pid. Without a pid, zx 8.8 throws where nobody can catch the error, which
 * ends the process. There is nothing to kill either: the reader ends when its input does, as in a shell.
 */
function remoteLimits(prototype: ZxModule['ProcessPromise']['prototype']): void {
  const timeout = Reflect.get<typeof prototype, 'timeout'>(prototype, 'timeout')
  const limits = new WeakMap<object, number>()
  prototype.timeout = function (this: typeof prototype, duration = 0, ...more) {
    const child: unknown = this.child
    if (child !== undefined && !(child instanceof RemoteCommand)) return timeout.call(this, duration, ...more)
    // zx calls this again with the option's value when it starts the command, and exposes the process only a moment later. A command whose words are
    // not complete yet starts later.
    const ms = duration === 0 ? (limits.get(this) ?? 0) : milliseconds(duration)
    limits.set(this, ms)
    if (ms === 0) return this
    if (child !== undefined) child.endAfter(ms)
    else queueMicrotask(() => this.child instanceof RemoteCommand && this.child.endAfter(ms))
    return this
  }
  let isBreaking = false
  replace(prototype, 'break', (_, here) => {
    isBreaking = true
    try {
      return here()
    } finally {
      isBreaking = false
    }
  })
  for (const name of ['kill', 'abort', 'stdio'])
    replace(prototype, name, (command, here) => {
      if (!(command.child instanceof RemoteCommand)) return here()
      if (isBreaking) return Promise.resolve()
      throw refused(name)
    })
}

/** Replaces a method. `here` calls zx's own method. */
function replace(
  prototype: ZxModule['ProcessPromise']['prototype'],
  name: string,
  behaviour: (command: { readonly child: unknown }, here: () => unknown) => unknown,
): void {
  const own: unknown = Reflect.get(prototype, name)
  const value = function (this: typeof prototype, ...given: unknown[]): unknown {
    return behaviour(this, () => Reflect.apply(own as (...args: unknown[]) => unknown, this, given))
  }
  Reflect.defineProperty(prototype, name, { configurable: true, value })
}

/** A duration in zx's notation: `500`, `'500ms'`, `'5s'`, `'2m'`. */
function milliseconds(duration: number | string): number {
  const [, digits = '', unit = 'ms'] = /^(\d+)(ms|s|m)?$/.exec(String(duration)) ?? []
  if (digits === '') throw wrongCall(`Expected a duration, such as '5s', got ${JSON.stringify(duration)}`)
  return Number(digits) * { ms: 1, s: 1000, m: 60_000 }[unit as 'ms' | 's' | 'm']
}

function refused(name: string): RolecallError {
  return wrongCall(
    `.${name}() does nothing to a command on a host`,
    name === 'stdio' ? 'give it its input: $.read({ input })`command`' : "let it end by itself in time: .timeout('5s')",
  )
}

function wrongCall(message: string, hint?: string): RolecallError {
  const place = placeOfCall()
  return new RolecallError({
    code: 'playbook',
    message,
    ...(place === undefined ? {} : { place }),
    ...(hint === undefined ? {} : { hint }),
  })
}

/**
 * The message of a failed command names the line that started it. For this, zx renders a stack for every command: 0.4 ms each, and once 15 ms for the
 * playbook's source map. This renders the stack only when the message is read. zx takes the first line with a `file:`, which lines of a source map
 * lack.
 */
function locateWhenRead(fail: ZxModule['Fail']): void {
  fail.getCallerLocation = () => {
    const here: { stack?: string } = {}
    const { stackTraceLimit } = Error
    // V8 keeps 10 frames by default, fewer than zx's own.
    Error.stackTraceLimit = 40
    Error.captureStackTrace(here)
    Error.stackTraceLimit = stackTraceLimit
    const located = () => {
      const { file, line = 0, column = 0 } = placeIn(here.stack ?? '') ?? {}
      return file === undefined ? fail.getCallerLocationFromString(here.stack) : `${resolve(file)}:${line}:${column}`
    }
    return { toString: located } as unknown as string
  }
}

interface SpawnOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
}

function inPlace(command: string, cwd: string | undefined, env: SpawnOptions['env'] = {}): string {
  const exports = Object.entries(env).flatMap(([key, value]) =>
    value === undefined ? [] : [`export ${key}=${quote(value)}`],
  )
  const cd = cwd === undefined || cwd === '/' ? [] : [`cd ${quote(cwd)} || exit`]
  return [...exports, ...cd, command].join('\n')
}

/**
 * A command on the host in the shape of a ChildProcess, as zx expects it. It has no pid, so that zx does not take it for a local process.
 *
 * Input that is complete travels with the command in one exchange. Input that another command pipes in requires both to run at the same time, so this
 * command gets a channel of its own.
 */
class RemoteCommand extends EventEmitter {
  readonly pid = undefined
  readonly stdin = new PassThrough()
  readonly stdout = new PassThrough()
  readonly stderr = new PassThrough()
  readonly #characters = { stdout: new WholeCharacters(), stderr: new WholeCharacters() }
  #seconds: number | undefined
  #hasBegun = false

  constructor(host: CommandHost, command: string, onOutput: OnOutput, watch: CommandWatch) {
    super()
    // zx always pipes a stream of its own in here. Whether it will carry data shows in what is piped into that stream.
    let source: Readable | undefined
    this.stdin.once('pipe', (stream: Readable) => (source = stream))
    setImmediate(() => {
      this.#hasBegun = true
      const ended = this.stdin.writableEnded
      const streams = !ended && (this.stdin.readableLength > 0 || (source?.listenerCount('unpipe') ?? 0) > 0)
      const run = async () => {
        await watch.before(command)
        const code = await (streams
          ? this.#stream(host, command, onOutput)
          : this.#exchange(host, command, onOutput, ended))
        watch.after(command, code)
        return code
      }
      run().then(
        (code) => this.#end(code),
        (error: unknown) => {
          this.emit('error', error)
          this.#end(null)
        },
      )
    })
  }

  /** Ends the command on the host, with its children, after this time. */
  endAfter(ms: number): void {
    if (this.#hasBegun)
      throw wrongCall('.timeout() comes too late: the command has begun', 'write it right after the command')
    this.#seconds = Math.ceil(ms / 1000)
  }

  async #exchange(host: CommandHost, command: string, onOutput: OnOutput, hasInput: boolean): Promise<number> {
    const input = hasInput ? await collect(this.stdin) : undefined
    return host.run({ ...this.#request(command, onOutput), ...(input === undefined ? {} : { stdin: input }) })
  }

  #stream(host: CommandHost, command: string, onOutput: OnOutput): Promise<number> {
    return host.stream(this.#request(command, onOutput), this.stdin)
  }

  #request(command: string, onOutput: OnOutput): Request {
    const seconds = this.#seconds
    return {
      ...(seconds === undefined ? { script: command } : limited(seconds, command)),
      onStdout: (bytes) => {
        onOutput('stdout', bytes)
        this.stdout.write(this.#characters.stdout.next(bytes))
      },
      onStderr: (bytes) => {
        onOutput('stderr', bytes)
        this.stderr.write(this.#characters.stderr.next(bytes))
      },
    }
  }

  #end(status: number | null): void {
    const isTimeUp = this.#seconds !== undefined && status === TIME_UP
    const [code, signal] = isTimeUp ? [null, 'SIGTERM'] : [status, null]
    this.stdout.end(this.#characters.stdout.end())
    this.stderr.end(this.#characters.stderr.end())
    this.emit('exit', code, signal)
    setImmediate(() => this.emit('close', code, signal))
  }
}

/** The exit code of timeout(1), and of `limit`, when the time was up. */
const TIME_UP = 124
/** How many seconds longer than its own limit a command's answer may take: ending a command takes two signals, and the host may be slow. */
const LATE_SECONDS = 30

function limited(seconds: number, command: string): Pick<Request, 'script' | 'seconds'> {
  return {
    script: [ownStreams, sections, `limit ${seconds} ${quote(command)}`].join('\n'),
    seconds: Math.max(3600, seconds + LATE_SECONDS),
  }
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

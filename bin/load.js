// Loads the files that Rolecall is, with the code that V8 compiled for them the last time.
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'

const requireHere = createRequire(import.meta.url)
const word = process.argv[2] ?? ''
const isRun = ['apply', 'check', 'verify'].includes(word)
/** Commands that need about the same code: with that of others besides, a start takes 15 % longer. */
const family = isRun ? 'run' : word === 'list' ? word : 'other'

/** @typedef {{ index(): object, testing(): object, commandLine(): { runCommandLine(args: readonly string[]): Promise<void> } }} Program */
/** @typedef {Program & { modules: Record<string, () => unknown> }} Part what a part exports; the program's own words are in the first */

/** What a run needs of Node. It comes before V8's flags are set: with other flags V8 refuses the code that Node has of its own modules, and compiles it. */
const BUILTINS_OF_RUNS = [
  'net',
  'crypto',
  'child_process',
  'dns',
  'zlib',
  'dgram',
  'assert',
  'os',
  'tty',
  'fs/promises',
  'timers/promises',
]

/** @type {Program | undefined} */
let loaded

/**
 * @returns {Program}
 * @throws when it is not built
 */
export function loadProgram() {
  if (loaded === undefined) {
    if (isRun) {
      for (const name of BUILTINS_OF_RUNS) requireHere(`node:${name}`)
      for (const flag of flagsOf(process.versions.node)) setFlagsFromString(flag)
    }
    loaded = assembled(scriptOf, (name) => import(name))
  }
  return loaded
}

/**
 * The program of its parts, each of which begins when another asks for one of its modules.
 *
 * @param {(file: string) => Script} scriptAt
 * @param {(name: string) => Promise<unknown>} importHere
 * @returns {Program}
 */
export function assembled(scriptAt, importHere) {
  /** @type {Map<string, Part>} */
  const parts = new Map()
  return partNamed('rolecall')

  /** @param {string} name */
  function partNamed(name) {
    const known = parts.get(name)
    if (known !== undefined) return known
    const file = fileURLToPath(new URL(`../dist/${name}.cjs`, import.meta.url))
    const module = { exports: /** @type {Part} */ ({}) }
    parts.set(name, module.exports)
    const outside = createRequire(file)
    /** @param {string} wanted `part:NAME:MODULE`, `when-called:MODULE` of Node, or what Node knows */
    const require = (wanted) => {
      const [kind, name, path] = wanted.split(':', 3)
      if (kind === 'part' && name !== undefined && path !== undefined) return partNamed(name).modules[path]?.()
      return kind === 'when-called' && name !== undefined ? whenCalled(name) : outside(wanted)
    }
    const run = /** @type {(...given: unknown[]) => void} */ (scriptAt(file).runInThisContext())
    run(module.exports, Object.assign(require, outside), module, file, dirname(file), importHere)
    parts.set(name, module.exports)
    return module.exports
  }
}

/** @type {Map<string, object>} */
const builtins = new Map()

/**
 * A module of Node that is loaded when something of it is first needed.
 *
 * @param {string} name
 */
function whenCalled(name) {
  const known = builtins.get(name)
  if (known !== undefined) return known
  const builtin = new Proxy({}, { get: (_, key) => Reflect.get(requireHere(`node:${name}`), key) })
  builtins.set(name, builtin)
  return builtin
}

/** @type {string | undefined} the build of the first part */
let begun

/** @param {string} file */
function textOf(file) {
  try {
    // It is ASCII: that takes 4 ms, and `utf8` 12 ms.
    return readFileSync(file, 'latin1')
  } catch (error) {
    throw begun === undefined ? error : replaced()
  }
}

/** Parts are read when they are first needed, and by then npm may have put another version there, or be about to. */
function replaced() {
  const message = 'Rolecall was replaced by another version while it was at work'
  return Object.assign(new Error(message), { code: 'ERR_PROGRAM_REPLACED' })
}

/**
 * Node 20 keeps no compiled code of its own (module.enableCompileCache is Node 22's). Parsing and compiling is 100 ms of the 150 ms
 * that loading takes; with the compiled code at hand it is 50 ms.
 *
 * @param {string} file
 */
function scriptOf(file) {
  const text = textOf(file)
  const build = /^[^{]*\{\/\*(\w+)\*\//.exec(text)?.[1] ?? 'unknown'
  begun ??= build
  if (build !== begun) throw replaced()
  const cache = cacheOf(file, build)
  const script = new Script(text, { filename: file, cachedData: cache?.read() })
  // At the end, because then the functions that were called are compiled as well.
  if (cache?.isDue(script.cachedDataRejected !== false)) atExit(() => cache.write(script.createCachedData()))
  return script
}

/** @type {(() => void)[]} */
const last = []

/**
 * One listener for all parts: with more than ten, Node warns that there may be a leak.
 *
 * @param {() => void} work
 */
function atExit(work) {
  if (last.push(work) === 1)
    process.once('exit', () => {
      for (const each of last) each()
    })
}

/**
 * What makes a run of a second cheaper. V8 prints an error for a flag that it does not know, so each is set only where it was tried.
 *
 * @param {string} version of Node, as in `20.20.2`
 */
function flagsOf(version) {
  const major = Number.parseInt(version, 10)
  return [
    // An optimized function of V8 has run through this many bytes of its code; four times as many as V8 would wait for. A run of a second is over
    // before that pays: it took 40 ms of the other processors, on which the hosts of a lab work. Node 22 counts in another way.
    ...(major < 22 ? ['--interrupt-budget=270336'] : []),
    // V8 begins with 1 MiB for new objects, and doubles it while more of them stay: a run collected ten times, and once through all of its memory,
    // before there was room. In one step to the most that V8 would come to (16 MiB) it collects four times: 10 % less CPU over five hosts.
    ...(major <= 26 ? ['--semi-space-growth-factor=16'] : []),
  ]
}

/**
 * A run that ends early, or works on this machine alone, leaves code for little, with which a run over SSH takes 80 ms longer. So
 * the next few look whether they leave more, and later one an hour: that takes 10 ms.
 */
const LOOKS = 5
const LATER_MS = 3_600_000

/**
 * Where the compiled code is kept: beside the program, so that whoever can change the one can change the other, and nobody else.
 * V8 looks at the length of a text only, so what it was built from is in the name. Another version of V8 refuses it, and other flags do.
 *
 * @param {string} file
 * @param {string} hash of what it was built from
 */
function cacheOf(file, hash) {
  if (process.execArgv.length > 0 || process.env['NODE_OPTIONS']) return undefined
  const directory = join(dirname(file), '.compiled')
  const build = `${hash}-${process.version}`
  const path = join(directory, `${build}-${basename(file, '.cjs')}-${family}`)
  // Behind the code stands the path of the file that it was compiled from; the last byte counts the looks.
  const place = Buffer.from(`\0${file}`)
  let looks = 0
  let age = 0
  /** @type {Buffer | undefined} */
  let code
  return {
    read() {
      try {
        const kept = readFileSync(path)
        const end = kept.length - place.length - 1
        // That of a program that has been moved or copied names files where there are none now, in places of errors too.
        if (!kept.subarray(end, -1).equals(place)) return undefined
        code = kept.subarray(0, end)
        looks = kept.at(-1) ?? 0
        age = Date.now() - statSync(path).mtimeMs
      } catch {
        code = undefined
      }
      return code
    },
    /** @param {boolean} isRejected */
    isDue(isRejected) {
      if (isRejected) {
        code = undefined
        looks = 0
      }
      return (looks < LOOKS || age > LATER_MS) && isWritable(existsSync(directory) ? directory : dirname(file))
    },
    /** @param {Buffer} latest */
    write(latest) {
      const fullest = code !== undefined && code.length >= latest.length ? code : latest
      try {
        mkdirSync(directory, { recursive: true, mode: 0o755 })
        for (const old of readdirSync(directory)) {
          if (!old.startsWith(build)) rmSync(join(directory, old), { force: true })
        }
        const draft = join(directory, `${basename(path)}.${process.pid}`)
        writeFileSync(draft, Buffer.concat([fullest, place, Buffer.of(Math.min(looks + 1, LOOKS))]), { mode: 0o644 })
        renameSync(draft, path)
      } catch {
        // A full disk, or another run that was faster: the next one tries again.
      }
    },
  }
}

/**
 * A program that is installed for all may be written by none: then nobody takes the time to make what cannot be kept.
 *
 * @param {string} directory
 */
function isWritable(directory) {
  try {
    accessSync(directory, constants.W_OK)
    return true
  } catch {
    return false
  }
}

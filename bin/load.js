// Loads the files of the built program, with the code that V8 compiled for them in an earlier run.
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
const command = process.argv[2] ?? ''
const isRun = ['apply', 'check', 'verify'].includes(command)
/** Commands that need about the same code share one cache. With the code of other commands in it, a start takes 15 % longer. */
const family = isRun ? 'run' : command === 'list' ? command : 'other'

/** @typedef {{ index(): object, testing(): object, commandLine(): { runCommandLine(args: readonly string[]): Promise<void> } }} Program */
/** @typedef {Program & { modules: Record<string, () => unknown> }} Part the exports of a part; the exports of the program are in the first part */

/** The modules of Node that a run needs. They are loaded before V8's flags are set: with other flags V8 refuses Node's own compiled code, and compiles it again. */
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
 * @throws if it is not built
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
 * The program, assembled from its parts. A part is loaded when another part first requires one of its modules.
 *
 * @param {(file: string) => Script} scriptAt
 * @param {(name: string) => Promise<unknown>} importHere
 * @returns {Program}
 */
export function assembled(scriptAt, importHere) {
  /** @type {Map<string, Part>} */
  const parts = new Map()
  /** @type {Map<string, unknown>} modules that another part has required, by what it required */
  const modules = new Map()
  // All parts are in one directory, so what is outside is found from each of them alike.
  const outside = createRequire(new URL('../dist/', import.meta.url))
  return partNamed('rolecall')

  /** @param {string} name */
  function partNamed(name) {
    const known = parts.get(name)
    if (known !== undefined) return known
    const file = fileURLToPath(new URL(`../dist/${name}.cjs`, import.meta.url))
    const module = { exports: /** @type {Part} */ ({}) }
    parts.set(name, module.exports)
    /** @param {string} wanted `part:NAME:MODULE`, `when-called:MODULE` of Node, or what Node knows */
    const require = (wanted) => {
      const known = modules.get(wanted)
      if (known !== undefined) return known
      const [kind, name, path] = wanted.split(':', 3)
      if (kind === 'part' && name !== undefined && path !== undefined) {
        const required = partNamed(name).modules[path]?.()
        const found = path.startsWith('lib/') ? withValues(required) : required
        modules.set(wanted, found)
        return found
      }
      return kind === 'when-called' && name !== undefined ? whenCalled(name) : outside(wanted)
    }
    const run = /** @type {(...given: unknown[]) => void} */ (scriptAt(file).runInThisContext())
    run(module.exports, Object.assign(require, outside), module, file, dirname(file), importHere)
    parts.set(name, module.exports)
    return module.exports
  }
}

/**
 * The exports of a module of ours, as values instead of getters: each use in another part would call two. Our modules do not import each other in
 * circles and do not change what they export, so the values are complete once a module is loaded.
 *
 * @param {unknown} module
 */
function withValues(module) {
  return Object.freeze({ ...Object(module) })
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
  /** @type {object | undefined} */
  let loaded
  const builtin = new Proxy({}, { get: (_, key) => Reflect.get((loaded ??= requireHere(`node:${name}`)), key) })
  builtins.set(name, builtin)
  return builtin
}

/** @type {string | undefined} the build that the first part belongs to */
let begun

/** @param {string} file */
function textOf(file) {
  try {
    // The file is ASCII: reading it as Latin-1 takes 4 ms, as UTF-8 12 ms.
    return readFileSync(file, 'latin1')
  } catch (error) {
    throw begun === undefined ? error : replaced()
  }
}

/** The error for a part of another build: parts are loaded when first needed, and npm may have installed another version meanwhile. */
function replaced() {
  const message = 'Rolecall was replaced by another version while it was at work'
  return Object.assign(new Error(message), { code: 'ERR_PROGRAM_REPLACED' })
}

/**
 * Node 20 does not cache compiled code itself (module.enableCompileCache needs Node 22). Parsing and compiling is 100 ms of the 150 ms
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
  // At the end, so that functions compiled during the run are included.
  if (cache?.isDue(script.cachedDataRejected !== false)) atExit(() => cache.write(script.createCachedData()))
  return script
}

/** @type {(() => void)[]} */
const last = []

/**
 * Runs the work of all parts in one listener: with more than ten, Node warns of a possible leak.
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
 * V8 flags that make a run of a second cheaper. V8 prints an error for an unknown flag, so each is set only for versions where it was tested.
 *
 * @param {string} version of Node, as in `20.20.2`
 */
function flagsOf(version) {
  const major = Number.parseInt(version, 10)
  return [
    // A function is optimized after V8 has run this many bytes of its code: four times the default. A run of a second ends before optimizing pays
    // off: it cost 40 ms on the other cores, where a lab's hosts run. Node 22 counts differently.
    ...(major < 22 ? ['--interrupt-budget=270336'] : []),
    // V8 starts with 1 MiB for new objects and doubles it while more of them survive: a run had ten collections, one of them of all memory. Growing
    // at once to V8's limit (16 MiB) leaves four: 10 % less CPU over five hosts.
    ...(major <= 26 ? ['--semi-space-growth-factor=16'] : []),
  ]
}

/**
 * A run that ends early, or works on this machine alone, compiles little code, and with that cache a run over SSH takes 80 ms longer. So the next few
 * runs check whether they have compiled more, and later one an hour does: a check takes 10 ms.
 */
const CHECKS = 5
const CHECK_INTERVAL_MS = 3_600_000

/**
 * The cache file of compiled code. It is beside the program, so that only accounts that can change the program can change the cache. V8 checks only
 * the length of a source text, so the hash of the build is in the file's name. Another version of V8, or other flags, make V8 reject the cache.
 *
 * @param {string} file
 * @param {string} hash of what it was built from
 */
function cacheOf(file, hash) {
  if (process.execArgv.length > 0 || process.env['NODE_OPTIONS']) return undefined
  const directory = join(dirname(file), '.compiled')
  const build = `${hash}-${process.version}`
  const path = join(directory, `${build}-${basename(file, '.cjs')}-${family}`)
  // After the code come the path of the compiled file and, as the last byte, the number of checks.
  const place = Buffer.from(`\0${file}`)
  let checks = 0
  let age = 0
  /** @type {Buffer | undefined} */
  let code
  return {
    read() {
      try {
        const kept = readFileSync(path)
        const end = kept.length - place.length - 1
        // The code contains the path of its source for stack traces, so the cache of a moved or copied program is not used.
        if (!kept.subarray(end, -1).equals(place)) return undefined
        code = kept.subarray(0, end)
        checks = kept.at(-1) ?? 0
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
        checks = 0
      }
      return (
        (checks < CHECKS || age > CHECK_INTERVAL_MS) && isWritable(existsSync(directory) ? directory : dirname(file))
      )
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
        writeFileSync(draft, Buffer.concat([fullest, place, Buffer.of(Math.min(checks + 1, CHECKS))]), { mode: 0o644 })
        renameSync(draft, path)
      } catch {
        // The disk is full, or another run was faster: the next run tries again.
      }
    },
  }
}

/**
 * Whether the cache can be written. For a program installed for all users it usually cannot, and then no time is spent on making one.
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

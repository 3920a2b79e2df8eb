// Runs commands of the built program, one after the other, in one process: Node and V8's code of the program are there already, so a command takes a
// tenth of the time. Each command gets the program with nothing in its memory, its own environment, directory and arguments. It ends when nothing is
// left to do, as a process does; its listeners and timers end with it. Whatever calls `process.exit` ends this process.
//
// The process that started this one sends a request for each command, and finds the end of a command's output by the mark in it.
import '../../../scripts/short-lived.js'
import { readFileSync } from 'node:fs'
import * as modules from 'node:module'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import { assembled } from '../../../bin/load.js'
import { setProgram } from './current.js'
import { resolveAtOnce } from './modules.js'

/** @typedef {{ args: string[], cwd: string, env: Record<string, string>, mark: string }} Request */

const command = fileURLToPath(new URL('../../../bin/rolecall.js', import.meta.url))
/** @type {Map<string, Script>} */
const scripts = new Map()
/** @type {NodeJS.EventEmitter[]} */
const emitters = [process, process.stdout, process.stderr]
/** @type {Set<NodeJS.Timeout>} */
const timers = new Set()
let commands = 0

const { registerHooks } = /** @type {{ registerHooks?: (hooks: object) => void }} */ (modules)
// Node 20 has only hooks in a thread of their own.
if (registerHooks === undefined) modules.register('./modules.js', import.meta.url)
else registerHooks({ resolve: resolveAtOnce })
keepTimers()
// A command that waits for nothing ends; while none runs, this process waits for the next.
const channel = process.channel
process.on('message', (request) => void run(/** @type {Request} */ (request)))
process.on('disconnect', () => process.exit())
const before = emitters.map(listenersOf)

/** @param {Request} request */
async function run({ args, cwd, env, mark }) {
  channel?.unref()
  process.chdir(cwd)
  setEnvironment(env)
  process.argv = [process.execPath, command, ...args]
  process.exitCode = undefined
  endWith(mark)
  await newProgram(++commands).commandLine().runCommandLine(args)
}

/**
 * The program, with nothing of an earlier command in it.
 *
 * @param {number} number
 */
function newProgram(number) {
  /** @param {string} name */
  const load = (name) => import(name.startsWith('file:') ? `${name}?command=${number}` : name)
  const program = assembled(scriptOf, load)
  setProgram(program)
  return program
}

/**
 * A part of the program, compiled once.
 *
 * @param {string} file
 */
function scriptOf(file) {
  const script = scripts.get(file) ?? new Script(readFileSync(file, 'latin1'), { filename: file })
  scripts.set(file, script)
  return script
}

/**
 * Ends a command when a process would end.
 *
 * @param {string} mark
 */
function endWith(mark) {
  let isLast = false
  const end = () => {
    // A listener of the command may say something yet, or begin something.
    if (!isLast && process.listenerCount('beforeExit') > 1) {
      isLast = true
      setImmediate(() => undefined)
      return
    }
    process.off('beforeExit', end)
    const [known] = before
    for (const listener of listenersOf(process).get('exit') ?? [])
      if (known?.get('exit')?.includes(listener) !== true) listener.call(process, process.exitCode ?? 0)
    const code = Number(process.exitCode ?? 0)
    restore()
    channel?.ref()
    process.stderr.write(mark)
    process.stdout.write(`${mark}${code}\n`)
  }
  process.on('beforeExit', end)
}

function restore() {
  for (const [at, emitter] of emitters.entries())
    for (const [event, all] of listenersOf(emitter))
      for (const listener of all)
        if (before[at]?.get(event)?.includes(listener) !== true) emitter.removeListener(event, listener)
  for (const timer of timers) clearTimeout(timer)
  timers.clear()
}

/**
 * @param {NodeJS.EventEmitter} emitter
 * @returns {Map<string | symbol, ((...args: unknown[]) => void)[]>}
 */
function listenersOf(emitter) {
  return new Map(
    emitter
      .eventNames()
      .map((event) => [event, /** @type {((...args: unknown[]) => void)[]} */ (emitter.rawListeners(event))]),
  )
}

/** A timer that keeps no process alive would ring in a later command. */
function keepTimers() {
  for (const name of /** @type {const} */ (['setTimeout', 'setInterval'])) {
    const start = /** @type {(...given: unknown[]) => NodeJS.Timeout} */ (globalThis[name])
    /** @param {unknown[]} given */
    const kept = (...given) => {
      const timer = start(...given)
      timers.add(timer)
      return timer
    }
    globalThis[name] = /** @type {never} */ (Object.defineProperties(kept, Object.getOwnPropertyDescriptors(start)))
  }
}

/** @param {Record<string, string>} env */
function setEnvironment(env) {
  for (const name of Object.keys(process.env)) if (!(name in env)) Reflect.deleteProperty(process.env, name)
  Object.assign(process.env, env)
}

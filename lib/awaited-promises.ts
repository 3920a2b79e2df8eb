import { promiseHooks } from 'node:v8'

/*
 * Finds out which async function awaits a call, and whether anybody awaits that function. JavaScript cannot tell, but V8's promise hooks can: `await`
 * first reads the constructor of a promise of a subclass, and then makes a promise whose parent is that of the async function.
 */

/** The promise of the async function that awaits a call. */
const around = new WeakMap<object, object>()
/** Promises that were asked for their result. */
const chained = new WeakSet<object>()
/** Calls that were awaited. */
const awaited = new WeakSet<object>()
/** A call that an async function has returned, by the promise that follows it. */
const returned = new WeakMap<object, object>()

/** The call that is about to be awaited: its constructor was read. */
let asked: object | undefined
/** The returned call whose result V8 passes on now. */
let handedOn: object | undefined
let isDerived = false
let watching = 0
let stop: (() => void) | undefined
let stopFollowing: (() => void) | undefined

/** Watches promises while `work` runs. Outside of it promises cost nothing. */
export async function watchPromises<T>(work: () => Promise<T>): Promise<T> {
  if (watching++ === 0) stop = promiseHooks.createHook({ init }) as () => void
  try {
    return await work()
  } finally {
    if (--watching === 0) {
      stop?.()
      stopFollowing?.()
      stopFollowing = undefined
    }
  }
}

/** Follows returned calls, from the first one on: most roles await all, and hooks for each step of each promise take 1 to 3 % of the CPU of a short run. */
function followReturned(): void {
  stopFollowing ??= promiseHooks.createHook({ before, settled, after }) as () => void
}

function init(_: Promise<unknown>, parent: Promise<unknown>): void {
  const call = asked
  asked = undefined
  // Without a parent the value is missing, whatever the types say.
  if (typeof parent !== 'object') return
  if (call === undefined) chained.add(parent)
  else around.set(call, parent)
}

function before(promise: Promise<unknown>): void {
  handedOn = returned.get(promise)
}

function settled(promise: Promise<unknown>): void {
  if (handedOn !== undefined) around.set(handedOn, promise)
  handedOn = undefined
}

function after(): void {
  handedOn = undefined
}

/** Makes the prototype of a class of promises report that a promise is about to be awaited. */
export function noteAwait(prototype: object, constructor: unknown): void {
  Object.defineProperty(prototype, 'constructor', {
    configurable: true,
    get(this: object) {
      askedFor(this)
      return constructor
    },
  })
}

function askedFor(call: object): void {
  if (isDerived) return
  asked = call
  awaited.add(call)
}

/** Marks a call as not returned, but awaited in some other way. */
export function noteAwaited(call: object): void {
  awaited.add(call)
}

/** The `then` of such a class: `derive` makes the derived promise. */
export function noteThen<P extends object>(call: object, onFulfilled: unknown, derive: () => P): P {
  isDerived = true
  const derived = derive()
  isDerived = false
  // An async function that returns a call makes its own promise follow the call, by a function of V8.
  if (watching > 0 && !awaited.has(call) && isNative(onFulfilled)) {
    returned.set(derived, call)
    followReturned()
  }
  return derived
}

function isNative(handler: unknown): boolean {
  return typeof handler === 'function' && Function.prototype.toString.call(handler).includes('[native code]')
}

/** The first call of each async function that nobody awaits. `atWork`: calls whose functions are reported otherwise. */
export function firstOfForgotten<C extends { readonly promise: object }>(
  calls: readonly C[],
  atWork: readonly C[],
): C[] {
  const told = new Set(atWork.map(({ promise }) => around.get(promise)))
  return calls.filter(({ promise }) => {
    const waiting = around.get(promise)
    if (waiting === undefined || chained.has(waiting) || told.has(waiting)) return false
    told.add(waiting)
    return true
  })
}

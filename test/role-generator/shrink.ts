import { isMap, type Case, type Data } from './spec.ts'

/** How many trials a fault is worth. */
const MOST_TRIALS = 60

/** Options without which a resource is none. */
const NEEDED = [
  'content',
  'run',
  'line',
  'name',
  'to',
  'url',
  'sha256',
  'source',
  'deadline',
  'file',
  'path',
  'user',
  'keys',
  'set',
  'entries',
  'database',
  'role',
  'on',
  'privileges',
]

/**
 * Makes a case smaller as long as it still shows what it showed: lines of the setup, roles, calls, resources and options are taken away
 * one after the other, larger pieces first.
 */
export async function shrink(spec: Case, shows: (smaller: Case) => Promise<boolean>): Promise<Case> {
  let left = MOST_TRIALS
  let smallest = spec
  for (let found = true; found && left > 0;) {
    found = false
    for (const smaller of smallerOnes(smallest)) {
      if (left-- <= 0) break
      if (!(await shows(smaller))) continue
      smallest = smaller
      found = true
      break
    }
  }
  return smallest
}

function* smallerOnes(spec: Case): Generator<Case> {
  if (spec.setup.length > 3) {
    const half = Math.ceil(spec.setup.length / 2)
    yield { ...spec, setup: spec.setup.slice(half) }
    yield { ...spec, setup: spec.setup.slice(0, half) }
  }
  yield* without(spec.roles).map((roles) => ({ ...spec, roles }))
  for (const [index, role] of spec.roles.entries()) {
    const put = (calls: typeof role.calls): Case => ({
      ...spec,
      roles: spec.roles.map((each, at) => (at === index ? { calls } : each)),
    })
    yield* without(role.calls).map(put)
    for (const [at, call] of role.calls.entries()) {
      const swap = (...calls: typeof role.calls) =>
        put(role.calls.flatMap((each, here) => (here === at ? calls : [each])))
      if (call.call === 'exists') yield swap(...call.then)
      if (call.call !== 'ensure') continue
      yield* without(call.resources).map((resources) => swap({ ...call, resources }))
      for (const [which, resource] of call.resources.entries())
        for (const args of simpler(resource.args))
          yield swap({
            ...call,
            resources: call.resources.map((each, here) => (here === which ? { ...each, args } : each)),
          })
    }
  }
  yield* without(spec.setup).map((setup) => ({ ...spec, setup }))
}

/** Every list that lacks one of the elements. Nothing is left of nothing, and one alone stays. */
function without<T>(list: readonly T[]): T[][] {
  return list.length < 2 ? [] : list.map((_, index) => list.filter((_each, at) => at !== index))
}

/** Arguments without one of the options. */
function* simpler(args: readonly Data[]): Generator<Data[]> {
  const options = args.at(-1)
  if (!isMap(options)) return
  for (const name of Object.keys(options).filter((each) => !NEEDED.includes(each)))
    yield [...args.slice(0, -1), Object.fromEntries(Object.entries(options).filter(([key]) => key !== name))]
}

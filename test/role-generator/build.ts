import * as rolecall from '../../lib/index.ts'
import type { AnyRole, ApplyContext, Resource } from '../../lib/index.ts'
import { local } from './sample-trees.ts'
import { isMap, type CallSpec, type Data, type ResourceSpec, type RoleSpec } from './spec.ts'

/** Resources by their ids, and the server's address. */
interface Made {
  readonly byId: Map<string, Resource>
  readonly server: string
}
type Constructor = (...args: unknown[]) => Resource | readonly Resource[]

/** The constructors by name. What a spec gives them is checked by themselves, as anybody's options are. */
const constructors = new Map(
  Object.entries(rolecall).flatMap(([name, value]) =>
    typeof value === 'function' ? [[name, value as unknown as Constructor] as const] : [],
  ),
)

/** Makes a real role of a spec. `server`: what URLs begin with. */
export function buildRole(spec: RoleSpec, name: string, server: string): AnyRole {
  return rolecall.role({
    name,
    async apply(context) {
      await play(context, spec.calls, { byId: new Map(), server })
    },
  })
}

async function play(context: ApplyContext<unknown>, calls: readonly CallSpec[], made: Made): Promise<void> {
  for (const call of calls) await playOne(context, call, made)
}

async function playOne(context: ApplyContext<unknown>, call: CallSpec, made: Made): Promise<void> {
  const { ensure, exists, read, $ } = context
  switch (call.call) {
    case 'ensure':
      await ensure(...call.resources.flatMap((resource) => buildResource(resource, made)))
      return
    case 'command':
      await $({ creates: call.creates })(literal(call.run))
      return
    case 'exists':
      if (await exists(call.path)) await play(context, call.then, made)
      return
    case 'read':
      await ensure(rolecall.file(call.into, { content: (await read(call.path)) ?? 'nothing\n' }))
      return
    case 'look':
      await ensure(rolecall.file(call.into, { content: (await $.read(literal(call.command))).stdout }))
      return
  }
}

function literal(text: string): TemplateStringsArray {
  return Object.assign([text], { raw: [text] })
}

/** The names that a run tells the resources of a spec by, as `kind:name`. None where they are refused when they are made. */
export function namesOf(spec: ResourceSpec): readonly string[] {
  try {
    return buildResource(spec, { byId: new Map(), server: 'http://127.0.0.1' }).map(({ id }) => id)
  } catch {
    return []
  }
}

function buildResource({ make, args, id }: ResourceSpec, made: Made): readonly Resource[] {
  const constructor = constructors.get(make)
  if (constructor === undefined) throw new Error(`there is no kind ${make}`)
  const built = constructor(...args.map((arg) => real(arg, made)))
  const all = 'id' in built ? [built] : built
  const [first] = all
  if (id !== undefined && first !== undefined) made.byId.set(id, first)
  return all
}

function real(data: Data | undefined, made: Made): unknown {
  if (Array.isArray(data)) return (data as readonly Data[]).map((each) => real(each, made))
  if (!isMap(data)) return data
  const { $re, $secret, $sh, $resource, $append, $url, $local } = data
  if (typeof $re === 'string') return new RegExp($re)
  if (typeof $secret === 'string') return rolecall.secret($secret)
  if (typeof $sh === 'string') return rolecall.raw($sh)
  // One that shrinking has taken away.
  if (typeof $resource === 'string') return made.byId.get($resource) ?? '/nowhere'
  if (typeof $append === 'string') return append($append)
  if (typeof $url === 'string') return made.server + $url
  if (typeof $local === 'string') return local($local)
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, real(value, made)]))
}

function append(text: string): (live: string | undefined) => string {
  return (live = '') => (live.includes(text) ? live : live + text)
}

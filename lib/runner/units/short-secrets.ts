import { SHORTEST_MASKED } from '../../gate/forms.ts'
import { isSecret } from '../../secret.ts'
import type { Unit } from './units.ts'

/** Notes on secret variables that are too short to be masked everywhere, each at the first host that has it. */
export function shortSecretNotes(
  units: readonly Unit[],
): { readonly host: string; readonly role: string; readonly message: string }[] {
  const told = new Set<string>()
  return units.flatMap(({ host, role, vars }) =>
    shortOnes(vars, role.name, new Set()).flatMap((path) => {
      if (told.has(path)) return []
      told.add(path)
      const message = `${path} is a secret of fewer than ${SHORTEST_MASKED} characters: what is so short is masked only where its type is known, and not in what a command prints`
      return [{ host: host.name, role: role.name, message }]
    }),
  )
}

/** The paths of short secrets in a value. An empty secret hides nothing. */
function shortOnes(value: unknown, path: string, above: ReadonlySet<object>): string[] {
  if (isSecret(value)) {
    const { length } = value.reveal()
    return length > 0 && length < SHORTEST_MASKED ? [path] : []
  }
  if (typeof value !== 'object' || value === null || above.has(value) || ArrayBuffer.isView(value)) return []
  const within = new Set(above).add(value)
  return [...entriesOf(value)].flatMap(([key, each]) => shortOnes(each, `${path}.${String(key)}`, within))
}

function entriesOf(value: object): Iterable<readonly [unknown, unknown]> {
  if (value instanceof Map) return value
  return value instanceof Set ? [...value].entries() : Object.entries(value)
}

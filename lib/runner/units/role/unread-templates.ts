import type { Resource } from '../../../resources/kit/kind.ts'
import { textOf } from '../../../resources/kit/bytes.ts'
import { isPlain } from '../../../resources/kit/options/describe-value.ts'

/** Longer texts are data. */
const LONGEST = 1024 ** 2
const DEEPEST = 6

/** `{{ port }}`, `{{ port | int }}`, `{{ item.name }}`. Templates of Go (`{{ .Port }}`, `{{ range $x }}`) begin with no such name, or with a word of theirs. */
const TEMPLATE = /\{\{-?\s*(?<name>[A-Za-z_]\w*)\b[^{}\n]*\}\}/g
const OF_ANSIBLE = /^(?:ansible_\w+|inventory_hostname(?:_short)?|hostvars|group_names|item)$/

/**
 * Notes about templates in the texts of resources, which nothing evaluates: those that name a variable of the role, by its own name or that of the
 * inventory, or a variable that only Ansible has. `variables` has the role's own name for each.
 *
 * @example
 * unreadTemplates([file('/etc/app.conf', { content: 'port {{ port }}' })], new Map([['port', 'port']]))
 * // ['file:/etc/app.conf (roles/app.ts:8:20) has {{ port }} as it stands: ...']
 */
export function unreadTemplates(resources: readonly Resource[], variables: ReadonlyMap<string, string>): string[] {
  return resources.flatMap((resource) => {
    const found = [...new Set(textsIn([resource.name, resource.want], DEEPEST))]
      .flatMap((text) => [...text.matchAll(TEMPLATE)])
      .find(({ groups: { name = '' } = {} }) => variables.has(name) || OF_ANSIBLE.test(name))
    if (found === undefined) return []
    const name = found.groups?.['name'] ?? ''
    const place = resource.madeAt.place
    const where = place === undefined ? '' : ` (${place.file}:${place.line ?? 1}:${place.column ?? 1})`
    const variable = variables.get(name)
    const value = variable === undefined ? 'the value' : `\${vars.${variable}}`
    return [
      `${resource.id}${where} has ${found[0]} as it stands: texts of a role are not evaluated as Ansible's are; between backticks, write ${value}`,
    ]
  })
}

/** All texts of a value; Secrets and functions are not looked into. */
function* textsIn(value: unknown, depth: number): Generator<string> {
  if (typeof value === 'string') {
    if (value.length <= LONGEST && value.includes('{{')) yield value
  } else if (value instanceof Uint8Array) {
    if (value.length <= LONGEST) yield* textsIn(textOf(value) ?? '', depth)
  } else if (typeof value === 'object' && value !== null && depth > 0) {
    if (value instanceof Map || Array.isArray(value) || isPlain(value))
      for (const each of value instanceof Map ? value.values() : Object.values(value)) yield* textsIn(each, depth - 1)
  }
}

/** The names by which a role's variables may be named, each with the name in the role. */
export function namesOf(vars: object, from: object = {}): ReadonlyMap<string, string> {
  const outside = Object.entries(from).flatMap(([own, sources]) =>
    [sources].flat().flatMap((source): [string, string][] => (typeof source === 'string' ? [[source, own]] : [])),
  )
  return new Map([...outside, ...Object.keys(vars).map((name): [string, string] => [name, name])])
}

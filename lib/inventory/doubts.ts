import type { Problem } from '../errors.ts'
import { Secret } from '../secret.ts'
import { isTemplate as isTemplateText } from '../template/template.ts'
import { isSensitive } from '../text/sensitive.ts'
import { trapIn } from './traps.ts'
import { standsAt } from './tree.ts'
import type { ScalarNode, YamlNode } from './tree.ts'

/** Whether a value is a text with a template in it: `"{{ domain }}"`. */
export function isTemplate(node: YamlNode): boolean {
  if (node.kind !== 'scalar' || node.tag !== undefined) return false
  // Ansible evaluates what an encrypted file says as well.
  return isTemplateText(node.value instanceof Secret ? node.value.reveal() : node.value)
}

/**
 * What no two readers would understand alike in a value that a role is about to read: values that YAML 1.1 and 1.2 take differently.
 * `name` is the variable's: what may be a password is not quoted.
 *
 * @example
 * doubtsIn(node, 'base.mode')   // [{ message: 'the value 0644 is ambiguous: ...', place: ... }]
 */
export function doubtsIn(node: YamlNode, name: string): Problem[] {
  return doubts(node, isSensitive(name))
}

function doubts(node: YamlNode, hidden: boolean): Problem[] {
  switch (node.kind) {
    case 'list':
      return node.items.flatMap((item) => doubts(item, hidden))
    case 'map':
      return Array.from(node.entries.values()).flatMap((entry) => doubts(entry.node, hidden || isSensitive(entry.key)))
    case 'scalar':
      return doubtfulSpelling(node, hidden)
  }
}

function doubtfulSpelling(node: ScalarNode, hidden: boolean): Problem[] {
  const text = node.spelled
  const trap = text === undefined ? undefined : trapIn(text)
  if (trap === undefined || text === undefined) return []
  const about = { code: 'vars', place: standsAt(node) } as const
  if (hidden) return [{ ...about, message: 'the value is ambiguous in YAML', hint: 'put it in quotes' }]
  return [
    {
      ...about,
      message: `the value ${text} is ambiguous: ${trap.why}`,
      expected: 'a value that means one thing',
      got: text,
      hint: trap.hint,
    },
  ]
}

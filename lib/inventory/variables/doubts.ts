import type { Problem } from '../../errors.ts'
import { Secret } from '../../secret.ts'
import { isTemplate as isTemplateText } from '../../template/template.ts'
import { isSensitive } from '../../text/sensitive.ts'
import { ciphertextKind } from '../../vault/ciphertext.ts'
import { trapIn } from '../syntax/yaml-pitfalls.ts'
import { standsAt } from '../graph/tree.ts'
import type { Entry, ScalarNode, YamlNode } from '../graph/tree.ts'
import { keyText } from '../syntax/value-node.ts'

/** Whether a value is a text that contains a template: `"{{ domain }}"`. */
export function isTemplate(node: YamlNode): boolean {
  if (node.kind !== 'scalar' || node.tag !== undefined) return false
  // Ansible also evaluates templates in encrypted files.
  return isTemplateText(node.value instanceof Secret ? node.value.reveal() : node.value)
}

/**
 * The ambiguities in a value that a role reads: scalars that YAML 1.1 and 1.2 read differently, and encrypted texts that would not be
 * decrypted. `name` is the variable's name: values that may be passwords are not quoted.
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
      return Array.from(node.entries.values()).flatMap((entry) => [
        ...doubtfulKey(entry),
        ...doubts(entry.node, hidden || isSensitive(entry.key)),
      ])
    case 'scalar':
      return [...doubtfulSpelling(node, hidden), ...encrypted(node)]
  }
}

/**
 * The keys of a value that Ansible reads otherwise than they are written, and encrypted texts. For flat variables, whose values count as Ansible reads
 * them.
 */
export function flatDoubtsIn(node: YamlNode): Problem[] {
  return [...keysIn(node), ...encryptedIn(node)]
}

function keysIn(node: YamlNode): Problem[] {
  if (node.kind === 'scalar') return []
  if (node.kind === 'list') return node.items.flatMap(keysIn)
  return Array.from(node.entries.values()).flatMap((entry) => [...doubtfulKey(entry), ...keysIn(entry.node)])
}

/** `no:` is the text "no" to some and false to others; `80:` is 80 to all. */
function doubtfulKey(entry: Entry): Problem[] {
  const { key, typed } = entry
  if (typed === undefined || keyText(typed) === key) return []
  const trap = trapIn(key)
  return [
    {
      code: 'vars',
      place: standsAt(entry),
      message: `the key ${key} is ambiguous: ${trap?.why ?? `to YAML 1.1 (and Ansible) it is ${keyText(typed)}, and no text`}`,
      expected: 'a key that means one thing',
      got: key,
      hint: trap?.hint ?? `put it in quotes if you mean the text: "${key}"; else write ${keyText(typed)}`,
    },
  ]
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

/** Encrypted texts at any depth of a value. */
function encryptedIn(node: YamlNode): Problem[] {
  switch (node.kind) {
    case 'list':
      return node.items.flatMap(encryptedIn)
    case 'map':
      return Array.from(node.entries.values()).flatMap((entry) => encryptedIn(entry.node))
    case 'scalar':
      return encrypted(node)
  }
}

/** Encrypted text that nobody decrypts would be sent to hosts as it is, and be useless there. */
function encrypted(node: ScalarNode): Problem[] {
  const problem =
    node.tag === undefined && typeof node.value === 'string' ? encryptedProblem(node.value, node) : undefined
  return problem === undefined ? [] : [problem]
}

/** The problem of an encrypted text without a `!vault` tag. */
export function encryptedProblem(text: string, node: YamlNode): Problem | undefined {
  const kind = ciphertextKind(text)
  if (kind === undefined) return undefined
  return {
    code: 'vars',
    place: standsAt(node),
    message: `the value is ${kind} that is read as plain text`,
    expected: 'the secret itself',
    got: 'its encrypted form',
    hint: ENCRYPTED_HINTS[kind] ?? 'write !unsafe before the value if the encrypted text itself is meant',
  }
}

const ENCRYPTED_HINTS: Readonly<Record<string, string>> = {
  'an Ansible Vault text': 'write !vault | before the text; or !unsafe, if the encrypted text itself is meant',
  'a value of SOPS':
    'SOPS opens whole files: the part under sops: is missing here; write !unsafe if the encrypted text itself is meant',
  'an age file': 'encrypt the whole file of variables with age; write !unsafe if the encrypted text itself is meant',
}

import { isRecord } from '../../is-record.ts'
import { goRegex } from './go-regex.ts'

/** The parts of a file's `sops:` metadata that decryption needs. */
export interface SopsMetadata {
  /** The data key, encrypted for one recipient each. */
  readonly age: readonly { readonly recipient: string; readonly enc: string }[]
  /** Other services that hold the data key: `pgp`, `kms`. */
  readonly others: readonly string[]
  /** The data key is divided among several groups. */
  readonly isDivided: boolean
  readonly lastModified: string
  readonly mac: string | undefined
  readonly macOnlyEncrypted: boolean
  readonly rule: SopsRule
}

/** Rules for which values are encrypted, by the names above them. */
export type SopsRule =
  | { readonly type: 'unencrypted_suffix' | 'encrypted_suffix'; readonly suffix: string }
  | { readonly type: 'unencrypted_regex' | 'encrypted_regex'; readonly shape: RegExp }
  /** Comments decide: a value counts as encrypted if it looks encrypted. */
  | { readonly type: 'comment' }

export type Read<T> = { readonly value: T } | { readonly wrong: string }

const USUAL_SUFFIX = '_unencrypted'
const SERVICES = ['pgp', 'kms', 'gcp_kms', 'azure_kv', 'hc_vault', 'hckms']
const EXPRESSIONS = ['unencrypted_regex', 'encrypted_regex'] as const
const SUFFIXES = ['unencrypted_suffix', 'encrypted_suffix'] as const
const COMMENTS = ['unencrypted_comment_regex', 'encrypted_comment_regex'] as const

/** Reads the metadata under `sops:`. Source: getsops.io, "Important information on types", and the metadata of SOPS 3. */
export function readMetadata(raw: unknown): Read<SopsMetadata> {
  if (!isRecord(raw)) return { wrong: 'sops: is not a map' }
  const rule = ruleOf(raw)
  if ('wrong' in rule) return rule
  const lastModified = textOf(raw['lastmodified'])
  if (lastModified === undefined) return { wrong: 'sops: has no lastmodified' }
  const groups = listOf(raw['key_groups']).filter(isRecord)
  const [first] = groups
  const keys = first !== undefined && groups.length === 1 ? first : raw
  return {
    value: {
      age: listOf(keys['age'])
        .filter(isRecord)
        .flatMap(({ recipient, enc }) => {
          const [of, text] = [textOf(recipient), textOf(enc)]
          return text === undefined ? [] : [{ recipient: of ?? '', enc: text }]
        }),
      others: SERVICES.filter((name) => listOf(keys[name]).length > 0),
      isDivided: groups.length > 1,
      lastModified,
      mac: textOf(raw['mac']),
      macOnlyEncrypted: raw['mac_only_encrypted'] === true || raw['mac_only_encrypted'] === 'true',
      rule: rule.value,
    },
  }
}

function ruleOf(raw: Readonly<Record<string, unknown>>): Read<SopsRule> {
  const said = [...SUFFIXES, ...EXPRESSIONS, ...COMMENTS].filter((name) => (textOf(raw[name]) ?? '') !== '')
  if (said.length > 1) return { wrong: `sops: has both ${said.join(' and ')}` }
  for (const type of SUFFIXES) {
    const suffix = textOf(raw[type]) ?? ''
    if (suffix !== '') return { value: { type, suffix } }
  }
  for (const type of EXPRESSIONS) {
    const source = textOf(raw[type]) ?? ''
    if (source === '') continue
    const shape = goRegex(source)
    return shape === undefined
      ? { wrong: `${type} is an expression that is not understood` }
      : { value: { type, shape } }
  }
  if (said.length > 0) return { value: { type: 'comment' } }
  return { value: { type: 'unencrypted_suffix', suffix: USUAL_SUFFIX } }
}

/** Whether a value under these names is encrypted. `looksSo` decides where comments do. */
export function isEncrypted(rule: SopsRule, names: readonly string[], looksSo: boolean): boolean {
  switch (rule.type) {
    case 'unencrypted_suffix':
      return !names.some((name) => name.endsWith(rule.suffix))
    case 'encrypted_suffix':
      return names.some((name) => name.endsWith(rule.suffix))
    case 'unencrypted_regex':
      return !names.some((name) => rule.shape.test(name))
    case 'encrypted_regex':
      return names.some((name) => rule.shape.test(name))
    case 'comment':
      return looksSo
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

import { RolecallError } from './errors.ts'
import { placeOfCall } from './place.ts'
import { holdsSecret, isSecret, Secret } from './secret.ts'

/** Values allowed in a `secretText`: text, numbers, secrets, and lists of these. */
export type SecretPart = string | number | bigint | boolean | Secret | readonly SecretPart[]

/** Data with secrets in it, as `secretText.json` takes it. */
export type SecretData =
  | string
  | number
  | boolean
  | null
  | undefined
  | Secret
  | readonly SecretData[]
  | { readonly [key: string]: SecretData }

/** @see secretText */
export interface SecretText {
  (pieces: TemplateStringsArray, ...parts: readonly SecretPart[]): Secret
  /** The parts as one text, with `separator` between them (default: nothing). */
  join(parts: readonly SecretPart[], separator?: string): Secret
  /** JSON with the secrets in it as texts. `indent` as of `JSON.stringify`. */
  json(data: SecretData, indent?: number | string): Secret
}

/**
 * A text with secrets in it, which is a secret itself: like an ordinary template, but never shown. A list is joined by commas, as in an ordinary
 * template.
 *
 * Refused, with the line: `undefined`, `null` and objects, which would become `undefined` and `[object Object]`.
 *
 * @example
 * file('/etc/app/env', { content: secretText`DB_USER=app\nDB_PASSWORD=${password}\n` })
 * line('/etc/app.conf', { line: secretText`token = ${token}`, match: /^token =/ })
 * secretText.join(users.map(({ name, hash }) => secretText`${name}:${hash}\n`))
 * file('/etc/app.json', { content: secretText.json({ user: 'app', password }, 2) })
 */
export const secretText: SecretText = Object.assign(
  (pieces: TemplateStringsArray, ...parts: readonly SecretPart[]): Secret => {
    const text = pieces.reduce((before, piece, at) => `${before}${textOf(parts[at - 1])}${piece}`)
    return composed(text, parts)
  },
  {
    join: (parts: readonly SecretPart[], separator = ''): Secret =>
      composed(parts.map((part) => textOf(part)).join(separator), parts),
    json(data: SecretData, indent?: number | string): Secret {
      // A Secret would throw in its toJSON, which runs before a replacer.
      const text: unknown = JSON.stringify(uncovered(data, new Set()), undefined, indent)
      if (typeof text !== 'string') throw wrongPart(data)
      return composed(text, [data])
    },
  },
)

/** The text around secrets is not secret itself. Without a secret the whole text counts as one. */
function composed(text: string, parts: readonly unknown[]): Secret {
  return new Secret(text, { byLine: !parts.some(holdsSecret) })
}

function textOf(part: SecretPart | undefined): string {
  if (isSecret(part)) return part.reveal()
  if (isList(part)) return part.map((each) => textOf(each)).join()
  if (!['string', 'number', 'bigint', 'boolean'].includes(typeof part)) throw wrongPart(part)
  return String(part)
}

function uncovered(data: SecretData, above: ReadonlySet<unknown>): unknown {
  if (isSecret(data)) return data.reveal()
  if (typeof data !== 'object' || data === null) return data
  if (above.has(data)) throw wrongPart(data)
  const within = new Set(above).add(data)
  if (isList(data)) return data.map((each) => uncovered(each, within))
  // A Date and similar objects have their own form in JSON.
  if ('toJSON' in data) return data
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, uncovered(value, within)]))
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value)
}

function wrongPart(part: unknown): RolecallError {
  const place = placeOfCall()
  const got =
    part === null
      ? 'null'
      : typeof part === 'object'
        ? 'an object'
        : part === undefined
          ? 'undefined'
          : `a ${typeof part}`
  return new RolecallError({
    code: 'playbook',
    message: `${got} is not a text, which secretText needs`,
    ...(place === undefined ? {} : { place }),
    expected: 'a text, a number, a Secret, or a list of these',
    got,
    hint: 'secretText.json(...) writes data as JSON',
  })
}

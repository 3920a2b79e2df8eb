import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import type { Change, Plan, Step } from '../../resources/kit/kind.ts'
import { isSecret } from '../../secret.ts'
import type { PlanKey } from './plan-key.ts'

/** Digest of the scripts of steps and their input: of everything that would be done on the host. */
export function scriptDigest(key: PlanKey, steps: readonly Step[]): string {
  return key.digest('script', ...steps.flatMap(partsOf))
}

function partsOf({ sh, stdin, upload, write }: Step): (string | Uint8Array)[] {
  const input = upload === undefined ? (stdin ?? '') : contentHash(upload.file)
  return [sh.text, input, write === undefined ? '' : canonical(write)]
}

const CHUNK = 1024 * 1024

/** Digest of a file that may be larger than memory. */
function contentHash(file: string): Uint8Array {
  const hash = createHash('sha256')
  const handle = openSync(file, 'r')
  try {
    const chunk = Buffer.alloc(CHUNK)
    for (let bytes = readSync(handle, chunk); bytes > 0; bytes = readSync(handle, chunk))
      hash.update(chunk.subarray(0, bytes))
  } finally {
    closeSync(handle)
  }
  return hash.digest()
}

/** Digest of the changes of a resource. */
export function changesDigest(key: PlanKey, { changes = [] }: Plan): string {
  return key.digest('changes', ...changes.map((change: Change) => canonical(change)))
}

/** Data as one text, equal for equal data. Secrets are revealed: the text is for a keyed digest only. */
export function canonical(value: unknown): string {
  return JSON.stringify(plain(value, new Set()))
}

function plain(value: unknown, above: ReadonlySet<unknown>): unknown {
  if (isSecret(value)) return { secret: value.reveal() }
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') }
  if (typeof value === 'function') return { function: value.toString() }
  if (typeof value === 'bigint' || typeof value === 'symbol') return { [typeof value]: String(value) }
  if (typeof value !== 'object' || value === null) return value
  // A role's data may contain itself.
  if (above.has(value)) return { circle: true }
  const inside = new Set([...above, value])
  if (Array.isArray(value)) return value.map((each) => plain(each, inside))
  if (value instanceof Date || value instanceof RegExp || value instanceof URL) return String(value)
  if (value instanceof Map || value instanceof Set) return [...value].map((each) => plain(each, inside))
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, each]) => [name, plain(each, inside)]))
}

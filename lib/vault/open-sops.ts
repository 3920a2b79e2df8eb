import type { Place, Problem } from '../errors.ts'
import type { Keyring } from './keyring.ts'
import { NOT_THERE, runProgram } from './program.ts'
import { dataKeyOf } from './sops/data-key.ts'
import { openSopsDocument, type SopsDocument, type SopsProblem, type SopsSecret } from './sops/document.ts'
import type { SopsMetadata } from './sops/metadata.ts'
import { isSopsValue, parseSopsValue } from './sops/value.ts'

export type SopsFormat = 'yaml' | 'json' | 'dotenv' | 'ini'

export type SopsOpened = { readonly secrets: readonly SopsSecret[] } | { readonly problems: readonly Problem[] }

/** Long enough for a remote service, or for touching a security key. */
const PROGRAM_SECONDS = 60

/** Decrypts a SOPS file. Files for age keys are decrypted here, others by the program `sops`, if it is installed. */
export async function openSops(
  document: SopsDocument,
  file: string,
  format: SopsFormat,
  keys: Keyring,
): Promise<SopsOpened> {
  const { metadata, own } = document
  const place = placeOf(document.text, file, own[0]?.at[0] ?? 0)
  if (metadata.age.length > 0 && !metadata.isDivided) {
    const dataKey = await dataKeyOf(metadata, keys.ageKeys)
    if (dataKey.type === 'key') {
      const opened = openSopsDocument(document, dataKey.key)
      return 'secrets' in opened ? opened : { problems: [sopsProblem(opened.problem, document.text, file)] }
    }
    if (dataKey.type === 'damaged') {
      const hint = 'take the file from the repository as it was'
      return { problems: [{ code: 'vars', place, message: 'the key for age under sops: is damaged', hint }] }
    }
  }
  return throughProgram(document, file, format, keys, place)
}

/** A problem at an offset of the text. */
export function sopsProblem({ at, message, hint }: SopsProblem, text: string, file: string): Problem {
  return { code: 'vars', place: placeOf(text, file, at), message, ...(hint === undefined ? {} : { hint }) }
}

function placeOf(text: string, file: string, at: number): Place {
  const before = text.slice(0, at)
  return { file, line: before.split('\n').length, column: at - before.lastIndexOf('\n') }
}

async function throughProgram(
  document: SopsDocument,
  file: string,
  format: SopsFormat,
  keys: Keyring,
  place: Place,
): Promise<SopsOpened> {
  const args = ['--decrypt', '--input-type', format, '--output-type', 'json', '/dev/stdin'] as const
  const ran = await runProgram(['sops', ...args], { input: document.text, seconds: PROGRAM_SECONDS })
  if (ran.type === 'failed' && ran.why === NOT_THERE)
    return { problems: [noKey(document.metadata, keys, place), ...keys.age.failures] }
  const output = ran.stderr === '' ? {} : { output: ran.stderr }
  const problem = (message: string): SopsOpened => ({ problems: [{ code: 'vars', place, message, ...output }] })
  if (ran.type === 'failed') return problem(`the program sops, which is to open ${file}, ${ran.why}`)
  if (ran.code !== 0) return problem(`the program sops cannot open ${file}, and ended with ${ran.code}`)
  let data: unknown
  try {
    data = JSON.parse(ran.stdout.toString('utf8'))
  } catch {
    return problem(`the program sops printed something else than JSON for ${file}`)
  }
  const secrets = document.leaves.filter(({ text }) => isSopsValue(text)).map((leaf) => secretOf(leaf, data))
  return secrets.every((secret) => secret !== undefined)
    ? { secrets }
    : problem(`the program sops left out values of ${file}`)
}

function secretOf(leaf: SopsDocument['leaves'][number], data: unknown): SopsSecret | undefined {
  const value = leaf.path.reduce<unknown>(
    (inside, step) =>
      typeof inside === 'object' && inside !== null ? (inside as Record<string | number, unknown>)[step] : undefined,
    data,
  )
  const type = parseSopsValue(leaf.text)?.type ?? 'str'
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return { leaf, type, text: String(value) }
  return undefined
}

function noKey({ age, others, isDivided }: SopsMetadata, { age: ours }: Keyring, place: Place): Problem {
  const recipients = age.map(({ recipient }) => recipient)
  const isForAge = age.length > 0 && !isDivided
  const services = [...(age.length > 0 ? ['age'] : []), ...others]
  return {
    code: 'vars',
    place,
    message: isForAge
      ? `no key of age here opens this file of SOPS`
      : isDivided
        ? 'the key of this file of SOPS is divided among several groups, which takes the program sops'
        : `this file of SOPS is for ${services.join(', ') || 'nobody'}, which takes the program sops`,
    ...(isForAge
      ? {
          expected: `a key for ${recipients.join(' or ')}`,
          got: `${ours.identities.length} keys from ${ours.looked.join(', ')}`,
        }
      : {}),
    hint: isForAge
      ? `put the key into ${ours.looked.at(-1) ?? 'keys.txt'}, or name its file with SOPS_AGE_KEY_FILE${others.length > 0 ? `; or install sops, for ${others.join(', ')}` : ''}`
      : 'install it: https://getsops.io; or add a key of age to the file: sops rotate --add-age AGE-KEY --in-place FILE',
  }
}

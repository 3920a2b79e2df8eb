import type { Place, Problem } from '../errors.ts'
import { secret } from '../secret.ts'
import { isVaultText } from './ansible-vault.ts'
import { isAge, openAge } from './age.ts'
import type { Keyring } from './keyring.ts'
import { openSops, sopsProblem, type SopsFormat } from './open-sops.ts'
import { openVaultText } from './passwords.ts'
import { readSopsDocument, type SopsDocument, type SopsSecret } from './sops/document.ts'
import { readDotenv, readIni } from './sops/flat.ts'

export type OpenedFile =
  | { readonly type: 'plain' }
  /** The whole file was encrypted. */
  | { readonly type: 'whole'; readonly bytes: Buffer; readonly by: 'Ansible Vault' | 'age' }
  /** Single values were encrypted by SOPS. */
  | {
      readonly type: 'values'
      readonly format: SopsFormat
      readonly document: SopsDocument
      readonly secrets: readonly SopsSecret[]
    }
  | { readonly type: 'failed'; readonly problems: readonly Problem[] }

/** Decrypts a file of the repository that was encrypted by Ansible Vault, age or SOPS. */
export async function openFile(bytes: Buffer, file: string, keys: Keyring): Promise<OpenedFile> {
  const place = { file, line: 1, column: 1 }
  if (isVaultText(bytes)) {
    const opened = openVaultText(bytes.toString('latin1'), { file, line: 1 }, keys.passwords)
    if ('problems' in opened) return { type: 'failed', problems: opened.problems }
    return { type: 'whole', bytes: opened.bytes, by: 'Ansible Vault' }
  }
  if (isAge(bytes)) {
    const opened = await openAge(bytes, keys.ageKeys)
    if (opened.type === 'opened') return { type: 'whole', bytes: opened.bytes, by: 'age' }
    return { type: 'failed', problems: [ageProblem(opened, place, keys), ...keys.age.failures] }
  }
  const format = formatOf(file)
  const text = bytes.toString('utf8')
  const document = format === 'dotenv' ? readDotenv(text) : format === 'ini' ? readIni(text) : readSopsDocument(text)
  if (document === undefined) return { type: 'plain' }
  if ('problem' in document) return { type: 'failed', problems: [sopsProblem(document.problem, text, file)] }
  const opened = await openSops(document, file, format, keys)
  if ('problems' in opened) return { type: 'failed', problems: opened.problems }
  for (const each of opened.secrets) if (isMasked(each)) secret(each.text)
  return { type: 'values', format, document, secrets: opened.secrets }
}

/** Short numbers and booleans occur everywhere. Masking them would hide other output. */
function isMasked({ type, text }: SopsSecret): boolean {
  return type === 'int' || type === 'float' ? text.length >= SHORTEST_NUMBER : type !== 'bool'
}

const SHORTEST_NUMBER = 6

/** The format by file name, as in SOPS. Other names are read as YAML, which includes JSON. */
function formatOf(file: string): SopsFormat {
  const [, extension] = /\.(json|env|ini)$/.exec(file) ?? []
  return extension === 'env' ? 'dotenv' : extension === 'ini' ? 'ini' : extension === 'json' ? 'json' : 'yaml'
}

function ageProblem(
  opened: Exclude<Awaited<ReturnType<typeof openAge>>, { readonly type: 'opened' }>,
  place: Place,
  { age }: Keyring,
): Problem {
  const common = { code: 'vars', place } as const
  if (opened.type === 'damaged') {
    const hint = 'take it from the repository as it was'
    return { ...common, message: `the age file is damaged: ${opened.why}`, hint }
  }
  if (opened.isPassphrase) {
    return {
      ...common,
      message: 'no passphrase opens this age file',
      hint: 'give it as a vault password: --ask-vault-pass, or --vault-password-file FILE',
    }
  }
  const foreign = opened.recipients.filter(
    (type) => !['X25519', 'mlkem768x25519'].includes(type) && !type.endsWith('-grease'),
  )
  const [first] = foreign
  const damaged = opened.damagedKeys === 0 ? '' : `, ${opened.damagedKeys} of them with a wrong letter`
  return {
    ...common,
    message: 'no key opens this age file',
    expected:
      first === undefined ? 'the key of one of its recipients' : `a key of the types ${opened.recipients.join(', ')}`,
    got: `${age.identities.length} keys from ${age.looked.join(', ')}${damaged}`,
    hint:
      first === undefined
        ? `put the key into ${age.looked.at(-1) ?? 'keys.txt'}, or name its file with SOPS_AGE_KEY_FILE`
        : `keys of the type ${first} are not read here: encrypt it for a key that age-keygen makes as well`,
  }
}

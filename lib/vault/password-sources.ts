import { readFileSync, statSync } from 'node:fs'
import { basename, extname, join, resolve } from 'node:path'
import { homeDirectory } from '../machine/account.ts'
import type { Problem } from '../errors.ts'
import { DEFAULT_ID, isVaultText } from './ansible-vault.ts'
import { openVaultText, vaultPassword, type Passwords, type VaultPassword } from './passwords.ts'
import { programWeakness } from '../machine/trusted.ts'
import { runProgram } from './program.ts'

/** The source of an Ansible Vault password. */
export type PasswordSource =
  | { readonly type: 'prompt'; readonly id: string }
  /** A file with the password, or a program that prints it. */
  | { readonly type: 'file'; readonly id: string; readonly path: string }

/** Asks the user at the terminal, without showing the input. Throws a RolecallError without a terminal. */
export type Ask = (question: string) => Promise<string>

const PROMPTS = new Set(['prompt', 'prompt_ask_vault_pass'])

/**
 * Parses `LABEL@SOURCE` or `SOURCE`: a file, a program that prints the password, or `prompt`. Relative paths start at `directory`; `~` and
 * variables of the environment are expanded.
 *
 * @example
 * passwordSource('prod@~/.vault-prod', '.')   // { type: 'file', id: 'prod', path: '/home/ops/.vault-prod' }
 */
export function passwordSource(text: string, directory: string): PasswordSource {
  const at = text.indexOf('@')
  const id = at > 0 ? text.slice(0, at) : DEFAULT_ID
  const source = text.slice(at + 1)
  if (PROMPTS.has(source)) return { type: 'prompt', id }
  const named = source.replaceAll(/\$(?:(\w+)|\{([^}]*)\})/g, (whole, plain?: string, braced?: string) => {
    return process.env[plain ?? braced ?? ''] ?? whole
  })
  const path = named.startsWith('~/') ? join(homeDirectory(), named.slice(2)) : resolve(directory, named)
  return { type: 'file', id, path }
}

/** How long a program may take to print a password. The user may have to touch a key or type a PIN. */
const PROGRAM_SECONDS = 120
/** By Ansible's convention, a program with this suffix gets the wanted id, and exits with 2 when it does not know the id. */
const CLIENT = /-client$/
const UNKNOWN_ID = 2

/**
 * Reads all sources, one after the other: two prompts at once would be confusing, and a file may be encrypted with an earlier password.
 */
export async function readPasswords(
  sources: readonly PasswordSource[],
  ask: Ask,
  options: Pick<Passwords, 'onlyMatching'> = {},
): Promise<Passwords> {
  const known: VaultPassword[] = []
  const failures: Problem[] = []
  for (const source of sources) {
    const read =
      source.type === 'prompt' ? await fromPrompt(source, ask) : await fromFile(source, { known, failures, ...options })
    if ('code' in read) failures.push(read)
    else known.push(read)
  }
  return { known, failures, ...options }
}

async function fromPrompt({ id }: PasswordSource, ask: Ask): Promise<VaultPassword | Problem> {
  const text = (await ask(id === DEFAULT_ID ? 'Vault password: ' : `Vault password (${id}): `)).trim()
  if (text === '') return { code: 'usage', message: `the vault password for ${id} is empty`, expected: 'a password' }
  return vaultPassword(id, Buffer.from(text), 'the prompt')
}

async function fromFile(
  source: PasswordSource & { readonly type: 'file' },
  before: Passwords,
): Promise<VaultPassword | Problem> {
  const { id, path } = source
  const found = modeOf(path)
  if ('problem' in found) return found.problem
  const read = (found.mode & 0o111) === 0 ? contentOf(path, before) : await printedBy(id, path)
  if ('code' in read) return read
  const isScript = (found.mode & 0o111) !== 0
  if (read.bytes.length === 0) {
    return {
      code: 'usage',
      message: `${isScript ? 'the program' : 'the file'} ${path} has no vault password`,
      expected: isScript ? 'a password on its standard output' : 'a password as the only line',
      got: 'nothing',
    }
  }
  return vaultPassword(id, read.bytes, `${isScript ? 'the program' : 'the file'} ${path}`)
}

function modeOf(path: string): { readonly mode: number } | { readonly problem: Problem } {
  const stat = statSync(path, { throwIfNoEntry: false })
  const common = { code: 'usage', hint: 'a vault password is in a file, or printed by a program' } as const
  if (stat === undefined)
    return { problem: { ...common, message: `there is no file ${path} with a vault password`, place: { file: path } } }
  if (stat.isDirectory())
    return { problem: { ...common, message: `${path} is a directory, and has no vault password` } }
  return { mode: stat.mode }
}

function contentOf(path: string, before: Passwords): { readonly bytes: Buffer } | Problem {
  let bytes: Buffer
  try {
    bytes = trimmed(readFileSync(path), BLANKS)
  } catch (error) {
    const why =
      error instanceof Error && 'code' in error && error.code === 'EACCES' ? 'may not be read by you' : 'cannot be read'
    return { code: 'usage', message: `the vault password file ${path} ${why}` }
  }
  if (!isVaultText(bytes)) return { bytes }
  const opened = openVaultText(bytes.toString('latin1'), { file: path, line: 1 }, before)
  const [first] = 'problems' in opened ? opened.problems : []
  if (first !== undefined) return first
  return 'bytes' in opened ? { bytes: trimmed(opened.bytes, BREAKS) } : { bytes }
}

async function printedBy(id: string, path: string): Promise<{ readonly bytes: Buffer } | Problem> {
  const weakness = programWeakness(path)
  if (weakness !== undefined)
    return {
      code: 'usage',
      message: `the program ${path} for a vault password is not run: another user can change it`,
      expected: 'a program that only root, you and the owner of the project can write',
      got: `${weakness.path} ${weakness.why}`,
      hint: `remove the write access of others: chown or chmod go-w ${weakness.path}`,
    }
  const isClient = CLIENT.test(basename(path, extname(path)))
  // The program may ask the user at the terminal.
  const terminal = !isClient && process.stdin.isTTY && process.stderr.isTTY
  const ran = await runProgram(isClient ? [path, '--vault-id', id] : [path], { seconds: PROGRAM_SECONDS, terminal })
  const about = { code: 'usage', ...(ran.stderr === '' ? {} : { output: ran.stderr }) } as const
  if (ran.type === 'failed') {
    return {
      ...about,
      message: `the program ${path} for a vault password ${ran.why}`,
      hint: 'a file that holds the password itself must not be executable: chmod a-x it',
    }
  }
  if (isClient && ran.code === UNKNOWN_ID)
    return { ...about, message: `the program ${path} has no vault password for the id ${id}` }
  if (ran.code !== 0) return { ...about, message: `the program ${path} for a vault password failed with ${ran.code}` }
  return { bytes: trimmed(ran.stdout, BREAKS) }
}

const BLANKS = new Set([0x20, 0x09, 0x0a, 0x0b, 0x0c, 0x0d])
const BREAKS = new Set([0x0a, 0x0d])

function trimmed(bytes: Buffer, away: ReadonlySet<number>): Buffer {
  let [from, to] = [0, bytes.length]
  while (from < to && away.has(bytes[from] ?? 0)) from++
  while (to > from && away.has(bytes[to - 1] ?? 0)) to--
  return bytes.subarray(from, to)
}

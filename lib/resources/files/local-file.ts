import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync, statSync, type Stats } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { Facts } from '../../facts.ts'
import { placeOfCall } from '../../place.ts'
import { isVaultText } from '../../vault/ansible-vault.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'

/** A file of the controller. A relative path is one beside the file that names it. */
export function localPath(given: string): string {
  return resolve(dirname(placeOfCall()?.file ?? '.'), given)
}

/** What is known of a file of the controller, which must be there. */
export function localSource(of: string, file: string): Stats {
  const stat = statSync(file, { throwIfNoEntry: false })
  const isWanted = stat?.isFile() === true
  if (stat !== undefined && isWanted) return stat
  const got =
    stat === undefined
      ? `${file}, which is not there`
      : `${file}, which is ${stat.isDirectory() ? 'a directory: that is tree()' : 'no regular file'}`
  throw invalidOption(`source of ${of}`, 'a file of the controller', got)
}

/** What `ansible-vault` has encrypted would be of no use on a host: Ansible decrypts it when it copies. */
export function refuseVault(of: string, file: string, beginning: Uint8Array = beginningOf(file)): void {
  if (!isVaultText(Buffer.from(beginning.subarray(0, VAULT_BYTES)))) return
  throw invalidOption(
    `source of ${of}`,
    'a file that is not encrypted',
    `${file}, which is encrypted by Ansible Vault`,
    `put "{{ lookup('file', '${basename(file)}') }}" into a variable, where it is opened, and give the role's variable as content`,
  )
}

/** More than the header of Ansible Vault has. */
const VAULT_BYTES = 32

function beginningOf(file: string): Uint8Array {
  const fd = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(VAULT_BYTES)
    return bytes.subarray(0, readSync(fd, bytes))
  } finally {
    closeSync(fd)
  }
}

/** What is larger is not kept in memory: it is read when a host lacks it. */
export const LARGEST_IN_MEMORY = 1024 * 1024

const CHUNK = 1024 * 1024
const ALGORITHMS = { sha256sum: 'sha256', b2sum: 'blake2b512' } as const

export class LocalFile {
  readonly file: string
  readonly length: number
  /** When it was last changed, in milliseconds. */
  readonly changed: number
  readonly #digests = new Map<string, string>()

  constructor(of: string, given: string) {
    this.file = localPath(given)
    const stat = localSource(of, this.file)
    this.length = stat.size
    this.changed = stat.mtimeMs
  }

  get bytes(): Uint8Array {
    return readFileSync(this.file)
  }

  /** What a program for checksums says of it. It is read piece by piece, once. */
  digest(program: Facts['digest']): string {
    const known = this.#digests.get(program)
    if (known !== undefined) return known
    const hash = createHash(ALGORITHMS[program])
    const chunk = Buffer.allocUnsafe(CHUNK)
    const fd = openSync(this.file, 'r')
    try {
      for (let read = readSync(fd, chunk); read > 0; read = readSync(fd, chunk)) hash.update(chunk.subarray(0, read))
    } finally {
      closeSync(fd)
    }
    const digest = hash.digest('hex')
    this.#digests.set(program, digest)
    return digest
  }
}

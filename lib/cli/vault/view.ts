import { neutral } from '../../gate/neutral.ts'
import type { Passwords } from '../../vault/passwords.ts'
import { openVaultFile, readBytes } from './vault-files.ts'

/** Prints what is in encrypted files: the one command that is there to show secrets. */
export async function viewFiles(files: readonly string[], passwords: () => Promise<Passwords>): Promise<void> {
  const known = await passwords()
  for (const file of files) show((await openVaultFile(file, readBytes(file), known)).bytes)
}

/** A terminal is not to act on what it is shown; a program gets each byte as it is. */
function show(plain: Buffer): void {
  process.stdout.write(process.stdout.isTTY ? neutral(plain.toString('utf8')) : plain)
}

import { RolecallError } from '../../errors.ts'
import { neutral } from '../../gate/neutral.ts'
import { openFile, type OpenedFile } from '../../vault/open-file.ts'
import { Keyring } from '../../vault/keyring.ts'
import { isVaultText } from '../../vault/ansible-vault.ts'
import type { Passwords } from '../../vault/passwords.ts'
import { inDotenv } from '../../vault/sops/flat.ts'
import { literal, plainText } from '../../vault/sops/plain-text.ts'
import type { WithoutSource } from './vault-options.ts'
import { notEncrypted, readBytes } from './vault-files.ts'

/** Prints the content of encrypted files: the only command that shows secrets on purpose. */
export async function viewFiles(
  files: readonly string[],
  passwords: (withoutSource: WithoutSource) => Promise<Passwords>,
): Promise<void> {
  const contents = files.map((file) => ({ file, bytes: readBytes(file) }))
  const needsPassword = contents.some(({ bytes }) => isVaultText(bytes))
  const keys = new Keyring(await passwords(needsPassword ? 'ask' : 'none'), process.env)
  for (const { file, bytes } of contents) show(plainOf(await openFile(bytes, file, keys), file))
}

function plainOf(opened: OpenedFile, file: string): Buffer {
  switch (opened.type) {
    case 'plain':
      throw notEncrypted(file)
    case 'failed':
      throw new RolecallError(opened.problems)
    case 'whole':
      return opened.bytes
    case 'values': {
      const { document, secrets, format } = opened
      const isFlat = format === 'dotenv' || format === 'ini'
      return Buffer.from(plainText(document, secrets, isFlat ? ({ text }) => inDotenv(text) : literal))
    }
  }
}

/** For a terminal, control characters are made visible; a program gets every byte unchanged. */
function show(plain: Buffer): void {
  process.stdout.write(process.stdout.isTTY ? neutral(plain.toString('utf8')) : plain)
}

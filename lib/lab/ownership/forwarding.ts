import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { textOf } from '../machine/files.ts'
import { isForwarding, setForwarding } from '../machine/forwarding.ts'
import { bootId, readRecords, runDirectory } from './registry.ts'
import { withMachine } from './requester.ts'

const forwardingFile = path.join(runDirectory, 'forwarding')

/** Makes the kernel route packets, and records that it did not before, for `release`. */
export async function ensureForwarding(): Promise<void> {
  await withMachine(async () => {
    if ((await isForwarding()) !== false) return
    await writeFile(forwardingFile, await bootId())
    await setForwarding('1')
  })
}

/** Stops routing after the last lab, if the kernel did not route before. The caller has the machine's lock. */
export async function restoreForwarding(): Promise<void> {
  const text = await textOf(forwardingFile)
  if (text === undefined || (await readRecords()).length > 0) return
  if (text === (await bootId())) await setForwarding('0')
  await rm(forwardingFile, { force: true })
}

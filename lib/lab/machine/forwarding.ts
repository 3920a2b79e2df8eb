import { writeFile } from 'node:fs/promises'
import { textOf } from './files.ts'

const forwarding = '/proc/sys/net/ipv4/ip_forward'

/** Whether the kernel routes packets; undefined when this cannot be read. */
export async function isForwarding(): Promise<boolean | undefined> {
  const text = await textOf(forwarding)
  return text === undefined ? undefined : text.trim() !== '0'
}

export async function setForwarding(value: '0' | '1'): Promise<void> {
  await writeFile(forwarding, value)
}

import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { Writable } from 'node:stream'
import { RolecallError } from '../../errors.ts'
import { isBytes, type Input } from '../../sh/input.ts'

const CHUNK = 64 * 1024

/**
 * Writes inputs one after the other. A file is read as fast as the host accepts it. Throws a RolecallError if a file has changed since its size was
 * read.
 */
export async function sendInputs(to: Writable, inputs: readonly Input[]): Promise<void> {
  for (const input of inputs) {
    if (isBytes(input)) {
      if (input.length > 0) to.write(input)
      continue
    }
    const source = createReadStream(input.file, { end: input.length - 1, highWaterMark: CHUNK })
    try {
      await pipeline(source, to, { end: false })
    } catch (error) {
      // If the host is lost, the code that waits for its answer reports this.
      if (to.destroyed) return
      throw unreadable(input.file, error instanceof Error ? error.message : 'it cannot be read')
    }
    if (source.bytesRead !== input.length)
      throw unreadable(input.file, `it had ${input.length} bytes, and now has ${source.bytesRead}`)
  }
}

function unreadable(file: string, why: string): RolecallError {
  return new RolecallError({
    code: 'playbook',
    message: `${file} was changed or removed while it was sent: ${why}`,
    hint: 'run again when nobody writes it',
  })
}

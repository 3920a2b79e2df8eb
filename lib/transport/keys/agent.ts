import { connect } from 'node:net'
import { fieldsOf } from './public-key.ts'

/** A key that an agent holds. */
export interface AgentKey {
  readonly type: string
  readonly blob: Buffer
}

const REQUEST_IDENTITIES = 11
const IDENTITIES_ANSWER = 12
const MOST_BYTES = 256 * 1024
const SECONDS = 5

/**
 * The keys of an agent; undefined when nothing answers at the socket, for example after the login has ended.
 *
 * Source: draft-miller-ssh-agent, 4.4.
 */
export function keysOfAgent(socket: string): Promise<readonly AgentKey[] | undefined> {
  return new Promise((resolve) => {
    const stream = connect(socket)
    let answer = Buffer.alloc(0)
    const end = (keys: readonly AgentKey[] | undefined) => {
      stream.destroy()
      resolve(keys)
    }
    stream.setTimeout(SECONDS * 1000, () => end(undefined))
    stream.on('error', () => end(undefined))
    stream.on('close', () => end(undefined))
    stream.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk])
      if (answer.length > MOST_BYTES) return end(undefined)
      if (answer.length < 4 || answer.length < 4 + answer.readUInt32BE(0)) return
      end(answer[4] === IDENTITIES_ANSWER ? keysIn(answer.subarray(5, 4 + answer.readUInt32BE(0))) : undefined)
    })
    stream.write(Buffer.from([0, 0, 0, 1, REQUEST_IDENTITIES]))
  })
}

/** The number of keys, then pairs of key and comment. */
function keysIn(body: Buffer): readonly AgentKey[] | undefined {
  return fieldsOf(body.subarray(4))?.flatMap((blob, at) => {
    const type = at % 2 === 0 ? (fieldsOf(blob)?.[0] ?? typeOf(blob)) : undefined
    return type === undefined ? [] : [{ type: type.toString('latin1'), blob }]
  })
}

/** Only the first string is read, because certificates contain other data as well. */
function typeOf(blob: Buffer): Buffer | undefined {
  if (blob.length < 4) return undefined
  const end = 4 + blob.readUInt32BE(0)
  return end > blob.length ? undefined : blob.subarray(4, end)
}

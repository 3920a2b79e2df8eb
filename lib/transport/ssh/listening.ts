import { connect } from 'node:net'

/** Whether a process listens at a socket of this machine. */
export function isListening(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const stream = connect(socket)
    const end = (is: boolean) => {
      stream.destroy()
      resolve(is)
    }
    stream.once('connect', () => end(true))
    stream.once('error', () => end(false))
  })
}

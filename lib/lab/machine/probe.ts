import { connect } from 'node:net'

/**
 * Whether an SSH server greets at this address. A connection alone proves nothing: the kernel accepts it
 * before sshd is able to.
 *
 * @param limitMs how long to wait for the greeting, in milliseconds
 */
export function sshAnswers(
  { address, port }: { readonly address: string; readonly port: number },
  limitMs = 1000,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port })
    const end = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(limitMs, () => end(false))
    socket.once('error', () => end(false))
    socket.once('close', () => end(false))
    socket.once('data', (bytes) => end(bytes.toString('latin1').startsWith('SSH-')))
  })
}

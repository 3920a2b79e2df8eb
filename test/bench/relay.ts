import { connect, createServer, type Socket } from 'node:net'

/**
 * A TCP relay that holds every packet for so many milliseconds in each direction: `relay.ts PORT HOST HOST_PORT MS`.
 * The kernel here has no netem. It is a process of its own, so that it waits for nobody.
 *
 * It counts round trips: each connection is one, for its handshake; and so is each time that the near end sends something after it
 * has heard something, when at least a round trip has passed since the last one that counted. So what goes both ways at the same
 * time is no round trip, and neither is an acknowledgement that nobody waits for. A line on standard input is answered with the
 * number since the last line.
 */
const [port = '0', host = '', hostPort = '22', ms = '25'] = process.argv.slice(2)
const EACH_WAY_MS = Number(ms)
/** Timers are not exact to the millisecond. */
const ROUND_TRIP_MS = 2 * EACH_WAY_MS - 2

let trips = 0

createServer({ noDelay: true }, (near) => {
  const opened = performance.now()
  let far: Socket | undefined
  let parseOutput = false
  let counted = opened
  trips++

  /** Things arrive in the order in which they were sent, whatever timers do. */
  const line = (isFirstAt: number) => {
    const waiting: (() => void)[] = []
    return (arrive: () => void) => {
      waiting.push(arrive)
      const sent = Math.max(performance.now(), isFirstAt)
      setTimeout(() => waiting.shift()?.(), sent + EACH_WAY_MS - performance.now())
    }
  }
  // Before the handshake is over, after a round trip, a real client could not send anything.
  const there = line(opened + 2 * EACH_WAY_MS)
  const back = line(opened)

  // Whichever timer comes first: what is written before the connection stands waits in it.
  const farEnd = (): Socket => (far ??= open())
  const open = (): Socket => {
    const socket = connect({ host, port: Number(hostPort), noDelay: true })
    socket.on('data', (bytes) =>
      back(() => {
        parseOutput = true
        near.write(bytes)
      }),
    )
    socket.on('end', () => back(() => near.end()))
    socket.on('close', () => back(() => near.destroy()))
    socket.on('error', () => near.destroy())
    return socket
  }

  near.on('data', (bytes) => {
    const now = performance.now()
    if (parseOutput && now - counted >= ROUND_TRIP_MS) {
      trips++
      counted = now
    }
    parseOutput = false
    there(() => farEnd().write(bytes))
  })
  near.on('end', () => there(() => farEnd().end()))
  near.on('close', () => there(() => far?.destroy()))
  near.on('error', () => far?.destroy())

  // The last packet of the handshake is what the host answers to.
  setTimeout(farEnd, 3 * EACH_WAY_MS - 1)
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'))

process.stdin.on('data', () => {
  process.stdout.write(`${trips}\n`)
  trips = 0
})
// Whoever asked for it is gone.
process.stdin.on('end', () => process.exit())

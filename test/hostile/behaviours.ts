import type { ServerChannel } from 'ssh2'
import { answer, end, flood, type Behaviour, type Request } from './fake-host.ts'

/** 25 and more things that a host may do to whoever manages it, and what is to be said of it. */
export interface Hostile extends Behaviour {
  readonly name: string
  /** What the problem of this host has to say; undefined: the host is believed, because nothing that it says is out of bounds. */
  readonly says: RegExp | undefined
  readonly mode?: 'check' | 'apply'
}

const BLOCK = Buffer.alloc(32 * 1024, 'x')
const FACTS = 0

/** Answers the first request as a host does, and does something else with the second. */
function afterFacts(
  otherwise: (channel: ServerChannel, request: Request) => void,
): NonNullable<Behaviour['onRequest']> {
  return (channel, request, at) => {
    if (at === FACTS) return false
    otherwise(channel, request)
    return true
  }
}

/** The facts are answered with this text instead. */
function facts(text: string): NonNullable<Behaviour['onRequest']> {
  return (channel, { boundary, mark = '' }, at) => {
    if (at !== FACTS) return false
    channel.write(`\n${mark} s 0\n${text}\n\n${mark} e 0 0\n`)
    end(channel, boundary, 0)
    return true
  }
}

/** Whoever asks for the host alone is told that somebody else has it. */
function lockHeldBy(holder: string): NonNullable<Behaviour['onRequest']> {
  return (channel, { boundary, mark }, at) => {
    const facts = at === FACTS ? `${part(mark, 's 0')}hostname=x\n${part(mark, 'e 0 0')}` : ''
    const which = at === FACTS ? 1 : 0
    channel.write(`${facts}${part(mark, `s ${which}`)}lock=busy\nholder=${holder}\n${part(mark, `e ${which} 0`)}`)
    end(channel, boundary, 0)
    return true
  }
}

function part(mark: string | undefined, words: string): string {
  return `\n${mark ?? ''} ${words}\n`
}

export const hostile: readonly Hostile[] = [
  { name: 'accepts a connection and says nothing', onSocket: () => undefined, says: /cannot connect/ },
  { name: 'floods before its banner', onSocket: (socket) => flood(socket, BLOCK), says: /cannot connect/ },
  {
    name: 'floods lines before its banner',
    onSocket: (socket) => flood(socket, 'welcome\r\n'.repeat(3000)),
    says: /cannot connect/,
  },
  {
    name: 'sends a banner and no more',
    onSocket: (socket) => void socket.write('SSH-2.0-OpenSSH_9.2\r\n'),
    says: /cannot connect/,
  },
  {
    name: 'sends packets of absurd length',
    onSocket: (socket) => void socket.write(Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), Buffer.alloc(64, 0x7f)])),
    says: /cannot connect/,
  },
  { name: 'never answers the authentication', onAuthentication: 'silent', says: /cannot connect/ },
  {
    name: 'closes the connection while we log in, as for an expired account',
    onAuthentication: 'close',
    says: /closes the connection during the login/,
  },
  { name: 'lets us in and opens no session', onSession: 'silent', says: /opened no session within/ },
  { name: 'refuses every session', onSession: 'refuse', says: /opened no session/ },
  { name: 'starts no shell', onShell: () => undefined, says: /was not ready for a command/ },
  {
    name: 'prints without end before the shell',
    onShell: (channel) => flood(channel, BLOCK),
    says: /came to no shell/,
  },
  {
    name: 'complains without end before the shell',
    onShell: (channel) => flood(channel.stderr, BLOCK),
    says: /came to no shell/,
  },
  {
    name: 'drips bytes before the shell',
    onShell: (channel) => flood(channel, 'x'),
    says: /came to no shell|was not ready for a command/,
  },
  {
    name: 'says that the shell is process "1; reboot"',
    onShell: (channel, word) => void channel.write(`\n${word} ready 1; reboot\n`),
    says: /was not ready for a command/,
  },
  {
    name: 'has a process number of a hundred digits',
    onShell: (channel, word) => void channel.write(`\n${word} ready ${'9'.repeat(100)}\n`),
    says: /was not ready for a command/,
  },
  { name: 'is silent after the shell', onRequest: () => true, says: /did not answer within/ },
  {
    name: 'closes in the middle of an answer',
    onRequest: afterFacts((channel, { mark }) => {
      channel.write(part(mark, 's 0'))
      channel.exit(0)
      channel.end()
    }),
    says: /shell on the host ended/,
  },
  {
    name: 'has facts of 400 KB in one line',
    onRequest: facts(`ID=${'x'.repeat(400_000)}`),
    says: /more than 262144 bytes/,
  },
  {
    name: 'has facts of 400 KB of ID= lines',
    onRequest: facts('ID=\n'.repeat(100_000)),
    says: /more than 262144 bytes/,
  },
  { name: 'has facts of 200 KB of ID= lines', onRequest: facts('ID=\n'.repeat(50_000)), says: undefined },
  {
    name: 'has facts with escape codes',
    onRequest: facts('hostname=a\x1b]0;owned\x07\nID=debian\nPRETTY_NAME=\x1b[2J\u202egnp.exe\nuid=0'),
    says: undefined,
  },
  {
    name: 'prints without end in an answer',
    onRequest: afterFacts((channel, { mark }) => {
      channel.write(part(mark, 's 0'))
      flood(channel, BLOCK)
    }),
    says: /has more than \d+ (bytes|MiB)/,
  },
  {
    name: 'drips bytes in an answer',
    onRequest: afterFacts((channel, { mark }) => {
      channel.write(part(mark, 's 0'))
      flood(channel, 'x')
    }),
    says: /has more than \d+ (bytes|MiB)|reached (its|the) deadline|time was up/,
  },
  {
    name: 'complains without end in an answer',
    onRequest: afterFacts((channel) => flood(channel.stderr, BLOCK)),
    says: /has more than \d+ (bytes|MiB)/,
  },
  {
    name: 'prints between answers without end',
    onRequest: afterFacts((channel) => flood(channel, BLOCK)),
    says: /has more than \d+ (bytes|MiB)/,
  },
  {
    name: 'ends an answer with a status without end',
    onRequest: afterFacts((channel, { boundary }) => {
      channel.write(`${boundary} end `)
      flood(channel, '0'.repeat(1000))
    }),
    says: /has no status/,
  },
  {
    name: 'ends with a negative status',
    onRequest: afterFacts((c, { boundary }) => end(c, boundary, -1)),
    says: /no status/,
  },
  {
    name: 'ends with no answer',
    onRequest: afterFacts((c, { boundary }) => end(c, boundary, 0)),
    says: /broke off before/,
  },
  {
    name: 'answers the second question first',
    onRequest: afterFacts((channel, { boundary, mark }) => {
      channel.write(part(mark, 'e 1 0'))
      end(channel, boundary, 0)
    }),
    says: /out of turn/,
  },
  {
    name: 'answers a question twice',
    onRequest: afterFacts((channel, { boundary, mark }) => {
      channel.write(part(mark, 's 0') + part(mark, 'e 0 0') + part(mark, 's 0'))
      end(channel, boundary, 0)
    }),
    says: /answered twice/,
  },
  {
    name: 'answers a question that nobody asked',
    onRequest: afterFacts((channel, { boundary, mark }) => {
      channel.write(part(mark, 's 9999'))
      end(channel, boundary, 0)
    }),
    says: /no known word/,
  },
  {
    name: 'marks its answer with a word without end',
    onRequest: afterFacts((channel, { mark }) => {
      channel.write(`\n${mark ?? ''} s`)
      flood(channel, '0'.repeat(1000))
    }),
    says: /no known word/,
  },
  {
    name: 'answers with bytes that are no text',
    onRequest: afterFacts((channel, { boundary, mark }) => {
      channel.write(part(mark, 's 0'))
      channel.write(Buffer.from([0, 255, 254, 27, 91, 50, 74]))
      channel.write(part(mark, 'e 0 0'))
      end(channel, boundary, 0)
    }),
    says: /./,
  },
  {
    name: 'guesses the boundary of the request before',
    onRequest: (() => {
      let before = ''
      return (channel: ServerChannel, request: Request, at: number) => {
        if (at === FACTS) {
          before = request.boundary
          return false
        }
        end(channel, before, 0)
        answer(channel, request)
        return true
      }
    })(),
    says: undefined,
  },
  {
    name: 'says that its lock is held by null',
    mode: 'apply',
    onRequest: lockHeldBy('null'),
    says: /another run is using this host/,
  },
  {
    name: 'says that its lock is held since for ever, by escape codes',
    mode: 'apply',
    onRequest: lockHeldBy(JSON.stringify({ run: '\x1b[2J', user: [], machine: {}, pid: -1, since: 1e99 })),
    says: /another run is using this host/,
  },
]

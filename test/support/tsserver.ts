import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'

/** TypeScript's own server, which editors ask for completions: requests are lines, answers have a head. */
export interface TypeScriptServer {
  /** Names that fit where `|` stands in a text of a file. */
  completions(file: string, text: string): Promise<readonly string[]>
  /** What is shown of the name that `|` stands in. */
  about(file: string, text: string): Promise<string>
  close(): Promise<void>
}

interface Answer {
  readonly type: string
  readonly request_seq?: number
  readonly success?: boolean
  readonly message?: string
  readonly body?: unknown
}

interface Position {
  readonly file: string
  readonly line: number
  readonly offset: number
}

export function startTypeScriptServer(cwd: string): TypeScriptServer {
  const program = createRequire(import.meta.url).resolve('typescript/lib/tsserver.js')
  const args = [program, '--disableAutomaticTypingAcquisition', '--suppressDiagnosticEvents']
  const child = spawn(process.execPath, args, { cwd, stdio: ['pipe', 'pipe', 'ignore'] })
  const asked = new Map<number, { done: (body: unknown) => void; fail: (error: Error) => void }>()
  let rest = Buffer.alloc(0)
  let seq = 0
  const take = ({ type, request_seq: of = -1, success, message, body }: Answer) => {
    const waiting = type === 'response' ? asked.get(of) : undefined
    asked.delete(of)
    // An editor shows nothing then.
    if (success === true || message === 'No content available.') waiting?.done(body)
    else waiting?.fail(new Error(message ?? 'tsserver gives no reason'))
  }
  child.stdout.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes])
    for (;;) {
      const head = /^Content-Length: (\d+)\r\n\r\n/.exec(rest.toString('latin1'))
      const begin = head?.[0].length ?? 0
      const length = Number(head?.[1] ?? Infinity)
      if (rest.length < begin + length) return
      take(JSON.parse(rest.toString('utf8', begin, begin + length)) as Answer)
      rest = Buffer.from(rest.subarray(begin + length))
    }
  })
  child.once('exit', (code) => {
    for (const { fail } of asked.values()) fail(new Error(`tsserver ended with ${String(code)}`))
  })
  const tell = (command: string, args: object) => {
    child.stdin.write(`${JSON.stringify({ seq: ++seq, type: 'request', command, arguments: args })}\n`)
    return seq
  }
  const ask = (command: string, args: object) =>
    new Promise<unknown>((done, fail) => void asked.set(tell(command, args), { done, fail }))
  const at = (file: string, text: string): Position => {
    const before = text.slice(0, text.indexOf('|')).split('\n')
    tell('open', { file, fileContent: text.replace('|', '') })
    return { file, line: before.length, offset: (before.at(-1)?.length ?? 0) + 1 }
  }
  return {
    async completions(file, text) {
      const body = (await ask('completionInfo', at(file, text))) as { entries: readonly { name: string }[] } | undefined
      return (body?.entries ?? []).map(({ name }) => name)
    },
    async about(file, text) {
      const body = (await ask('quickinfo', at(file, text))) as
        | { displayString: string; documentation: unknown }
        | undefined
      return `${body?.displayString ?? ''}\n${JSON.stringify(body?.documentation)}`
    },
    async close() {
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
}

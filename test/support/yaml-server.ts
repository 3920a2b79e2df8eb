import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

/** A running yaml-language-server, with the settings that a project has for VS Code. */
export interface YamlServer {
  /** The names that are offered at `|` in the text of a file. */
  completions(file: string, text: string): Promise<readonly string[]>
  /** The messages about mistakes in the text of a file. */
  problems(file: string, text: string): Promise<readonly string[]>
  close(): Promise<void>
}

const program = resolved()

/** Whether the server, a development dependency, is installed. */
export const hasYamlServer = program !== undefined

function resolved(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve('yaml-language-server/bin/yaml-language-server')
  } catch {
    return undefined
  }
}

type Completions = { readonly items?: readonly { readonly label: string }[] } | null

interface Message {
  readonly id?: number | string
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

export async function startYamlServer(project: string): Promise<YamlServer> {
  if (program === undefined) throw new Error('yaml-language-server is not installed')
  const child = spawn(process.execPath, [program, '--stdio'], { cwd: project, stdio: ['pipe', 'pipe', 'ignore'] })
  const asked = new Map<number, { done: (result: unknown) => void; fail: (error: Error) => void }>()
  const told = new Map<string, (problems: readonly string[]) => void>()
  const settings = JSON.parse(readFileSync(join(project, '.vscode/settings.json'), 'utf8')) as Record<string, unknown>
  const yaml = { schemas: settings['yaml.schemas'], validate: true, completion: true, schemaStore: { enable: false } }
  let rest = Buffer.alloc(0)
  let id = 0
  let version = 0
  const send = (message: object) => {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message })
    child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
  }
  const take = ({ id: of, method, params, result, error }: Message) => {
    if (method === undefined) {
      const waiting = asked.get(Number(of))
      asked.delete(Number(of))
      return error === undefined ? waiting?.done(result) : waiting?.fail(new Error(error.message))
    }
    if (method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = params as { uri: string; diagnostics: readonly { message: string }[] }
      return told.get(uri)?.(diagnostics.map(({ message }) => message))
    }
    if (of === undefined) return
    const sections = (params as { items?: readonly { section?: string }[] } | undefined)?.items ?? []
    send({
      id: of,
      result:
        method === 'workspace/configuration' ? sections.map(({ section }) => (section === 'yaml' ? yaml : {})) : null,
    })
  }
  child.stdout.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes])
    for (;;) {
      const head = /^(?:[^\r]+\r\n)*?Content-Length: (\d+)\r\n(?:[^\r]+\r\n)*\r\n/.exec(rest.toString('latin1'))
      const begin = head?.[0].length ?? 0
      const length = Number(head?.[1] ?? Infinity)
      if (rest.length < begin + length) return
      take(JSON.parse(rest.toString('utf8', begin, begin + length)) as Message)
      rest = Buffer.from(rest.subarray(begin + length))
    }
  })
  child.once('exit', (code) => {
    for (const { fail } of asked.values()) fail(new Error(`the server ended with ${String(code)}`))
  })
  const ask = (method: string, params: object) =>
    new Promise<unknown>((done, fail) => {
      asked.set(++id, { done, fail })
      send({ id, method, params })
    })
  const rootUri = pathToFileURL(project).href
  await ask('initialize', {
    processId: process.pid,
    rootUri,
    workspaceFolders: [{ uri: rootUri, name: 'project' }],
    capabilities: { workspace: { configuration: true, workspaceFolders: true }, textDocument: { completion: {} } },
  })
  send({ method: 'initialized', params: {} })
  send({ method: 'workspace/didChangeConfiguration', params: { settings: { yaml } } })
  const open = (file: string, text: string) => {
    const uri = pathToFileURL(join(project, file)).href
    send({
      method: 'textDocument/didOpen',
      params: { textDocument: { uri, languageId: 'yaml', version: ++version, text } },
    })
    return uri
  }
  return {
    async completions(file, text) {
      const before = text.slice(0, text.indexOf('|')).split('\n')
      const uri = open(file, text.replace('|', ''))
      const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 }
      // The server offers nothing until it has read the settings and the schemas.
      for (let tries = 0; tries < 100; tries++) {
        const answer = (await ask('textDocument/completion', { textDocument: { uri }, position })) as Completions
        const names = (answer?.items ?? []).map(({ label }) => label)
        if (names.length > 0) return names
        await sleep(100)
      }
      return []
    },
    async problems(file, text) {
      const uri = pathToFileURL(join(project, file)).href
      const answer = new Promise<readonly string[]>((done) => told.set(uri, done))
      open(file, text)
      return answer
    },
    async close() {
      const ended = once(child, 'exit')
      await ask('shutdown', {})
      send({ method: 'exit' })
      await ended
    },
  }
}

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

const chromium = [process.env['CHROME_BIN'] ?? '', '/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)

/** Whether there is a browser on this machine. */
export const hasBrowser = chromium !== undefined

/** A real browser without a window, over its own protocol by two pipes: no port, and no library. */
export interface Browser {
  /** Opens a page and waits until it is loaded. */
  open(url: string, as?: Looks): Promise<void>
  /** What an expression gives in the page; a promise is waited for. */
  evaluate(expression: string): Promise<unknown>
  /** What is seen, as PNG. */
  screenshot(): Promise<Buffer>
  close(): Promise<void>
}

export interface Looks {
  readonly scheme?: 'light' | 'dark'
  /** `print`: as on paper. */
  readonly media?: 'screen' | 'print'
  readonly width?: number
  readonly height?: number
}

/** What axe finds in the page that keeps people out of it, a line for each: empty where there is nothing. */
export async function barriersIn(browser: Browser): Promise<string> {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  await browser.evaluate(`${axe};0`)
  const found = await browser.evaluate(
    'axe.run().then(({violations})=>violations.map(({id,nodes})=>`${id} ${nodes.length} times, such as ${nodes[0].html}`).join("\\n"))',
  )
  return String(found)
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly message: string }
}

export async function openBrowser(): Promise<Browser> {
  if (chromium === undefined) throw new Error('there is no Chromium on this machine')
  const profile = mkdtempSync(join(tmpdir(), 'rolecall-browser-'))
  const child = spawn(
    chromium,
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--hide-scrollbars',
      `--user-data-dir=${profile}`,
      '--remote-debugging-pipe',
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  )
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  const [, , , to, from] = child.stdio as unknown as [null, null, null, Writable, Readable]
  const asked = new Map<number, { done: (result: Message['result']) => void; fail: (error: Error) => void }>()
  const heard = new Map<string, (() => void)[]>()
  let id = 0
  let rest = ''
  from.setEncoding('utf8').on('data', (text: string) => {
    const parts = `${rest}${text}`.split('\0')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const message = JSON.parse(part) as Message
      if (message.method !== undefined) for (const tell of heard.get(message.method)?.splice(0) ?? []) tell()
      const waiting = asked.get(message.id ?? -1)
      if (waiting === undefined) continue
      asked.delete(message.id ?? -1)
      if (message.error === undefined) waiting.done(message.result)
      else waiting.fail(new Error(message.error.message))
    }
  })
  void ended.then(() => {
    for (const { fail } of asked.values()) fail(new Error('the browser ended'))
    asked.clear()
  })
  let session: unknown
  const ask = (method: string, params: object = {}): Promise<Message['result']> =>
    new Promise((done, fail) => {
      asked.set(++id, { done, fail })
      const place = session === undefined ? {} : { sessionId: session }
      to.write(`${JSON.stringify({ id, method, params, ...place })}\0`)
    })
  const next = (method: string) => new Promise<void>((done) => heard.set(method, [...(heard.get(method) ?? []), done]))
  const target = await ask('Target.createTarget', { url: 'about:blank' })
  session = (await ask('Target.attachToTarget', { targetId: target?.['targetId'], flatten: true }))?.['sessionId']
  await ask('Page.enable')
  return {
    async open(url, { scheme = 'light', media = 'screen', width = 1280, height = 900 } = {}) {
      await ask('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 })
      await ask('Emulation.setEmulatedMedia', { media, features: [{ name: 'prefers-color-scheme', value: scheme }] })
      // An address that differs by its end alone would load nothing.
      const isBlank = next('Page.loadEventFired')
      await ask('Page.navigate', { url: 'about:blank' })
      await isBlank
      const loaded = next('Page.loadEventFired')
      await ask('Page.navigate', { url })
      await loaded
    },
    async evaluate(expression) {
      const answer = await ask('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
      if (answer?.['exceptionDetails'] !== undefined) throw new Error(JSON.stringify(answer['exceptionDetails']))
      return (answer?.['result'] as { readonly value?: unknown } | undefined)?.value
    },
    async screenshot() {
      const answer = await ask('Page.captureScreenshot', { format: 'png' })
      return Buffer.from(String(answer?.['data']), 'base64')
    },
    async close() {
      session = undefined
      void ask('Browser.close').catch(() => undefined)
      await ended
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

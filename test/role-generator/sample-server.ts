import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { npmAnswer } from './language-packages.ts'
import { SAMPLES, SUMS } from './sample-archives.ts'

let address: Promise<string> | undefined

/** `http://127.0.0.1:PORT`, where hosts that share this machine's network find the archives, `SHA256SUMS`, and packages of npm below `npm/`, and texts under any other name. */
export function served(): Promise<string> {
  return (address ??= serve())
}

function serve(): Promise<string> {
  const server = createServer(({ url = '', headers }, response) => {
    const name = url.slice(1)
    if (name.startsWith('npm/')) {
      const answer = npmAnswer(name.slice('npm/'.length), `http://${headers.host ?? ''}/npm/`)
      if (answer === undefined) response.writeHead(404)
      response.end(answer ?? '{}')
      return
    }
    const found = SAMPLES.find((each) => each.name === name)
    response.end(found?.bytes ?? (name === 'SHA256SUMS' ? SUMS : textOf(name)))
  })
  return new Promise((ready, fail) => {
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      server.unref()
      ready(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    })
  })
}

/** What stands at the server under a name. */
export function textOf(name: string): string {
  return `one\ntext of ${name}\n`
}

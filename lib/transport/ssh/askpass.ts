import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A private directory for one connection. It has the sockets of connection sharing and of askpass. */
export interface PrivateDirectory {
  readonly path: string
  remove(): Promise<void>
}

export async function privateDirectory(): Promise<PrivateDirectory> {
  // The path of a socket is limited to 107 bytes, including a temporary suffix that ssh adds.
  const base = process.env['XDG_RUNTIME_DIR'] ?? tmpdir()
  const path = await mkdtemp(join(base.length < 60 ? base : '/tmp', 'rolecall-ssh-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Answers the questions of ssh(1). */
export interface Answers {
  readonly environment: NodeJS.ProcessEnv
  close(): void
}

/**
 * Makes a program for SSH_ASKPASS that asks this process over a private socket. So an answer is never in a command line,
 * the environment or a file.
 *
 * Source: ssh(1), SSH_ASKPASS and SSH_ASKPASS_REQUIRE.
 */
export async function answerQuestions(
  directory: string,
  answer: (question: string) => Promise<string | undefined>,
): Promise<Answers> {
  const socket = join(directory, 'ask')
  const program = join(directory, 'askpass')
  const server = createServer({ allowHalfOpen: true }, (peer) => {
    let question = ''
    peer.setEncoding('utf8')
    peer.on('error', () => undefined)
    peer.on('data', (text: string) => (question = (question + text).slice(0, 4096)))
    peer.once('end', () => {
      answer(question).then(
        (text) => peer.end(text === undefined ? '' : `+${text}`),
        () => peer.end(),
      )
    })
  })
  await listening(server, socket)
  // Without an answer the program fails, and ssh tries the next method.
  const script = `let a='';const s=require('net').connect(process.argv[1],()=>s.end(process.argv[2]));s.on('data',c=>a+=c);s.on('end',()=>{if(a[0]==='+')process.stdout.write(a.slice(1)+'\\n');else process.exitCode=1})`
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
  await writeFile(
    program,
    `#!/bin/sh\nexec ${quoted(process.execPath)} -e ${quoted(script)} ${quoted(socket)} "$1"\n`,
    { mode: 0o700 },
  )
  return {
    environment: { SSH_ASKPASS: program, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: process.env['DISPLAY'] ?? ':0' },
    close: () => server.close(),
  }
}

function listening(server: Server, socket: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(socket, resolve)
    server.unref()
  })
}

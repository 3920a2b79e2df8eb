import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { namesInFiles } from '../../lib/resources/docker/compose/probe.ts'
import { archiveLevels, readLevel } from '../../lib/resources/downloads/archive/levels.ts'
import { publishedSum } from '../../lib/resources/downloads/published-sum.ts'
import { lookAt } from '../../lib/resources/commands/waiting/wait-probe.ts'
import { lines, raw, sh, type Sh } from '../../lib/sh/quote.ts'
import type { Target } from './fuzz.ts'

const room = mkdtempSync(join(tmpdir(), 'rolecall-fuzz-'))
const input = join(room, 'docker-compose.yml')

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** One shell for all inputs: to start one takes longer than what most scripts do. What it is given runs in a subshell of it. */
class OneShell {
  #child: ChildProcessByStdio<Writable, Readable, null> | undefined

  /** Runs a script as a host does, with the text as a file. What is endless is a loss. */
  async run(text: string, script: Sh): Promise<Ran> {
    writeFileSync(input, text)
    const child = (this.#child ??= begun())
    child.stdin.write(`(\n${script.text}\n) >${room}/out 2>${room}/err </dev/null; echo $?\n`)
    const code = await new Promise<number>((done, fail) => {
      const limit = setTimeout(() => {
        this.end()
        fail(new TypeError('the script did not end'))
      }, 10_000)
      child.stdout.once('data', (said: Buffer) => {
        clearTimeout(limit)
        done(Number(said.toString()))
      })
    })
    return { code, out: readFileSync(join(room, 'out'), 'utf8'), err: readFileSync(join(room, 'err'), 'utf8') }
  }

  /** With all that it has started. */
  end(): void {
    const id = this.#child?.pid
    this.#child = undefined
    if (id !== undefined) process.kill(-id, 'SIGKILL')
  }
}

/** It keeps this process only while somebody waits for an answer. */
function begun(): ChildProcessByStdio<Writable, Readable, null> {
  const child = spawn('/bin/sh', [], {
    cwd: room,
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  })
  child.unref()
  for (const pipe of [child.stdin, child.stdout]) if (pipe instanceof Socket) pipe.unref()
  return child
}

const shell = new OneShell()
process.on('exit', () => {
  shell.end()
  rmSync(room, { recursive: true, force: true })
})
const ran = (text: string, script: Sh) => shell.run(text, script)

const SUM = 'ff4d3a1387ea3e1ee74f4bb8e5ffe9cbab5bee43c710333c206d14199543ebdf'
const OTHER = SUM.replaceAll('f', '0')

async function sums(text: string): Promise<void> {
  const url = 'https://mirror.example/SUMS'
  const script = lines(sh`into=${input}`, publishedSum('https://mirror.example/a/app.tgz', url), raw('echo "$sum"'))
  const { code, out, err } = await ran(text, script)
  if (code === 0) {
    if (!/^[0-9a-f]{64}\n$/.test(out) || err !== '') throw new TypeError(`no checksum was said: ${out}${err}`)
    // In UTF-16 a NUL stands beside each digit.
    if (!text.replaceAll('\0', '').toLowerCase().includes(out.trim()))
      throw new TypeError(`${out} does not stand there`)
  } else if (code !== 1 || !err.startsWith(`${url}: it `) || !/^[^\n]*\n$/.test(err))
    throw new TypeError(`status ${code}, and it is said: ${err.slice(0, 300)}`)
}

async function levels(text: string): Promise<void> {
  const script = lines(raw(`tar() { cat ${input}; }`), archiveLevels('z', 2), raw('archive_levels x'))
  const { code, out, err } = await ran(text, script)
  if (code !== 0 || err !== '') throw new TypeError(`status ${code}: ${err.slice(0, 300)}`)
  if (out === '') return
  const level = readLevel(out.replace(/\n$/, ''))
  if (level === undefined || level.level < 1 || level.level > 2) throw new TypeError(`no level: ${out.slice(0, 300)}`)
}

async function services(text: string): Promise<void> {
  const { code, out, err } = await ran(text, lines(raw('tool=none there=1'), namesInFiles({ files: [] })))
  if (code !== 0 || err !== '') throw new TypeError(`status ${code}: ${err.slice(0, 300)}`)
  const odd = out.split('\n').find((line) => line !== '' && !/^(written \d+|named [^\n]*)$/.test(line))
  if (odd !== undefined) throw new TypeError(`neither time nor name: ${odd.slice(0, 300)}`)
}

async function waited(text: string): Promise<void> {
  const pattern = { extended: '^b+$', ignoreCase: false, shown: '/^b+$/' }
  const condition = { type: 'file', path: input, contains: pattern } as const
  const { code, out, err } = await ran(text, lines(lookAt(condition), raw('look; echo "$? $last"')))
  if (code !== 0 || err !== '' || !/^[01] [^\n]*\n$/.test(out)) throw new TypeError(`${code} ${out}${err}`)
  const isThere = text.split('\n').some((line) => /^b+$/.test(line))
  // grep takes a text with a NUL byte as one that is no text, and cuts lines there.
  if (!text.includes('\0') && out.startsWith('0') !== isThere) throw new TypeError(`it says ${out}`)
}

/** What scripts of the kinds parse on the host itself, from files and other programs. */
export const shellTargets: readonly Target[] = [
  {
    name: 'checksum files',
    samples: [
      `${SUM}  app.tgz\n${OTHER} *other.tgz\n`,
      `SHA256 (app.tgz) = ${SUM}\nSHA256 (other) = ${OTHER}\n`,
      `SHA2-256(./a/app.tgz)= ${SUM}\r\n`,
      `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${SUM}  app.tgz\n-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----\n`,
      `SHA256:\n ${SUM} 123 main/app.tgz\n`,
      `${SUM}\n`,
    ],
    read: sums,
  },
  {
    name: 'archive listings',
    samples: ['top/\ntop/a\ntop/b/c\n', './x\n./y z\n', '/top/in/a\n/top/in/b\n'],
    read: levels,
  },
  {
    name: 'compose texts',
    samples: [
      'version: "3"\nservices:\n  web:\n    image: a\n  "db":\n    image: b\nvolumes:\n  x:\n',
      'services:\n    a: { image: b }\n    # words\n    c:\n        image: d\n',
    ],
    read: services,
  },
  { name: 'files that are waited for', samples: ['a\nbbb\nc\n', 'bb', '\n\nb\r\nb\n'], read: waited },
]

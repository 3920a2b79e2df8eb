import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { namesInFiles } from '../../lib/resources/docker/compose/probe.ts'
import { archiveLevels, readLevel } from '../../lib/resources/downloads/archive/levels.ts'
import { publishedSum } from '../../lib/resources/downloads/published-sum.ts'
import { lookAt } from '../../lib/resources/commands/waiting/wait-probe.ts'
import { lines, raw, sh, type Sh } from '../../lib/sh/quote.ts'
import type { Target } from './fuzz.ts'

const room = mkdtempSync(join(tmpdir(), 'rolecall-fuzz-'))
process.on('exit', () => rmSync(room, { recursive: true, force: true }))
const input = join(room, 'docker-compose.yml')

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a script as a host does, with the text as a file. What is endless is a loss. */
function ran(text: string, script: Sh): Promise<Ran> {
  writeFileSync(input, text)
  const options = {
    timeout: 10_000,
    cwd: room,
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    maxBuffer: 16 * 1024 * 1024,
  }
  return new Promise((done, fail) => {
    execFile('/bin/sh', ['-c', script.text], options, (error, out, err) => {
      if (error?.killed === true) fail(new TypeError('the script did not end'))
      else done({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out, err })
    })
  })
}

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

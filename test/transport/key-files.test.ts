import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { asLibraryKey, readKeyFile } from '../../lib/transport/keys/private-key.ts'
import { loadLibrary } from '../../lib/transport/ssh/library.ts'

const room = mkdtempSync(join(tmpdir(), 'key-files-'))
test.after(() => rmSync(room, { recursive: true }))

/** What becomes of the text of a key on its way through editors, secrets of continuous integration, and templates. */
const CHANGES: Readonly<Record<string, (lines: readonly string[]) => string>> = {
  unchanged: (lines) => whole(lines),
  'with CR LF': (lines) => whole(lines).replaceAll('\n', '\r\n'),
  'with a byte order mark': (lines) => `\uFEFF${whole(lines)}`,
  'with text before': (lines) => `My key\n\n${whole(lines)}`,
  'with blank lines before': (lines) => `\n\n${whole(lines)}`,
  'with text behind': (lines) => `${whole(lines)}more\n`,
  'with a NUL behind': (lines) => `${whole(lines)}\0`,
  'without the last line feed': (lines) => lines.join('\n'),
  'without the last line': (lines) => whole(lines.slice(0, -1)),
  'cut short': (lines) => whole([...lines.slice(0, 2), ...lines.slice(-1)]),
  'with base64 on one line': (lines) => whole([...lines.slice(0, 1), lines.slice(1, -1).join(''), ...lines.slice(-1)]),
  'on one line': (lines) => `${lines.join(' ')}\n`,
  'with \\n for line feeds': (lines) => lines.join('\\n'),
  'with a character that is not base64': (lines) => whole(changed(lines, 1, 3, '!')),
  'with another character in the second line': (lines) => whole(changed(lines, 2, 10, 'B')),
  'with another character in the last line of base64': (lines) => whole(changed(lines, lines.length - 2, 4, 'z')),
  twice: (lines) => whole(lines) + whole(lines),
  'with blank lines between': (lines) => lines.join('\n\n'),
  'with blanks at the ends': (lines) => whole(lines.map((line) => `${line} `)),
  'with tabs at the ends': (lines) => whole(lines.map((line) => `${line}\t`)),
  indented: (lines) => whole(lines.map((line) => `  ${line}`)),
  'in lower case': (lines) => whole(lines).replace('BEGIN', 'begin').replace('END', 'end'),
  'with four dashes': (lines) => whole(lines).replaceAll('-----', '----'),
}

function whole(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`
}

function changed(lines: readonly string[], at: number, column: number, letter: string): readonly string[] {
  return lines.map((line, index) => (index === at ? line.slice(0, column) + letter + line.slice(column + 1) : line))
}

async function isTaken(path: string): Promise<boolean> {
  const file = await readKeyFile(path)
  if (file.type !== 'private') return false
  const { utils } = await loadLibrary()
  try {
    return !(utils.parseKey(asLibraryKey(file.text, undefined)) instanceof Error)
  } catch {
    return false
  }
}

/** The library reads the private part of a key, and does not look at the copy of its public part that is damaged here. */
const TAKEN_HERE = ['ecdsa with another character in the second line']

const KEYS: Readonly<Record<string, readonly string[]>> = {
  ed25519: ['-t', 'ed25519'],
  'rsa in PEM': ['-t', 'rsa', '-m', 'PEM'],
  'ecdsa in PKCS#8': ['-t', 'ecdsa', '-m', 'PKCS8'],
  ecdsa: ['-t', 'ecdsa'],
}

if (spawnSync('ssh-keygen', ['-?']).error !== undefined)
  process.stdout.write('skipped: there is no ssh-keygen here to compare with\n')
else
  test('odd and damaged key files are taken or refused as ssh does', async () => {
    const found: string[] = []
    const compare = async (what: string, path: string) => {
      const bySsh = spawnSync('ssh-keygen', ['-y', '-P', '', '-f', path], { encoding: 'utf8' })
      if (TAKEN_HERE.includes(what)) return
      if ((bySsh.status === 0) !== (await isTaken(path)))
        found.push(`${what}: ssh ${bySsh.status === 0 ? 'takes' : 'refuses'} it: ${bySsh.stderr}`)
    }
    for (const [at, [name, words]] of Object.entries(KEYS).entries()) {
      const key = join(room, `key-${at}`)
      execFileSync('ssh-keygen', ['-q', '-N', '', '-f', key, ...words])
      const lines = readFileSync(key, 'utf8').trimEnd().split('\n')
      for (const [index, [change, text]] of Object.entries(CHANGES).entries()) {
        const path = join(room, `${at}-${index}`)
        writeFileSync(path, text(lines), { mode: 0o600 })
        await compare(`${name} ${change}`, path)
      }
    }
    for (const mode of [0o400, 0o640, 0o644, 0o660, 0o604, 0o700, 0o601]) {
      const key = join(room, 'key-0')
      chmodSync(key, mode)
      await compare(`mode ${mode.toString(8)}`, key)
    }
    assert.equal(found, [])
  })

test.run()

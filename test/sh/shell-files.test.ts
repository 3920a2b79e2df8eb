import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findTool, shells } from '../../lib/testing/shells.ts'

interface Modules {
  readonly shellFiles: () => readonly string[]
  readonly moduleOf: (path: string) => string
  readonly stripped: (text: string) => string
}

const test = suite('shell files')
const project = resolve(import.meta.dirname, '../..')
const { shellFiles, moduleOf, stripped } = (await import(resolve(project, 'scripts/shell-modules.js'))) as Modules
const files = shellFiles().map((path) => ({ path, text: readFileSync(resolve(project, path), 'utf8') }))

test('each shell file has a module with its text, made by `node scripts/shell-modules.js`', () => {
  assert.ok(files.length > 0)
  for (const { path } of files) {
    const module = resolve(project, `${path}.ts`)
    assert.is(existsSync(module) ? readFileSync(module, 'utf8') : '', moduleOf(path), `${path}.ts`)
  }
})

test('comments, empty lines and indentation are not sent to hosts, everything else is', () => {
  assert.is(stripped('# what it is\n\na() {\n  echo "# b" # c\n}\n'), 'a() {\necho "# b" # c\n}')
})

test('the head of each shell file names the variables that it reads and sets', () => {
  for (const { path, text } of files)
    for (const word of ['Reads', 'Sets']) assert.match(text, new RegExp(`^# ${word}: .+\\.$`, 'm'), `${path}: ${word}`)
})

for (const shell of shells())
  test(`${shell.name} accepts each shell file as it is sent`, () => {
    for (const { path, text } of files) {
      const { status, stderr } = spawnSync(shell.bin, ['-n', '-c', stripped(text)], { encoding: 'utf8' })
      assert.equal([status, stderr], [0, ''], path)
    }
  })

interface Finding {
  readonly file: string
  readonly line: number
  readonly code: number
  readonly message: string
}

const shellcheck = findTool('shellcheck')
if (shellcheck === undefined) process.stdout.write('skipped: shellcheck is not installed\n')
const check = (says: string, work: () => void) => (shellcheck === undefined ? test.skip(says, work) : test(says, work))

/** What a file reads is set elsewhere (2154), and what it sets is read elsewhere (2034): both as its head says. */
const DECLARED: Readonly<Record<number, string>> = { 2154: 'Reads', 2034: 'Sets' }

check('shellcheck finds nothing in them, but variables that their heads name', () => {
  // Its option 1007 is about a= b= c= in one line.
  const args = ['-s', 'dash', '-f', 'json', '-e', '1007', ...files.map(({ path }) => path)]
  const { stdout } = spawnSync(shellcheck ?? '', args, { cwd: project, encoding: 'utf8' })
  const left = (JSON.parse(stdout) as Finding[]).filter(({ file, code, message }) => {
    const head = files.find(({ path }) => path === file)?.text ?? ''
    const declared = new RegExp(`^# ${DECLARED[code] ?? '-'}: (.+)$`, 'm').exec(head)?.[1]?.split(/[\s,;.]+/) ?? []
    return !declared.includes(/^(\w+)/.exec(message)?.[1] ?? '')
  })
  assert.equal(
    left.map(({ file, line, code, message }) => `${file}:${line} SC${code} ${message}`),
    [],
  )
})

test('only real_path follows links to their end: readlink -f may never come to it', () => {
  const texts = readdirSync(resolve(project, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(?:ts|sh)$/.test(path) && !path.startsWith('lab/'))
    .map((path) => ({ path, text: readFileSync(resolve(project, 'lib', path), 'utf8') }))
  const callers = texts.filter(({ text }) =>
    /(?:readlink -[a-z]*[fem]|realpath) (?!of)/.test(text.replace(/^ *(?:#|\/\/|\*).*/gm, '')),
  )
  assert.equal(
    callers.map(({ path }) => path).sort(),
    // What only root can lay, and that is there.
    ['host/details/probe.ts', 'sh/real-path.sh', 'sh/real-path.sh.ts'],
  )
})

test.run()

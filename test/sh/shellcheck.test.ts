// Own process: what the examples of the reference name becomes global
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { factsProbe } from '../../lib/host/facts.ts'
import { lockHolderScript, lockReport } from '../../lib/host/lock.ts'
import { frame } from '../../lib/sh/frame.ts'
import { own } from '../../lib/sh/own.ts'
import { raw, sh } from '../../lib/sh/quote.ts'
import { findTool } from '../../lib/testing/shells.ts'
import { examples, resourcesOf, scriptsOf, type Rendered } from '../support/rendered.ts'

const test = suite('shellcheck')

/** Findings that are none here, whatever they are about: shellcheck's number, and why. */
const NEVER: Readonly<Record<number, string>> = {
  1007: 'several variables are emptied in one line: a= b= c=',
  2015: 'A && B || C is meant: C also when B fails',
  2016: 'data is quoted, and so are programs of awk and of another shell',
  2034: 'a function of one section keeps its variables from the others, also those that this section does not use',
  2043: 'a list may have one word on one host, and more on the next',
  2157: 'a value that is known here stands in the script as it is',
  2209: 'a word may be the name of a program, too: n=write',
  2218: 'a probe of several paths asks about each by a function of the same name',
  2317: 'a script has all functions of its kind, also those that it does not call',
}

/** Findings that are meant where they are: how the line reads up to the end of what was found, and why. */
const MEANT: readonly (readonly [code: number, until: RegExp, why: string])[] = [
  [2086, /set -- ("\$@" )?\$(\w+|\{[^}]*\})$/, 'what a program printed becomes the arguments, word by word'],
  [2046, /set -- (\$# )?\$\(.*\)$/s, 'the same, of what is run there'],
  [2046, /\\1\/p'\)$/, 'the same, of lines that sed prints'],
  [2086, /echo (there|group|volume|"other \$d") \$\w$/, 'LVM and blkid print blanks and lines around what they say'],
  [2086, /k=\$\(echo \$k$/, 'blanks around a number are taken away'],
  [2116, /k=\$\(echo \$k\)$/, 'the same'],
  [
    2086,
    /\$(refs|ids|more|open)$/,
    'a list of words: names of images, numbers of containers, options of wget and find',
  ],
  [2010, /loginctl >\/dev\/null 2>&1 && ls$/, 'whether one of a few paths is there'],
  [2012, /ls -t "\$c"\/\*\/repodata\/repomd\.xml 2>\/dev\/null$/, 'dnf makes these names, and the newest is wanted'],
  [2012, /(system|generator\.late) 2>\/dev\/null$/, 'names of units have neither blanks nor line ends'],
  [2013, /sub\(\/\^Also \*= \*\/, ""\)' "\$@" 2>\/dev\/null\)$/, 'Also= has units with blanks between them'],
  [2030, /way=\$1 n$/, 'a function in a subshell, and one outside, each with its n'],
  [2031, /s\/\^SKEL=\/\/p' \$n$/, 'the same'],
  [2059, /& 255\)\)\)"$/, 'the format is made of three octal numbers'],
  [2030, /sleep 1 & pause$/, 'a function in two subshells, each with its own pause'],
  [2031, /trap 'kill "\$pause"; exit'$/, 'the same'],
  [2086, /unset \$\{ROLECALL_PRIVATE:-\}$/, 'a list of words: names of variables'],
  [2094, /(read -r l; do \[ -L "\$l"|done <"\$l")$/, 'each line of a list is asked for, and nothing is written'],
  [2143, /\[ -n "\$old" \] && \[ -z$/, 'no line may be left that is another rule'],
  [2154, /\$rolecall_(lock|file|packages)$/, 'the shell that stays has it: what asks before has set it'],
]

interface Finding {
  readonly file: string
  readonly line: number
  /** Counted from 1. */
  readonly endColumn: number
  readonly endLine: number
  readonly code: number
  readonly message: string
}

const program = findTool('shellcheck')
if (program === undefined) process.stdout.write('skipped: shellcheck is not installed\n')

async function allScripts(): Promise<Rendered[]> {
  const found: Rendered[] = [
    { from: 'the facts of a host', text: factsProbe.text },
    { from: 'what became of the lock', text: lockReport.text },
    { from: 'programs before applets', text: own('rpm', 'dpkg', 'wget').text },
  ]
  const holder = { run: 'r', user: 'u', host: 'h', command: 'c', began: 't' } as never
  found.push({ from: 'the lock', text: lockHolderScript(holder).text })
  const framed = frame(
    [
      { name: 'one', sh: sh`echo ${'a'}`, deadline: 5, stdinBytes: 3 },
      { name: 'two', sh: raw('cat'), question: 'parallel' },
    ],
    [{ name: 'then', sh: factsProbe }],
  )
  found.push({ from: 'sections in a frame', text: framed.script.text })
  for (const [kind, example] of examples)
    for (const resource of await resourcesOf(kind, example)) found.push(...(await scriptsOf(resource)))
  return found
}

const unless = (it: typeof test, says: string, work: () => Promise<void>) =>
  program === undefined ? it.skip(says, work) : it(says, work)

/**
 * The scripts that nothing was found in, by their hash: each is read once by a version of shellcheck, with these tables. Most of them are as they were the
 * last time, and to read all takes 20 s.
 */
function readBefore() {
  const version = spawnSync(program ?? '', ['--version']).stdout.toString()
  const tables = readFileSync(fileURLToPath(import.meta.url), 'utf8')
  const directory = resolve(import.meta.dirname, '../../node_modules/.cache/shellcheck')
  const path = join(directory, hash(version + tables))
  const clean = new Set(existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [])
  return {
    has: (text: string) => clean.has(hash(text)),
    keep(texts: readonly string[]) {
      mkdirSync(directory, { recursive: true })
      writeFileSync(`${path}.new`, texts.map(hash).join('\n'))
      renameSync(`${path}.new`, path)
    },
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

unless(test, 'shellcheck finds nothing in what kinds ask and do', async () => {
  const all = [...new Map((await allScripts()).map((each) => [each.text, each])).values()]
  const kinds = new Set(all.map(({ from }) => / of (\w+):/.exec(from)?.[1] ?? ''))
  assert.ok(kinds.size > 50, `${kinds.size} kinds`)
  const before = readBefore()
  const scripts = all.filter(({ text }) => !before.has(text))
  const directory = mkdtempSync(join(tmpdir(), 'rolecall-shellcheck-'))
  try {
    for (const [at, { text }] of scripts.entries()) writeFileSync(join(directory, `${at}.sh`), `${text}\n`)
    // dash's own words: `local`, which busybox has as well.
    const args = ['-s', 'dash', '-f', 'json', '-e', Object.keys(NEVER).join()]
    if (scripts.length === 0) return
    const { stdout, stderr } = spawnSync(program ?? '', [...args, ...readdirSync(directory)], {
      cwd: directory,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    })
    assert.is(stderr, '')
    const left = (JSON.parse(stdout) as Finding[]).flatMap(({ file, endLine, endColumn, code, message }) => {
      const text = readFileSync(join(directory, file), 'utf8').split('\n')[endLine - 1] ?? ''
      const until = text.slice(0, endColumn - 1)
      if (MEANT.some(([number, pattern]) => number === code && pattern.test(until))) return []
      return [`SC${code} ${message}\n  ${until.slice(-200)}\n  ${scripts[parseInt(file)]?.from ?? ''}`]
    })
    assert.equal(left, [])
    before.keep(all.map(({ text }) => text))
    process.stdout.write(`${all.length} scripts of ${kinds.size} kinds, ${scripts.length} of them read now\n`)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})

test('each kind of the reference has an example that makes at least one resource of it', async () => {
  for (const [kind, example] of examples)
    assert.ok((await resourcesOf(kind, example)).length > 0, `${kind} has no example`)
})

test.run()

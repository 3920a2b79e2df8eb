import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

interface Lock {
  readonly packages: Readonly<Record<string, { readonly license?: string }>>
}

const project = resolve(import.meta.dirname, '../..')
const { refusedLicenses } = (await import(join(project, 'scripts/licenses.js'))) as {
  readonly refusedLicenses: (lock: Lock) => readonly string[]
}

function json(path: string): unknown {
  return JSON.parse(readFileSync(join(project, path), 'utf8'))
}

test('the licence text of every bundled package is in the package', () => {
  const parts = readFileSync(join(project, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8').split(`\n${'-'.repeat(80)}\n`)
  // What the bundle has in it is read from its map, and not from what wrote the texts.
  const maps = readdirSync(join(project, 'dist')).filter((name) => name.endsWith('.cjs.map'))
  const sources = maps.flatMap((name) => (json(join('dist', name)) as { sources: readonly string[] }).sources)
  const inside = sources.map((source) => /.*(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1])
  const directories = [...new Set(inside)].filter((directory) => directory !== undefined)
  assert.ok(directories.length > 20)
  for (const directory of directories) {
    const { name, version } = json(join(directory, 'package.json')) as { name: string; version: string }
    const text = parts.find((part) => part.startsWith(`\n${name} ${version} (`))
    assert.ok(text, `${name} ${version} is not in it`)
    assert.match(text, /permission|license|redistribut/i)
    assert.ok(text.length > 500, `${name} has no more than ${text}`)
    assert.not.match(text, /Rolecall authors/)
  }
})

test('every package has a license that lets it be used and handed on', () => {
  assert.equal(refusedLicenses(json('package-lock.json') as Lock), [])
})

test('a license that asks for more, and none at all, is refused; of several one is enough', () => {
  const packages = {
    '': { license: 'GPL-3.0-only' },
    a: { license: 'GPL-3.0-only' },
    b: {},
    c: { license: '(MIT OR GPL-3.0-only)' },
    d: { license: 'MIT AND GPL-3.0-only' },
    e: { license: 'SEE LICENSE IN EULA' },
    f: { license: 'MPL-2.0' },
    g: { license: 'MPL-2.0', dev: true },
    h: { license: 'GPL-3.0-only', dev: true },
  }
  assert.equal(refusedLicenses({ packages }), [
    'a: GPL-3.0-only',
    'b: no license',
    'd: MIT AND GPL-3.0-only',
    'e: SEE LICENSE IN EULA',
    'f: MPL-2.0',
    'h: GPL-3.0-only',
  ])
})

test.run()

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import * as rolecall from '../../lib/index.ts'
import { project } from './blocks.ts'

const page = readFileSync(join(project, 'docs/architecture.md'), 'utf8')
const section = (title: string) => page.split(/^## /m).find((each) => each.startsWith(title)) ?? ''
const firstCells = (title: string) => [...section(title).matchAll(/^\| ([^|]+?) +\|/gm)].map(([, cell = '']) => cell)
const words = firstCells('Glossary').filter((word) => !/^(Word|-+)$/.test(word))

test('every exported name is in the reference or in the glossary', () => {
  const reference = readFileSync(join(project, 'docs/reference.md'), 'utf8')
  const known = new Set([...reference.matchAll(/^### (\w+)$/gm)].map(([, name]) => name))
  const source = readFileSync(join(project, 'lib/index.ts'), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
  const lists = [...source.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list = '']) => list.split(','))
  const names = lists
    .map((each) =>
      each
        .trim()
        .replace(/^type /, '')
        .replace(/^.* as /, ''),
    )
    .filter((name) => name !== '')
  assert.ok(names.length >= Object.keys(rolecall).length)
  assert.equal(
    names.filter((name) => name !== 'z' && !known.has(name) && !words.includes(name)),
    [],
  )
})

test('the glossary has some 25 to 40 words, in their order, each once', () => {
  assert.ok(words.length >= 25 && words.length <= 40, String(words.length))
  assert.equal(words, [...new Set(words)].sort())
})

test('the way of a run names files that are there, with what is to be looked for in them', () => {
  const rows = [...section('The way of').matchAll(/^\| \d+ +\| `([^`]+)` +\| (.*?) *\|$/gm)]
  assert.is(rows.length, 16)
  for (const [, file = '', what = ''] of rows) {
    assert.ok(existsSync(join(project, file)), file)
    const [, name] = /^`(\w+)`/.exec(what) ?? []
    if (name !== undefined) assert.match(readFileSync(join(project, file), 'utf8'), new RegExp(`\\b${name}\\b`))
  }
  const others = [...section('The way of').matchAll(/`(lib\/[\w/.-]+\.ts)`/g)].map(([, file = '']) => file)
  assert.equal(
    others.filter((file) => !existsSync(join(project, file))),
    [],
  )
})

test('the way of a run says how much there is to read', () => {
  const rows = [...section('The way of').matchAll(/^\| \d+ +\| `([^`]+)` +\| (.*?) *\|$/gm)]
  const files = rows.flatMap(([, path = '', what = '']) =>
    path.endsWith('/') ? [...what.matchAll(/`([\w-]+\.ts)`/g)].map(([, name = '']) => path + name) : [path],
  )
  assert.is(files.length, 17)
  const lines = files.map((file) => readFileSync(join(project, file), 'utf8').split('\n').length - 1)
  const sum = lines.reduce((total, count) => total + count, 0)
  const [, said = ''] = /have ([\d,]+) lines/.exec(section('The way of')) ?? []
  assert.ok(Math.abs(sum - Number(said.replace(',', ''))) < 100, `${sum} lines`)
})

test.run()

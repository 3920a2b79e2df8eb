import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import * as rolecall from '../../lib/index.ts'
import { project } from './blocks.ts'

const page = readFileSync(join(project, 'docs/from-ansible.md'), 'utf8')
const section = page.split(/^## /m).find((each) => each.startsWith('Modules')) ?? ''
const rows = [...section.matchAll(/^\| (?!Ansible|---)([^|]+?) +\| (.*?) +\|$/gm)].map(
  ([, module = '', stands = '']) => ({
    module,
    stands: stands.replaceAll('\\|', '|'),
  }),
)
const codes = rows.flatMap(({ module, stands }) =>
  [...stands.matchAll(/`([^`]+)`/g)].map(([, code = '']) => ({ module, code })),
)
const CALL = /^(?:\.\.\.)?(\w+)\(/

test('the table has the hundred modules that are used most, each once, with what stands for it', () => {
  const modules = rows.flatMap(({ module }) => module.split(/, (?!a )/))
  assert.ok(modules.length >= 100, String(modules.length))
  assert.equal(modules, [...new Set(modules)])
  assert.equal(
    rows.filter(({ stands }) => stands.trim() === ''),
    [],
  )
})

test('each kind of an example stands in the reference', () => {
  const reference = readFileSync(join(project, 'docs/reference.md'), 'utf8')
  const known = new Set([...reference.matchAll(/^### (\w+)$/gm)].map(([, name]) => name))
  const names = codes.flatMap(({ module, code }) => {
    const name = CALL.exec(code)?.[1]
    return name === undefined || known.has(name) ? [] : [{ module, name }]
  })
  assert.equal(names, [])
})

test('each example makes a resource: its options are those of the kind', () => {
  const values = { KEY: { source: 'https://example.com/key.asc', sha256: 'a'.repeat(64) }, SHA256: 'a'.repeat(64) }
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGG'
  // What an example has on the controller stands beside the file that it is evaluated in.
  const directory = mkdtempSync(join(tmpdir(), 'rolecall-modules-'))
  mkdirSync(join(directory, 'www'))
  const wrong = codes.flatMap(({ module, code }) => {
    if (!CALL.test(code)) return []
    try {
      const made: unknown = evaluate(`[${code.replace('../files', directory)}]`, { ...values, SSH_KEY: key })
      return Array.isArray(made) && made.length > 0 ? [] : [`${module}: no resource`]
    } catch (error) {
      return [`${module}: ${code}: ${error instanceof Error ? error.message : String(error)}`]
    }
  })
  rmSync(directory, { recursive: true })
  assert.equal(wrong, [])
})

/** An example of the page, with the names of the library. */
function evaluate(code: string, values: Readonly<Record<string, unknown>>): unknown {
  const names = { ...rolecall, ...values }
  const make = compileFunction(`return ${code}`, Object.keys(names))
  return Reflect.apply(make, undefined, Object.values(names))
}

test.run()

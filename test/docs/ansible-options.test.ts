import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../../lib/index.ts'
import { ansibleNames, kindsWithAnsibleNames } from '../../lib/resources/kit/options/names/ansible-names.ts'
import { optionsOfKind } from '../../lib/resources/kit/options/options.ts'
import { project } from './blocks.ts'

const page = readFileSync(join(project, 'docs/from-ansible.md'), 'utf8')
const section = page.split(/^## /m).find((each) => each.startsWith('Options of modules')) ?? ''
const rows = [...section.matchAll(/^\| (?!Ansible|---)([^|]+?) \| (.*?) \| (.*?) \|$/gm)].map(
  ([, module = '', covered = '', options = '']) => ({ module, covered, options: options.split('; ').map(optionOf) }),
)

function optionOf(text: string) {
  const [, name = '', uses = '0', stands = ''] = /^(.+?)(?: (\d+))?: (.+)$/.exec(text) ?? []
  return { name, uses: Number(uses), stands }
}

test('each row has at least one option, and says of each what covers it', () => {
  assert.ok(rows.length > 70, String(rows.length))
  const empty = rows.flatMap(({ module, options }) =>
    options.filter(({ name, stands }) => name === '' || stands === '').map(({ name }) => `${module}: ${name}`),
  )
  assert.equal(empty, [])
})

/** Options of a third argument: they stand in no schema of a kind. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = { sysctl: ['whereKnown'] }

test('each option that covers one is an option of that kind', () => {
  const unknown = rows.flatMap(({ module, options }) =>
    options.flatMap(({ name, stands }) => {
      const [, kind = '', option = ''] = /^`(\w+)\.(\w+)`$/.exec(stands) ?? []
      const isKnown = optionsOfKind(kind).includes(option) || ELSEWHERE[kind]?.includes(option) === true
      return kind === '' || isKnown ? [] : [`${module}: ${name}: ${kind}.${option}`]
    }),
  )
  assert.equal(unknown, [])
})

test('the counts are those of the row, and 95 % of the uses of each module are covered', () => {
  for (const { module, covered, options } of rows) {
    const has = options.filter(({ stands }) => stands !== 'no')
    const sum = (of: typeof options) => of.reduce((total, { uses }) => total + uses, 0)
    const [all, some] = [sum(options), sum(has)]
    const share = all === 0 ? '' : `, ${Math.floor((some * 1000) / all) / 10} %`
    assert.is(covered, `${has.length} of ${options.length}${share}`, module)
    assert.ok(all === 0 || some / all >= 0.95, `${module}: ${some} of ${all} uses`)
  }
})

test('an option under its name of Ansible is answered with the name here, as the rows have it', () => {
  const told = kindsWithAnsibleNames().flatMap((kind) =>
    Object.entries(ansibleNames(kind)).map(([name, option]) => ({ kind, name, option })),
  )
  assert.ok(told.length > 50)
  const stands = new Set(rows.flatMap(({ options }) => options.map((each) => `${each.name} ${each.stands}`)))
  const apart = told.filter(({ kind, name, option }) => !stands.has(`${name} \`${kind}.${option}\``))
  assert.equal(apart, [])
  for (const { kind, name, option } of told) assert.ok(optionsOfKind(kind).includes(option), `${kind}: ${name}`)
})

test.run()

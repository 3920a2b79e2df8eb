import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../lib/errors.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import { parsePattern } from '../../lib/inventory/patterns/pattern.ts'
import { pythonRegex } from '../../lib/text/python-regex.ts'
import { readLiteral } from '../../lib/inventory/syntax/python-literal.ts'
import { httpRequest, jsonFile, yamlFile, type Resource } from '../../lib/index.ts'
import { Prediction } from '../../lib/resources/prediction/prediction.ts'
import { eventsOf } from '../../lib/cli/mcp/run-result.ts'
import { shown } from '../../lib/gate/gate.ts'
import { pastOf } from '../../lib/runner/journal/past-run.ts'
import { readPlan } from '../../lib/runner/plan/plan-file.ts'
import { TemplateError } from '../../lib/template/values/value.ts'
import { parseYamlDocuments } from '../../lib/text/yaml/document.ts'
import { readSopsDocument } from '../../lib/vault/sops/document.ts'
import { debian } from '../support/converge-locally.ts'
import { valueOf, worldOf } from '../template/world.ts'
import { SampleFiles, SOPS_VALUE } from './samples.ts'

const test = suite('nesting without end')
const LEVELS = 10_000
const samples = new SampleFiles('nesting')
test.after(() => samples.remove())

/** So many levels of a form around something. */
const deep = (open: string, middle: string, close: string) => open.repeat(LEVELS) + middle + close.repeat(LEVELS)
const LISTS = deep('[', '', ']')
const MAPS = deep('{"a":', '1', '}')
const NESTED = {
  lists: LISTS,
  maps: MAPS,
  dashes: deep('- ', 'x', ''),
  'keys of maps': deep('? ', 'x', ''),
  open: '['.repeat(LEVELS),
}
/** Levels that are none in the text: each line stands for the one before it. */
const ALIASES = Array.from({ length: 1000 }, (_, n) => `a${n}: &a${n} [${n === 0 ? '1' : `*a${n - 1}`}]\n`).join('')

const SOPS = `sops:\n  lastmodified: "2026-11-28T10:00:00Z"\n  mac: ${SOPS_VALUE}\n  version: 3.9.0\n`

/** What a reader makes of it: an error in plain words with `expected` in it, or something that all others can walk over. */
interface Reader {
  readonly what: string
  readonly read: (text: string) => unknown
  readonly texts: Readonly<Record<string, string>>
}

const hosts = 'all: { hosts: { a: } }\n'
const inventoryOf = (name: string, text: string, more: Parameters<typeof loadInventory>[1] = {}) => {
  const inventory = loadInventory(samples.write(name, text), more)
  return inventory.hosts.flatMap(({ layers }) => layers.map(({ variables }) => variables.size))
}
const replied = (resource: Resource) => (text: string) => {
  const bytes = Buffer.from(`have 0 81a4 ${text.length} 0 0 root:root\ncontent\n${text}`)
  const whole = String(bytes)
  return resource.evaluate({ code: 0, bytes, text: whole, lines: whole.split('\n') }, debian, new Prediction())
}

const readers: readonly Reader[] = [
  {
    what: 'an inventory in YAML',
    read: (text) => inventoryOf('a.yml', `all:\n  vars:\n    x: ${text}\n`),
    texts: { lists: LISTS, maps: MAPS },
  },
  { what: 'an inventory of nothing else', read: (text) => inventoryOf('b.yml', text), texts: NESTED },
  {
    what: 'variables that are aliases',
    read: (text) => inventoryOf('c.yml', `all:\n  vars:\n${text.replaceAll(/^/gm, '    ')}\n`),
    texts: { aliases: ALIASES },
  },
  {
    what: 'groups in groups',
    read: (text) => inventoryOf('d.ini', text),
    texts: { ini: Array.from({ length: LEVELS }, (_, n) => `[g${n}:children]\ng${n + 1}\n`).join('') },
  },
  {
    what: 'groups in groups, in YAML',
    read: (text) => inventoryOf('e.yml', text),
    texts: { maps: `all: ${deep('{ children: { g: ', '', ' } }')}` },
  },
  {
    what: 'values of an INI inventory',
    read: (text) => inventoryOf('f.ini', `[all:vars]\nx=${text}\n`),
    texts: { lists: LISTS, maps: MAPS, tuples: deep('(', '1', ',)'), signs: deep('-', '1', '') },
  },
  {
    what: 'values of the command line',
    read: (text) => inventoryOf('g.yml', hosts, { extra: [`x=${text}`] }),
    texts: { lists: LISTS, maps: MAPS },
  },
  {
    what: 'variables of the command line',
    read: (text) => inventoryOf('h.yml', hosts, { extra: [text] }),
    texts: { maps: MAPS, names: `${deep('a.', 'b', '')}=1` },
  },
  {
    what: 'answers of a program',
    read: (text) => {
      const program = samples.write('program', '')
      return loadInventory(program, {
        fetched: { programs: new Map([[program, { list: JSON.parse(text) as unknown }]]), modules: new Map() },
      }).hosts.length
    },
    texts: {
      maps: `{"all":{"hosts":["a"],"vars":{"x":${MAPS}}}}`,
      lists: `{"all":{"hosts":["a"],"vars":{"x":${LISTS}}}}`,
      hosts: `{"all":{"hosts":["a"]},"_meta":{"hostvars":{"a":{"x":${MAPS}}}}}`,
    },
  },
  {
    what: 'patterns of hosts',
    read: parsePattern,
    texts: { brackets: LISTS, open: '['.repeat(LEVELS), regex: `~${deep('(', 'a', ')')}`, many: 'a:&'.repeat(LEVELS) },
  },
  {
    what: 'regular expressions of Python',
    read: pythonRegex,
    texts: { groups: deep('(', 'a', ')'), optional: deep('(?:', 'a', ')?'), sets: LISTS },
  },
  {
    what: "Python's literals",
    read: (text) => readLiteral(text),
    texts: { lists: LISTS, maps: deep("{'a': ", '1', '}'), tuples: deep('(', '1', ',)'), signs: deep('-', '1', '') },
  },
  {
    what: 'documents of SOPS',
    read: (text) => readSopsDocument(text),
    texts: {
      lists: `a: ${LISTS}\n${SOPS}`,
      maps: `a: ${MAPS}\n${SOPS}`,
      aliases: ALIASES + SOPS,
      json: `{"a":${LISTS},"sops":{"lastmodified":"x","mac":"y"}}`,
      metadata: `a: 1\n${SOPS}  more: ${LISTS}\n`,
      'no anchor': `a: *b\n${SOPS}  age: *c\n`,
      'aliases everywhere': `a: &a [*a, *a]\nb: [${'*a, '.repeat(1000)}]\n${SOPS}  age: &b [${'*b, '.repeat(1000)}]\n`,
    },
  },
  {
    what: 'a JSON file of a host',
    read: replied(jsonFile('/a', { set: { b: 1 } })),
    texts: { lists: `{"a":${LISTS}}`, maps: MAPS, open: '['.repeat(LEVELS) },
  },
  {
    what: 'a YAML file of a host',
    read: replied(yamlFile('/a', { set: { b: 1 } })),
    texts: { ...NESTED, lists: `a: ${LISTS}`, maps: MAPS, aliases: ALIASES },
  },
  {
    what: 'the answer of an API',
    read: (text) => {
      const all = `${text}\n200\n`
      return httpRequest('a', {
        url: 'http://127.0.0.1/',
        json: { a: { a: 1 } },
        send: { method: 'PUT', url: 'http://127.0.0.1/' },
      }).evaluate({ code: 0, bytes: Buffer.from(all), text: all, lines: all.split('\n') }, debian, new Prediction())
    },
    texts: { lists: LISTS, maps: MAPS },
  },
  {
    what: 'events',
    read: (text) => shown(eventsOf(text)),
    texts: {
      lists: `{"type":"note","host":"h","message":${LISTS}}`,
      maps: `{"type":"note","host":"h","message":"m","more":${MAPS}}`,
    },
  },
  {
    what: 'a journal',
    read: (text) => pastOf(text, () => undefined),
    texts: {
      lists: `{"type":"request","version":1,"run":"a","at":1,"by":${LISTS}}\n`,
      maps: `{"type":"run","run":"a","x":${MAPS}}\n`,
    },
  },
  {
    what: 'a saved plan',
    read: (text) => readPlan(samples.write('a.plan', text)),
    texts: {
      lists: `{"type":"plan","version":1,"events":${LISTS}}`,
      maps: `{"type":"plan","version":1,"request":${MAPS}}`,
    },
  },
]

for (const { what, read, texts } of readers)
  test(`${what}: 10,000 levels are read, or refused in plain words`, async () => {
    for (const [how, text] of Object.entries(texts)) {
      try {
        await read(text)
      } catch (error) {
        const isPlain = error instanceof RolecallError || (error instanceof Error && error.constructor === Error)
        assert.ok(
          isPlain,
          `${how}: ${error instanceof Error ? `${error.name}: ${error.message} ${error.stack?.slice(0, 600) ?? ''}` : String(error)}`,
        )
      }
    }
  })

/** Each a template, and how it begins what it says. */
const DEEP = 'the template is nested more than 200 levels deep'
const TEMPLATES: Readonly<Record<string, string>> = {
  parentheses: `{{ ${deep('(', '1', ')')} }}`,
  lists: `{{ ${LISTS} }}`,
  maps: `{{ ${deep("{'a': ", '1', '}')} }}`,
  signs: `{{ ${deep('- ', '1', '')} }}`,
  not: `{{ ${deep('not ', '1', '')} }}`,
  'if and else': `{{ ${deep('1 if 0 else ', '1', '')} }}`,
  items: `{{ ${deep('a[', '0', ']')} }}`,
  arguments: `{{ ${deep('f(', '', ')')} }}`,
  ...Object.fromEntries(
    [' | string', ' + 1', '.b', '[0]', '()', ' is odd', ' and 1', ' or 1', ' ** 2', ' if 1'].map((link) => [
      `a chain of ${link}`,
      `{{ a${link.repeat(LEVELS)} }}`,
    ]),
  ),
  conditions: deep('{% if 1 %}', 'x', '{% endif %}'),
  loops: deep('{% for a in [1] %}', 'x', '{% endfor %}'),
  settings: deep('{% set a %}', 'x', '{% endset %}'),
}

test('collections of one line that all end at once are refused before the parser goes down them', () => {
  for (const begins of ['- ', '? - ', '- &a ']) {
    const [document] = parseYamlDocuments(`a: 1\n${begins.repeat(6 * LEVELS)}x\nb: 1\n`, { logLevel: 'silent' })
    assert.is(document?.errors[0]?.code, 'RESOURCE_EXHAUSTION', begins)
  }
})

test('of faults without end a thousand are told, and the rest of the text is left', () => {
  for (const begins of ['a: [ ', 'a: { '])
    for (const each of [',', '? ', '"" ']) {
      const text = begins + each.repeat(3 * LEVELS)
      const [document] = parseYamlDocuments(text, { logLevel: 'silent', uniqueKeys: false })
      const faults = document?.errors.length ?? 0
      assert.ok(faults >= 1000 && faults < 1010, `${faults} faults of ${text.slice(0, 10)}`)
    }
})

test('templates that are nested without end are refused in plain words', () => {
  const world = worldOf({ 'web-1': { a: 1 } })
  for (const [how, template] of Object.entries(TEMPLATES))
    assert.throws(
      () => valueOf(template, world),
      (error: unknown) => error instanceof TemplateError && error.message === DEEP,
      how,
    )
  // What people write stays possible.
  assert.is(valueOf(`{{ ${Array.from({ length: 500 }, () => '1').join(' + ')} }}`, world), '500')
  assert.is(valueOf(`{{ ${'('.repeat(90)}1${')'.repeat(90)} }}`, world), '1')
  assert.is(valueOf(`{% if 0 %}a{% ${'elif 0 %}b{% '.repeat(500)}else %}c{% endif %}`, world), 'c')
})

test('data that a template reads has the same limit of depth', () => {
  const filters = ['from_json', 'from_yaml', 'from_yaml_all', 'from_json | to_json', 'from_yaml | to_nice_yaml']
  for (const filter of filters)
    for (const text of [`('[' * ${LEVELS} ~ ']' * ${LEVELS})`, `('{"a":' * ${LEVELS} ~ '1' ~ '}' * ${LEVELS})`])
      assert.throws(() => valueOf(`{{ ${text} | ${filter} }}`, worldOf({ 'web-1': {} })), /nested/, filter)
})

test('variables nested without end, and texts of any length, are refused', () => {
  const chain = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`v${n}`, `{{ v${n + 1} }}`]))
  assert.throws(() => valueOf('{{ v0 }}', worldOf({ 'web-1': { ...chain, v1000: 'x' } })), /200 variables stand/)
  for (const much of [
    `'%${'9'.repeat(15)}d' % 3`,
    `'%.500f' % 3`,
    `'{:^999999999}'.format('a')`,
    `'a'.ljust(999999999)`,
    `'a' | center(999999999)`,
    `2.5 | round(500)`,
    `[1] | batch(999999999, 'x') | list`,
    `[1] | slice(999999999) | list`,
    `'a b' | wordwrap(0)`,
    `range(2000) | product(range(2000), range(2000)) | list`,
  ])
    assert.throws(
      () => valueOf(`{{ ${much} }}`, worldOf({ 'web-1': {} })),
      (error: unknown) => error instanceof TemplateError,
      much,
    )
})

test.run()

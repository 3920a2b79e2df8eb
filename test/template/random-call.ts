import type { Die } from '../support/die.ts'

type Arguments = readonly (readonly [name: string, values: readonly string[]])[]

/** What is asked of a value: a filter, a method or a test, what it is asked of, and its arguments in their order. */
interface Callee {
  readonly of: readonly string[]
  readonly takes?: Arguments
  /** Arguments of filters and tests may have names unless they say otherwise, and those of methods may not. */
  readonly isUnnamed?: boolean
  readonly isNamed?: boolean
  /** How many arguments stand by place at least, and at most. */
  readonly least?: number
  readonly most?: number
}

const TEXTS = [
  "'😀 a😀'",
  'text',
  'multi',
  "''",
  "'a-b_c d'",
  "'xXx'",
  "'  pad '",
  "'Zürich ☃'",
  'quoted',
  "'a\\tb\\nc\\n\\nd'",
]
const LINES = [
  "'the quick-brown fox jumped over'",
  "'a\\n\\nb b b\\nc'",
  "'http://example.com/some-long_path/x'",
  'text',
]
const FLOATS = [
  '2.5',
  '0.125',
  '-2.25',
  '1e3',
  '3.14159',
  '2.675',
  '1e-7',
  '12345.6789',
  '0.5',
  '1e22',
  '-0.0',
  '1.005',
]
const INTS = ['0', '7', '-3', '255', '1234567', '10 ** 15']
const NUMBERS = [...FLOATS, ...INTS, 'true']
const LISTS = ['words', 'numbers', '[]', "['b', 'a', 'B', 'a']", '[3, 1.5, 2]', '[[1, 2], [3]]', "['a', none, 1]"]
const RECORDS = [
  'users',
  "[{'k': 2, 'v': 'b', 'w': {'x': 1}}, {'k': 1, 'v': 'A', 'w': {'x': 3}}, {'k': 2, 'v': 'a', 'w': {}}]",
]
const DICTS = [
  'settings',
  'net',
  '{}',
  "{'b': 1, 'A': [1, {'x': none}], 'c': {'d': 'e'}}",
  "{1: 'a', none: 2.5}",
  'other',
]
const ANY = [...TEXTS, ...NUMBERS, ...LISTS, ...DICTS, 'none', 'false', 'nothing']
const BOOL = ['true', 'false']
const ATTRIBUTE = ["'name'", "'k'", "'w.x'", "'groups.0'", "'nope'", "'v,k'"]

const FILTERS: Readonly<Record<string, Callee>> = {
  to_json: {
    of: [...DICTS, ...LISTS, 'text', '1.0'],
    takes: [
      ['indent', ['0', '1', '4', 'none']],
      ['sort_keys', BOOL],
      ['separators', ["[',', ':']", "(', ', ' = ')"]],
      ['ensure_ascii', BOOL],
    ],
  },
  to_nice_json: {
    of: [...DICTS, ...LISTS, "'ü'"],
    takes: [
      ['indent', ['0', '2', '8']],
      ['sort_keys', BOOL],
    ],
  },
  to_yaml: {
    of: [...DICTS, ...LISTS, ...TEXTS, '1.0', 'none', 'users'],
    most: 0,
    takes: [
      ['default_flow_style', ['false', 'none']],
      ['indent', ['2', '4', '1']],
      ['width', ['10', '200']],
      ['sort_keys', BOOL],
    ],
  },
  to_nice_yaml: {
    of: [...DICTS, ...LISTS, ...TEXTS, 'users'],
    most: 1,
    takes: [
      ['indent', ['2', '3']],
      ['width', ['10', '1337']],
      ['sort_keys', BOOL],
    ],
  },
  indent: {
    of: [...TEXTS, ...LINES],
    takes: [
      ['width', ['2', "'> '", '0']],
      ['first', BOOL],
      ['blank', BOOL],
    ],
  },
  wordwrap: {
    of: LINES,
    takes: [
      ['width', ['5', '8', '12', '20']],
      ['break_long_words', BOOL],
      ['wrapstring', ["'|'", 'none']],
      ['break_on_hyphens', BOOL],
    ],
  },
  truncate: {
    of: LINES,
    takes: [
      ['length', ['3', '5', '9', '15']],
      ['killwords', BOOL],
      ['end', ["''", "'…'"]],
      ['leeway', ['0', '5', '100']],
    ],
  },
  center: { of: TEXTS, takes: [['width', ['1', '10', '15']]] },
  replace: {
    of: TEXTS,
    takes: [
      ['old', ["'a'", "'x'", "''", "' '"]],
      ['new', ["'b'", "''", "'aa'"]],
      ['count', ['0', '1', '2', '-1', 'none']],
    ],
  },
  trim: { of: TEXTS, takes: [['chars', ["'x'", "' a'", 'none']]] },
  split: {
    of: TEXTS,
    takes: [
      ['sep', ["' '", "'a'", 'none']],
      ['maxsplit', ['0', '1', '-1']],
    ],
    isUnnamed: true,
  },
  regex_replace: {
    of: TEXTS,
    takes: [
      [
        'pattern',
        [
          "'(\\\\w)(\\\\w)'",
          "'\\\\bz'",
          "'\\\\W+'",
          "'.'",
          "'a{,2}'",
          "'[^\\\\w-]'",
          "'x'",
          "'^'",
          "'$'",
          "'(?P<n>[a-z])'",
          "'\\\\s*'",
          "'(?i)X'",
        ],
      ],
      ['replacement', ["'\\\\2\\\\1'", "'<\\\\g<0>>'", "''", "'-'", "'$1'", "'\\\\n'"]],
      ['ignorecase', BOOL],
      ['multiline', BOOL],
      ['count', ['1', '0']],
    ],
  },
  regex_search: {
    of: TEXTS,
    takes: [
      ['regex', ["'(\\\\w)(\\\\w)'", "'zz'", "'^b'", "'(?P<n>[a-z])'"]],
      ['group', ["'\\\\1'", "'\\\\g<n>'"]],
      ['again', ["'\\\\2'"]],
    ],
    isUnnamed: true,
  },
  regex_findall: {
    of: TEXTS,
    takes: [
      ['regex', ["'(\\\\w)(\\\\w)'", "'[a-z]+'", "'^.'", "'x*'", "'(a)|(b)'"]],
      ['multiline', BOOL],
      ['ignorecase', BOOL],
    ],
  },
  round: {
    of: NUMBERS,
    takes: [
      ['precision', ['0', '1', '2', '-1', '-2']],
      ['method', ["'common'", "'ceil'", "'floor'"]],
    ],
  },
  int: {
    of: ["'0x1f'", "'12abc'", "' 7 '", "'1_0'", "'1e3'", "'-5'", "'077'", "'0o17'", "''", 'none', '[]', ...NUMBERS],
    takes: [
      ['default', ['5', "'x'", 'none']],
      ['base', ['10', '16', '8', '2', '0']],
    ],
  },
  float: {
    of: ["'1_0.5'", "'1e3'", "' 2.5 '", "'x'", "'nan'", 'none', ...NUMBERS],
    takes: [['default', ['1', 'none']]],
  },
  human_readable: {
    of: ['0', '1', '1023', '1024', '1536', '10 ** 9', '2.5'],
    takes: [
      ['isbits', BOOL],
      ['unit', ["'K'", "'m'", "'B'", "'x'"]],
    ],
  },
  human_to_bytes: {
    of: ["'1K'", "'10.5 MB'", "'1024'", "'1kb'", "'2 G'", "'x'", '5', "'1Mb'"],
    takes: [
      ['default_unit', ["'K'", "'G'"]],
      ['isbits', BOOL],
    ],
  },
  filesizeformat: { of: ['0', '1', '999', '1000', '1024', '1500000', "'2048'", '10 ** 14'], takes: [['binary', BOOL]] },
  abs: { of: NUMBERS },
  pow: { of: ['2', '2.5', '-1'], takes: [['y', ['2', '0.5', '-1']]] },
  log: { of: ['8', '100', '2.5'], takes: [['base', ['2', '10']]] },
  string: { of: ANY },
  format: {
    of: ["'%s|%5s|%-5s|'", "'%d %i'", "'%05.1f %.0f'", "'%x %X %o'", "'%r'", "'%+d % d'", "'%#x %#o'", "'%5.1f%%'"],
    takes: [
      ['a', [...NUMBERS, "'a'"]],
      ['b', [...NUMBERS, "'b'"]],
      ['c', ["'c'", '3']],
    ],
    isUnnamed: true,
  },
  join: {
    of: [...LISTS, 'text', 'settings', 'users'],
    takes: [
      ['d', ["','", "''", '1']],
      ['attribute', ATTRIBUTE],
    ],
  },
  sort: {
    of: [...LISTS, ...RECORDS, 'settings', 'text'],
    takes: [
      ['reverse', BOOL],
      ['case_sensitive', BOOL],
      ['attribute', ATTRIBUTE],
    ],
  },
  unique: {
    of: [...LISTS.slice(0, 5), 'text'],
    takes: [
      ['case_sensitive', BOOL],
      ['attribute', ATTRIBUTE],
    ],
  },
  min: {
    of: [...LISTS, ...RECORDS, 'text'],
    takes: [
      ['case_sensitive', BOOL],
      ['attribute', ATTRIBUTE],
    ],
  },
  max: {
    of: [...LISTS, ...RECORDS, 'text'],
    takes: [
      ['case_sensitive', BOOL],
      ['attribute', ATTRIBUTE],
    ],
  },
  sum: {
    of: [...LISTS, ...RECORDS],
    takes: [
      ['attribute', ["'k'", "'uid'", "'w.x'"]],
      ['start', ['1', '0.5', '[]']],
    ],
  },
  groupby: {
    of: RECORDS,
    takes: [
      ['attribute', ATTRIBUTE],
      ['default', ["'z'", '1']],
    ],
  },
  map: {
    of: RECORDS,
    most: 0,
    takes: [
      ['attribute', ATTRIBUTE],
      ['default', ["'zz'", '[]', 'none']],
    ],
  },
  selectattr: {
    of: RECORDS,
    takes: [
      ['a', ATTRIBUTE],
      ['test', ["'defined'", "'eq'", "'in'", "'gt'", "'match'", "'none'", "'truthy'"]],
      ['b', ['2', "'a'", "['b', 2]"]],
    ],
    isUnnamed: true,
  },
  rejectattr: {
    of: RECORDS,
    takes: [
      ['a', ATTRIBUTE],
      ['test', ["'defined'", "'eq'", "'lt'", "'contains'"]],
      ['b', ['2', "'a'"]],
    ],
    isUnnamed: true,
  },
  select: {
    of: LISTS,
    takes: [
      ['test', ["'defined'", "'eq'", "'string'", "'match'", "'in'"]],
      ['b', ['2', "'a'"]],
    ],
    isUnnamed: true,
  },
  batch: {
    of: LISTS,
    takes: [
      ['linecount', ['1', '2', '3']],
      ['fill_with', ["'-'", 'none']],
    ],
  },
  slice: {
    of: LISTS,
    takes: [
      ['slices', ['1', '2', '3']],
      ['fill_with', ["'-'", 'none']],
    ],
  },
  flatten: {
    of: ['[1, [2, [3, none]], []]', "[['a', none], 'null']", ...LISTS],
    takes: [
      ['levels', ['0', '1', '2']],
      ['skip_nulls', BOOL],
    ],
  },
  dictsort: {
    of: DICTS,
    takes: [
      ['case_sensitive', BOOL],
      ['by', ["'key'", "'value'", "'x'"]],
      ['reverse', BOOL],
    ],
  },
  dict2items: {
    of: [...DICTS, '[]'],
    takes: [
      ['key_name', ["'k'"]],
      ['value_name', ["'v'"]],
    ],
  },
  items2dict: {
    of: [...RECORDS, "[{'key': 'a', 'value': 1}]", '[]', '{}'],
    takes: [
      ['key_name', ["'k'", "'name'"]],
      ['value_name', ["'v'", "'uid'"]],
    ],
  },
  combine: {
    of: DICTS,
    takes: [
      ['a', [...DICTS, '[settings, other]', 'none']],
      ['recursive', BOOL],
      ['list_merge', ["'keep'", "'append'", "'prepend'", "'append_rp'", "'prepend_rp'", "'replace'"]],
    ],
  },
  union: { of: LISTS, takes: [['b', LISTS]] },
  intersect: { of: LISTS, takes: [['b', LISTS]] },
  difference: { of: LISTS, takes: [['b', [...LISTS, "'abc'"]]] },
  symmetric_difference: { of: LISTS, takes: [['b', LISTS]] },
  zip: {
    of: LISTS,
    takes: [
      ['a', LISTS],
      ['b', LISTS],
    ],
    isUnnamed: true,
  },
  product: { of: LISTS.slice(0, 3), takes: [['a', ["'ab'", '[1, 2]']]], isUnnamed: true },
  subelements: {
    of: ['users', "{'x': {'l': [1]}}"],
    takes: [
      ['s', ["'groups'", "'l'", "'nope'"]],
      ['skip_missing', BOOL],
    ],
  },
  extract: {
    of: ["'a'", "'nope'", '0', "'b'"],
    takes: [
      ['c', ['settings', 'words', 'net']],
      ['m', ["'c'", "['d', 1]"]],
    ],
    isUnnamed: true,
  },
  ternary: {
    of: ANY,
    takes: [
      ['true_val', ["'y'"]],
      ['false_val', ["'n'"]],
      ['none_val', ["'0'"]],
    ],
  },
  default: {
    of: [...ANY, 'missing', 'broken', 'missing.a'],
    takes: [
      ['default_value', ["'d'", '[]', 'port']],
      ['boolean', BOOL],
    ],
  },
  bool: { of: [...ANY, "'yes'", "'On'", "'1'", "'t'", "'y'", "'Off'"] },
  type_debug: { of: [...NUMBERS, '[]', 'none', "'x'"] },
  length: { of: ANY },
  first: { of: [...LISTS, ...TEXTS, 'settings'] },
  last: { of: [...LISTS, ...TEXTS, 'settings'] },
  list: { of: ANY },
  reverse: { of: [...LISTS, ...TEXTS] },
  title: { of: TEXTS },
  capitalize: { of: TEXTS },
  upper: { of: ANY },
  wordcount: { of: TEXTS },
  quote: { of: ANY },
  urlencode: { of: [...TEXTS, "'a/b?c=d&e'", "{'a b': 'ü', 'c': 1}", "[['a', 1]]"] },
  urlsplit: {
    of: ["'https://u:p@H.example.com:8443/p/a?q=1#f'", "'h/x'", "'//h:1'", "'http://[::1]:80/'"],
    takes: [['query', ["'hostname'", "'port'", "'netloc'", "'path'", "'scheme'", "'username'", "'query'", "'nope'"]]],
  },
  b64encode: { of: TEXTS, takes: [['encoding', ["'utf-8'", "'utf-16-le'"]]] },
  b64decode: { of: ["'aGk='", "'w7w='", "'YQ'", "'!'"], takes: [['encoding', ["'utf-8'"]]] },
  hash: { of: TEXTS, takes: [['hashtype', ["'md5'", "'sha1'", "'sha256'", "'sha512'", "'nope'"]]] },
  to_uuid: { of: TEXTS, takes: [['namespace', ["'11111111-2222-3333-4444-555555555555'", "'x'"]]] },
  comment: {
    of: [...TEXTS, 'multi'],
    takes: [
      ['style', ["'plain'", "'c'", "'cblock'", "'xml'", "'erlang'"]],
      ['decoration', ["'! '", "''"]],
      ['prefix', ["'##'"]],
      ['postfix', ["'##'", "''"]],
      ['prefix_count', ['0', '2']],
      ['newline', ["'|'"]],
    ],
  },
  basename: { of: ["'/a/b.c'", "'/a/'", "'x'", "''", 'path'] },
  dirname: { of: ["'/a/b.c'", "'/a/'", "'x'", "''", "'//a'", 'path'] },
  splitext: { of: ["'/a.d/b.tar.gz'", "'.hidden'", "'x.'", "'a/.b.c'"] },
  relpath: { of: ["'/a/b/c'", "'/x'"], takes: [['start', ["'/a'", "'/a/b/c/d'"]]] },
  path_join: { of: ["['/a', 'b']", "['a', '/b', 'c/']", "'x'", "['', 'a']"] },
  from_json: { of: ["'[1, 2.0, null]'", '\'{"a": 1e3}\'', "'x'", '\'"s"\'', '\'{"a": 1, "a": 2}\''] },
  from_yaml: {
    of: ["'a: yes'", "'[0644, 1:30, ~]'", "'x: !!str 1'", "'- a\\n- b: c'", "'a: &x [1]\\nb: *x'", "'{a: 1, a: 2}'"],
  },
  random: {
    of: ['10', 'words', '[1]'],
    takes: [
      ['start', ['1', '5']],
      ['step', ['2', '5']],
      ['seed', ["'a'", 'inventory_hostname', '7']],
    ],
    least: 3,
  },
  shuffle: { of: LISTS, takes: [['seed', ["'a'", '1']]], least: 1 },
  mandatory: { of: [...ANY.slice(0, 4), 'missing'], takes: [['msg', ["'give it'"]]] },
}

const METHODS: Readonly<Record<string, Callee>> = {
  split: {
    of: TEXTS,
    takes: [
      ['sep', ["' '", "'a'", 'none', "''"]],
      ['maxsplit', ['0', '1', '-1']],
    ],
    isNamed: true,
  },
  rsplit: {
    of: TEXTS,
    takes: [
      ['sep', ["' '", "'a'", 'none', "''"]],
      ['maxsplit', ['0', '1', '-1']],
    ],
    isNamed: true,
  },
  splitlines: { of: TEXTS, takes: [['keepends', BOOL]], isNamed: true },
  strip: { of: TEXTS, takes: [['a', ["'x'", "' '", 'none']]] },
  lstrip: { of: TEXTS, takes: [['a', ["'x'", "' '"]]] },
  rstrip: { of: TEXTS, takes: [['a', ["'\\n'", "' '"]]] },
  find: {
    of: TEXTS,
    takes: [
      ['a', ["'a'", "'zz'", "''"]],
      ['b', ['1', '2']],
      ['c', ['3']],
    ],
  },
  rfind: {
    of: TEXTS,
    takes: [
      ['a', ["'a'", "'zz'"]],
      ['b', ['1', '2']],
    ],
  },
  index: {
    of: [...TEXTS, ...LISTS],
    takes: [
      ['a', ["'a'", '1']],
      ['b', ['1', '2']],
    ],
  },
  count: {
    of: [...TEXTS, ...LISTS],
    takes: [
      ['a', ["'a'", '1', "''"]],
      ['b', ['1', '2']],
    ],
  },
  startswith: {
    of: TEXTS,
    takes: [
      ['a', ["'a'", "('x', 'H')", "''"]],
      ['b', ['1', '2']],
    ],
  },
  endswith: {
    of: TEXTS,
    takes: [
      ['a', ["'d'", "('x', 'd')", "''"]],
      ['b', ['1', '2']],
    ],
  },
  replace: {
    of: TEXTS,
    takes: [
      ['a', ["'a'", "''"]],
      ['b', ["'b'", "''"]],
      ['c', ['0', '1', '-1']],
    ],
  },
  join: { of: ["','", "''"], takes: [['a', [...LISTS, 'text', 'settings']]] },
  zfill: { of: ["'7'", "'-7'", "'abc'"], takes: [['a', ['3', '0', '6']]] },
  ljust: {
    of: TEXTS,
    takes: [
      ['a', ['12', '0']],
      ['b', ["'.'", "'ab'"]],
    ],
  },
  rjust: {
    of: TEXTS,
    takes: [
      ['a', ['12', '0']],
      ['b', ["'.'"]],
    ],
  },
  center: {
    of: TEXTS,
    takes: [
      ['a', ['12', '13', '0']],
      ['b', ["'.'"]],
    ],
  },
  partition: { of: TEXTS, takes: [['a', ["'a'", "' '", "'zz'"]]] },
  rpartition: { of: TEXTS, takes: [['a', ["'a'", "' '", "'zz'"]]] },
  format: {
    of: [
      "'{} {}'",
      "'{0:>5}|{1:<5}|'",
      "'{:05d}'",
      "'{:.2f}'",
      "'{:,}'",
      "'{:x} {:b}'",
      "'{:%}'",
      "'{:^7}'",
      "'{:*^7}'",
      "'{:+d}'",
      "'{:10.3}'",
    ],
    takes: [
      ['a', [...NUMBERS, "'a'"]],
      ['b', [...NUMBERS, "'b'"]],
    ],
  },
  isdigit: { of: ["'12'", "''", "'1.5'", "'²'"] },
  isalpha: { of: ["'ab'", "''", "'a1'"] },
  isalnum: { of: ["'a1'", "'a_'"] },
  isupper: { of: TEXTS },
  islower: { of: TEXTS },
  title: { of: TEXTS },
  capitalize: { of: TEXTS },
  swapcase: { of: TEXTS },
  removeprefix: { of: TEXTS, takes: [['a', ["'a'", "''", "'Hello '"]]] },
  removesuffix: { of: TEXTS, takes: [['a', ["'c'", "''", "'World'"]]] },
  keys: { of: DICTS },
  values: { of: DICTS },
  items: { of: DICTS },
  get: {
    of: DICTS,
    takes: [
      ['a', ["'a'", "'b'", '1', "'nope'"]],
      ['b', ["'d'", 'none']],
    ],
  },
}

const TESTS: Readonly<Record<string, Callee>> = Object.fromEntries([
  ...[
    'string',
    'number',
    'integer',
    'float',
    'mapping',
    'sequence',
    'iterable',
    'none',
    'boolean',
    'true',
    'false',
    'callable',
    'defined',
    'undefined',
    'truthy',
    'falsy',
    'lower',
    'upper',
    'odd',
    'even',
    'abs',
  ].map((name): [string, Callee] => [name, { of: [...ANY, 'missing', 'NaN'] }]),
  ...[
    'eq',
    'ne',
    'sameas',
    'gt',
    'lt',
    'ge',
    'le',
    '==',
    'equalto',
    'in',
    'contains',
    'subset',
    'superset',
    'divisibleby',
  ].map((name): [string, Callee] => [name, { of: ANY, takes: [['a', ANY]], isUnnamed: true }]),
  ...['match', 'search', 'regex'].map((name): [string, Callee] => [
    name,
    {
      of: TEXTS,
      takes: [
        ['pattern', ["'[a-z]'", "'^x'", "'a.b'", "'H.*d$'", "''"]],
        ['ignorecase', BOOL],
        ['multiline', BOOL],
      ],
    },
  ]),
  [
    'version',
    {
      of: ['version', "'1.10'", "'2.0.0-rc1'", "'1.0a'", "'10.04'", '1.5', "''"],
      takes: [
        ['version', ["'1.9'", "'2.0.0'", "'1.0b'", "'10.4'", '2']],
        ['operator', ["'>'", "'<='", "'eq'", "'ne'", "'~'"]],
        ['strict', BOOL],
        ['version_type', ["'loose'", "'strict'", "'semver'"]],
      ],
    },
  ],
])

/** A call with some of its arguments: the first ones by place, others by name. */
function argumentsOf(
  { takes = [], isUnnamed = false, isNamed = false, least = 0, most = takes.length }: Callee,
  isMethod: boolean,
  die: Die,
): string {
  const byPlace = least + die.below(most - least + 1)
  const placed = takes.slice(0, byPlace).map(([, [first = 'none', ...more]]) => die.oneOf([first, ...more]))
  const named = takes
    .slice(byPlace)
    .flatMap(([name, [first = 'none', ...more]]) => (die.falls(3) ? [`${name}=${die.oneOf([first, ...more])}`] : []))
  return [...placed, ...(isUnnamed || (isMethod && !isNamed) ? [] : named)].join(', ')
}

function entryOf(table: Readonly<Record<string, Callee>>, die: Die): [string, Callee, string] {
  const [first = ['', { of: [''] }], ...rest] = Object.entries(table)
  const [name, callee] = die.oneOf([first, ...rest])
  const [one = '', ...others] = callee.of
  return [name, callee, die.oneOf([one, ...others])]
}

/** A template that calls one filter, method or test with arguments by place and by name. Many are wrong, and then Ansible has to say so as well. */
export function randomCall(die: Die): string {
  const shape = die.below(8)
  const [name, callee, value] = entryOf(shape < 5 ? FILTERS : shape < 7 ? METHODS : TESTS, die)
  const given = argumentsOf(callee, shape === 5 || shape === 6, die)
  const call = given === '' ? '' : `(${given})`
  if (shape < 5) return `{{ (${value}) | ${name}${call} }}${die.falls(3) ? '!' : ''}`
  if (shape < 7) return `{{ (${value}).${name}(${given}) }}${die.falls(3) ? '!' : ''}`
  return `{{ (${value}) is ${name}${call} }}`
}

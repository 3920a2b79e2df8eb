import type { Die } from '../support/die.ts'

type Type = 'int' | 'float' | 'bool' | 'text' | 'words' | 'numbers' | 'users' | 'dict' | 'any'

const VALUES: Readonly<Record<Type, readonly [string, ...string[]]>> = {
  int: [
    'port',
    'port2',
    '7',
    '0',
    '-3',
    'numbers[0]',
    'users[1].uid',
    "hostvars['web-2'].role_id",
    "groups['web'] | length",
  ],
  float: ['ratio', '2.5', '0.1', '1e3', '10 / 4'],
  bool: ['flag', 'no_flag', 'flag2', 'true', 'users[0].active', "'web' in group_names", 'missing is defined'],
  text: [
    'text',
    'domain',
    'nested',
    'chain',
    'quoted',
    'num_text',
    'path',
    'unicode',
    "'a,b'",
    "''",
    "'True'",
    "'[1]'",
    'inventory_hostname',
    'multi',
    'version',
    'unsafe',
  ],
  words: ['words', 'listed', "['b', 'a']", '[]', "groups['web']", "domain.split('.')"],
  numbers: ['numbers', '[3, 1]', 'range(4) | list', '[1.5, 2]'],
  users: ['users', '[users[0]]', "users | selectattr('active')"],
  dict: ['settings', 'net', 'dicted', "{'a': 1, 'z': [true, none]}", 'other', '{}'],
  any: ['nothing', 'missing', 'mixed', 'broken', 'settings.b', 'jsontext', 'looksjson', 'users[9]'],
}

const TYPES = ['int', 'float', 'bool', 'text', 'words', 'numbers', 'users', 'dict', 'any'] as const

/** An operation: what it takes, what it gives, and how it is written. */
type Step = readonly [from: Type, to: Type, write: (it: string, other: (type: Type) => string) => string]

const STEPS: readonly Step[] = [
  ['int', 'int', (it, other) => `(${it}) + ${other('int')}`],
  ['int', 'int', (it, other) => `(${it}) - (${other('int')})`],
  ['int', 'float', (it) => `(${it}) / 4`],
  ['int', 'int', (it) => `(${it}) // 3 % 5`],
  ['int', 'float', (it, other) => `(${it}) * ${other('float')}`],
  ['float', 'int', (it) => `(${it}) | round | int`],
  ['float', 'float', (it) => `(${it}) | round(1)`],
  ['float', 'text', (it) => `(${it}) | string`],
  ['int', 'bool', (it, other) => `(${it}) >= ${other('int')}`],
  ['text', 'text', (it) => `(${it}) | upper`],
  ['text', 'text', (it) => `(${it}) | wordwrap(12)`],
  ['dict', 'text', (it) => `(${it}) | to_yaml`],
  ['dict', 'text', (it) => `(${it}) | to_nice_yaml`],
  ['users', 'text', (it) => `(${it}) | list | to_nice_yaml(indent=2)`],
  ['words', 'any', (it) => `(${it}) | list | random(seed='a')`],
  ['numbers', 'numbers', (it) => `(${it}) | list | shuffle(seed=inventory_hostname)`],
  ['text', 'text', (it) => `(${it}) | replace('a', 'A') | trim`],
  ['text', 'text', (it) => `(${it}) | regex_replace('([aeo])', '<\\\\1>')`],
  ['text', 'text', (it, other) => `(${it}) ~ ':' ~ (${other('int')})`],
  ['text', 'text', (it, other) => `'%s/%s' | format(${it}, ${other('text')})`],
  ['text', 'words', (it) => `(${it}).split('.')`],
  ['text', 'int', (it) => `(${it}) | length`],
  ['text', 'int', (it) => `(${it}) | int(5)`],
  ['text', 'bool', (it) => `(${it}) is match('[a-z]+')`],
  ['text', 'bool', (it) => `(${it}) | bool`],
  ['text', 'text', (it) => `(${it}) | b64encode`],
  ['text', 'text', (it) => `(${it})[1:4]`],
  ['text', 'any', (it) => `(${it}) | regex_search('[a-z]{2}')`],
  ['text', 'text', (it) => `(${it}) | quote`],
  ['words', 'text', (it) => `(${it}) | join('-')`],
  ['words', 'words', (it) => `(${it}) | sort`],
  ['words', 'words', (it) => `(${it}) | map('upper') | list`],
  ['words', 'words', (it, other) => `(${it}) | union(${other('words')})`],
  ['words', 'words', (it, other) => `(${it}) | difference(${other('words')})`],
  ['words', 'words', (it) => `(${it}) | reject('match', '^[aA]') | list`],
  ['words', 'text', (it) => `(${it}) | first | default('none')`],
  ['words', 'any', (it, other) => `(${it}) | zip(${other('numbers')}) | list`],
  ['words', 'int', (it) => `(${it}) | unique | length`],
  ['words', 'text', (it) => `(${it}) | to_json`],
  ['numbers', 'numbers', (it) => `(${it}) | sort(reverse=true)`],
  ['numbers', 'any', (it) => `(${it}) | sum`],
  ['numbers', 'any', (it) => `(${it}) | max`],
  ['numbers', 'numbers', (it) => `(${it}) | select('gt', 1) | list`],
  ['numbers', 'words', (it) => `(${it}) | map('string') | list`],
  ['users', 'words', (it) => `(${it}) | map(attribute='name') | list`],
  ['users', 'any', (it) => `(${it}) | map(attribute='groups', default=[]) | flatten`],
  ['users', 'users', (it) => `(${it}) | selectattr('uid', 'lt', 1003) | list`],
  ['users', 'users', (it) => `(${it}) | sort(attribute='name', reverse=true)`],
  ['users', 'dict', (it) => `(${it}) | items2dict(key_name='name', value_name='uid')`],
  ['dict', 'dict', (it, other) => `(${it}) | combine(${other('dict')})`],
  ['dict', 'dict', (it, other) => `(${it}) | combine(${other('dict')}, recursive=true, list_merge='append_rp')`],
  ['dict', 'any', (it) => `(${it}) | dict2items`],
  ['dict', 'words', (it) => `(${it}).keys() | list`],
  ['dict', 'text', (it) => `(${it}) | to_nice_json(indent=2)`],
  ['dict', 'any', (it) => `(${it}).a | default('no a')`],
  ['dict', 'any', (it) => `(${it}).items() | list`],
  ['dict', 'bool', (it) => `'a' in (${it})`],
  ['any', 'text', (it) => `(${it}) | default('fallback', true) | string`],
  ['any', 'bool', (it) => `(${it}) is defined`],
  ['any', 'bool', (it) => `(${it}) is none`],
  ['bool', 'text', (it, other) => `(${it}) | ternary(${other('text')}, 'no')`],
  ['bool', 'text', (it, other) => `${other('text')} if ${it} else 'else'`],
  ['bool', 'bool', (it, other) => `not (${it}) or (${other('bool')})`],
  ['bool', 'bool', (it, other) => `(${it}) and (${other('bool')})`],
]

/** A random expression of some steps. Most are sound; some are not, and then both have to say so. */
function expression(die: Die, steps: number): string {
  let type: Type = die.oneOf(TYPES)
  let it: string = die.oneOf(VALUES[type])
  const other = (wanted: Type) => `(${die.oneOf(VALUES[wanted])})`
  for (let step = 0; step < steps; step++) {
    const possible = STEPS.filter(([from]) => from === type || die.falls(60))
    const [first, ...rest] = possible
    if (first === undefined) break
    const [, to, write] = die.oneOf([first, ...rest])
    it = write(it, other)
    type = to
  }
  return it
}

/** A random template: one expression, several with text between them, or statements. */
export function randomTemplate(die: Die): string {
  const one = () => expression(die, die.below(4))
  const shape = die.below(8)
  if (shape < 4) return `{{ ${one()} }}`
  if (shape === 4)
    return `${die.oneOf(['x-', '[', '{"k": ', ' '])}{{ ${one()} }}${die.oneOf(['', '/', ']', '}', '\n'])}`
  if (shape === 5) return `{{ ${one()} }}:{{ ${one()} }}`
  if (shape === 6) return `{% if ${one()} %}{{ ${one()} }}{% else %}\nno\n{% endif %}`
  return `{% for item in ${one()} %}{{ loop.index }}={{ item }}{{ ',' if not loop.last }}{% endfor %}`
}

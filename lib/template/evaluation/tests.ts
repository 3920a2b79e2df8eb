import { statSync, type Stats } from 'node:fs'
import { isIP, isIPv4, isIPv6 } from 'node:net'
import { blamed } from './blame.ts'
import type { Apply, Bound } from './given.ts'
import { withParameters } from './given.ts'
import { compares, contains } from './operators.ts'
import { expressionOf } from '../values/regex.ts'
import type { Run } from './run.ts'
import { refuseTest } from './unknown.ts'
import {
  Callable,
  Opaque,
  Float,
  isDict,
  isList,
  isNumber,
  KeptText,
  Lazy,
  numberOf,
  TemplateError,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from '../values/value.ts'
import { isSecret } from '../../secret.ts'
import { didYouMean } from '../../text/nearest.ts'
import { versionOrder } from '../values/versions.ts'

/** Tests of an undefined value's type are false, not errors. */
const ofType =
  (is: (value: Value) => boolean): Apply =>
  (_, value, { positional, named }) => {
    if (positional.length + named.size > 0) throw new TemplateError('it takes no arguments')
    return is(value)
  }
const isText = (value: Value) => typeof value === 'string' || isSecret(value) || value instanceof KeptText
const isWhole = (value: Value) => typeof value === 'number'
const ofOrder = (operator: Parameters<typeof compares>[1]): Apply =>
  withParameters(['other'], (run, value, given) => compares(run, operator, value, given.need('other')))

function matching(isAnchored: boolean): Apply {
  return withParameters(['pattern', 'ignorecase', 'multiline', 'match_type'], (run, value, given) => {
    const pattern = run.plain(given.get('pattern') ?? '')
    if (typeof pattern !== 'string')
      throw new TemplateError(`the argument "pattern" is a '${typeName(pattern)}', and has to be a text`)
    const ignoreCase = given.isTrue('ignorecase')
    const multiline = given.isTrue('multiline')
    return expressionOf(pattern, { ignoreCase, multiline, isAnchored }).test(run.text(value))
  })
}

function ofVersions(run: Run, value: Value, given: Bound): Value {
  const [ours, theirs, operator] = [run.text(value), given.text('version'), given.text('operator', 'eq')]
  if (given.has('strict') && given.has('version_type'))
    throw new TemplateError('strict and version_type are given, and only one of them may be')
  const type = given.text('version_type', given.isTrue('strict') ? 'strict' : 'loose')
  const difference = versionOrder(ours, theirs, type)
  switch (operator) {
    case '==':
    case '=':
    case 'eq':
      return difference === 0
    case '!=':
    case '<>':
    case 'ne':
      return difference !== 0
    case '<':
    case 'lt':
      return difference < 0
    case '<=':
    case 'le':
      return difference <= 0
    case '>':
    case 'gt':
      return difference > 0
    case '>=':
    case 'ge':
      return difference >= 0
    default:
      throw new TemplateError(`the operator "${operator}" is not known`, 'it can be ==, !=, <, <=, > or >=')
  }
}

const VERSION = ['version', 'operator', 'strict', 'version_type']

function toBoolean(run: Run, value: Value, given: Bound): boolean {
  const plain = run.plain(value)
  if (!given.isTrue('convert_bool') || typeof plain !== 'string') return run.isTrue(value)
  const known = ['y', 'yes', 'on', '1', 'true', 't', 'n', 'no', 'off', '0', 'false', 'f']
  const at = known.indexOf(plain.toLowerCase())
  return at === -1 ? plain !== '' : at < 6
}

/** Python compares sets, and a set has no lists and dicts in it. */
function hashable(run: Run, value: Value): boolean {
  const odd = run.items(value).find((each) => isList(each) || isDict(each))
  if (odd !== undefined) throw new TemplateError(`a '${typeName(odd)}' cannot be in a set`)
  return true
}

const isSame = (run: Run, value: Value, others: Value, found: boolean) =>
  hashable(run, value) &&
  hashable(run, others) &&
  run.items(others).every((each) => contains(run, run.items(value), each) === found)

/** The file at a path of this machine. Follows links. */
function ofFile(is: (found: Stats) => boolean): Apply {
  return withParameters([], (run, value) => {
    const found = statSync(run.text(value), { throwIfNoEntry: false })
    return found !== undefined && is(found)
  })
}

const TESTS: Readonly<Record<string, Apply>> = {
  defined: ofType((value) => !(value instanceof Undefined)),
  undefined: ofType((value) => value instanceof Undefined),
  none: ofType((value) => value === null),
  string: ofType(isText),
  number: ofType((value) => isNumber(value) || isBigInt(value)),
  integer: ofType((value) => isWhole(value) || isBigInt(value)),
  float: ofType((value) => value instanceof Float),
  boolean: ofType((value) => typeof value === 'boolean'),
  true: ofType((value) => value === true),
  false: ofType((value) => value === false),
  mapping: ofType((value) => isDict(value) || value instanceof Lazy),
  sequence: ofType(
    (value) => isText(value) || isList(value) || isDict(value) || value instanceof Tuple || value instanceof Lazy,
  ),
  iterable: withParameters([], (run, given) => {
    const value = run.plain(given)
    return isText(value) || isList(value) || isDict(value) || value instanceof Tuple || value instanceof Lazy
  }),
  callable: ofType((value) => value instanceof Undefined || value instanceof Callable),
  even: withParameters([], (run, value) => numeric(run, value) % 2 === 0),
  odd: withParameters([], (run, value) => Math.abs(numeric(run, value) % 2) === 1),
  divisibleby: withParameters(['num'], (run, value, given) => numeric(run, value) % divisor(run, given) === 0, {
    needed: 1,
  }),
  lower: withParameters(
    [],
    (run, value) => isCased(run.text(value)) && run.text(value) === run.text(value).toLowerCase(),
  ),
  upper: withParameters(
    [],
    (run, value) => isCased(run.text(value)) && run.text(value) === run.text(value).toUpperCase(),
  ),
  in: withParameters(['seq'], (run, value, given) => contains(run, given.need('seq'), value)),
  contains: withParameters(['value'], (run, value, given) => contains(run, value, given.need('value'))),
  sameas: withParameters(['other'], (run, value, given) => run.plain(value) === run.plain(given.need('other'))),
  ...Object.fromEntries(
    (
      [
        ['==', 'eq', 'equalto'],
        ['!=', 'ne'],
        ['<', 'lt', 'lessthan'],
        ['<=', 'le'],
        ['>', 'gt', 'greaterthan'],
        ['>=', 'ge'],
      ] as const
    ).flatMap((names) => names.map((name): [string, Apply] => [name, ofOrder(names[0])])),
  ),
  match: matching(true),
  search: matching(false),
  regex: matching(false),
  version: withParameters(VERSION, ofVersions),
  version_compare: withParameters(VERSION, ofVersions),
  any: withParameters([], (run, value) => run.items(value).some((each) => run.isTrue(each))),
  all: withParameters([], (run, value) => run.items(value).every((each) => run.isTrue(each))),
  truthy: withParameters(['convert_bool'], toBoolean),
  falsy: withParameters(['convert_bool'], (run, value, given) => !toBoolean(run, value, given)),
  subset: withParameters(['b'], (run, value, given) => isSame(run, given.need('b'), value, true)),
  issubset: withParameters(['b'], (run, value, given) => isSame(run, given.need('b'), value, true)),
  superset: withParameters(['b'], (run, value, given) => isSame(run, value, given.need('b'), true)),
  issuperset: withParameters(['b'], (run, value, given) => isSame(run, value, given.need('b'), true)),
  abs: withParameters([], (run, value) => {
    const path = run.plain(value)
    if (typeof path !== 'string') throw new TemplateError(`it needs a path, and gets a '${typeName(value)}'`)
    return path.startsWith('/')
  }),
  url: withParameters([], (run, value) => /^[A-Za-z][\w+.-]*:\/\/[^/?#]/.test(run.text(value))),
  exists: ofFile(() => true),
  file: ofFile((found) => found.isFile()),
  directory: ofFile((found) => found.isDirectory()),
  ip_address: withParameters([], (run, value) => isIP(run.text(value)) !== 0),
  ipv4_address: withParameters([], (run, value) => isIPv4(run.text(value))),
  ipv6_address: withParameters([], (run, value) => isIPv6(run.text(value))),
}

function isBigInt(value: Value): boolean {
  return value instanceof Opaque && value.type === 'int'
}

function isCased(text: string): boolean {
  return text.toLowerCase() !== text.toUpperCase()
}

function divisor(run: Run, given: Bound): number {
  const found = numeric(run, given.need('num'))
  if (found === 0) throw new TemplateError('division by zero')
  return found
}

function numeric(run: Run, value: Value): number {
  const plain = run.plain(value)
  if (isNumber(plain)) return numberOf(plain)
  throw new TemplateError('it needs a number', 'turn it into one with | int')
}

/** A test by its name, as after `is`. Throws a TemplateError for an unknown name. */
export function testNamed(name: string): Apply {
  const short = name.replace(/^(?:ansible\.builtin|ansible\.legacy|ansible\.utils)\./, '')
  const found = Object.hasOwn(TESTS, short) ? TESTS[short] : undefined
  if (found === undefined)
    throw (
      refuseTest(short) ??
      new TemplateError(
        `the test "is ${name}" is not known`,
        didYouMean(short, Object.keys(TESTS)) ?? 'compute the value in TypeScript, in the role or the playbook',
      )
    )
  return (run, value, given) => {
    try {
      return found(run, value, given)
    } catch (error) {
      throw blamed(error, `test ${name}`)
    }
  }
}

import {
  Callable,
  Float,
  KeptText,
  isDict,
  isList,
  Lazy,
  Opaque,
  TemplateError,
  Tuple,
  Undefined,
  UndefinedError,
  type Value,
} from './value.ts'
import { isSecret } from '../../secret.ts'
import { floatText } from '../../text/typed.ts'

/** Turns a Secret into text, and marks the result as secret. */
export type Reveal = (secret: { reveal(): string }) => string

/** Python's `str(value)`: a value as text. */
export function str(value: Value, reveal: Reveal): string {
  if (typeof value === 'string') return value
  if (value instanceof KeptText) return value.text
  if (isSecret(value)) return reveal(value)
  if (value instanceof Opaque) return value.written
  if (value instanceof Undefined && value.isNothing) return ''
  if (value instanceof Undefined) throw new UndefinedError(value)
  return repr(value, reveal)
}

/** Python's `repr(value)`: a value inside the text of a list. */
export function repr(value: Value, reveal: Reveal): string {
  const inner = (each: Value) => repr(each, reveal)
  if (value === null) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return quoted(value)
  if (value instanceof KeptText) return quoted(value.text)
  if (isSecret(value)) return quoted(reveal(value))
  if (value instanceof Float) return floatText(value.value)
  if (value instanceof Opaque && value.type === 'int') return value.written
  if (value instanceof Opaque)
    throw new TemplateError(
      'a time in the text of a list or dict is not known',
      'write it as a text: {{ name | string }}',
    )
  if (value instanceof Undefined) throw new UndefinedError(value)
  if (value instanceof Callable)
    throw new TemplateError(`${value.name} is a function, not a text`, `call it: ${value.name}()`)
  if (value instanceof Lazy)
    throw new TemplateError('all variables of a host cannot become one text', 'name the variable that you mean')
  if (value instanceof Tuple)
    return value.items.length === 1 ? `(${value.items.map(inner).join('')},)` : `(${value.items.map(inner).join(', ')})`
  if (isDict(value)) return `{${Array.from(value, ([key, each]) => `${inner(key)}: ${inner(each)}`).join(', ')}}`
  if (isList(value)) return `[${value.map(inner).join(', ')}]`
  return value satisfies never
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const body = text.replace(
    /[\\\n\r\t]|[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu,
    (char) => ESCAPES[char] ?? escaped(char),
  )
  return `${quote}${body.replaceAll(quote, `\\${quote}`)}${quote}`
}

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
}

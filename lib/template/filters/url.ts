import type { Apply } from '../evaluation/given.ts'
import { withParameters } from '../evaluation/given.ts'
import type { Run } from '../evaluation/run.ts'
import { isDict, isList, TemplateError, type Key, type Value } from '../values/value.ts'

/** The parts that urlsplit returns, sorted by name. Source: Python's urllib.parse. */
function split(text: string): ReadonlyMap<Key, Value> {
  const [, scheme = '', netloc = '', path = '', query = '', fragment = ''] =
    /^(?:([A-Za-z][\w+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#([^]*))?$/.exec(text) ?? []
  const [, user, password, bracketed, plain, port] =
    /^(?:([^:@]*)(?::(.*))?@)?(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(netloc) ?? []
  const name = (bracketed ?? plain ?? '').toLowerCase()
  return new Map<Key, Value>([
    ['fragment', fragment],
    ['hostname', name === '' ? null : name],
    ['netloc', netloc],
    ['password', password ?? null],
    ['path', path],
    ['port', port === undefined || port === '' ? null : Number(port)],
    ['query', query],
    ['scheme', scheme.toLowerCase()],
    ['username', user ?? null],
  ])
}

function encoded(run: Run, value: Value): string {
  return encodeURIComponent(run.text(value)).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** An invalid escape stays as it is. */
function decoded(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/(?:%[0-9a-fA-F]{2})+/g, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'))
}

/** Filters of URLs. */
export const urlFilters: Readonly<Record<string, Apply>> = {
  urlencode: withParameters([], (run, value) => {
    const plain = run.plain(value)
    if (!isDict(plain) && !isList(plain)) return encoded(run, plain).replaceAll('%2F', '/')
    const pairs = isDict(plain) ? Array.from(plain) : plain.map((pair) => run.items(pair))
    if (pairs.some(({ length }) => length !== 2))
      throw new TemplateError('a list has to be one of pairs', 'join the list to a text first: | join')
    return pairs
      .map(([key = null, each = null]) => `${encoded(run, key)}=${encoded(run, each)}`)
      .join('&')
      .replaceAll('%20', '+')
  }),
  urldecode: withParameters([], (run, value) => decoded(run.text(value))),
  urlsplit: withParameters(['query'], (run, value, given) => {
    const parts = split(run.text(value))
    if (given.get('query') == null || given.get('query') === '') return parts
    const part = parts.get(given.text('query'))
    if (part === undefined)
      throw new TemplateError(`a URL has no "${given.text('query')}"`, `it has ${[...parts.keys()].join(', ')}`)
    return part
  }),
}

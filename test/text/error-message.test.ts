import { inspect } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { placeOfError } from '../../lib/place.ts'
import { errorMessage, thrownWords } from '../../lib/text/error-message.ts'

function refuse(): never {
  throw new Error('not to be read')
}

const unreadable = (name: string) => Object.defineProperty(new Error('an error'), name, { get: refuse })

/** What a role may throw that throws itself when it is looked at. */
const THROWN: Readonly<Record<string, unknown>> = {
  'whose message throws': unreadable('message'),
  'whose stack throws': unreadable('stack'),
  'whose name throws': unreadable('name'),
  'whose cause throws': unreadable('cause'),
  'whose constructor throws': unreadable('constructor'),
  'whose errors throw': Object.defineProperty(new AggregateError([], 'several'), 'errors', { get: refuse }),
  'whose errors are no list': Object.assign(new AggregateError([], 'several'), { errors: 5 }),
  'whose stack is no text': Object.assign(new Error('an error'), { stack: 5 }),
  'whose message is no text': Object.assign(new Error('an error'), { message: { a: 1 } }),
  'behind a proxy that throws': new Proxy(new Error('an error'), { get: refuse }),
  'behind a proxy without a prototype': new Proxy({}, { get: refuse, getPrototypeOf: refuse }),
  'that cannot be printed': { [inspect.custom]: refuse },
  'that holds such an error': new Error('an error', { cause: unreadable('message') }),
}

for (const [what, thrown] of Object.entries(THROWN))
  test(`something ${what} is told, and does not end the run`, () => {
    assert.type(placeOfError(thrown)?.file ?? '', 'string')
    assert.ok(errorMessage(thrown).length > 0)
    assert.match(thrownWords(thrown).said, /^(?:ended with|threw) /)
  })

test.run()

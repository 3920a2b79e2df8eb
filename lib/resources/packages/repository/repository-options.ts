import { z } from 'zod'
import { digitsOption } from '../../downloads/checksum.ts'
import { url } from '../../downloads/fetch.ts'
import type { OptionProblem } from '../../kit/options/option-problems.ts'
import { flag, list, nested, oneOf, seconds, text, value } from '../../kit/options/option-types.ts'
import { resourceOptions } from '../../kit/options/options.ts'
import { keyText } from './key-text.ts'
import { isFetched } from './repository-text.ts'
import { describeValue } from '../../kit/options/describe-value.ts'
import { invalidOption } from '../../kit/options/invalid-option.ts'
import type { RepositoryOptions } from './repository-types.ts'

const line = (expected = 'a text of one line') => text(expected, /^[^\p{Cc}]+$/u)
const word = () => text('a word without blanks', /^[^\s\p{Cc}]+$/u)

/** One word, or several; none would be a source of nothing. */
const words = () =>
  z.union([word(), list('a list of words without blanks', word())], {
    error: 'a word without blanks, or a list of such words',
  })

/** What is in it is looked at by `wrongKey`, which says why it is none. */
const keyBytes = () =>
  value<string | Uint8Array>(
    'a key as text or bytes',
    (given) => (typeof given === 'string' && given.trim() !== '') || given instanceof Uint8Array,
  )

const KEY = 'a key as text or bytes, or { source, sha256 }'

/** Reads the options of `repository`. */
export const readRepository = resourceOptions<RepositoryOptions>()(
  'repository',
  (name) => {
    if (typeof name === 'string' && /^[\w][\w.-]*$/.test(name)) return name
    throw invalidOption('name of repository', 'letters, digits, dots, dashes and underscores', describeValue(name))
  },
  () => ({
    apt: nested('{ uris, suites, key, ... }', {
      uris: words(),
      suites: words(),
      components: words().optional(),
      architectures: words().optional(),
      key: z
        .union([keyBytes(), nested('{ source, sha256 }', { source: url(), sha256: digitsOption() })], { error: KEY })
        .optional(),
      trusted: z.literal(true).optional(),
    }).optional(),
    yum: nested('{ baseurl, gpgkey, ... }', {
      baseurl: line('a URL, in one line'),
      description: line().optional(),
      gpgkey: z
        .union(
          [
            keyBytes(),
            nested('{ source, sha256 }', { source: line('a URL, in one line'), sha256: digitsOption().optional() }),
          ],
          {
            error: KEY,
          },
        )
        .optional(),
      gpgcheck: flag().optional(),
    }).optional(),
    state: oneOf(['present', 'absent']).optional(),
    deadline: seconds().optional(),
  }),
  ({ apt, yum, state }, given) => {
    if (state === 'absent') return []
    return [
      given.has('apt') || given.has('yum') ? undefined : { expected: 'apt, yum, or both', got: 'neither' },
      ...(apt === undefined ? [] : [...emptyLists(apt), keyOf(apt), wrongKey('apt.key', apt.key)]),
      ...(yum === undefined ? [] : [gpgkeyOf(yum), wrongKey('yum.gpgkey', yum.gpgkey), fetchedSafely(yum)]),
    ]
  },
)

function keyOf({ key, trusted }: NonNullable<RepositoryOptions['apt']>): OptionProblem | undefined {
  if (key !== undefined || trusted === true) return undefined
  return { what: 'apt', expected: 'a key, or trusted: true', got: 'neither' }
}

function gpgkeyOf({ gpgkey, gpgcheck }: NonNullable<RepositoryOptions['yum']>): OptionProblem | undefined {
  if (gpgkey !== undefined || gpgcheck === false) return undefined
  return { what: 'yum', expected: 'a gpgkey, or gpgcheck: false', got: 'neither' }
}

function wrongKey(what: string, key: unknown): OptionProblem | undefined {
  if (typeof key !== 'string' && !(key instanceof Uint8Array)) return undefined
  const read = keyText(key)
  if ('text' in read) return undefined
  const isUrl = typeof key === 'string' && /^\w+:\/\//.test(key.trim())
  return {
    what,
    expected: 'a public key of OpenPGP, as text (-----BEGIN PGP PUBLIC KEY BLOCK-----) or bytes',
    got: isUrl ? 'a URL' : read.instead,
    ...(isUrl ? { hint: 'to have it fetched, give { source, sha256 }' } : {}),
  }
}

function fetchedSafely({ gpgkey }: NonNullable<RepositoryOptions['yum']>): OptionProblem | undefined {
  if (!isFetched(gpgkey) || /^(https|file):/.test(gpgkey.source)) return undefined
  return { what: 'gpgkey', expected: 'a sha256 beside a source that is not https', got: gpgkey.source }
}

function emptyLists(apt: object): OptionProblem[] {
  return Object.entries(apt)
    .filter(([, each]) => Array.isArray(each) && each.length === 0)
    .map(([key]) => ({ what: `apt.${key}`, expected: 'at least one word', got: 'an empty list' }))
}

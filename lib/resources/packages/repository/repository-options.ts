import { z } from 'zod'
import { digitsOption } from '../../downloads/checksum.ts'
import { url } from '../../downloads/fetch.ts'
import type { OptionProblem } from '../../kit/options/option-problems.ts'
import { flag, list, nested, oneOf, record, seconds, text, value, whole } from '../../kit/options/option-types.ts'
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
      types: z
        .union([oneOf(['deb', 'deb-src']), list('a list of deb and deb-src', oneOf(['deb', 'deb-src']))], {
          error: "'deb', 'deb-src', or a list of them",
        })
        .optional(),
      enabled: flag().optional(),
      fields: record('fields of sources.list(5)', line()).optional(),
      key: z
        .union([keyBytes(), nested('{ source, sha256 }', { source: url(), sha256: digitsOption() })], { error: KEY })
        .optional(),
      trusted: z.literal(true).optional(),
    }).optional(),
    yum: nested('{ baseurl, gpgkey, ... }', {
      baseurl: z
        .union([line('a URL, in one line'), list('a list of URLs', line('a URL, in one line'))], {
          error: 'a URL, in one line, or a list of URLs',
        })
        .optional(),
      metalink: line('a URL, in one line').optional(),
      mirrorlist: line('a URL, in one line').optional(),
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
      repoGpgcheck: flag().optional(),
      enabled: flag().optional(),
      exclude: list('a list of names of packages', word()).optional(),
      includepkgs: list('a list of names of packages', word()).optional(),
      priority: whole('1 to 99', 1, 99).optional(),
      settings: record('options of dnf.conf(5)', line()).optional(),
    }).optional(),
    state: oneOf(['present', 'absent']).optional(),
    deadline: seconds().optional(),
  }),
  ({ apt, yum, state }, given) => {
    if (state === 'absent') return []
    return [
      given.has('apt') || given.has('yum') ? undefined : { expected: 'apt, yum, or both', got: 'neither' },
      ...(apt === undefined ? [] : [...emptyLists(apt), ...ownFields(apt), keyOf(apt), wrongKey('apt.key', apt.key)]),
      ...(yum === undefined
        ? []
        : [
            ...placeOf(yum),
            ...ownSettings(yum),
            gpgkeyOf(yum),
            wrongKey('yum.gpgkey', yum.gpgkey),
            fetchedSafely(yum),
          ]),
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

/** Where its packages are is said in one way. */
function placeOf(yum: NonNullable<RepositoryOptions['yum']>): OptionProblem[] {
  const places = (['baseurl', 'metalink', 'mirrorlist'] as const).filter((name) => yum[name] !== undefined)
  if (places.length === 1) return []
  const got = places.length === 0 ? 'none of them' : places.join(' and ')
  return [{ what: 'yum', expected: 'one of baseurl, metalink and mirrorlist', got }]
}

/** Fields that have an option of their own, and names that would be no field. */
function ownFields({ fields = {} }: NonNullable<RepositoryOptions['apt']>): OptionProblem[] {
  return wrongNames('apt.fields', fields, /^[A-Za-z][A-Za-z-]*$/, [
    'Enabled',
    'Types',
    'URIs',
    'Suites',
    'Components',
    'Architectures',
    'Signed-By',
    'Trusted',
  ])
}

function ownSettings({ settings = {} }: NonNullable<RepositoryOptions['yum']>): OptionProblem[] {
  return wrongNames('yum.settings', settings, /^[a-z][a-z_]*$/, [
    'name',
    'baseurl',
    'metalink',
    'mirrorlist',
    'enabled',
    'gpgcheck',
    'gpgkey',
    'repo_gpgcheck',
    'exclude',
    'excludepkgs',
    'includepkgs',
    'priority',
  ])
}

function wrongNames(what: string, given: object, pattern: RegExp, own: readonly string[]): OptionProblem[] {
  return Object.keys(given).flatMap((name) => {
    const isOwn = own.some((each) => each.toLowerCase() === name.toLowerCase())
    if (!isOwn && pattern.test(name)) return []
    return [{ what, expected: isOwn ? `${name} as an option of its own` : 'names of options', got: name }]
  })
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

import { z } from 'zod'
import { lines, sh, type Sh } from '../../sh/quote.ts'
import type { Secret } from '../../secret.ts'
import { reveal } from '../files/edit.ts'
import { fetchInto, url } from './fetch.ts'
import { isSameServer } from './fetch-settings.ts'
import { nested, text } from '../kit/options/option-types.ts'
import { publishedSum } from './published-sum.ts'

/** A SHA-256: 64 hexadecimal digits, or the URL where it is published: a file that holds them alone, or a list in any of the usual forms. */
export type Checksum = string | { readonly source: string }

/** The digits of a SHA-256 as an option. */
export const digitsOption = (expected = '64 hexadecimal digits') => text(expected, /^[0-9a-f]{64}$/i)

/** A checksum as an option. */
export const checksumOption = () =>
  z.union([digitsOption(), nested('{ source: URL }', { source: url() })], {
    error: '64 hexadecimal digits, or { source: URL } where they are published',
  })

/** Digits in lower case, as sha256sum(1) prints them. */
export function inLowerCase(sha256: Checksum): Checksum {
  return typeof sha256 === 'string' ? sha256.toLowerCase() : sha256
}

/**
 * Puts into `$sum` what the thing at `from` must have. What is published is fetched to `$into`, which is set by `at`;
 * its URL is the first that the script reads from standard input. `settings`: with those of the thing itself, where it is published by the same server.
 */
export function wantedSum(what: string, sha256: Checksum, from: string | Secret, at: Sh, settings = false): Sh {
  if (typeof sha256 === 'string') return sh`sum=${sha256}`
  const manner = { secret: false, settings: settings && isSameServer(sha256.source, from) }
  return lines(at, fetchInto(`${what}: its checksum`, manner), publishedSum(reveal(from), sha256.source))
}

/** Ends the script when the file `$into` has another checksum than the one in `$sum`. */
export function sumIsRight(what: string): Sh {
  return sh`h=$(sha256sum <"$into") || exit 1
[ "\${h%% *}" = "$sum" ] || { echo ${`${what}: expected sha256`} "$sum, got \${h%% *}" >&2; exit 1; }`
}

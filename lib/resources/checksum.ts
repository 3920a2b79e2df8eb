import { lines, sh, type Sh } from '../sh/quote.ts'
import type { Secret } from '../secret.ts'
import { reveal } from './edit.ts'
import { checkUrl, fetchInto } from './fetch.ts'
import { wrong } from './path.ts'
import { publishedSum } from './published-sum.ts'

/** A SHA-256: 64 hexadecimal digits, or the URL where it is published: a file that holds them alone, or a list in any of the usual forms. */
export type Checksum = string | { readonly from: string }

/** Checks a checksum as a person wrote it; digits come back in lower case. */
export function checkSum(of: string, sha256: Checksum): Checksum {
  if (typeof sha256 !== 'string') {
    checkUrl(`sha256 of ${of}`, sha256.from)
    return sha256
  }
  if (/^[0-9a-f]{64}$/i.test(sha256)) return sha256.toLowerCase()
  throw wrong(`sha256 of ${of}`, '64 hexadecimal digits', JSON.stringify(sha256))
}

/**
 * Puts into `$sum` what the thing at `from` must have. What is published is fetched to `$into`, which is set by `at`;
 * its URL is the first that the script reads from standard input.
 */
export function wantedSum(what: string, sha256: Checksum, from: string | Secret, at: Sh): Sh {
  if (typeof sha256 === 'string') return sh`sum=${sha256}`
  return lines(at, fetchInto(`${what}: its checksum`, false), publishedSum(reveal(from), sha256.from))
}

/** Ends the script when the file `$into` has another checksum than the one in `$sum`. */
export function sumIsRight(what: string): Sh {
  return sh`h=$(sha256sum <"$into") || exit 1
[ "\${h%% *}" = "$sum" ] || { echo ${`${what}: expected sha256`} "$sum, got \${h%% *}" >&2; exit 1; }`
}

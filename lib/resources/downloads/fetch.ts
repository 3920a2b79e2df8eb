import type { Prediction } from '../prediction/prediction.ts'
import { posix } from 'node:path'
import { Secret } from '../../secret.ts'
import { fetchFailed } from './fetch-failures.ts'
import { own } from '../../sh/own.ts'
import { raw, sh, type Sh } from '../../sh/quote.ts'
import { waits } from '../../sh/waiting.ts'
import { reveal } from '../files/edit.ts'
import { isAbsolute, secretText, text } from '../kit/options/option-types.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { fetchWithSettings } from './fetch-settings.ts'

/** Tries before a download is given up, with 2 and 4 seconds between them. */
const TRIES = 3

const URL_FORM = /^(https?|ftp):\/\/[^\s"\\\p{Cc}]+$/u
const URL_WORDS = 'an http, https or ftp URL with blanks, quotes and backslashes percent-encoded'

/** A URL as an option. */
export const url = () => text(URL_WORDS, URL_FORM)

/** A URL that may hold a password or a token, as an option. */
export const secretUrl = () =>
  secretText(URL_WORDS, (given) => URL_FORM.test(given), {
    got: (given) =>
      typeof given === 'string'
        ? describeValue(given)
        : given instanceof Secret
          ? 'a Secret that holds something else'
          : undefined,
  })

/** Whether it is the URL of something that is fetched, and no path. */
export function isUrl(source: string | Secret): boolean {
  return URL_FORM.test(reveal(source))
}

/** Where content comes from, as an option: a URL, which may be a Secret, or a path on the host. */
export const sourceOption = () =>
  secretText(
    'an http, https or ftp URL, or an absolute path on the host',
    (given) => URL_FORM.test(given) || isAbsolute(given),
    {
      got: (given) => (typeof given === 'string' ? describeValue(given) : undefined),
    },
  )

/** The name of what is at a URL or path: the last part of it. */
export function nameOf(from: string | Secret): string {
  return posix.basename(reveal(from).replace(/[?#].*$/, ''))
}

/** Exits with 0 when the host can fetch anything. */
export const hasFetcher: Sh = raw('{ command -v curl >/dev/null 2>&1 || command -v wget >/dev/null 2>&1; }')

/** Exits with 0 when the host can fetch with settings: others would see them in the arguments of wget. */
export const hasCurl: Sh = raw('command -v curl >/dev/null 2>&1')

/** Whether a pending package has a tool that fetches, as its name says; or what else may bring one. */
export function fetcherLater(
  prediction: Prediction,
  tools: readonly string[] = ['curl', 'wget'],
): 'comes' | { readonly from: string } | undefined {
  const own = prediction.packages.peekInstalled().find(({ name }) => tools.includes(name))
  if (own !== undefined && prediction.packages.get(own.name) !== undefined) return 'comes'
  return prediction.bringer()
}

interface FetchManner {
  /** The URL may be in no argument list. */
  readonly secret: boolean
  readonly insecure?: boolean
  /** With `$settings`, see `readSettings`. */
  readonly settings?: boolean
}

/**
 * Reads a URL from standard input and fetches it to `$into`, in up to three tries; ends the script when that comes to nothing.
 * The URL goes on by a pipe where the tool can read it there: argument lists are public.
 * busybox wget gets no `-T`: built without that option, as in Debian 12, it ends in a segmentation fault.
 */
export function fetchInto(what: string, { secret, insecure: isInsecure = false, settings = false }: FetchManner): Sh {
  const unchecked = raw(isInsecure ? ' --no-check-certificate' : '')
  const bare = secret
    ? sh`echo 'a secret URL needs curl or GNU wget: busybox wget would show it to every user' >&2; exit 1`
    : sh`wget -q${unchecked} -O "$into" "$url"`
  const fetch = settings
    ? sh`${fetchWithSettings}
fetch() { fetch_with ${isInsecure ? '-k' : ''}; }`
    : sh`fetch() {
if command -v curl >/dev/null 2>&1; then
printf 'url = "%s"\\n' "$url" | curl -gfsSL${raw(isInsecure ? ' -k' : '')} --connect-timeout 20 --speed-limit 1 --speed-time 60 -o "$into" -K -
elif wget --version 2>/dev/null | grep -q GNU; then
printf '%s\\n' "$url" | wget ${raw(secret ? '-q' : '-nv')}${unchecked} -t 1 -T 60 -O "$into" -i -
else ${bare}; fi
}`
  return sh`${waits}
${own('wget')}
${fetchFailed}
IFS= read -r url || exit 1
${fetch}
n=1
until e=$(fetch 2>&1); do r=$?
[ -z "$e" ] || printf '%s\\n' "$e" >&2
[ $n -lt ${TRIES} ] || { echo ${`${what}: ${TRIES} tries came to nothing`} >&2; fetch_failed $r "$e"; }
waits ${what}": try $n of ${TRIES} failed, again in $((n * 2)) s"; sleep $((n * 2)); n=$((n + 1))
done`
}

import type { Secret } from '../../secret.ts'
import { raw, sh, type Sh } from '../../sh/quote.ts'
import { reveal } from '../files/edit.ts'
import type { OptionProblem } from '../kit/options/option-problems.ts'
import { record, secretText, text } from '../kit/options/option-types.ts'

/** Who asks, where a server wants to know that. With one of them the host needs curl: others would see them in the arguments of wget. */
export interface FetchSettings {
  /** More headers of the request. They go to the server of `source` alone, not to where that sends on. */
  readonly headers?: Readonly<Record<string, string | Secret | undefined>>
  /** HTTP basic authentication. */
  readonly username?: string
  readonly password?: string | Secret
}

const oneLine = (given: string) => !/[\0\r\n]/.test(given)

/** These as options. */
export const fetchSettingsOptions = () => ({
  headers: record('names and values of headers', secretText('a text of one line, or a Secret', oneLine)).optional(),
  username: text('a name', /^[^:\r\n\0]+$/).optional(),
  password: secretText('a password, best a Secret', oneLine).optional(),
})

/** What cannot be meant among them. */
export function fetchSettingsRule({ headers = {}, username, password }: FetchSettings): (OptionProblem | undefined)[] {
  return [
    ...Object.keys(headers)
      .filter((name) => !/^[\w-]+$/.test(name))
      .map((name) => ({ what: 'headers', expected: 'names of headers', got: JSON.stringify(name) })),
    password !== undefined && username === undefined
      ? { what: 'password', expected: 'given with username', got: 'password alone' }
      : undefined,
  ]
}

/** Lines of a configuration of curl. */
export function curlSettings({ headers = {}, username, password }: FetchSettings): string[] {
  const line = (name: string, value: string) => `${name} = "${value.replaceAll(/[\\"]/g, '\\$&')}"`
  return [
    ...Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [line('header', `${name}: ${reveal(value)}`)],
    ),
    // Not as `user`: curl would put that into the URL that it is sent on to.
    ...(username === undefined ? [] : [line('header', `Authorization: Basic ${basic(username, password)}`)]),
  ]
}

function basic(username: string, password: string | Secret = ''): string {
  return Buffer.from(`${username}:${reveal(password)}`).toString('base64')
}

/** Those that were given, alone. */
export function fetchSettings({ headers, username, password }: FetchSettings): FetchSettings {
  return {
    ...(headers === undefined || Object.keys(headers).length === 0 ? {} : { headers }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  }
}

/** Reads so many lines of settings from standard input into `$settings`, before the URLs. */
export function readSettings(count: number): Sh {
  if (count === 0) return raw(':')
  return sh`settings= i=0
while [ $i -lt ${count} ]; do IFS= read -r l || exit 1
settings="$settings$l
"; i=$((i+1)); done`
}

/**
 * How curl fetches `$url` to `$into` with `$settings`: from there to where it is sent on by itself, because curl would take headers along to other servers.
 *
 * Source: curl(1), --location, --write-out; RFC 9110, 15.4; RFC 7617.
 */
export const fetchWithSettings: Sh = raw(`fetch_with() {
o=\${url#*://}
o=\${url%%://*}://\${o%%[/?#]*}
u=$url j=0
while :; do
m=; case $u in "$o" | "$o"[/?#]*) m=$settings;; esac
r=$(printf 'url = "%s"\\n%s' "$u" "$m" | curl -gfsS \${1:+"$1"} --connect-timeout 20 --speed-limit 1 --speed-time 60 -o "$into" -w '%{redirect_url}' -K -) || return 1
[ -n "$r" ] || return 0
case $r in *[\\"\\\\]*) return 1;; http://* | https://* | ftp://*) ;; *) return 1;; esac
[ $j -lt 10 ] || { echo 'it was sent on more than ten times' >&2; return 1; }
u=$r j=$((j+1))
done
}`)

/** Whether a URL is of the same server. */
export function isSameServer(url: string, other: string | Secret): boolean {
  const originOf = (text: string) => /^\w+:\/\/[^/?#]*/.exec(text)?.[0]
  return originOf(url) === originOf(reveal(other))
}

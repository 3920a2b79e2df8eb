import { raw, type Sh } from '../../sh/quote.ts'
import type { StepFailure } from '../kit/plan.ts'

/**
 * What the statuses mean with which `fetch_failed` ends a script.
 *
 * Source: curl(1), EXIT CODES; wget(1), EXIT STATUS; RFC 9110, 15.
 */
export const FETCH_FAILURES: Readonly<Record<number, StepFailure>> = {
  71: {
    why: 'the server has nothing at this URL (HTTP 404 or 410)',
    hint: 'correct the URL: a version may have been moved or removed',
  },
  72: {
    why: 'the server refuses these credentials, or needs some (HTTP 401, 403 or 407)',
    hint: 'give username and password, or headers; or ask whoever runs the server for access',
  },
  73: { why: 'the server refuses the request (HTTP 4xx)', hint: 'correct the URL and the headers' },
  74: { why: 'the server has an error of its own (HTTP 5xx)', hint: 'run again later, or name another server' },
  75: {
    why: 'the host cannot resolve the name of the server',
    hint: "correct the URL, or the host's name servers in /etc/resolv.conf; or name its proxy in the environment",
  },
  76: {
    why: 'the host cannot connect to the server',
    hint: 'see whether the server runs, and whether a firewall or a proxy stands between them',
  },
  77: { why: 'the server does not answer in time', hint: 'see whether a firewall drops the connection, and run again' },
  78: {
    why: 'TLS with the server cannot be set up: its certificate is not trusted, or they have no version in common',
    hint: "put pkg('ca-certificates') or caTrust before this resource, and see whether the clock of the host is right",
  },
  79: { why: 'what is fetched cannot be written on the host', hint: 'see whether its disk is full: df' },
}

/** Ends a script by what a tool has said, `$2`, and its status, `$1`. curl and wget say the status of HTTP in their own words alone. */
export const fetchFailed: Sh = raw(String.raw`fetch_failed() {
h=$(printf '%s\n' "$2" | sed -n 's/.*[Ee][Rr][Rr][Oo][Rr]:\{0,1\} \(HTTP\/[0-9.]* \)\{0,1\}\([1-5][0-9][0-9]\).*/\2/p' | tail -n 1)
case $h in 404 | 410) exit 71;; 401 | 403 | 407) exit 72;; 4??) exit 73;; 5??) exit 74;; esac
case $1:$2 in
*'No space left'* | 23:curl*) exit 79;;
6:curl* | *'bad address'* | *'unable to resolve'* | *'ould not resolve'*) exit 75;;
28:curl* | *'imed out'*) exit 77;;
35:curl* | 5[138]:curl* | 60:curl* | 77:curl* | 83:curl* | *ertificate* | *SSL* | *TLS*) exit 78;;
7:curl* | *refused* | *nreachable* | *'No route'*) exit 76;;
esac
exit 1
}`)

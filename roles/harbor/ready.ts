import { sh, type Sh } from 'rolecall'

/** Where Harbor itself answers, past any proxy. */
export interface At {
  /** Such as `http://127.0.0.1:180`. */
  readonly root: string
  /** The path of its API, such as `/api/v2.0`. */
  readonly api: string
}

/** What all its services are called together, whichever directory they were started from. */
export const PROJECT = 'harbor'

/**
 * Defines `up`, `healthy` and `asks`, each of which leaves in `$seen` what it saw: no service is down or unhealthy for Docker, which in
 * the 1.8 line watches some of them only; Harbor's own API says that every component is healthy; and `/v2/` asks who is there, which is
 * the first thing that docker login wants to hear.
 */
export function readiness({ root, api }: At): Sh {
  return sh`up() {
seen=$(docker ps -a --filter label=com.docker.compose.project=${PROJECT} --format '{{.Names}}: {{.Status}}')
[ -n "$seen" ] && ! printf '%s\\n' "$seen" | grep -qv ': Up ' && ! printf '%s\\n' "$seen" | grep -q 'health: starting\\|(unhealthy)'
}
healthy() {
seen=$(curl -sS -m 10 ${`${root}${api}/health`} 2>&1)
set -f; set -- $seen; set +f; IFS=; all=$*; unset IFS
case $all in *'"status":"unhealthy"'*) return 1;; *'"status":"healthy"'*) ;; *) return 1;; esac
}
asks() {
seen=$(curl -sS -m 10 -o /dev/null -w '/v2/ answers %{http_code}' ${`${root}/v2/`} 2>&1)
[ "$seen" = '/v2/ answers 401' ]
}`
}

/** Stays until it is ready, and ends the script with what was seen last when that takes longer than `seconds`. */
export function untilReady(seconds: number): Sh {
  return sh`end=$(($(date +%s) + ${seconds}))
until up && healthy && asks; do
[ "$(date +%s)" -lt "$end" ] || { printf '%s\\n' ${`not healthy within ${seconds} s:`} "$seen" >&2; exit 1; }
sleep 1
done`
}

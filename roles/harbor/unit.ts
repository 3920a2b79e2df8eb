import { PROJECT } from './ready.ts'

/** Looks at a service's health before it counts as up; a check of Harbor's own comes every 30 s. */
const HEALTHY_WITHIN = 240

/** v1 where it is there, as in Debian 12, otherwise v2. Where neither is, because its package was lost, `otherwise`. */
const compose = (words: string, otherwise: string) =>
  `if command -v docker-compose >/dev/null; then docker-compose ${words}; elif docker compose version >/dev/null 2>&1; then docker compose ${words}; else ${otherwise}; fi`

const containers = `docker ps -q --filter label=com.docker.compose.project=${PROJECT}`
/** They were made in the order in which they need one another. */
const start = `for i in $$(${containers} -a | tac); do docker start $$i || exit 1; done`
const stop = `${containers} | xargs -r docker stop`

/**
 * All services of Harbor as one unit. It starts them in the order in which they need one another, and is up when none of them is still
 * starting. It stops them before the engine is stopped or restarted: their logs go to one of them through a port of the engine's. An
 * engine that restarts without that (live-restore) does not find the port, and leaves every other service running without a network.
 *
 * Source: systemd.service(5), where `$$` is one `$`; moby, `daemon.restore`.
 */
export function harborUnit(directory: string): string {
  const starting = `${containers} --filter health=starting`
  return `[Unit]
Description=Harbor: all services of the compose project
Requires=docker.service
After=docker.service network-online.target
Wants=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
WorkingDirectory=${directory}
Environment=COMPOSE_PROJECT_NAME=${PROJECT}
ExecStart=/bin/sh -c '${compose('up -d', start)}'
ExecStartPost=/bin/sh -c 'n=0; while ${starting} | grep -q . && [ $$n -lt ${HEALTHY_WITHIN} ]; do n=$$((n + 1)); sleep 1; done'
ExecStop=/bin/sh -c '${compose('stop', stop)}'

[Install]
WantedBy=multi-user.target
`
}

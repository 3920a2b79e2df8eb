import { lines, raw, sh, type Sh } from '../../../sh/quote.ts'
import { composeTool, containersOf, LIVELINESS } from './probe.ts'
import { imageNow, type ComposeHave, type ComposeWant, type Container } from './answer.ts'
import { isPath } from '../../kit/options/unit-name.ts'
import type { Step } from '../../kit/kind.ts'
import { mayBeLater } from '../../kit/host-time.ts'
import { waitUntilUp } from './wait-until-up.sh.ts'

/** Seconds that compose has for making containers, besides the wait for them. */
const TO_MAKE_SECONDS = 600
const MOST_NAMED = 4

/** What keeps a service from being up. */
interface Lack {
  readonly service: string
  readonly why: string
  readonly cure: 'up' | 'unpause' | 'restart' | 'anew' | 'wait'
}

/** The step that brings up what is not up; none when all of it is. */
export function upSteps(want: ComposeWant, have: ComposeHave & { readonly anew?: string }): Step[] {
  const { project, deadline } = want
  if (have.anew !== undefined) return [step(`start ${project} again, after ${have.anew}`, sh`false`, want)]
  // Only predicted: the containers that will be started cannot be listed yet.
  if (have.services === undefined) return [step(`bring up ${project}`, sh`false`, want)]
  const services = want.services ?? [...have.services.keys()]
  const lacks = services.flatMap((service) => lackOf(service, have) ?? [])
  if (lacks.length === 0) return []
  const names = (cure: Lack['cure']) => lacks.filter((lack) => lack.cure === cure).map(({ service }) => service)
  const onlyWait = lacks.every(({ cure }) => cure === 'wait')
  const told = lacks.slice(0, MOST_NAMED).map(({ service, why }) => `${service} ${why}`)
  const more = lacks.length > MOST_NAMED ? [`and ${lacks.length - MOST_NAMED} more`] : []
  const say = `${onlyWait ? 'wait for' : 'bring up'} ${project} (${[...told, ...more].join(', ')})`
  const act = lines(
    sh`cd ${want.dir} || exit 1
export COMPOSE_HTTP_TIMEOUT=${Math.max(deadline, 60)}`,
    composeTool(want),
    // Restarts are done by `up`, which keeps to the order of services; `restart` does not.
    ...Object.entries({ unpause: 'unpause', restart: 'restart', stop: 'anew' } as const).flatMap(([verb, cure]) =>
      names(cure).length === 0 ? [] : [sh`compose ${raw(verb)} ${names(cure)} </dev/null || exit $?`],
    ),
    sh`compose up -d ${want.services ?? []} </dev/null || exit $?`,
  )
  return [step(say, lines(...(onlyWait ? [] : [act]), waitFor(want, services)), want)]
}

function step(say: string, script: Sh, { deadline }: ComposeWant): Step {
  return { summary: say, sh: script, deadline: deadline + TO_MAKE_SECONDS }
}

function lackOf(service: string, have: ComposeHave): Lack | undefined {
  const own = have.containers.filter((container) => container.service === service)
  const lack = (why: string, cure: Lack['cure'] = 'up'): Lack => ({ service, why, cure })
  if (own.length === 0) return lack('is missing')
  // First, because the digest of docker-compose has the image in it as well, and says less.
  if (own.some((container) => isOutdated(container, have.images))) return lack('has an old image')
  if (own.some(({ hash }) => hash !== have.services?.get(service))) return lack('is configured otherwise')
  const down = own.find(({ state }) => state !== 'running')
  if (down !== undefined) return lack(`is ${down.state}`, down.state === 'paused' ? 'unpause' : 'up')
  for (const [unit, start] of have.unitStarts)
    if (own.some(({ started }) => started !== undefined && mayBeLater(start, started)))
      return lack(
        isPath(unit) ? `is older than ${unit}` : `is older than the start of ${unit.replace(/\.service$/, '')}`,
        'anew',
      )
  const ill = own.find(({ health }) => health !== undefined && health !== 'healthy')
  if (ill !== undefined) return lack(`is ${ill.health ?? ''}`, ill.health === 'unhealthy' ? 'restart' : 'wait')
  return undefined
}

function isOutdated(container: Container, images: ComposeHave['images']): boolean {
  const now = imageNow(container, images)
  return now !== undefined && now !== container.image
}

/** Waits until every service is up. */
function waitFor({ project, deadline }: ComposeWant, services: readonly string[]): Sh {
  return sh`look() { ${containersOf(project, LIVELINESS)}; }
${raw(waitUntilUp)}
wait_until_up ${project} ${deadline} ${services}
exit $?`
}

/** Compose stops services in their order. Without its files everything that has the project's label goes. */
export function downSteps(want: ComposeWant, have: ComposeHave): Step[] {
  const { project, dir } = want
  const count = have.containers.length
  if (count === 0 && have.networks.length === 0) return []
  const byLabel = lines(
    sh`ids=$(docker ps -aq --filter ${`label=com.docker.compose.project=${project}`}); [ -z "$ids" ] || docker rm -f $ids >/dev/null || exit 1`,
    ...(have.networks.length === 0 ? [] : [sh`docker network rm ${have.networks} >/dev/null || exit 1`]),
  )
  const script =
    have.tool !== 'none' && have.directory
      ? lines(
          sh`cd ${dir} || exit 1`,
          composeTool(want),
          sh`compose config -q >/dev/null 2>&1 && { compose down --remove-orphans </dev/null; exit $?; }`,
          byLabel,
        )
      : byLabel
  return [step(`take down ${project} (${count} ${count === 1 ? 'container' : 'containers'})`, script, want)]
}

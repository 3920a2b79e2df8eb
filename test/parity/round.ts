import { lab, sshTried } from '../support/lab.ts'
import type { Asked } from './asked.ts'
import { driftsOf, type Drift } from './drifts.ts'
import type { Random } from '../support/random.ts'
import { changed, idle, onEach, pass, settled, together, type Pass, type PerHost } from './site.ts'

/** What one round did and found. */
export interface Round {
  readonly drifts: readonly string[]
  readonly drifted: Pass
  readonly converged: Pass
  /** What differs from a host that nothing ever happened to, as `host: line`. */
  readonly unlike: readonly string[]
}

/** Many at once, because a round takes as long for one as for many. */
const LEAST_ON_A_HOST = 2
const MOST_ON_A_HOST = 6
const RESOLV_CONF = '/etc/resolv.conf'
const KEPT = '/var/tmp/resolv.conf.kept'

/** How the hosts are before anything happens to them. */
export async function undisturbed(): Promise<PerHost> {
  await onEach(`cp ${RESOLV_CONF} ${KEPT}`)
  return settled()
}

/** Lets things drift on all hosts at once, each of them once; then check, apply, and check again. */
export async function round(asked: readonly Asked[], random: Random, unharmed: PerHost): Promise<Round> {
  const { nodes } = await lab()
  const chosen = nodes.map(({ name }) => ({ host: name, drifts: choose(asked, name, random) }))
  await Promise.all(chosen.map(({ host, drifts }) => sshTried(host, drifts.map(script).join('\n'))))
  const passes = [await pass()]
  if (passes.some(({ problems }) => problems.length > 0)) {
    // What a role refuses to replace is for a person to take away. Then all must go well.
    await Promise.all(chosen.map(({ host, drifts }) => sshTried(host, drifts.map(takeAway).join('\n'))))
    passes.push(await pass())
  }
  await Promise.all(chosen.map(({ host, drifts }) => sshTried(host, drifts.map(cleanUp).join('\n'))))
  // The name servers that a host had before are for nobody to guess: they are given back, and what rests on them follows.
  if (chosen.some(({ drifts }) => drifts.some(({ thing }) => thing === RESOLV_CONF))) {
    await onEach(`cat ${KEPT} >${RESOLV_CONF}`)
    passes.push(await pass())
  }
  return {
    drifts: chosen.flatMap(({ host, drifts }) => drifts.map(({ thing, how }) => `${host} ${thing}: ${how}`)),
    drifted: { ...together(passes), problems: passes.at(-1)?.problems ?? [] },
    converged: await idle(),
    unlike: changed(unharmed, await settled()),
  }
}

function choose(asked: readonly Asked[], host: string, random: Random): Drift[] {
  const resources = asked.filter((each) => each.host === host).map(({ resource }) => resource)
  const chosen: Drift[] = []
  if (resources.length === 0) return chosen
  for (let count = random.between(LEAST_ON_A_HOST, MOST_ON_A_HOST); count > 0; count--) {
    // A kind first: a host has many files, and few services.
    const kinds = [...new Set(resources.map(({ kind }) => kind))]
    const kind = random.pick(kinds)
    const drifts = driftsOf(random.pick(resources.filter((resource) => resource.kind === kind)))
    if (drifts.length === 0) continue
    const drift = random.pick(drifts)
    // One thing that is inside another one that is gone cannot drift.
    if (chosen.some(({ thing }) => thing.startsWith(drift.thing) || drift.thing.startsWith(thing))) continue
    chosen.push(drift)
  }
  return chosen
}

function script({ thing, how }: Drift): string {
  return `( p='${thing}'\n${how}\n) >/dev/null 2>&1 </dev/null || :`
}

/** A directory where a file belongs. */
function takeAway(drift: Drift): string {
  return drift.how.includes('mkdir "$p"') ? `rmdir '${drift.thing}' 2>/dev/null` : cleanUp(drift)
}

/** A directory that was moved away comes back, unless a new one was made. */
function cleanUp({ thing }: Drift): string {
  return thing.startsWith('/')
    ? `if [ -e '${thing}.away' ]; then
{ [ ! -L '${thing}' ] && [ ! -f '${thing}' ]; } || rm '${thing}'
[ -e '${thing}' ] || mv '${thing}.away' '${thing}'
rm -rf '${thing}.away'
fi
rm -rf /var/tmp/moved.*`
    : ''
}

import { lab, sshTried } from '../support/lab.ts'
import type { EnsuredResource } from './ensured-resources.ts'
import { driftsOf, type Drift } from './drifts.ts'
import type { Measured } from './measured.ts'
import { Random } from '../support/random.ts'
import { TAKEN_ALONG } from './ways.ts'
import { changed, idle, pass, settled, together, type Pass, type PerHost } from './site.ts'

/** What one round did and found. */
export interface Round {
  readonly seed: number
  /** `host thing: what happened to it`. */
  readonly drifts: readonly string[]
  /** The sort of each. */
  readonly sorts: readonly string[]
  readonly drifted: Pass
  readonly converged: Pass
  /** What the first apply refused or could not do: mostly as foreseen. */
  readonly refused: readonly string[]
  /** What differs from a host that nothing ever happened to, as `host: line`. */
  readonly unlike: readonly string[]
}

/** Lets things drift on all hosts at once, each of them once; then check, apply, and check again. Its seed alone says what drifts. */
export async function round(
  of: Measured,
  asked: readonly EnsuredResource[],
  seed: number,
  unharmed: PerHost,
): Promise<Round> {
  const random = new Random(seed)
  const { nodes } = await lab()
  const chosen = nodes.map(({ name }) => ({ host: name, drifts: choose(of, asked, name, random) }))
  const doOnEach = (script: (drift: Drift) => string, only: (host: string) => boolean = () => true) =>
    Promise.all(
      chosen
        .filter(({ host }) => only(host))
        .map(({ host, drifts }) => sshTried(host, drifts.map(script).join('\n') || ':')),
    )
  await doOnEach(({ thing, how, theirs }) =>
    shell(thing, `${ifThere}${theirs ? `cp "$p" ${keptOf(thing)}; ` : ''}${how}`),
  )
  const passes = [await pass(of)]
  const refused: string[] = []
  // What a role refuses to replace is for a person to take away. Where that is on the name server's host, others are only then begun, and may
  // refuse in their turn. Then all must go well.
  for (
    let left = passes[0]?.problems ?? [];
    left.length > 0 && passes.length < 4;
    left = passes.at(-1)?.problems ?? []
  ) {
    refused.push(...left)
    const problems = left
    await doOnEach(
      ({ thing, mend }) => (mend === undefined ? cleanUp(thing) : shell(thing, mend)),
      (host) => problems.some((problem) => problem.includes(`"${host}"`)),
    )
    passes.push(await pass(of))
  }
  await doOnEach(({ thing }) => cleanUp(thing))
  // What others wrote into a file, such as the name servers of before, is given back, and what rests on it follows.
  const given = await doOnEach(({ thing, theirs }) =>
    theirs ? `cmp -s ${keptOf(thing)} '${thing}' || { cat ${keptOf(thing)} >'${thing}'; echo given; }` : ':',
  )
  if (given.some(({ out }) => out.includes('given'))) passes.push(await pass(of))
  const all = chosen.flatMap(({ host, drifts }) => drifts.map((drift) => ({ host, ...drift })))
  return {
    seed,
    drifts: all.map(({ host, thing, how }) => `${host} ${thing}: ${how}`),
    sorts: all.map(({ sort }) => sort),
    drifted: { ...together(passes), problems: passes.at(-1)?.problems ?? [] },
    converged: await idle(of),
    refused,
    unlike: changed(unharmed, await settled(of)),
  }
}

function choose(
  { canHappen, drifts: [least, most] }: Measured,
  asked: readonly EnsuredResource[],
  host: string,
  random: Random,
): Drift[] {
  const can = (each: EnsuredResource) => driftsOf(each.resource).filter((drift) => canHappen(each, drift))
  const able = asked.filter((each) => each.host === host && can(each).length > 0)
  const chosen: Drift[] = []
  if (able.length === 0) return chosen
  for (let count = random.between(least, most); count > 0; count--) {
    // A kind first, and a sort first: a host has many files and few services, and there are many ways to edit.
    const kind = random.pick([...new Set(able.map(({ resource }) => resource.kind))])
    const drifts = can(random.pick(able.filter(({ resource }) => resource.kind === kind)))
    const sort = random.pick([...new Set(drifts.map((drift) => drift.sort))])
    const drift = random.pick(drifts.filter((each) => each.sort === sort))
    if (chosen.some((other) => clash(asked, host, other, drift))) continue
    // One thing that is inside another one that is gone cannot drift.
    if (chosen.some(({ thing }) => thing.startsWith(drift.thing) || drift.thing.startsWith(thing))) continue
    chosen.push(drift)
  }
  return chosen
}

/**
 * Other hosts lean on the name server. Where its role refuses, it is not started again, and what is said on other hosts then depends on what
 * a person does on this one.
 */
function clash(asked: readonly EnsuredResource[], host: string, one: Drift, other: Drift): boolean {
  const ofServer = asked.filter((each) => each.host === host && each.role === 'dns-server')
  const packages = ofServer.flatMap(({ resource }) => (resource.kind === 'pkg' ? resource.name.split(',') : []))
  const stops = ({ thing }: Drift) => thing.endsWith('.service') || packages.includes(thing)
  const refuses = ({ mend }: Drift) => mend !== undefined
  return ofServer.length > 0 && ((stops(one) && refuses(other)) || (stops(other) && refuses(one)))
}

/** A package that was purged has taken its files along: half of one of them would be a file of the user's own, which dpkg keeps. */
const ifThere = `case $p in /*) [ -e "$p" ] || [ -L "$p" ] || exit 0;; esac\n`

function keptOf(thing: string): string {
  return `/var/tmp/kept${thing.replaceAll('/', '.')}`
}

function shell(thing: string, script: string): string {
  return `( p='${thing}'\n${script}\n) >/dev/null 2>&1 </dev/null || :`
}

/**
 * A directory that was moved away comes back, unless a new one was made. What dpkg leaves beside a link in the place of one of its files, once it has removed what
 * that led to, stays for a person: it unpacks beside the link, and looks for that beside the file. Packages that apt took along, and stale locks, are for a person too. */
function cleanUp(thing: string): string {
  return thing.startsWith('/')
    ? `if [ -e '${thing}.away' ]; then
{ [ ! -L '${thing}' ] && [ ! -f '${thing}' ]; } || rm '${thing}'
[ -e '${thing}' ] || mv '${thing}.away' '${thing}'
rm -rf '${thing}.away'
fi
rm -rf /var/tmp/moved.*; rm -f '${thing}.dpkg-new'`
    : `rm -f /etc/passwd.lock /etc/group.lock
if [ -s ${TAKEN_ALONG} ]; then apt-get -q -y --no-install-recommends install $(
while IFS='=' read -r n v; do dpkg-query -W -f '\${Status}' "$n" 2>/dev/null | grep -q ' installed$' || echo "$n=$v"; done <${TAKEN_ALONG}) >/dev/null 2>&1; rm -f ${TAKEN_ALONG}; fi`
}

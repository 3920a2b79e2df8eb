import { lab, rolecall, ssh } from '../support/lab.ts'
import type { Asked } from './asked.ts'
import type { Measured } from './measured.ts'
import { namesOf } from './reading.ts'
import { compare, none, sum, verdictsOf, type Parity } from './parity.ts'
import { settledScript } from './settled.ts'
import { differences, snapshotScript } from './snapshot.ts'

/** By host. */
export type PerHost = ReadonlyMap<string, string>

/** What came of one check and the apply after it. */
export interface Pass {
  readonly parity: Parity
  /** What check changed, as `host: line`. */
  readonly changedByCheck: readonly string[]
  /** Problems that apply had. */
  readonly problems: readonly string[]
}

/** What a host does by itself at midnight, such as copies of dpkg's database, is no work of a check. */
const STOP_DAILY_WORK =
  'systemctl --quiet stop dpkg-db-backup.timer logrotate.timer man-db.timer fstrim.timer 2>/dev/null'

/** Checks the playbook on all hosts and then applies it, from whatever state the hosts are in. */
export async function pass({ name, changesByItself }: Measured): Promise<Pass> {
  const before = await onEach(`${STOP_DAILY_WORK}\n${snapshotScript(changesByItself)}`)
  const check = await rolecall('check', name)
  const after = await onEach(snapshotScript(changesByItself))
  const apply = await rolecall('apply', name)
  return {
    parity: compare(verdictsOf(check), verdictsOf(apply)),
    changedByCheck: changed(before, after),
    problems: apply.problems.map((problem) => JSON.stringify(problem)),
  }
}

/** Checks hosts that are as wanted, and changes nothing. */
export async function idle({ name, changesByItself }: Measured): Promise<Pass> {
  const before = await onEach(snapshotScript(changesByItself))
  const check = await rolecall('check', name)
  const after = await onEach(snapshotScript(changesByItself))
  const said = verdictsOf(check)
  const wanted = new Map([...said.keys()].map((name) => [name, { status: 'ok' }] as const))
  return {
    parity: compare(said, wanted),
    changedByCheck: changed(before, after),
    problems: check.problems.map((problem) => JSON.stringify(problem)),
  }
}

/**
 * Has the packages that drift may remove in each host's cache: a host that has lost its name servers as well could not fetch them, and what a
 * network does is for nobody to foresee.
 */
export async function keepPackages(asked: readonly Asked[]): Promise<void> {
  const names = (host: string) =>
    asked.flatMap((each) => (each.host === host && each.resource.kind === 'pkg' ? namesOf(each.resource) : []))
  const { nodes } = await lab()
  await Promise.all(
    nodes.map(({ name }) =>
      ssh(name, `apt-get -q -y --no-install-recommends --reinstall -d install ${names(name).join(' ')}`),
    ),
  )
}

export function settled({ changesByItself, madeAnew }: Measured): Promise<PerHost> {
  return onEach(settledScript({ changesByItself: Object.keys(changesByItself), madeAnew }))
}

export function changed(before: PerHost, after: PerHost): string[] {
  return [...before].flatMap(([host, state]) =>
    differences(state, after.get(host) ?? '').map((line) => `${host}: ${line}`),
  )
}

export async function onEach(script: string): Promise<PerHost> {
  const { nodes } = await lab()
  return new Map(await Promise.all(nodes.map(async ({ name }) => [name, await ssh(name, script)] as const)))
}

export function together(passes: readonly Pass[]): Pass {
  return {
    parity: passes.map(({ parity }) => parity).reduce(sum, none),
    changedByCheck: passes.flatMap((each) => each.changedByCheck),
    problems: passes.flatMap(({ problems }) => problems),
  }
}

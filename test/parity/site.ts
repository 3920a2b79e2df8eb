import { lab, rolecall, ssh, type Ran } from '../support/lab.ts'
import type { EnsuredResource } from './ensured-resources.ts'
import type { Measured } from './measured.ts'
import { namesOf } from './reading.ts'
import { compare, none, sum, verdictsOf, type Parity, type Verdicts } from './parity.ts'
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

/** What a host does by itself while it boots and at midnight, such as copies of dpkg's database, is no work of a check. */
const STOP_DAILY_WORK =
  'timeout 60 systemctl is-system-running --wait >/dev/null 2>&1; systemctl --quiet stop dpkg-db-backup.timer logrotate.timer man-db.timer fstrim.timer 2>/dev/null'

/** Runs a command on the measured playbook. */
async function run(command: 'check' | 'apply', { name, project }: Measured): Promise<Ran> {
  if (project === undefined) return rolecall(command, name)
  const inventories = project.inventories.flatMap((path) => ['-i', path])
  const extra = project.extra(await lab()).flatMap((each) => ['-e', each])
  return rolecall(command, project.playbook, ...inventories, ...extra, '--no-types')
}

/** Without what `verify` of a gate expects: check does not come to it. */
function resourcesOf(ran: Ran): Verdicts {
  return new Map([...verdictsOf(ran)].filter(([name]) => !name.includes(' expect:')))
}

/** Checks the playbook on all hosts and then applies it, from whatever state the hosts are in. */
export async function pass(of: Measured): Promise<Pass> {
  const { changesByItself } = of
  const before = await onEach(`${STOP_DAILY_WORK}\n${snapshotScript(changesByItself)}`)
  const check = await run('check', of)
  const after = await onEach(snapshotScript(changesByItself))
  const apply = await run('apply', of)
  return {
    parity: compare(resourcesOf(check), resourcesOf(apply)),
    changedByCheck: changed(before, after),
    // A check that came to no resource says why in its problems.
    problems: [...(check.resources.length === 0 ? check.problems : []), ...apply.problems].map((problem) =>
      JSON.stringify(problem),
    ),
  }
}

/** Checks hosts that are as wanted, and changes nothing. */
export async function idle(of: Measured): Promise<Pass> {
  const { changesByItself } = of
  const before = await onEach(snapshotScript(changesByItself))
  const check = await run('check', of)
  const after = await onEach(snapshotScript(changesByItself))
  const said = resourcesOf(check)
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
export async function keepPackages(asked: readonly EnsuredResource[]): Promise<void> {
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

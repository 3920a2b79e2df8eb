import { basename } from 'node:path'
import { RolecallError } from '../../errors.ts'
import type { RunRequest } from './request.ts'
import { type PastRun, type UnreadableRun, type RunFacts, readerOf } from './past-run.ts'
import { ENDING, JOURNALS, journalNames } from './journal-directory.ts'

/**
 * The runs with a journal in a directory, the oldest first. None when the directory does not exist.
 *
 * @param directory default `.rolecall/runs`
 * @param most only this many of the latest; default all
 *
 * @example
 * const last = pastRuns().at(-1)
 * if (last?.end === 'failed') console.log(`${last.left} of ${last.units} units are left`)
 */
export function pastRuns(directory = JOURNALS, most = Infinity): PastRun[] {
  return readRuns(directory, most).runs
}

/** The same, with the journals that cannot be read. */
export function readRuns(directory: string, most: number): { runs: PastRun[]; unreadable: UnreadableRun[] } {
  const read = readerOf(directory)
  const all = journalNames(directory)
  const found = all.slice(-Math.min(most, all.length)).flatMap((name) => read(name) ?? [])
  return {
    // Sorted by time of start: names have only the second.
    runs: found.flatMap((each) => ('why' in each ? [] : [each])).sort((a, b) => a.at - b.at),
    unreadable: found.flatMap((each) => ('why' in each ? [each] : [])),
  }
}

/**
 * The run to resume: the named one, or the last one that did not end well and that no later run has repeated. `run(playbook, { ...past.request,
 * resume: past })` continues it.
 *
 * Throws a RolecallError if there is no such run, it is still running, or nothing of it is left.
 *
 * @param run its id as `rolecall runs` shows it; default the last one with something left
 * @param directory default `.rolecall/runs`
 *
 * @example
 * const past = pastRun()
 * for await (const event of run(site, { ...past.request, resume: past })) console.log(event)
 */
export function pastRun(run?: string, directory = JOURNALS): PastRun {
  const found = run === undefined ? lastUnfinished(pastRuns(directory)) : readerOf(directory)(run)
  if (found !== undefined && 'why' in found)
    throw new RolecallError({
      code: 'usage',
      message: `run ${run ?? ''} cannot be resumed: its journal ${found.why}`,
      place: { file: found.file },
      expected: 'a journal that Rolecall wrote',
      hint: 'rolecall runs lists those that can be read',
    })
  if (found === undefined)
    throw new RolecallError(run === undefined ? nothingLeft(directory) : noSuchRun(run, directory))
  if (found.end === 'running') {
    const { user, machine, pid } = found.by
    throw new RolecallError({
      code: 'usage',
      message: `run ${found.run} is still running`,
      got: `process ${pid} of ${user} on ${machine}`,
      hint: 'wait until it has ended, or end it with Ctrl-C there',
    })
  }
  if (found.request.command !== undefined)
    throw new RolecallError({
      code: 'usage',
      message: `run ${found.run} was no playbook, and cannot be resumed`,
      hint: `run the command again: rolecall ${found.request.command}`,
    })
  if (found.request.plan !== undefined)
    throw new RolecallError({
      code: 'usage',
      message: `run ${found.run} applied a saved plan, and only the plan has what it may change`,
      hint: `rolecall apply PLAN does the rest of the plan, as long as it is valid; rolecall check ${found.request.playbook} --out FILE plans what is left`,
    })
  if (found.left === 0) {
    throw new RolecallError({
      code: 'usage',
      message: `nothing is left of run ${found.run}: ${found.units === 1 ? 'its one unit was' : `all its ${found.units} units were`} finished`,
      hint: `rolecall ${found.request.mode} ${found.request.playbook} runs the same again`,
    })
  }
  return found
}

/**
 * A run by its id, by the end of an id that no other run has, or the last one.
 *
 * Throws a RolecallError if there is none, or its journal cannot be read: taking another run instead could be a mistake.
 */
export function runFrom(run?: string, directory = JOURNALS): PastRun {
  const found = run === undefined ? lastRun(directory) : namedRun(run, directory)
  if (found === undefined) throw new RolecallError(run === undefined ? noRun(directory) : noSuchRun(run, directory))
  if (!('why' in found)) return found
  const readable = run === undefined ? lastRun(directory, (each) => !('why' in each)) : undefined
  throw new RolecallError({
    code: 'usage',
    message: `run ${basename(found.file, ENDING)} cannot be shown: its journal ${found.why}`,
    place: { file: found.file },
    expected: 'a journal that Rolecall wrote',
    hint:
      readable === undefined || 'why' in readable
        ? 'rolecall runs lists those that can be read'
        : `the last run that can be read is ${readable.run}: name that one`,
  })
}

function namedRun(run: string, directory: string): PastRun | UnreadableRun | undefined {
  const names = journalNames(directory)
  const matching = names.includes(run) ? [run] : names.filter((name) => name.endsWith(run))
  const [name] = matching
  return name === undefined || matching.length > 1 ? undefined : readerOf(directory)(name)
}

/** The last run that counts. One whose first line is torn does not: it touched no host. */
function lastRun(
  directory: string,
  counts: (run: PastRun | UnreadableRun) => boolean = () => true,
): PastRun | UnreadableRun | undefined {
  const read = readerOf(directory)
  for (const name of journalNames(directory).reverse()) {
    const found = read(name)
    if (found !== undefined && counts(found)) return found
  }
  return undefined
}

/** Whether a run has work left that `rolecall resume` can do. */
export function isResumable({ left, end, request }: RunFacts): boolean {
  return left > 0 && end !== 'running' && request.command === undefined && request.plan === undefined
}

/** The last of these runs that did not end well, and that no later run has repeated. */
export function lastUnfinished<Run extends RunFacts>(runs: readonly Run[]): Run | undefined {
  const resumed = new Set<string>()
  const repeated = new Set<string>()
  for (const past of [...runs].reverse()) {
    const request = requestKey(past)
    if (past.end !== 'done' && isResumable(past) && !resumed.has(past.run) && !repeated.has(request)) return past
    if (past.resumes !== undefined) resumed.add(past.resumes)
    repeated.add(request)
  }
  return undefined
}

/** Whether two runs had the same request. */
export function isSameRequest(one: RunFacts, other: RunFacts): boolean {
  return requestKey(one) === requestKey(other)
}

/** A key that is equal for equal requests. */
export function requestKey({ request }: Pick<PastRun, 'request'>): string {
  return JSON.stringify(asked(request))
}

function asked({
  mode,
  playbook,
  inventory,
  limit,
  roles,
  tags,
  skipTags,
  startAt,
  extra,
  withheld,
  command,
}: RunRequest): unknown {
  return [mode, playbook, inventory, limit, roles, tags, skipTags, startAt, extra, withheld, command]
}

function noSuchRun(run: string, directory: string) {
  const near = journalNames(directory).findLast((name) => name.includes(run))
  return {
    code: 'usage' as const,
    message: `there is no run ${run}`,
    place: { file: directory },
    hint: hintForRun(run, near),
  }
}

function hintForRun(run: string, near: string | undefined): string {
  if (/^(last|latest|newest|previous|HEAD|-?1)$/i.test(run))
    return 'without a name it is the last run; rolecall runs lists those before it'
  return near === undefined ? 'rolecall runs lists those there were' : `did you mean ${near}?`
}

function noRun(directory: string) {
  return {
    code: 'usage' as const,
    message: 'there has been no run here yet',
    place: { file: directory },
    hint: 'rolecall check PLAYBOOK is a run that changes nothing',
  }
}

function nothingLeft(directory: string) {
  return {
    code: 'usage' as const,
    message: 'there is nothing to resume: no run has anything left to do',
    place: { file: directory },
    hint: 'rolecall runs lists the runs there were, and how they ended',
  }
}

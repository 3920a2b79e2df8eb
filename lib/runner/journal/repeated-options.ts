import { RolecallError, type Problem } from '../../errors.ts'
import { placeOfCall } from '../../place.ts'
import { playbookProblems } from '../../playbook/definitions.ts'
import type { Playbook } from '../../playbook/playbook.ts'
import { unexpected } from '../../resources/kit/options/option-problems.ts'
import { flag, list, nested, oneOf, text, value, whole } from '../../resources/kit/options/option-types.ts'
import { leftOut, objectOptions } from '../../resources/kit/options/options.ts'
import { isPlain, isPromise } from '../../resources/kit/options/describe-value.ts'
import { RepositorySecrets } from '../../vault/repository-secrets.ts'
import type { PastRun } from './past-run.ts'
import type { RunRequest } from './request.ts'
import type { RunObserver } from '../plan/observer.ts'
import type { HandWork } from '../by-hand/hand-work.ts'
import { isSecret, type Secret } from '../../secret.ts'
import type { RunOptions } from '../run-options.ts'

const filled = (expected: string) => text(expected, /\S/)

/** The recorded request has the name by which its playbook was loaded, and the options that must be given again. */
type Asked = RunOptions & Partial<Pick<RunRequest, 'playbook' | 'withheld'>>

const readRun = objectOptions<Asked>()(
  () => ({
    playbook: filled('the name of a playbook').optional(),
    withheld: list('a list of names', text()).optional(),
    mode: oneOf(['check', 'apply', 'verify']),
    inventory: value<string | readonly string[]>('a path, or a list of paths', isPaths).optional(),
    onNotes: value<NonNullable<RunOptions['onNotes']>>('a function', (given) => typeof given === 'function').optional(),
    limit: filled('an inventory pattern').optional(),
    roles: list('a list of names of roles', filled('the name of a role')).optional(),
    tags: list('a list of tags', filled('a tag')).optional(),
    skipTags: list('a list of tags', filled('a tag')).optional(),
    startAt: filled('the name of a role').optional(),
    extra: list(
      'a list of role.variable=value and @file',
      value<string>('role.variable=value, or @file', isText),
    ).optional(),
    passwords: nested('{ ssh, become }', {
      ssh: value<Secret>('a Secret', isSecret).optional(),
      become: value<Secret>('a Secret', isSecret).optional(),
    }).optional(),
    ask: value<NonNullable<RunOptions['ask']>>(
      'a function of a question',
      (given) => typeof given === 'function',
    ).optional(),
    confirm: value<NonNullable<RunOptions['confirm']>>(
      'a function of a question',
      (given) => typeof given === 'function',
    ).optional(),
    concurrency: whole('a whole number from 1', 1, Number.MAX_SAFE_INTEGER).optional(),
    acceptNewHostKeys: flag().optional(),
    wait: value<number>('seconds, or Infinity', (given) => typeof given === 'number' && given >= 0).optional(),
    journal: value<string | false>(
      'a directory, or false',
      (given) => given === false || (isText(given) && given !== ''),
    ).optional(),
    diff: flag().optional(),
    source: nested('{ name, digest, file }', {
      name: filled('a name'),
      digest: text('a digest').optional(),
      file: filled('a path').optional(),
    }).optional(),
    resume: value<PastRun>('what pastRun() gives', isPlain).optional(),
    readyWhen: value<Promise<unknown>>('a promise', isPromise).optional(),
    secrets: value<RepositorySecrets>('what opens secrets', (given) => given instanceof RepositorySecrets).optional(),
    observer: value<RunObserver>('who looks on', isPlainOrObject).optional(),
    byHand: value<HandWork>('work by hand', isPlain).optional(),
    signal: value<AbortSignal>('an AbortSignal', (given) => given instanceof AbortSignal).optional(),
  }),
  (options, given) => (given.has('resume') ? [] : leftOut(['playbook', 'withheld'], 'without resume', options)),
)

function isPlainOrObject(given: unknown): boolean {
  return typeof given === 'object' && given !== null
}

function isPaths(given: unknown): given is string | readonly string[] {
  const isPath = (each: unknown) => typeof each === 'string' && each.trim() !== ''
  return isPath(given) || (Array.isArray(given) && given.length > 0 && given.every(isPath))
}

/** Throws a RolecallError with all problems of the arguments of `run`. */
export function checkRun(playbook: unknown, options: unknown): void {
  const problems: Problem[] = [...wrongPlaybook(playbook), ...readRun.problems('run', options)]
  if (problems.length === 0) return
  const place = placeOfCall()
  throw new RolecallError(problems.map((problem) => ({ ...problem, ...(place === undefined ? {} : { place }) })))
}

function wrongPlaybook(given: unknown): Problem[] {
  if (!isPlain(given) || given['type'] !== 'playbook')
    return [unexpected('the playbook of run', 'what playbook() gives', given)]
  const definition: Partial<Record<keyof Playbook, unknown>> = { ...given }
  delete definition.type
  return playbookProblems(definition)
}

function isText(given: unknown): given is string {
  return typeof given === 'string'
}

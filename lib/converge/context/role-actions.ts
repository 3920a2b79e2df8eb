import type { z } from 'zod'
import type { DetailsOptions } from '../../host-details.ts'
import { commandsOf, type CommandWatch } from '../../host/commands.ts'
import { detailsOf } from '../../host/details/ask.ts'
import type { ApplyContext } from '../../playbook/context.ts'
import type { Outcome } from '../../playbook/role-commands.ts'
import type { Resource } from '../../resources/kit/kind.ts'
import { ensure, type ConvergeContext } from '../ensure.ts'
import { ensureArguments, inShort } from '../events/ensure-arguments.ts'
import { ResourceReporter } from '../events/resource-reporter.ts'
import { wouldChange } from '../would-change.ts'
import type { Calls } from './calls.ts'
import { roleCommands } from './command.ts'
import { fetchFile } from './fetch-file.ts'
import { readFetch } from './fetch-options.ts'
import type { PredictionLimit } from './prediction-limit.ts'
import type { PathQuestions } from './path-questions.ts'
import { existsQuestion, PredictedReads, readQuestion } from './read-predicted.ts'

/** A host on which a role acts. */
export interface ActionPlace {
  readonly convergeContext: ConvergeContext
  /** Runs tasks one after the other, because other roles may change the host too. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>
}

/** The functions of a role's context on one host. */
export type RoleActions = Pick<
  ApplyContext<unknown>,
  'checking' | 'ensure' | 'changes' | 'details' | '$' | 'exists' | 'read' | 'fetchFile'
>

/** How a role's actions on one host are recorded. */
interface ActionRecord {
  readonly calls: Calls
  /** How far check mode can predict the role, as seen from this host. */
  readonly limit: PredictionLimit
  /** Collects the role's questions about paths, on all hosts. */
  readonly questions: PathQuestions
  /** Receives every resource that is given to the host. */
  readonly asked: (resources: readonly Resource[]) => void
  /** Appended to the name of each call in messages: ` on lb-01`. */
  readonly where?: string
}

/** Makes the functions by which a role acts on one host: its own, or another one that it reaches. */
export function roleActions(place: ActionPlace, record: ActionRecord): RoleActions {
  const { convergeContext } = place
  const { calls, limit, where = '' } = record
  const checking = convergeContext.mode === 'check'
  const watch = commandWatch(calls, checking ? limit : undefined)
  return {
    checking,
    ensure(...given) {
      const resources = ensureArguments(given)
      const what = `ensure(${inShort(resources.map(({ id }) => id))})${where}`
      return ensureCall({ what, resources, answer: (outcomes) => outcomes }, place, record)
    },
    changes(...given) {
      const resources = ensureArguments(given)
      calls.given(resources)
      return calls.call(`changes(${inShort(resources.map(({ id }) => id))})${where}`, async () => {
        limit.hold()
        const found = await wouldChange(convergeContext, resources)
        return typeof found === 'boolean' ? found : limit.end(found.unknown)
      })
    },
    $: roleCommands(
      calls,
      (resource) => ensureCall({ what: `$({ ... })${where}`, resources: [resource], answer: only }, place, record),
      () => commandsOf(convergeContext.host, undefined, watch),
    ),
    ...questionActions(place, record),
  }
}

/** A call that converges resources. */
interface EnsureCall<T> {
  /** Its name in messages. */
  readonly what: string
  readonly resources: readonly Resource[]
  /** What the role gets of the outcomes. */
  readonly answer: (outcomes: Outcome[]) => T
}

/** Makes the call and records it. The promise is the call's own, because it knows whether the role awaits it. */
function ensureCall<T>(
  { what, resources, answer }: EnsureCall<T>,
  { convergeContext, inTurn }: ActionPlace,
  { calls, limit, asked }: ActionRecord,
): Promise<T> {
  calls.given(resources)
  asked(resources)
  return calls.call(
    what,
    async () => {
      limit.hold()
      return answer(await inTurn(() => ensure(convergeContext, resources)))
    },
    () => new ResourceReporter(convergeContext, resources).notBegun('not awaited, and not begun'),
  )
}

/** The functions that only ask the host. */
function questionActions(
  { convergeContext, inTurn }: ActionPlace,
  { calls, limit, questions, where = '' }: ActionRecord,
): Pick<RoleActions, 'details' | 'exists' | 'read' | 'fetchFile'> {
  return {
    details: (options) =>
      calls.call(`details()${where}`, () => inTurn(() => predictedDetails(convergeContext, limit, options))),
    exists: (path) =>
      questions.ask(where, existsQuestion(path), (answer) =>
        calls.call(`exists('${path}')${where}`, () => new PredictedReads(convergeContext, limit, answer).exists(path)),
      ),
    read: (path, options) =>
      questions.ask(where, readQuestion(path), (answer) =>
        calls.call(`read('${path}')${where}`, () =>
          new PredictedReads(convergeContext, limit, answer).read(path, options),
        ),
      ),
    fetchFile(path, to, options = {}) {
      const given = readFetch(path, to, options, convergeContext.host.name)
      return calls.call(`fetchFile('${path}')${where}`, async () => {
        limit.hold()
        return await inTurn(() => fetchFile(convergeContext, limit, path, given.to, given.options))
      })
    },
  }
}

/** Watches the commands of `$`. `limit`: how far check mode can predict the role; undefined in apply. */
function commandWatch(calls: Calls, limit: PredictionLimit | undefined): CommandWatch {
  return {
    async before(command) {
      await calls.beforeCommand()
      await limit?.watch.before(command)
    },
    after: (command, code) => limit?.watch.after(command, code),
  }
}

/** While files of facts have pending changes, the facts in them are unknown. */
export async function predictedDetails<Custom extends z.ZodObject>(
  { host, prediction }: ConvergeContext,
  limit: PredictionLimit,
  options: DetailsOptions<Custom> = {},
) {
  limit.hold()
  const pending = options.custom === undefined ? undefined : prediction.paths.get('/etc/ansible/facts.d')
  if (pending !== undefined) limit.end(`custom facts are known only after ${pending.from}`)
  limit.looked()
  return await detailsOf(host)(options)
}

function only([outcome]: readonly Outcome[]): Outcome {
  if (outcome === undefined) throw new Error('a command had no outcome')
  return outcome
}

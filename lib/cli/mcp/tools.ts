import { z } from 'zod'
import { playbookNames } from '../../playbook/load/find.ts'
import { knownRoleNames } from '../../playbook/load/load.ts'
import { known, pattern, selection, selectionArgs, valueArgs } from './arguments.ts'
import { askProgram, type Said } from './ask-program.ts'
import { libraryWord, libraryWords } from './kinds.ts'
import { eventsOf, jsonOf, runResult } from './run-result.ts'
import { newPlanFile, planDigest, withApprovedPlan } from './saved-plans.ts'
import { tool, type Answer, type Call, type Tool } from './tool.ts'

const playbook = z.string().min(1).describe('a name in playbooks/, such as site')
const host = pattern.describe('a host of the inventory')

/** The tools that read. */
export const READERS: readonly Tool[] = [
  tool(
    'project',
    'Overview of the project',
    'Playbooks, roles, hosts and groups by name. A good first call.',
    {},
    async (_, call) => {
      const listed = await ask(['list', 'hosts', '--json'], call)
      const inventory = listed.code === 0 ? jsonOf(listed.out.replaceAll('\n', ' ')) : undefined
      return {
        data: {
          playbooks: playbookNames(process.cwd()),
          roles: knownRoleNames(process.cwd()),
          ...(inventory === undefined ? { inventory: listed.err } : { inventory }),
        },
        isError: listed.code !== 0,
      }
    },
  ),
  tool(
    'units',
    'Roles and the hosts they run on',
    'Units of work of a playbook in order: play, host, role. No host is touched.',
    { playbook, ...selection },
    async ({ playbook: name, ...given }, call) =>
      dataOf(await ask(['list', 'units', ...selectionArgs(given), '--json', '--', known(name)], call), 'units'),
  ),
  tool(
    'explain',
    'Where the value of a variable on a host comes from',
    'The value, and every level that sets it with file and line. Secrets are masked.',
    {
      variable: z.string().min(1).describe('role.variable, or a variable of the inventory'),
      host,
      playbook: playbook.optional(),
    },
    async ({ variable, host: name, playbook: site }, call) =>
      textOf(await ask(['explain', '--', variable, name, ...(site === undefined ? [] : [known(site)])], call)),
  ),
  tool(
    'facts',
    'Facts of a host',
    'Connects and reads system, addresses and memory. Changes nothing.',
    { host },
    async ({ host: name }, call) => dataOf(await ask(['facts', '--json', '--', name], call), 'facts'),
  ),
  tool(
    'check',
    'What apply would change',
    'Connects to the hosts and returns what apply would change, and why. Changes nothing on any host. With savePlan the result is saved as a plan for apply.',
    {
      playbook,
      ...selection,
      values: z
        .record(z.string(), z.string())
        .optional()
        .describe('values that win over all others: { "role.variable": "value" }; connection variables are refused'),
      diff: z.boolean().optional().describe('include the changes inside files'),
      savePlan: z.boolean().optional().describe('save a plan, and return its file and digest'),
    },
    async ({ playbook: name, values, diff = false, savePlan = false, ...given }, call) => {
      const plan = savePlan ? newPlanFile() : undefined
      const said = await ask(
        [
          'check',
          ...selectionArgs(given),
          ...valueArgs(values),
          ...(diff ? ['--diff'] : []),
          ...(plan === undefined ? [] : [`--out=${plan}`]),
          '--json',
          '--',
          known(name),
        ],
        call,
      )
      const isSaved = plan !== undefined && said.code === 0
      return ranOf(said, isSaved ? { plan, digest: planDigest(plan) } : {})
    },
  ),
  tool(
    'plan',
    'Show a saved plan',
    'Returns a plan as Markdown with its digest, even a stale plan.',
    { plan: z.string().min(1).describe('its file, as check gave it') },
    async ({ plan }, call) => {
      const digest = planDigest(plan)
      const said = await ask(['plan', 'show', '--markdown', '--', plan], call)
      return said.code === 0 ? { data: { digest, plan, markdown: said.out } } : textOf(said)
    },
  ),
  tool('runs', 'Past runs', 'The last 20 runs: how each ended and how much is left.', {}, async (_, call) =>
    dataOf(await ask(['runs', '--json'], call), 'runs'),
  ),
  tool(
    'run',
    'Details of a run',
    'Totals, changes, unknown resources, and failures with the output of hosts.',
    { run: z.string().min(1).optional().describe('the id of a run or its last characters (default: the last run)') },
    async ({ run }, call) =>
      ranOf(await ask(['runs', 'show', '--json', '--', ...(run === undefined ? [] : [run])], call), {}),
  ),
  tool(
    'history',
    'History of a host',
    'Changes and failures on one host in all recorded runs, with times.',
    { host, since: z.string().min(1).optional().describe('tue, yesterday, 3d, 12h, 2026-11-25') },
    async ({ host: name, since }, call) =>
      dataOf(
        await ask(['history', ...(since === undefined ? [] : [`--since=${since}`]), '--json', '--', name], call),
        'history',
      ),
  ),
  tool(
    'reference',
    'Reference of a kind or another export of the library',
    'With a name: purpose, example, options. Without one: all names with a sentence each. Call it before writing a role instead of guessing.',
    { name: z.string().min(1).optional().describe('such as file, service, pkg, role, playbook') },
    ({ name }) => {
      if (name === undefined) return Promise.resolve({ data: { words: libraryWords() } })
      const word = libraryWord(name)
      return Promise.resolve('text' in word ? { data: word.text } : { data: word.hint, isError: true })
    },
  ),
]

/** The only tool that changes hosts. It applies a saved plan that is named by its digest. */
export function applyTool(allowed: readonly string[] | 'each'): Tool {
  return tool(
    'apply',
    'Apply a saved plan',
    'Makes the changes of a plan that check saved, and no others. Refused before any host is touched if the plan, the project or the hosts have changed.',
    {
      plan: z.string().min(1).describe('its file, as check gave it'),
      digest: z
        .string()
        .regex(/^[0-9a-fA-F]{64}$/)
        .describe('the digest that was shown with the plan'),
      allowUnknown: z.boolean().optional().describe('also make changes that the plan lists as unknown'),
      allOrNothing: z.boolean().optional().describe('change no host if any host differs from the plan'),
    },
    async ({ plan, digest, allowUnknown = false, allOrNothing = false }, call) =>
      await withApprovedPlan(plan, digest, allowed, async (copy) =>
        ranOf(
          await ask(
            [
              'apply',
              ...(allowUnknown ? ['--allow-unknown'] : []),
              ...(allOrNothing ? ['--all-or-nothing'] : []),
              '--json',
              '--',
              copy,
            ],
            { ...call, common: [] },
          ),
          {},
        ),
      ),
    { changes: true },
  )
}

/** Reports each finished unit while the command runs. */
async function ask(args: readonly string[], { common, signal, progress }: Call): Promise<Said & { command: string }> {
  const [command = '', ...others] = args
  const withInventory = ['list', 'explain', 'facts', 'check'].includes(command)
  const at = command === 'list' ? 1 : 0
  const all = [command, ...others.slice(0, at), ...(withInventory ? common : []), ...others.slice(at)]
  let total = 0
  let ended = 0
  const onLine = (line: string) => {
    if (progress === undefined || !/^\{"type":"(run|unit-end)"/.test(line)) return
    const [event] = eventsOf(line)
    if (event?.type === 'run') total = event.units
    if (event?.type === 'unit-end') void progress(++ended, total)
  }
  const said = await askProgram(all, { signal, onLine })
  return { ...said, command: `rolecall ${all.filter((word) => word !== '--json' && word !== '--').join(' ')}` }
}

function ranOf({ code, out, err, command }: Said & { command: string }, more: object): Answer {
  const events = eventsOf(out)
  const isRun = events.length > 0
  // A wrong request is answered with its error; a failed run with its result.
  return isRun
    ? {
        data: { command, exitCode: code, ...runResult(events), ...more, ...(err === '' ? {} : { notes: err }) },
        isError: code !== 0,
      }
    : textOf({ code, out, err, command })
}

function dataOf(said: Said & { command: string }, name: string): Answer {
  if (said.code !== 0) return textOf(said)
  const data = jsonOf(said.out.replaceAll('\n', ' ')) ?? said.out.split('\n').flatMap((line) => jsonOf(line) ?? [])
  return { data: { command: said.command, [name]: data } }
}

function textOf({ code, out, err, command }: Said & { command: string }): Answer {
  return { data: `$ ${command}\n${out}${err}${code === 0 ? '' : `exit code ${code}`}`, isError: code !== 0 }
}

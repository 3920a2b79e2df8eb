import { once } from '../../once.ts'
import { RolecallError } from '../../errors.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import { layerOf } from '../../inventory/variables/layer.ts'
import { selectLimit } from '../../inventory/patterns/limit.ts'
import { selectHosts } from '../../inventory/patterns/select.ts'
import { holdsSecret } from '../../secret.ts'
import { levelsFor } from '../../playbook/variables/levels.ts'
import type { Playbook, RoleUse } from '../../playbook/playbook.ts'
import { dotted, readerOf } from '../../playbook/reader.ts'
import { markOf } from '../../playbook/variables/sources.ts'
import { useOf } from '../../playbook/variables/vars.ts'
import { z } from 'zod'

/** A question for a value that nothing sets. */
export interface Question {
  /** The name of the variable as `-e` takes it: `app.release`. */
  readonly name: string
  readonly question: string
  /** The input is not shown. */
  readonly hidden: boolean
}

interface Open extends Question {
  readonly schema: z.ZodType
}

/** Whether the run includes a role of a play; `at` is the role's index there. */
type Wanted = (use: RoleUse, play: Playbook['plays'][number], at: number) => boolean

/** Asks once for each value that these roles declare as `asked`. Returns arguments of `-e`, and whether each is secret. */
export async function askedExtras(
  playbook: Playbook,
  inventory: Inventory,
  isWanted: Wanted,
  {
    limit,
    ask,
  }: {
    readonly limit?: string | undefined
    readonly ask?: ((question: Question) => Promise<string>) | undefined
  },
): Promise<readonly { readonly extra: string; readonly isSecret: boolean }[]> {
  const found: { extra: string; isSecret: boolean }[] = []
  for (const { schema, ...question } of openQuestions(playbook, inventory, isWanted, limit)) {
    if (ask === undefined) throw unasked(question)
    const text = await ask(question)
    const asText = schema.safeParse(text)
    const isSecret = question.hidden || (asText.success && holdsSecret(asText.data))
    found.push({ extra: `${question.name}=${asText.success ? JSON.stringify(text) : text}`, isSecret })
  }
  return found
}

/** The questions in the order of the roles. */
function openQuestions({ plays }: Playbook, inventory: Inventory, isWanted: Wanted, limit: string | undefined): Open[] {
  const open = new Map<string, Open>()
  // Evaluated only if there is a question: work by hand has none, and reports a wrong host pattern itself.
  const within = once(() => (limit === undefined ? undefined : new Set(selectLimit(inventory, limit))))
  for (const play of plays) {
    for (const use of play.roles.map(useOf).filter((each, at) => isWanted(each, play, at))) {
      const { role, vars, computed } = use
      const reader = readerOf(role)
      const wanting = Object.entries(role.vars.shape).filter(([, schema]) => markOf(schema).asking !== undefined)
      if (wanting.length === 0) continue
      const hosts = selectHosts(inventory, play.hosts, () => ({ file: `play ${play.name}` }))
      const set = layerOf('playbook', role.name, vars)
      for (const [variable, schema] of wanting) {
        const isSet = (name: string) => Object.hasOwn(vars, name) || computed !== undefined
        const asking = markOf(schema).asking
        const lacks = hosts.some((host) => (within()?.has(host) ?? true) && !levelsFor(reader, host, set).has(variable))
        if (asking === undefined || isSet(variable) || !lacks || !(schema instanceof z.ZodType)) continue
        const name = markOf(schema).flat?.[0] ?? dotted(reader, [variable])
        if (!open.has(name)) open.set(name, { name, ...asking, schema })
      }
    }
  }
  return [...open.values()]
}

function unasked({ name, question }: Question): RolecallError {
  return new RolecallError({
    code: 'usage',
    message: `${name} is asked for ("${question}"), and nobody can be asked`,
    expected: `-e ${name}=...`,
    hint: 'give the value with -e, or with -e @FILE; a program gives run() the function ask',
  })
}

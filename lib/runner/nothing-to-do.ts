import type { Note } from '../inventory/graph/notes.ts'
import type { Playbook } from '../playbook/playbook.ts'
import type { RunOptions } from './run-options.ts'

/** Why a run has nothing to do on any host. Without this note, an empty run would look like finished work. */
export function nothingToDo(
  { name, plays }: Playbook,
  { limit, roles = [], tags = [], skipTags = [], startAt }: RunOptions,
): Note {
  if (plays.length === 0) return { message: `nothing to do: playbook ${name} has no plays` }
  if (plays.every((play) => play.roles.length === 0)) return { message: `nothing to do: no play of ${name} has a role` }
  const hint = `rolecall list units ${name} shows what there is`
  const narrowed = [
    ...(roles.length > 0 || tags.length > 0 || skipTags.length > 0 || startAt !== undefined
      ? ['the roles and tags that were asked for']
      : []),
    ...(limit === undefined ? [] : [`the hosts of "${limit}"`]),
  ]
  return narrowed.length === 0
    ? { message: `nothing to do: no play of ${name} has a host`, hint }
    : { message: `nothing to do: ${narrowed.join(', and ')} leave nothing of playbook ${name}`, hint }
}

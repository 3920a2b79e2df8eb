import type { Prediction } from '../../prediction/prediction.ts'
import type { Account, Attributes } from './path.ts'
import type { Found, Lack } from './path-answer.ts'

/**
 * What belongs to somebody keeps the number when the account is removed, or is given another one: then it belongs to nobody, or to whoever is given
 * the number. Only what is in a user's home goes along with a new uid. The very same object comes back when nothing pending matters.
 *
 * Source: usermod(8), `-u`; groupmod(8), `-g`.
 */
export function predictOwners(found: Found, want: Attributes, prediction: Prediction): Found {
  const owner = ownerLater('user', found.owner, found.path, prediction)
  const group = ownerLater('group', found.group, found.path, prediction)
  const gone = [...goneAccount('user', want.owner, prediction), ...goneAccount('group', want.group, prediction)]
  if (owner === found.owner && group === found.group && gone.length === 0) return found
  return { ...found, owner, group, lacks: [...found.lacks, ...gone] }
}

function ownerLater(
  type: 'user' | 'group',
  have: Account | undefined,
  path: string,
  prediction: Prediction,
): Account | undefined {
  if (have?.id === undefined) return have
  const { id, name } = have
  const pending = name === undefined ? undefined : prediction.accounts.peekAll(type).find((each) => each.name === name)
  const newId = pending?.entry?.id
  const stays = pending === undefined || (pending.exists && (newId === undefined || newId === id))
  if (!stays && name !== undefined) {
    prediction.accounts.get(type, name)
    const home = pending.entry?.home
    const isInHome = type === 'user' && home !== undefined && (path === home || path.startsWith(`${home}/`))
    if (pending.exists && isInHome) return { name, id: newId }
  }
  const taker = prediction.accounts
    .peekAll(type)
    .find((each) => each.exists && each.name !== name && each.entry?.id === id)
  if (taker !== undefined) return { name: prediction.accounts.get(type, taker.name)?.name, id }
  return stays ? have : { id }
}

/** A wanted owner who will be gone by then. */
function goneAccount(type: 'user' | 'group', name: string | undefined, prediction: Prediction): readonly Lack[] {
  if (name === undefined || /^\d+$/.test(name)) return []
  return prediction.accounts.get(type, name)?.exists === false ? [{ type, name }] : []
}

import { pathDeclaration } from '../kit/declarations.ts'
import { kind } from '../kit/kind.ts'
import { blockedFile, fileEffects, planContent, type Have, type Managed } from './content.ts'
import { attributeSteps, blockedGift, tidySteps } from './path/attributes.ts'
import { probePath } from './path/path.ts'
import { readPath } from './path/path-answer.ts'
import { isVague, predictPath, whetherThere } from './path/path-prediction.ts'

export type FileMetadataWant = Managed & { readonly create: boolean }

/** `isForeign`: an earlier step changes its content, so that it is not what the host has now. */
interface FileMetadata extends Have {
  readonly isForeign?: boolean
}

const NOTHING = new Uint8Array()

/** A file whose content is not managed: owner and mode are, and with `create` that it is there. */
export const fileMetadataKind = kind<FileMetadataWant, FileMetadata>({
  name: 'file',
  probe: (want) => probePath(want.path, want),
  read: (want, reply) => ({ found: readPath(want.path, reply).found }),
  predict(want, have, prediction) {
    if (prediction.empty) return have
    const found = predictPath(have.found, prediction, want)
    if ('unknown' in found || found === have.found)
      return 'unknown' in found ? found : (whetherThere(found, prediction) ?? have)
    const unknown = whetherThere(found, prediction)
    if (unknown !== undefined || found.from === undefined) return unknown ?? { found }
    if (found.type === 'file' && isVague(found, want))
      return { unknown: `what ${want.path} will be is known only after ${found.from}` }
    const pending = prediction.paths.get(want.path)?.state
    if (pending?.type !== 'file' || pending.kept === true) return { found }
    return { found, bytes: pending.content, isForeign: true }
  },
  plan(want, have) {
    const { found } = have
    const { path } = want
    if (found.type === 'link')
      return { refused: `${path} is a symbolic link, which has no mode of its own`, hint: 'name the file it leads to' }
    if (found.type === 'absent' && !want.create)
      return (
        blockedFile(found) ?? {
          refused: `there is no file ${path}`,
          hint: 'put what makes it before this resource, or set create: true for an empty one',
        }
      )
    if (found.type === 'absent') return planContent(want, have, NOTHING)
    return blockedFile(found) ?? blockedGift(found, want) ?? [...tidySteps(found, want), ...attributeSteps(found, want)]
  },
  effects(want, have) {
    const { found } = have
    if (found.type === 'absent') return want.create ? fileEffects(want, have, NOTHING) : []
    if (have.isForeign === true) return fileEffects(want, have, have.bytes)
    return fileEffects(want, have).map((effect) =>
      effect.type === 'path' && effect.state.type === 'file'
        ? { ...effect, state: { ...effect.state, kept: true } }
        : effect,
    )
  },
  paths: (want) => [want.path],
  advanced: {
    declarations: (want) => pathDeclaration('file', want),
    access: ({ path, owner, group, mode }) => [{ path, owner, group, fileMode: mode }],
    batchable: true,
    statPaths: (want) => [{ path: want.path }],
  },
})

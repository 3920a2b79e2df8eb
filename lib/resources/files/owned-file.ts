import { posix } from 'node:path'
import { lines, raw, sh } from '../../sh/quote.ts'
import type { Secret } from '../../secret.ts'
import { pathDeclaration } from '../kit/declarations.ts'
import type { Kind } from '../kit/kind.ts'
import {
  blockedFile,
  fileEffects,
  isHashedInBatch,
  planContent,
  predictContent,
  probeContent,
  readContent,
} from './content.ts'
import type { Have, Managed } from './content.ts'
import { reveal } from './edit.ts'
import { tidySteps } from './path/attributes.ts'
import { blockedPath, readPath } from './path/path-answer.ts'
import { probePath } from './path/path.ts'
import { predictPath, possibleProvider } from './path/path-prediction.ts'
import { enter } from './writing/untrusted-directory.ts'

/** A file whose whole text a typed kind makes, such as a drop-in. Without a text the file is not there. */
export interface OwnedFile extends Managed {
  readonly content?: string | Secret | undefined
}

/**
 * Owner and group of a configuration file of the system. Programs of root act on what it says, so nobody else may write it, whoever it belongs
 * to when the run begins.
 */
export const ofRoot = { owner: 'root', group: 'root' } as const

/** A file of one kind's own: written as `file` writes it, or removed. */
export function ownedFile<W extends OwnedFile>(name: string): Kind<W, Have> {
  return {
    name,
    probe(want, { digest }) {
      const bytes = bytesOf(want)
      return bytes === undefined ? probePath(want.path) : probeContent(want, { bytes, digest }, isSecret(want))
    },
    read(want, reply) {
      const bytes = bytesOf(want)
      return bytes === undefined ? { found: readPath(want.path, reply).found } : readContent(want.path, reply, bytes)
    },
    predict(want, have, prediction) {
      const bytes = bytesOf(want)
      if (bytes !== undefined) return predictContent(want, have, prediction, bytes, { secret: isSecret(want) })
      const found = predictPath(have.found, prediction, {}, false)
      if ('unknown' in found) return found
      const isSeenAbsent = found.type === 'absent' && found.from === undefined
      const bringer = isSeenAbsent ? possibleProvider(want.path, prediction) : undefined
      if (bringer !== undefined) return { unknown: `${want.path} may come with ${bringer}` }
      return found === have.found ? have : { found }
    },
    plan(want, have) {
      const bytes = bytesOf(want)
      return bytes === undefined ? planAbsence(want, have) : planContent(want, have, bytes, { secret: isSecret(want) })
    },
    effects(want, have) {
      const bytes = bytesOf(want)
      return bytes === undefined
        ? [{ type: 'path', path: want.path, state: { type: 'absent' } }]
        : fileEffects(want, have, bytes, isSecret(want))
    },
    paths: (want) => [want.path],
    advanced: {
      declarations: (want) => pathDeclaration(name, want),
      whole(want) {
        const content = bytesOf(want)
        return content === undefined
          ? { path: want.path, type: 'absent' }
          : { path: want.path, type: 'file', content, mode: want.mode }
      },
      batchable: true,
      statPaths(want) {
        const bytes = bytesOf(want)
        return [{ path: want.path, size: bytes && isHashedInBatch(bytes) ? bytes.length : undefined }]
      },
    },
  }
}

function planAbsence({ path }: OwnedFile, { found }: Have) {
  const tidy = tidySteps(found)
  if (found.type === 'absent') return found.denied ? (blockedPath(found) ?? tidy) : tidy
  const blocked = blockedFile(found)
  if (blocked !== undefined) return blocked
  const name = `./${posix.basename(path)}`
  const remove = found.way === undefined ? sh`rm -f -- ${path}` : lines(enter(path), sh`rm -f -- ${name}`)
  return [...tidy, { summary: `remove ${path}`, sh: lines(raw('set -e'), remove) }]
}

function isSecret({ content }: OwnedFile): boolean {
  return typeof content === 'object'
}

function bytesOf({ content }: OwnedFile): Uint8Array | undefined {
  return content === undefined ? undefined : Buffer.from(reveal(content))
}

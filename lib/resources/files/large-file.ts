import { raw, sh } from '../../sh/quote.ts'
import { kind } from '../kit/kind.ts'
import {
  blockedFile,
  attributesOfNew,
  predictContent,
  readContent,
  hardLinkNote,
  writeSummary,
  type Have,
  type Managed,
} from './content.ts'
import type { LocalFile } from './local-file.ts'
import { PendingSecret } from '../prediction/pending-secret.ts'
import { attributeSteps, blockedGift, tidySteps } from './path/attributes.ts'
import { probePath } from './path/path.ts'
import { writeUntrusted } from './writing/write-untrusted.ts'
import { stopIfRefused } from './writing/write.ts'

export type LargeFileWant = Managed & { readonly source: LocalFile }

/** A token in place of the content, which is not in memory: equal content has an equal token. */
function token(source: LocalFile): Uint8Array {
  return Buffer.from(`${source.file}: ${source.length} bytes of ${source.changed}`)
}

/** Seconds for a large file, at 1 MiB/s or less. */
const deadlineFor = (bytes: number) => 600 + Math.ceil(bytes / (1024 * 1024))

/** A file whose content is a large file of the controller. It is compared by size and checksum, and sent piece by piece. */
export const largeFileKind = kind<LargeFileWant, Have>({
  name: 'file',
  probe: (want, { digest }) =>
    probePath(
      want.path,
      want,
      sh`case $s in 8*) set -- $s; if [ ! -r "$p" ]; then echo denied
elif [ "$2" = ${want.source.length} ] && h=$(${raw(digest)} <"$p") && [ "\${h%% *}" = ${want.source.digest(digest)} ]; then echo same; else echo other; fi;; esac`,
      ['h'],
    ),
  read: (want, reply) => readContent(want.path, reply, token(want.source)),
  predict: (want, have, prediction) => predictContent(want, have, prediction, token(want.source)),
  plan(want, have) {
    const { found } = have
    const { path, source, validate, backup } = want
    const blocked = blockedFile(found)
    if (blocked !== undefined) return blocked
    if (found.type === 'file' && have.bytes !== undefined && Buffer.compare(have.bytes, token(source)) === 0)
      return blockedGift(found, want) ?? [...tidySteps(found, want), ...attributeSteps(found, want)]
    const afterValidator = validate === undefined ? raw(':') : stopIfRefused(path, validate)
    return {
      steps: [
        ...tidySteps(found, want),
        {
          summary: `${writeSummary(path, found)}${hardLinkNote(found)}`,
          sh: writeUntrusted(
            { path, length: source.length, ...attributesOfNew(want, found), validate, backup },
            afterValidator,
            undefined,
          ),
          upload: { file: source.file, length: source.length },
          deadline: deadlineFor(source.length),
        },
      ],
      changes: [{ hidden: `large, ${found.type === 'file' ? (found.size ?? '?') : 0} -> ${source.length} bytes` }],
    }
  },
  effects: ({ path, mode, owner, group, source }) => [
    {
      type: 'path',
      path,
      state: {
        type: 'file',
        sealed: new PendingSecret(token(source)),
        ...(mode === undefined ? {} : { mode }),
        ...(owner === undefined ? {} : { owner }),
        ...(group === undefined ? {} : { group }),
      },
    },
  ],
  paths: (want) => [want.path],
  advanced: {
    declarations: ({ source, path, ...want }) => [
      ['path', { kind: 'file', want: { ...want, source: source.file } }, path],
    ],
    batchable: true,
    statPaths: (want) => [{ path: want.path }],
    parallelProbe: true,
  },
})

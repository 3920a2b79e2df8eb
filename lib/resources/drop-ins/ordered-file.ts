import { raw } from '../../sh/quote.ts'
import { generatedFile, type GeneratedFile } from '../files/generated-file.ts'
import { withLiveState, type LivePlan } from '../files/file-with-live-state.ts'
import { kind, type Refused } from '../kit/kind.ts'
import {
  askReadFiles,
  isReadAfter,
  linesAround,
  parseReadFiles,
  predictReadFiles,
  type PlacedLine,
  type ReadFile,
  type ReadOrder,
} from './read-order.ts'

interface Ordered<W> {
  readonly order: (want: W) => ReadOrder
  /** A line of another file matters where it has one of them. None: no other file matters. */
  readonly words: (want: W) => readonly string[]
  /** Why the file would have no effect: lines of files that are read after it. */
  readonly overridden: (want: W, later: readonly PlacedLine[]) => Refused | undefined
}

/** A file of one kind's own that a program reads among others: refused where one that is read later takes back what it says. */
export function orderedFile<W extends GeneratedFile>(name: string, { order, words, overridden }: Ordered<W>) {
  const file = generatedFile<W>(name)
  const seen = withLiveState(file, {
    probe: (want) => (words(want).length === 0 ? raw(':') : askReadFiles(order(want), words(want))),
    read: (_, said) => parseReadFiles(said),
    predict: (want, files: readonly ReadFile[], prediction) =>
      words(want).length === 0
        ? files
        : predictReadFiles(files, order(want), prediction, {
            isOther: (other) => other !== want.path,
            matters: (other) => isReadAfter(order(want), other, want.path),
          }),
    plan: (want, files): LivePlan | Refused => overridden(want, linesAround(files, order(want), want.path).after) ?? {},
  })
  return kind<W, ReturnType<typeof seen.read>>({
    ...seen,
    advanced: { ...seen.advanced, batchable: true, whole: (want) => file.advanced?.whole?.(want) },
  })
}

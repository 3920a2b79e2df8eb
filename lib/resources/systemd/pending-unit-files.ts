import type { Prediction } from '../prediction/prediction.ts'
import { UNIT_DIRS } from './unit-dirs.ts'
import { readInstall, templateOf, type Install } from './unit-install.ts'

/** What is pending of a unit's file and of its drop-ins; a text is undefined where it is not known. */
export interface PendingUnitTexts {
  readonly main: { readonly text: string | undefined } | undefined
  readonly dropIns: readonly (string | undefined)[]
}

/** Pending unit files and drop-ins, one after the other; undefined when no unit file is pending, or not all of their text is known. */
export function pendingUnitText(names: readonly string[], prediction: Prediction): string | undefined {
  const { main, dropIns } = pendingUnitTexts(names, prediction)
  const texts = main === undefined ? [undefined] : [main.text, ...dropIns]
  return texts.includes(undefined) ? undefined : texts.join('\n')
}

/** The text of the pending unit file, where one is pending, and of pending drop-ins; undefined for what is not known. */
export function pendingUnitTexts(names: readonly string[], prediction: Prediction): PendingUnitTexts {
  const files = names.flatMap((name) => [name, templateOf(name)])
  const main = UNIT_DIRS.flatMap((dir) => files.map((name) => `${dir}/${name}`)).find(
    (path) => prediction.paths.get(path)?.state.type === 'file',
  )
  const dropIns = UNIT_DIRS.flatMap((dir) =>
    files.flatMap((name) => prediction.paths.below(`${dir}/${name}.d`).map(({ path }) => path)),
  )
  const textOf = (path: string) => {
    const state = prediction.paths.get(path)?.state
    if (state?.type === 'absent') return ''
    return state?.type === 'file' && state.content !== undefined
      ? Buffer.from(state.content).toString('utf8')
      : undefined
  }
  return { main: main === undefined ? undefined : { text: textOf(main) }, dropIns: [...new Set(dropIns)].map(textOf) }
}

/** What pending unit files and drop-ins say of being enabled; undefined when none is pending, or not all of their text is known. */
export function pendingInstall(
  names: readonly string[],
  prediction: Prediction,
): { readonly install: Install | undefined } | undefined {
  const text = pendingUnitText(names, prediction)
  return text === undefined ? undefined : { install: readInstall(names.at(-1) ?? '', text) }
}

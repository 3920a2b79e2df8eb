import type { Declaration } from '../kit/declarations.ts'
import type { Secret } from '../../secret.ts'
import { splitMark, textOf, whyNoText } from '../kit/bytes.ts'
import { blockedFile, fileEffects, predictContent, planContent, probeContent, readContent } from './content.ts'
import type { Have, Managed } from './content.ts'
import type { Facts } from '../../facts.ts'
import { kind, type Change, type Kind, type Plan, type Refused, type Resource } from '../kit/kind.ts'
import type { OptionProblem } from '../kit/options/option-problems.ts'
import { attributeOptions, flag, oneOf, pattern } from '../kit/options/option-types.ts'
import { leftOut } from '../kit/options/options.ts'
import { attributes } from './path/path.ts'
import { linkBroughtBy } from './path/package-links.ts'
import { mayMake } from './path/path-prediction.ts'
import { memoizeByWant } from '../../memoize.ts'
import type { Spot } from '../kit/text.ts'
import { validatorOption, type Validator } from './writing/validate.ts'

/** What all edits of a part of a file have in common. */
export interface EditOptions {
  /** Where the part goes when it is new: after the last line that matches. Default: the end of the file. */
  readonly insertAfter?: RegExp
  /** Where the part goes when it is new: before the first line that matches; `/^/` is the beginning. */
  readonly insertBefore?: RegExp
  /**
   * Which of the lines that match `insertAfter` or `insertBefore`: the first one, or with `false` the last. Default: the last for `insertAfter`, the first
   * for `insertBefore`.
   */
  readonly firstMatch?: boolean
  /** Make the file when it is not there. Default false: a missing file is refused. */
  readonly create?: boolean
  /** Octal digits in quotes. Default: what the file has; for a new file `'0644'`, with secret content `'0600'`. */
  readonly mode?: string
  readonly owner?: string
  readonly group?: string
  /** Looks at the whole candidate before it goes live; also in check mode. One that is neither on the host nor pending is a failure. */
  readonly validate?: Validator
  /** Keep the old file as `NAME.20260131T120107~` (UTC, the time it was written). Default false. */
  readonly backup?: boolean
  /**
   * Write into the file that is there, in place of a new one that takes its name. For a file that is a mount point, as containers' /etc/hosts and
   * /etc/resolv.conf are. What is lost: whoever reads meanwhile may see nothing or a part, and so does everybody after a power cut or SIGKILL; other
   * hard links change as well. Default false.
   */
  readonly inPlace?: boolean
}

export interface EditWant extends Managed, Spot {
  readonly create: boolean
  readonly absent: boolean
}

/** What `EditOptions` take. */
export const editOptions = () => ({
  state: oneOf(['present', 'absent']).optional(),
  insertAfter: pattern().optional(),
  insertBefore: pattern().optional(),
  firstMatch: flag().optional(),
  create: flag().optional(),
  ...ofFileOptions(),
})

/** What all kinds take that write a file. */
export const ofFileOptions = () => ({
  ...attributeOptions(),
  validate: validatorOption().optional(),
  backup: flag().optional(),
  inPlace: flag().optional(),
})

/** A part goes to one place; one that is to go needs none, and no file to be made for it. */
export function placeOf(
  options: Partial<EditOptions & { state: 'present' | 'absent' }>,
  given: ReadonlySet<string>,
): readonly OptionProblem[] {
  if (options.state === 'absent')
    return leftOut(['insertAfter', 'insertBefore', 'firstMatch', 'create'], "with state: 'absent'", options)
  const places = ['insertAfter', 'insertBefore'].filter((name) => given.has(name))
  if (places.length === 2) return [{ what: 'place', expected: 'either insertAfter or insertBefore', got: 'both' }]
  return given.has('firstMatch') && places.length === 0
    ? [{ what: 'firstMatch', expected: 'given with insertAfter or insertBefore', got: 'neither of them' }]
    : []
}

/** Fills in what was left out. */
export function editWant(path: string, options: EditOptions, absent: boolean, secret: boolean): EditWant {
  const { insertAfter: after, insertBefore: before, firstMatch, create, backup, inPlace, validate } = options
  return {
    path,
    absent,
    create: !absent && (create ?? false),
    backup,
    inPlace,
    after,
    before,
    firstMatch,
    validate,
    freshMode: secret ? '0600' : '0644',
    ...attributes(options),
  }
}

/** What an edit needs to know: its words, and the pure function from the live text to the wanted one. */
export interface Edit<W extends EditWant> {
  readonly name: string
  readonly edit: (want: W, live: string) => string | Refused
  /** `line "..."`, `block docker`: completes `edit PATH: ...`. */
  readonly summary: (want: W, live: string) => string
  /** How the change is shown. Default: the lines of the file that change; of a secret one, nothing. */
  readonly change?: (want: W, live: string) => Change
  readonly isSecret: (want: W) => boolean
  /** What of the file is its own. Default: what its name says. */
  readonly declarations?: (want: W) => readonly Declaration[]
  /** The same want with the path that it has on this host, where families differ. */
  readonly locate?: (want: W, facts: Facts) => W
  /** Every path that `locate` may give. */
  readonly places?: (want: W) => readonly string[]
}

/**
 * Makes a kind that owns a part of a text file, and takes the options of a file. The file is written as `file` writes it: whole or not at all, or in place
 * where that is asked for.
 */
export function editKind<W extends EditWant>(definition: Edit<W>): (name: string, want: W) => Resource<W> {
  const edited = editDefinition(definition)
  return kind<W, Have>({ ...edited, advanced: { ...edited.advanced, pathsChange: 'inPlaceToo' } })
}

/** The same before it is made a kind, for those that see to more than the file. */
export function editDefinition<W extends EditWant>(definition: Edit<W>): Kind<W, Have> {
  const { name, summary: say, change, isSecret, declarations, places } = definition
  const edit = memoizeByWant(definition.edit)
  const locate = (want: W, facts: Facts): W => definition.locate?.(want, facts) ?? want
  const placesOf = (want: W) => places?.(want) ?? [want.path]
  return {
    name,
    probe: (want, facts) => probeContent(locate(want, facts)),
    read: (want, reply, facts) => readContent(locate(want, facts).path, reply),
    predict(given, have, prediction, facts) {
      const want = locate(given, facts)
      const predicted = predictContent(want, have, prediction, undefined, {
        needsParent: !want.absent,
        secret: isSecret(want),
      })
      if ('unknown' in predicted || predicted.found.type !== 'absent' || predicted.found.from !== undefined)
        return predicted
      const link = linkBroughtBy(want.path, prediction)
      if (link !== undefined)
        return { unknown: `${want.path} comes with ${link} as a symbolic link; name the file it leads to` }
      if (want.create) return predicted
      const bringer = mayMake(want.path, prediction)
      return bringer === undefined ? predicted : { unknown: `${want.path} may come with ${bringer}` }
    },
    plan(given, have, facts) {
      const want = locate(given, facts)
      const live = liveText(want, have)
      if (typeof live !== 'string') return live
      const [mark, before] = splitMark(live)
      const text = edit(want, before)
      if (typeof text !== 'string') return text
      if (have.found.type === 'absent' && text === '') return []
      const told = `${have.found.type === 'absent' ? 'create' : 'edit'} ${want.path}: ${want.absent ? 'remove ' : ''}${say(want, before)}`
      const shown = change && text !== before ? { change: change(want, before) } : {}
      return planContent(want, have, Buffer.from(mark + text), {
        secret: isSecret(want),
        edited: true,
        summary: told,
        ...shown,
      })
    },
    effects(given, have, facts) {
      const want = locate(given, facts)
      const live = liveText(want, have)
      const [mark, before] = splitMark(typeof live === 'string' ? live : '')
      const text = typeof live === 'string' ? edit(want, before) : live
      return fileEffects(want, have, typeof text === 'string' ? Buffer.from(mark + text) : undefined, isSecret(want))
    },
    paths: (want) => (places === undefined ? [want.path] : []),
    advanced: {
      ...(declarations === undefined ? {} : { declarations }),
      ...(places === undefined
        ? { part: (want: W) => ({ path: want.path, mode: want.mode, isIn: (content) => isIn(edit, want, content) }) }
        : {}),
      batchable: true,
      statPaths: (want) => placesOf(want).map((path) => ({ path })),
    },
  }
}

function isIn<W extends EditWant>(edit: Edit<W>['edit'], want: W, content: Uint8Array | undefined): boolean {
  if (content === undefined) return want.absent
  const text = textOf(content)
  if (text === undefined) return false
  const [, body] = splitMark(text)
  return edit(want, body) === body
}

/** The text to edit, or what is to be said when there is none. */
export function liveText(
  { path, absent, create }: Pick<EditWant, 'path' | 'absent' | 'create'>,
  { found, bytes }: Have,
): string | Refused | Plan {
  if (found.type === 'absent' && absent && !found.denied) return { steps: [] }
  const blocked = blockedFile(found)
  if (blocked !== undefined) return blocked
  if (found.type === 'link') {
    return {
      refused: `${path} is a symbolic link: an edit would put a file in its place`,
      hint: 'name the file it leads to',
    }
  }
  if (found.type === 'absent') {
    const hint = 'put what brings it before this resource, or set create: true'
    return create ? '' : { refused: `${path} is not there to be edited`, hint }
  }
  const text = bytes && textOf(bytes)
  if (text !== undefined) return text
  return {
    refused: `${path} cannot be edited: it ${whyNoText(bytes)}`,
    hint: 'give its whole content: file(...)',
  }
}

/** A text that may be secret, as it is. */
export function reveal(text: string | Secret): string {
  return typeof text === 'string' ? text : text.reveal()
}

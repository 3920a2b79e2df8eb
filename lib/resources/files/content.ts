import type { Facts } from '../../facts.ts'
import { raw, sh, type ShellFunction, type Sh } from '../../sh/quote.ts'
import type { Effect, Prediction } from '../prediction/prediction.ts'
import type { Change, Plan, Refused, Reply, Unknown } from '../kit/kind.ts'
import { hashOf } from './path/stat-batch.ts'
import { blockedPath, placeOf, readPath, type Found } from './path/path-answer.ts'
import { probePath, type Attributes } from './path/path.ts'
import { predictPath, isVague } from './path/path-prediction.ts'
import { PendingSecret } from '../prediction/pending-secret.ts'
import { validationOf, type Validator } from './writing/validate.ts'
import { attributeSteps, blockedGift, tidySteps } from './path/attributes.ts'
import { LARGEST_TEXT, textOf } from '../kit/bytes.ts'
import { digestOf, sha256 } from './writing/digest.ts'
import { writeStep } from './writing/write.ts'

/** What the kinds that write into a file (file, line, block) have in common. */
export interface Managed extends Attributes {
  readonly path: string
  readonly validate?: Validator | undefined
  readonly backup?: boolean | undefined
  /** A file that is there is written into. */
  readonly inPlace?: boolean | undefined
  /** The mode of a file that is not there yet, when `mode` is not managed. */
  readonly freshMode?: string | undefined
}

/** How a write is reported. */
export interface WriteOptions {
  /** The content is shown to nobody. */
  readonly secret?: boolean
  /** The content was derived from what was there, so nobody may have changed that meanwhile. */
  readonly edited?: boolean
  /** Default: `create PATH`, `write PATH`. */
  readonly summary?: string
  /** What is shown of the change. Default: the text before and after, or why neither is shown. */
  readonly change?: Change
}

/** A file as it is: its bytes, or at least whether they are the wanted ones. */
export interface Have {
  readonly found: Found
  /** Undefined when there is no file, or when its content was not asked for, is too large, or is predicted but not known. */
  readonly bytes?: Uint8Array | undefined
}

/** A content, and what the host compares it with when it is large. */
export interface Wanted {
  readonly bytes: Uint8Array
  readonly digest: Facts['digest']
}

/**
 * Asks about a file. With `wanted`, the content comes back only when it is another one, so that a file as wanted costs one
 * `stat`, one `sha256sum` and a hundred bytes; without, it always comes back. `secret` content never does.
 */
export function probeContent({ path, ...attributes }: Managed, wanted?: Wanted, secret = false): ShellFunction {
  const same = wanted === undefined ? sh`false` : isSame(path, wanted)
  const fetch = secret ? sh`false` : sh`[ "$2" -le ${LARGEST_TEXT} ]`
  const further = sh`case $s in 8*) set -- $s; if [ ! -r "$p" ]; then echo denied
elif ${same}; then echo same; elif ${fetch}; then echo content; cat <"$p"; else echo other; fi;; esac`
  return probePath(path, attributes, further, ['h'])
}

function isSame(path: string, { bytes, digest }: Wanted): Sh {
  const isSize = sh`[ "$2" = ${bytes.length} ]`
  if (!isHashedInBatch(bytes))
    return sh`${isSize} && h=$(${raw(digest)} <"$p") && [ "\${h%% *}" = ${digestOf(digest, bytes)} ]`
  return sh`${isSize} && { h=${hashOf(path)}; [ -n "$h" ] || h=$(sha256sum <"$p"); } && [ "\${h%% *}" = ${sha256(bytes)} ]`
}

/** Large contents are hashed one by one: a process more is little beside reading them. */
export function isHashedInBatch(bytes: Uint8Array): boolean {
  return bytes.length <= LARGEST_TEXT
}

export function readContent(path: string, reply: Reply, wanted?: Uint8Array): Have {
  const { found, rest } = readPath(path, reply)
  if (found.type !== 'file') return { found }
  const end = rest.indexOf(10)
  switch (rest.toString('latin1', 0, end)) {
    case 'same':
      return { found, bytes: wanted }
    case 'content':
      return { found, bytes: rest.subarray(end + 1) }
    case 'other':
      return { found }
    default:
      return { found: { ...found, denied: true } }
  }
}

/**
 * Applies pending changes to the answer. `wanted` is the content when it does not depend on what is there. A pending secret content is given
 * on only where the wanted one is `secret` as well, because nothing is shown of that; another one is still compared with it.
 */
export function predictContent(
  want: Managed,
  have: Have,
  prediction: Prediction,
  wanted?: Uint8Array,
  { needsParent = true, secret = false }: { readonly needsParent?: boolean; readonly secret?: boolean } = {},
): Have | Unknown {
  const found = predictPath(have.found, prediction, want, needsParent)
  if ('unknown' in found || found === have.found) return 'unknown' in found ? found : have
  const pending = found.from === undefined ? undefined : prediction.paths.get(want.path)?.state
  if (pending?.type !== 'file') return { found, bytes: found.from === undefined ? have.bytes : undefined }
  const sealed = pending.sealed instanceof PendingSecret ? pending.sealed.reveal() : undefined
  const isGiven = sealed !== undefined && (secret || (wanted !== undefined && equal(sealed, wanted)))
  const isFetched = wanted !== undefined && pending.fetched !== undefined && pending.fetched === sha256(wanted)
  const bytes =
    pending.content ?? (isGiven ? sealed : isFetched ? wanted : pending.kept === true ? have.bytes : undefined)
  const differs = bytes === undefined ? wanted !== undefined : wanted !== undefined && !equal(bytes, wanted)
  if (!differs && found.lacks.length === 0 && (bytes === undefined || isVague(found, want))) {
    return { unknown: `what ${want.path} will be is known only after ${found.from ?? 'an earlier step'}` }
  }
  return { found, bytes }
}

/** The steps that bring a file to this content, owner and mode. */
export function planContent(want: Managed, have: Have, bytes: Uint8Array, options: WriteOptions = {}): Plan | Refused {
  const { found } = have
  const { path } = want
  const blocked = blockedFile(found)
  if (blocked !== undefined) return blocked
  if (found.type === 'file' && have.bytes !== undefined && equal(have.bytes, bytes)) {
    return blockedGift(found, want) ?? { steps: [...tidySteps(found, want), ...attributeSteps(found, want)] }
  }
  const gift = options.edited === true ? blockedGift(found, want) : undefined
  if (gift !== undefined) return gift
  const inPlace = want.inPlace === true && found.type === 'file'
  if (inPlace && found.way !== undefined)
    return {
      refused: `${path} cannot be written in place: another account can change its directory`,
      hint: 'leave inPlace out, or give the directory to root',
    }
  const from = options.edited === true ? derivedFrom(have) : undefined
  const { backup, validate } = want
  const fresh = found.type === 'absent'
  const file = {
    path,
    bytes,
    ...attributesOfNew(want, found),
    backup,
    validate,
    from,
    fresh,
    inPlace,
    secret: options.secret,
    way: found.way,
    place: placeOf(found),
  }
  const write = writeStep(
    `${options.summary ?? writeSummary(path, found)}${inPlace ? ' (in place)' : hardLinkNote(found)}`,
    file,
  )
  const validation = validationOf(path, bytes, want.validate)
  return {
    steps: [...tidySteps(found, want), write],
    changes: [options.change ?? change(path, have, bytes, options.secret === true)],
    ...(validation === undefined ? {} : { validation }),
  }
}

function derivedFrom({ found, bytes }: Have): Uint8Array | 'nothing' | undefined {
  if (found.type === 'absent') return 'nothing'
  return found.type === 'file' ? bytes : undefined
}

/** Refuses a path at which no file can be written. */
export function blockedFile(found: Found): Refused | undefined {
  const { path } = found
  if (found.type === 'dir')
    return {
      refused: `${path} is a directory, not a file`,
      hint: `put absent('${path}') before this resource if it may be removed`,
    }
  if (found.type === 'special')
    return { refused: `${path} is a device, socket or pipe, not a file`, hint: 'remove it, or choose another path' }
  return blockedPath(found)
}

/** A file is replaced, so its other hard links keep the old content. */
export function hardLinkNote({ type: is, names = 1 }: Found): string {
  if (is !== 'file' || names < 2) return ''
  return names === 2
    ? ' (its other hard link keeps the old content)'
    : ` (its ${names - 1} other hard links keep the old content)`
}

export function writeSummary(path: string, found: Found): string {
  if (found.type === 'link') return `replace the symbolic link ${path} with a file`
  return found.type === 'file' ? `write ${path}` : `create ${path}`
}

/** Owner and mode of the new file: those that are wanted, else those of the file that is there. */
export function attributesOfNew(
  want: Attributes & Pick<Managed, 'freshMode'>,
  found: Found,
): Attributes & { readonly mode: string } {
  const live: Partial<Found> = found.type === 'file' ? found : {}
  return {
    mode: want.mode ?? live.mode ?? want.freshMode ?? '0644',
    owner: want.owner ?? live.owner?.id ?? live.owner?.name,
    group: want.group ?? live.group?.id ?? live.group?.name,
  }
}

/** What later resources may rely on. Secret content is handed on only to be compared. */
export function fileEffects(
  want: Managed,
  { found, bytes }: Have,
  content?: Uint8Array,
  secret = false,
): readonly Effect[] {
  const live: Partial<Found> = found.type === 'file' ? found : {}
  const owner = want.owner ?? live.owner?.name
  const group = want.group ?? live.group?.name
  const isKept = content !== undefined && bytes !== undefined && found.from === undefined && equal(bytes, content)
  const state = {
    type: 'file' as const,
    mode: attributesOfNew(want, found).mode,
    ...(want.inPlace === true && found.type === 'file' ? { inPlace: true as const } : {}),
    ...(content === undefined || secret ? {} : { content }),
    ...(isKept
      ? { kept: true as const }
      : secret && content !== undefined
        ? { sealed: new PendingSecret(content) }
        : {}),
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
  }
  return [{ type: 'path', path: want.path, state }]
}

function change(path: string, { found, bytes }: Have, wanted: Uint8Array, secret: boolean): Change {
  if (secret) return { hidden: 'secret content' }
  const old = found.type === 'file' ? bytes : new Uint8Array()
  const size = found.type === 'file' ? (bytes?.length ?? found.size) : 0
  const before = old && textOf(old)
  const after = textOf(wanted)
  if (before !== undefined && after !== undefined) return { before, after, label: path }
  if (old === undefined && found.from !== undefined) return { hidden: `content known only after ${found.from}` }
  const what = after === undefined || (old !== undefined && before === undefined) ? contentType(old, wanted) : 'large'
  return { hidden: `${what}, ${size ?? '?'} -> ${wanted.length} bytes` }
}

function contentType(...contents: readonly (Uint8Array | undefined)[]): 'binary' | 'large' {
  return contents.some((bytes) => bytes !== undefined && bytes.length <= LARGEST_TEXT && textOf(bytes) === undefined)
    ? 'binary'
    : 'large'
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

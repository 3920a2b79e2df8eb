import { Secret } from '../../secret.ts'
import { splitMark, textOf, whyNoText } from '../kit/bytes.ts'
import { fileEffects, predictContent, isHashedInBatch, planContent, probeContent, readContent } from './content.ts'
import type { Have, Managed } from './content.ts'
import { absent } from './absent.ts'
import { ofFileOptions } from './edit.ts'
import { pathDeclaration } from '../kit/declarations.ts'
import { kind, type Refused, type Resource } from '../kit/kind.ts'
import { flag, isMask, seconds, text, value } from '../kit/options/option-types.ts'
import type { OptionProblem } from '../kit/options/option-problems.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { fileMetadataKind } from './file-metadata.ts'
import { largeFileKind } from './large-file.ts'
import { LARGEST_IN_MEMORY, LocalFile, refuseVault } from './local-file.ts'
import { absentRule, stateOption, type AbsentState } from './absent-state.ts'
import { absolute, attributes } from './path/path.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import type { Validator } from './writing/validate.ts'

/** A file's content as text, as bytes, as a secret, or derived from the text that is there now (undefined: no file). */
export type Content = string | Uint8Array | Secret | ((live: string | undefined) => string)

export interface FileOptions {
  readonly state?: 'present'
  /** A function must be pure and give back its own answer: it is asked again after the file was written. */
  readonly content?: Content
  /**
   * In place of `content`: a file of the controller, by its path; a relative one is beside the file that this is written in. Above 1 MiB it is not read into memory, but sent
   * piece by piece, whatever its size.
   */
  readonly source?: string
  /** Without `content` and `source`: make an empty file where there is none. Default false: a missing file is refused. */
  readonly create?: boolean
  /** Octal digits in quotes, or chmod's words for all of it (`u=rw,go=r`). Default `'0644'`, for secret content `'0600'`. Always enforced. Without `content` and `source` the default is what the file has. */
  readonly mode?: string
  /** Name or number. Default: what the file has; for a new file the user that scripts run as. */
  readonly owner?: string
  readonly group?: string
  /** Looks at the candidate before it goes live; also in check mode. One that is neither on the host nor pending is a failure. */
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

export type FileWant = Managed & { readonly content: Content }

/**
 * A regular file with this content, mode and owner.
 *
 * It is written whole or not at all: a hidden candidate in the same directory is synced, gets its owner and mode, is shown to the validator, and is renamed. Several new
 * files in a row are prepared in a hidden directory there, and are renamed together.
 * A symbolic link in its place is replaced, not followed; one on the way to it that another account created is refused, unless it leads to a
 * directory of that account, which is the wanted owner too. Hard links and ACLs of the old file are not carried over.
 *
 * Without `content` and `source` the content stays as it is, and is not read: only owner, group and mode are set.
 *
 * @example
 * file('/etc/motd', { content: 'Welcome\n' })
 * file('/opt/app/app.jar', { source: '../files/app.jar', owner: 'app' })           // a file of the controller
 * file('/etc/named.conf', { content: conf, mode: '0640', group: 'named', validate: 'named-checkconf {}' })
 * file('/etc/app/token', { content: token })                                   // a Secret: mode 0600, never shown
 * file('/etc/nginx/sites-enabled/default', { state: 'absent' })                // as absent(path) says it
 * file('/etc/shadow', { mode: '0640', owner: 'root', group: 'shadow' })        // its content stays
 * file('/var/log/app.log', { create: true, owner: 'app', mode: '0640' })       // and is empty at first
 * file('/etc/issue', { content: (live) => (live ?? '').replace('Linux', 'GNU/Linux') })
 *
 * Refused: a directory or device in its place; no parent directory; an owner the host does not know; a function as content
 * for a live file that is no UTF-8 text or larger than 1 MiB; a source that is encrypted by Ansible Vault; without content and source a file that is not there, and a symbolic link. Failed: the validator's words, a full disk.
 *
 * Source: stat(1), sha256sum(1), rename(2).
 */
export function file(path: string, options: FileOptions | AbsentState): Resource {
  const { name, options: given } = read(path, options)
  const { content = '', create = false, deadline } = given
  if (given.state === 'absent') return absent(name, deadline === undefined ? {} : { deadline })
  const { backup, inPlace, validate } = given
  if (given.content === undefined && given.source === undefined) {
    refuseUndefined(name, options)
    return fileMetadataKind(name, { path: name, create, ...attributes(given) })
  }
  const source = given.source === undefined ? undefined : new LocalFile(`file:${name}`, given.source)
  if (source !== undefined) refuseVault(`file:${name}`, source.file)
  const mode = given.mode ?? (isSecret(content) ? '0600' : '0644')
  if (source !== undefined && source.length > LARGEST_IN_MEMORY)
    return largeFileKind(name, { path: name, source, backup, validate, ...attributes({ ...given, mode }) })
  return fileKind(name, {
    path: name,
    content: source?.bytes ?? content,
    backup,
    inPlace,
    validate,
    ...attributes({ ...given, mode }),
  })
}

const read = resourceOptions<FileOptions | AbsentState>()(
  'file',
  (path) => absolute('file', path),
  () => ({
    content: value<Content>(
      'a text, bytes, a Secret, or a function that makes the new text of the live one',
      isContent,
      {
        got: (given) => (typeof given === 'string' ? 'a mask, which stands for a secret' : undefined),
        hint: (given) => (typeof given === 'string' ? 'give the Secret itself as content' : undefined),
      },
    ).optional(),
    source: text('a path of the controller', /^[^\0]+$/).optional(),
    state: stateOption().optional(),
    create: flag().optional(),
    ...ofFileOptions(),
    deadline: seconds().optional(),
  }),
  (options, given) => [
    ...absentRule(options, given, []),
    ...(options.state === 'absent' ? [] : [...contentOrSource(options, given)]),
    ...(options.state === 'absent' ? [] : leftOut(['deadline'], "without state: 'absent'", options)),
  ],
)

const fileKind = kind<FileWant, Have>({
  name: 'file',
  probe: (want, { digest }) => {
    const bytes = fixed(want.content)
    return probeContent(want, bytes && { bytes, digest }, isSecret(want.content))
  },
  read: (want, reply) => readContent(want.path, reply, fixed(want.content)),
  // A missing file is predicted as if no package brought it: its content is replaced or edited anyway.
  predict: (want, have, prediction) =>
    predictContent(want, have, prediction, fixed(want.content), { secret: isSecret(want.content) }),
  plan(want, have) {
    const bytes = wanted(want.content, have)
    if ('refused' in bytes) return bytes
    return planContent(want, have, bytes, {
      secret: isSecret(want.content),
      edited: typeof want.content === 'function',
    })
  },
  effects(want, have) {
    const bytes = wanted(want.content, have)
    return fileEffects(want, have, 'refused' in bytes ? undefined : bytes, isSecret(want.content))
  },
  paths: (want) => [want.path],
  advanced: {
    declarations: (want) => pathDeclaration('file', want),
    whole(want) {
      const content = fixed(want.content)
      return content && { path: want.path, type: 'file', content, mode: want.mode }
    },
    access: ({ path, owner, group, mode }) => [{ path, owner, group, fileMode: mode }],
    batchable: true,
    pathsChange: 'inPlaceToo',
    statPaths: (want) => {
      const bytes = fixed(want.content)
      return [{ path: want.path, size: bytes && isHashedInBatch(bytes) ? bytes.length : undefined }]
    },
  },
})

function wanted(content: Content, { found, bytes }: Have): Uint8Array | Refused {
  const known = fixed(content)
  if (known !== undefined) return known
  const live = bytes && textOf(bytes)
  if (found.type === 'file' && live === undefined && !found.denied) {
    return {
      refused: `${found.path} cannot be edited: it ${whyNoText(bytes)}`,
      hint: 'give its whole content',
    }
  }
  if (typeof content !== 'function') return new Uint8Array()
  const [mark, text] = splitMark(live ?? '')
  const edited: unknown = content(live === undefined ? undefined : text)
  if (typeof edited === 'string') return Buffer.from(edited.startsWith(mark) ? edited : mark + edited)
  return {
    refused: `the content of ${found.path} cannot be made: its function gives ${describeValue(edited)}`,
    hint: 'the function must give a text, and at once',
  }
}

function contentOrSource(options: object, given: ReadonlySet<string>): readonly (OptionProblem | undefined)[] {
  if (given.has('content') && given.has('source')) return [{ expected: 'given content or source', got: 'both' }]
  if (given.has('source') && given.has('inPlace'))
    return [{ what: 'inPlace', expected: 'left out beside source', got: 'both' }]
  if (given.has('content') || given.has('source')) return leftOut(['create'], 'beside content and source', options)
  if (['mode', 'owner', 'group', 'create'].some((name) => given.has(name)))
    return leftOut(['validate', 'backup', 'inPlace'], 'without content and source', options)
  return [{ expected: "given content or source, a mode or an owner, or state: 'absent'", got: 'none of them' }]
}

/** A content that a role has worked out, and that is undefined by mistake, does not mean that the content stays. */
function refuseUndefined(name: string, options: object): void {
  const broken = ['content', 'source'].find((each) => Object.hasOwn(options, each))
  if (broken !== undefined)
    throw invalidOption(`${broken} of file:${name}`, 'a content, or left out altogether', 'undefined')
}

function isContent(given: unknown): boolean {
  if (typeof given === 'string') return !isMask(given)
  return typeof given === 'function' || given instanceof Uint8Array || given instanceof Secret
}

function fixed(content: Content): Uint8Array | undefined {
  if (typeof content === 'function') return undefined
  if (typeof content === 'string') return Buffer.from(content)
  return isSecret(content) ? Buffer.from(content.reveal()) : content
}

function isSecret(content: Content): content is Secret {
  return typeof content === 'object' && !(content instanceof Uint8Array)
}

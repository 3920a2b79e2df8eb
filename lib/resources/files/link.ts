import { posix } from 'node:path'
import { lines, sh } from '../../sh/quote.ts'
import { pathDeclaration } from '../kit/declarations.ts'
import { kind, type Resource } from '../kit/kind.ts'
import { seconds, text } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { absent } from './absent.ts'
import { absentRule, stateOption, type AbsentState } from './absent-state.ts'
import { absolute, probePath } from './path/path.ts'
import { blockedPath, readPath, type Found } from './path/path-answer.ts'
import { predictPath } from './path/path-prediction.ts'
import { tidySteps } from './path/attributes.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { candidate, commit } from './writing/temp-file.ts'
import { lay, stage } from './writing/untrusted-directory.ts'

export interface LinkOptions {
  readonly state?: 'present'
  /** The target, exactly as it is written in the link: absolute, or relative to the link's own directory. It need not exist. */
  readonly to: string
}

export interface LinkWant {
  readonly path: string
  readonly to: string
}

type HaveLink = Found & { readonly target?: string | undefined }

/**
 * A symbolic link. It is made beside its place and renamed over it, so that the name leads somewhere at every moment.
 * A file in its place is replaced. Owner and mode of a link mean nothing on Linux and are not managed.
 *
 * @example
 * link('/etc/localtime', { to: '/usr/share/zoneinfo/UTC' })
 * link('/opt/harbor', { to: 'harbor-1.8.3' })
 *
 * Refused: a link that leads to itself; a directory or device in its place; no parent directory.
 *
 * Source: symlink(7), rename(2), readlink(1).
 */
export function link(path: string, options: LinkOptions | AbsentState): Resource {
  const { name, options: given } = read(path, options)
  const { to = '', deadline } = given
  if (given.state === 'absent') return absent(name, deadline === undefined ? {} : { deadline })
  const end = posix.resolve(posix.dirname(name), to)
  if (end === name || end.startsWith(`${name}/`))
    throw invalidOption(`to of link:${name}`, 'another path, not below the link', `${to}, which leads back to the link`)
  return linkKind(name, { path: name, to })
}

const read = resourceOptions<LinkOptions | AbsentState>()(
  'link',
  (path) => absolute('link', path),
  () => ({
    to: text('a path of at most 4095 bytes', isTarget).optional(),
    state: stateOption().optional(),
    deadline: seconds().optional(),
  }),
  (options, given) => [
    ...absentRule(options, given, ['to']),
    ...(options.state === 'absent' ? [] : leftOut(['deadline'], "without state: 'absent'", options)),
  ],
)

/** Source: symlink(2), ENAMETOOLONG. */
function isTarget(given: string): boolean {
  return given !== '' && !given.includes('\0') && Buffer.byteLength(given) <= 4095
}

const linkKind = kind<LinkWant, HaveLink>({
  name: 'link',
  probe: (want) => probePath(want.path, {}, sh`case $s in a*) readlink -n -- "$p";; esac`),
  read(want, reply) {
    const { found, rest } = readPath(want.path, reply)
    return found.type === 'link' ? { ...found, target: rest.toString('utf8') } : found
  },
  predict(want, have, prediction) {
    const predicted = predictPath(have, prediction)
    if ('unknown' in predicted || predicted.from === undefined) return predicted
    const state = prediction.paths.get(want.path)?.state
    return { ...predicted, target: state?.type === 'link' ? state.target : undefined }
  },
  plan({ path, to }, have) {
    const blocked = blockedPath(have)
    if (blocked !== undefined) return blocked
    if (have.type === 'dir') {
      return {
        refused: `${path} is a directory, not a link`,
        hint: `put absent('${path}') before this resource if it may be removed`,
      }
    }
    if (have.type === 'special') {
      return { refused: `${path} is a device, socket or pipe, not a link`, hint: 'remove it, or choose another path' }
    }
    if (have.type === 'link' && have.target === to) return tidySteps(have)
    const say = {
      absent: `link ${path} to ${to}`,
      link: `link ${path} to ${to} (was ${have.target ?? 'unknown'})`,
      file: `replace the file ${path} with a symbolic link to ${to}`,
    }[have.type]
    // The candidate is made in a private directory: nobody can put something of their own under its name first.
    const make = have.way
      ? lines(stage(path), sh`ln -s -- ${to} "./$new" || exit 1`, lay(path))
      : lines(
          candidate(path, true),
          sh`ln -s -- ${to} "$candidate/link" || exit 1
own=$candidate; candidate=$own/link
trap 'rm -rf -- "$own"' EXIT`,
          commit,
        )
    return [...tidySteps(have), { summary: say, sh: make }]
  },
  effects: ({ path, to }) => [{ type: 'path', path, state: { type: 'link', target: to } }],
  paths: (want) => [want.path],
  advanced: {
    declarations: (want) => pathDeclaration('link', want),
    whole: (want) => ({ path: want.path, type: 'link', to: want.to }),
    batchable: true,
    statPaths: (want) => [{ path: want.path }],
  },
})

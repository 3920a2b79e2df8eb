import { quote, raw, sh, type Sh } from '../../sh/quote.ts'
import { asUser, shellWords, unsetPrivate, withOwnStreams } from '../commands/as-user.ts'
import { probePath, type Attributes } from '../files/path/path.ts'
import { readPath, type Found } from '../files/path/path-answer.ts'
import type { Reply } from '../kit/kind.ts'

/** What is at one path of a tree on the host. */
export interface HostEntry {
  readonly type: 'file' | 'dir' | 'link' | 'special'
  readonly mode: string
  readonly size: number
  readonly uid: string
  readonly user: string
  readonly group: string
  /** Of a regular file. */
  readonly sha256?: string | undefined
  /** Of a link. */
  readonly target?: string | undefined
}

export interface HostTree {
  readonly found: Found
  readonly entries: ReadonlyMap<string, HostEntry>
}

/**
 * Runs a script as another account, where that is not the one that runs it: what is done in directories of that account it could then do itself.
 * It stays in its directory. `group`: the group that it gives things to, whether the account is in that or not.
 */
export function asOwner(owner: string | undefined, script: Sh, group?: string): Sh {
  if (owner === undefined || owner === 'root') return sh`(\n${script}\n)`
  const words = sh`runuser -u ${owner} ${group === undefined ? [] : ['-g', group]} -- /bin/sh -c`
  return raw(`if [ "$(id -u)" != 0 ] || [ "$(id -un)" = ${quote(owner)} ]; then (
${script.text}
)
elif command -v runuser >/dev/null 2>&1; then ( ${unsetPrivate.text}
${withOwnStreams(shellWords(words, script.text)).text}
)
else ${asUser(owner, script).text}; fi`)
}

/** How many names of the top go into a script. */
const MOST_NAMES = 500

/** The owner-to-be cannot look into it yet, nor change anything there: then root looks which names there are. */
const CLOSED = 9

/**
 * Asks for all of a tree at once: one find, one stat and one sha256sum for as many files as a command line takes. Names with a line break are passed over, with all that is
 * below them: whoever may write somewhere in a tree could have such a name say that another file is as wanted.
 */
export function probeTree(path: string, attributes: Attributes, top: readonly string[] | undefined): Sh {
  const names =
    top === undefined || top.length > MOST_NAMES || top.length === 0 ? ['.'] : top.map((name) => `./${name}`)
  const stats = sh`odd='*
*'
find ${names} -name "$odd" -prune -o ! -path . -exec stat -c '%f %s %u %g %U %G %n' {} + 2>/dev/null`
  const list = sh`[ -r . ] && [ -x . ] || exit ${CLOSED}
${stats}
echo '# sums'
find ${names} -name "$odd" -prune -o -type f -exec sha256sum {} + 2>/dev/null
echo '# links'
find ${names} -name "$odd" -prune -o -type l -exec sh -c 'for l do t=$(readlink "$l"); case $t in *"
"*) t="?";; esac; printf "%s\\n%s\\n" "$l" "$t"; done' sh {} + 2>/dev/null; :`
  return probePath(
    path,
    attributes,
    sh`case $s in 4*) (cd -P -- "$p" 2>/dev/null && { ${asOwner(attributes.owner, list)}
[ $? != ${CLOSED} ] || { ${stats}; }; });; esac; :`,
  )
}

const NAME_OF_SUM = 66

const TYPES: Readonly<Record<string, HostEntry['type']>> = { '4': 'dir', '8': 'file', a: 'link' }

export function readHostTree(path: string, reply: Reply): HostTree {
  const { found, rest } = readPath(path, reply)
  const [stats = '', more = ''] = rest.toString('utf8').split('# sums\n')
  const [sums = '', links = ''] = more.split('# links\n')
  const sumOf = new Map<string, string>()
  for (const line of sums.split('\n'))
    // 64 digits, a blank, a blank or an asterisk, and the name.
    if (line.startsWith('./', NAME_OF_SUM)) sumOf.set(line.slice(NAME_OF_SUM + 2), line.slice(0, 64))
  const pairs = links.split('\n')
  const targetOf = new Map(
    pairs.flatMap((name, at) => (at % 2 === 0 ? [[name.slice(2), pairs[at + 1] ?? ''] as const] : [])),
  )
  const nameOf = (type: 'user' | 'group', id: string) =>
    found.known?.find((each) => each.type === type && each.id === id)?.name
  const entries = new Map<string, HostEntry>()
  for (const line of stats.split('\n')) {
    const at = line.indexOf(' ./')
    if (at < 0) continue
    const [bits = '', size = '', uid = '', gid = '', user = '', group = ''] = line.slice(0, at).split(' ')
    const name = line.slice(at + 3)
    const mode = Number.parseInt(bits, 16)
    entries.set(name, {
      type: TYPES[(mode >> 12).toString(16)] ?? 'special',
      mode: (mode & 0o7777).toString(8).padStart(4, '0'),
      size: Number(size),
      uid,
      user: nameOf('user', uid) ?? user,
      group: nameOf('group', gid) ?? group,
      sha256: sumOf.get(name),
      target: targetOf.get(name),
    })
  }
  return { found, entries }
}

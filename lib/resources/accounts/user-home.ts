import { posix } from 'node:path'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import type { Effect, PathState } from '../prediction/effect.ts'
import { walk } from '../files/path/walk.ts'
import { allAfter } from '../kit/text.ts'

/** A file, directory or link that every new home gets a copy of. */
export interface Skeleton {
  /** Below the home. */
  readonly path: string
  readonly state: PathState
}

/** What the host's own rules make of a new home, and what is at its path now. Only asked when a home is to be made. */
export interface NewHome {
  readonly path: string
  /** Something is there already, so nothing is made and nothing copied. */
  readonly type: 'absent' | 'dir' | 'other'
  /** The nearest path above that is there. */
  readonly above: string
  /** That is no directory. */
  readonly blocked: boolean
  /** The account that can change the directory above. */
  readonly lord?: string | undefined
  /** The mount point of the file system that it would be on, when that is read-only. */
  readonly readOnly?: string | undefined
  readonly mode: string
  /** The directory that is copied. */
  readonly skeletonAt: string
  readonly skeleton: readonly Skeleton[]
  /** Not everything that is copied is known. */
  readonly more: boolean
  /** Where its mail will be put, when the host makes a spool that is not there. */
  readonly mail?: string | undefined
  readonly shell?: string | undefined
  /** A group of the user's own name is made with it. */
  readonly ownGroup: boolean
}

/** Bytes of one file of the skeleton that are asked for, and how many of its files. */
const LARGEST = 65_536
const MOST = 100

/**
 * What useradd would do, in its own words: its defaults, the place of the home, and the skeleton with its content. Goes last in an answer, because
 * file contents follow it.
 *
 * Source: useradd(8); login.defs(5); shadow 4.13, src/useradd.c, `create_home` and `create_mail`, lib/copydir.c.
 */
export function probeNewHome(name: string, home: string | undefined): Sh {
  return sh`r=$(sed -nE 's/^(HOME|SHELL|SKEL|CREATE_MAIL_SPOOL)=/def &/p' /etc/default/useradd 2>/dev/null
sed -nE 's/^[[:space:]]*(UMASK|HOME_MODE|USERGROUPS_ENAB|MAIL_DIR)[[:space:]]+([^[:space:]#]+).*/def \\1=\\2/p' /etc/login.defs 2>/dev/null)
h= s= k= i=$IFS; set -f; IFS='
'
for d in $r; do echo "$d"; case $d in 'def HOME='*) h=\${d#*=};; 'def SKEL='*) s=\${d#*=};; 'def MAIL_DIR='*) k=\${d#*=};; esac; done
IFS=$i; set +f
h=${home ?? raw(`"\${h:-/home}/"${name}`)}
echo "home-at $h"
[ -e "\${k:-/var/mail}/"${name} ] && echo mail
if [ -d "$h" ]; then echo home-dir; elif [ -e "$h" ] || [ -L "$h" ]; then echo home-other; fi
a=\${h%/*}; while [ -n "$a" ] && [ ! -e "$a" ] && [ ! -L "$a" ]; do a=\${a%/*}; done
echo "above \${a:-/}"; if [ ! -d "\${a:-/}" ]; then echo above-blocked; else ${theirs}; fi
m= o=; while read -r _ d _ k _; do case "\${a:-/}/" in "\${d%/}/"*) [ "\${#d}" -lt "\${#m}" ] || { m=$d o=$k; };; esac; done </proc/self/mounts
case ,$o, in *,ro,*) echo "read-only $m";; esac
s=\${s:-/etc/skel}
echo "skeleton $s"
( cd "$s" 2>/dev/null || exit 0
r=$(find . ! -name . | LC_ALL=C sort)
n=0; set -f; IFS='
'; set --
for f in $r; do [ $n -lt ${MOST} ] || break; n=$((n+1)); set -- "$@" "$f"; done
[ $# -lt ${MOST} ] || echo skeleton-more
[ $# -gt 0 ] || exit 0
r=$(stat -c 'skel %f %s %n' -- "$@")
printf '%s\\n' "$r"
for f do [ ! -L "$f" ] || echo "skel-link $f $(readlink "$f")"; done
echo '# contents'
set --
for f in $r; do case $f in 'skel 8'*) f=\${f#* * }; [ "\${f%% *}" -gt ${LARGEST} ] || set -- "$@" "\${f#* }";; esac; done
[ $# = 0 ] || cat -- "$@"; )`
}

/** useradd works by names: what others can rename meanwhile is no place for a home. */
const theirs: Sh = lines(
  raw('(path_me=0'),
  walk,
  raw(`path_hold "\${a:-/}" ''; [ "$state" = 1 ] && [ "$PWD" = "$base" ] || { lord=\${lord:-0:root}; echo "above-of \${lord#*:}"; }
)`),
)

/** Reads what `probeNewHome` printed. `fromTools`: shadow's tools are there, which follow these rules; busybox's have others. */
export function readNewHome(
  bytes: Uint8Array,
  want: { readonly name: string; readonly system: boolean },
  fromTools: boolean,
): NewHome | undefined {
  const [said, contents] = parted(Buffer.from(bytes))
  const all = (word: string) => allAfter(said, word)
  const [path] = all('home-at')
  if (path === undefined) return undefined
  const rules = new Map(all('def').map((rule) => [rule.slice(0, rule.indexOf('=')), rule.slice(rule.indexOf('=') + 1)]))
  const mask = numberOf(rules.get('UMASK') ?? '022') ?? 0o022
  const mode = fromTools ? (numberOf(rules.get('HOME_MODE') ?? '') ?? 0o777 & ~mask) : 0o2755
  const spools = !want.system && rules.get('CREATE_MAIL_SPOOL')?.toLowerCase() === 'yes'
  return {
    path,
    type: said.includes('home-dir') ? 'dir' : said.includes('home-other') ? 'other' : 'absent',
    above: all('above')[0] ?? '/',
    blocked: said.includes('above-blocked'),
    lord: all('above-of')[0],
    readOnly: all('read-only')[0],
    mode: octal(mode),
    skeletonAt: all('skeleton')[0] ?? '/etc/skel',
    ...skeletonOf(said, contents),
    mail: spools && !said.includes('mail') ? `${rules.get('MAIL_DIR') ?? '/var/mail'}/${want.name}` : undefined,
    shell: fromTools ? rules.get('SHELL') : undefined,
    ownGroup: !fromTools || rules.get('USERGROUPS_ENAB')?.toLowerCase() === 'yes',
  }
}

function parted(bytes: Buffer): [said: readonly string[], contents: Buffer] {
  const mark = '\n# contents\n'
  const end = bytes.indexOf(mark)
  const said = bytes.toString('utf8', 0, end < 0 ? bytes.length : end).split('\n')
  return [said, end < 0 ? Buffer.alloc(0) : bytes.subarray(end + mark.length)]
}

/** Splits the contents, which are joined in the order of the files. */
function skeletonOf(said: readonly string[], contents: Buffer): Pick<NewHome, 'skeleton' | 'more'> {
  const links = new Map(
    said.flatMap((line) => {
      const [, path = '', target] = /^skel-link \.\/(\S+) (.*)$/s.exec(line) ?? []
      return target === undefined ? [] : [[path, target] as const]
    }),
  )
  let at = 0
  let more = said.includes('skeleton-more')
  const skeleton: Skeleton[] = []
  for (const line of said) {
    const [, raw = '', size = '', path = ''] = /^skel ([0-9a-f]+) (\d+) \.\/(.+)$/s.exec(line) ?? []
    if (path === '') continue
    const bits = Number.parseInt(raw, 16)
    const mode = octal(bits & 0o7777)
    const target = links.get(path)
    if (bits >> 12 === 8) {
      const known = Number(size) <= LARGEST
      const content = known ? { content: contents.subarray(at, (at += Number(size))) } : {}
      skeleton.push({ path, state: { type: 'file', mode, ...content } })
    } else if (bits >> 12 === 4) skeleton.push({ path, state: { type: 'dir', mode } })
    else if (target !== undefined) skeleton.push({ path, state: { type: 'link', target } })
    else more = true
  }
  return { skeleton, more }
}

/** The effects of useradd for a missing home: its parent directories, the home itself, and what is copied into it. */
export function homeEffects(home: NewHome, owner: string, group: string | undefined): readonly Effect[] {
  if (home.type !== 'absent') return []
  const belongs = { owner, ...(group === undefined ? {} : { group }), confirm: true } as const
  const made = (path: string, state: PathState): Effect => ({ type: 'path', path, state })
  const way: Effect[] = []
  for (let dir = posix.dirname(home.path); dir !== home.above && dir.startsWith(home.above); dir = posix.dirname(dir))
    way.unshift(made(dir, { type: 'dir', mode: '0755', owner: 'root', group: 'root', confirm: true }))
  return [
    ...way,
    made(home.path, { type: 'dir', mode: home.mode, ...belongs, ...(home.more ? { filled: true } : {}) }),
    ...home.skeleton.map(({ path, state }) =>
      made(
        posix.join(home.path, path),
        state.type === 'file' || state.type === 'dir' ? { ...state, ...belongs } : state,
      ),
    ),
  ]
}

/** As login.defs(5) writes numbers: octal with a 0 before it. */
function numberOf(text: string): number | undefined {
  if (!/^(0[0-7]*|[1-9]\d*)$/.test(text)) return undefined
  return Number.parseInt(text, text.startsWith('0') ? 8 : 10)
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0')
}

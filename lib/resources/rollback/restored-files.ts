import { sh } from '../../sh/quote.ts'
import { trustedParents } from '../files/path/trusted-parents.ts'
import { kind, type Step } from '../kit/kind.ts'
import { backupDirectory } from './backup.ts'

/** One path of the backup. */
interface BackedUpPath {
  readonly name: string
  readonly path: string
  /** `same`: as in the backup. `new`: not in the backup. `leftBecause`: why it is not restored. */
  readonly state: 'changed' | 'new' | 'same' | { readonly leftBecause: string }
}

interface Backup {
  readonly isThere: boolean
  /** In reverse order of the backup, so the content of a directory comes before the directory. */
  readonly paths: readonly BackedUpPath[]
}

/**
 * Restores the files of a backup, removes files that are new since then, and deletes the backup. A unit whose file is removed is stopped first. Without a backup
 * nothing is to be done.
 */
export const restoredFiles = kind<{ readonly key: string }, Backup>({
  name: 'restoredFiles',
  probe: ({ key }) => sh`( ${backupDirectory(key)}
[ -d "$d" ] || exit 0
echo kept
${trustedParents}
[ -f "$d/list" ] || exit 0
while read -r n p; do
s=changed
if [ -f "$d/$n.not" ]; then s="not $(cat "$d/$n.not")"
elif ! trusted_parents "$p"; then s='not another account can change its directory by now, or one on the way'
elif [ -L "$d/$n.old" ]; then [ -L "$p" ] && [ "$(readlink "$p")" = "$(readlink "$d/$n.old")" ] && s=same
elif [ -f "$d/$n.old" ]; then [ -f "$p" ] && [ ! -L "$p" ] && [ "$(sha256sum <"$d/$n.old")" = "$(sha256sum <"$p")" ] && [ "$(stat -c '%u %g %a' "$p")" = "$(stat -c '%u %g %a' "$d/$n.old")" ] && s=same
elif [ ! -e "$d/$n.old" ]; then if [ -e "$p" ] || [ -L "$p" ]; then s=new; else s=same; fi; fi
echo "$n $s"; echo "$p"
done <"$d/list" )`,
  read(_, { lines: [first, ...lines] }) {
    const paths: BackedUpPath[] = []
    for (let at = 0; at + 1 < lines.length; at += 2) {
      const [, name = '', state = '', why = ''] = /^(\S+) (\S+) ?(.*)$/s.exec(lines[at] ?? '') ?? []
      const path = lines[at + 1] ?? ''
      paths.unshift({
        name,
        path,
        state: state === 'not' ? { leftBecause: why } : state === 'new' ? 'new' : state === 'same' ? 'same' : 'changed',
      })
    }
    return { isThere: first === 'kept', paths }
  },
  plan({ key }, { isThere, paths }): Step[] {
    if (!isThere) return []
    const back = paths.flatMap(({ name, path, state }): Step[] => {
      if (state === 'same') return []
      if (typeof state === 'object')
        return [{ summary: `leave ${path}: ${state.leftBecause}`, sh: sh`:`, cleanupOnly: true }]
      return [{ summary: state === 'new' ? `remove ${path}` : `put back ${path}`, sh: restore(key, name, path) }]
    })
    return [
      ...back,
      { summary: 'forget what was kept', sh: sh`${backupDirectory(key)}\nrm -rf -- "$d"`, cleanupOnly: true },
    ]
  },
  advanced: { declarations: () => [] },
})

/** Restores one path. The copy is made beside the file and then renamed. Fails where another account could redirect the path meanwhile. */
function restore(key: string, name: string, path: string) {
  return sh`${trustedParents}
${backupDirectory(key)}
trusted_parents ${path} || { echo ${`another account can change the directory of ${path} by now, or one on the way: it stays as it is`} >&2; exit 1; }
o=$d/${name} p=${path}; a=\${p%/*} b=\${p##*/}; t=$a/.rolecall-old.${name} g=$a/.rolecall-gone.${name}
rm -rf -- "$t" "$g" || exit 1
if [ -e "$o.old" ] || [ -L "$o.old" ]; then
cp -a -- "$o.old" "$t" || exit 1
if [ -d "$p" ] && [ ! -L "$p" ]; then mv -- "$p" "$g" || exit 1; elif [ -d "$t" ] || [ -L "$p" ]; then rm -f -- "$p" || exit 1; fi
mv -f -- "$t" "$p" && rm -rf -- "$g" || exit 1
elif [ -e "$o.dir" ]; then
[ ! -e "$p" ] || rmdir -- "$p" 2>/dev/null || echo "$p is not empty, and stays" >&2
else
case $p in /etc/systemd/system/*.*/* | /etc/systemd/system/*.*.*) ;; /etc/systemd/system/*.*) systemctl disable --now -- "$b" 2>/dev/null;; esac
rm -rf -- "$p" || exit 1
fi
case $p in /etc/systemd/system/*) [ ! -d /run/systemd/system ] || systemctl daemon-reload;; esac
:`
}

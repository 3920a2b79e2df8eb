import { createHash } from 'node:crypto'
import { raw, sh, type Sh } from '../../../sh/quote.ts'
import { trustedParents } from '../../files/path/trusted-parents.ts'
import { MOST_KIB, type PathToBackUp } from '../../rollback/backup.ts'

function backupDirectory(unit: string): string {
  return `/run/rolecall/old/${unit}`
}

/**
 * Copies paths before a service's test, which may fail, into a directory of root that a boot empties. An existing copy stays: it is from before an earlier
 * test that has not succeeded yet. Paths in a directory that another account can change are left out. Never fails: a path without a copy is not restored.
 */
export function backUpBeforeTest(unit: string, paths: readonly PathToBackUp[]): Sh {
  const calls = paths.map(({ path, isDirectory }) => {
    const name = createHash('sha256').update(path).digest('hex').slice(0, 16)
    return sh`keep ${name} ${path} ${isDirectory ? 'd' : ''}`.text
  })
  return sh`( umask 077; d=${backupDirectory(unit)}
[ "$(id -u)" = 0 ] && mkdir -p "$d" || exit 0
${trustedParents}
keep() { [ ! -e "$d/$1.path" ] || return 0
trusted_parents "$2" || return 0
if [ -d "$2" ] && [ ! -L "$2" ]; then
if [ -n "$3" ]; then mkdir "$d/$1.dir" || return 0
else [ "$(du -sk -- "$2" | cut -f 1)" -le ${MOST_KIB} ] && cp -a -- "$2" "$d/$1.old" || { rm -rf -- "$d/$1.old"; return 0; }; fi
elif [ -e "$2" ] || [ -L "$2" ]; then cp -pP -- "$2" "$d/$1.old" || return 0; fi
printf '%s\\n' "$2" >"$d/$1.path"; }
${raw(calls.join('\n'))}
) >/dev/null 2>&1; :`
}

/**
 * Defines two shell functions: `put_back` restores the copies, names each restored path on standard error, and fails when there is no copy; `forget_old` deletes
 * the copies.
 */
export function restoreFunctions(unit: string): Sh {
  return sh`${trustedParents}
forget_old() { rm -rf -- ${backupDirectory(unit)}; }
put_back() { [ -d ${backupDirectory(unit)} ] || return 1
back=1
for pass in file directory; do
for f in ${backupDirectory(unit)}/*.path; do [ -f "$f" ] || continue
p=$(cat "$f") o=\${f%.path}
trusted_parents "$p" || { [ $pass = directory ] || echo "cannot put back $p: another account can change its directory by now" >&2; continue; }
if [ -d "$o.dir" ]; then continue
elif [ -d "$o.old" ] && [ ! -L "$o.old" ]; then [ $pass = directory ] || continue; rm -rf -- "$p" && cp -a -- "$o.old" "$p"
elif [ -d "$p" ] && [ ! -L "$p" ]; then [ $pass = directory ] || continue; rmdir -- "$p" || rm -rf -- "$p"
elif [ $pass = directory ]; then continue
elif [ -e "$o.old" ] || [ -L "$o.old" ]; then
t=\${p%/*}/.rolecall-old.\${o##*/}; rm -rf -- "$t"; cp -pP -- "$o.old" "$t" && { [ ! -L "$p" ] || rm -f -- "$p"; } && mv -f -- "$t" "$p"
else rm -f -- "$p"; fi || { echo "cannot put back $p" >&2; continue; }
back=0; echo "put back: $p" >&2
done; done
forget_old; return $back; }`
}

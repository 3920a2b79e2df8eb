import { createHash } from 'node:crypto'
import { raw, sh, type Sh } from '../../sh/quote.ts'
import { firmAbove } from '../files/path/firm-above.ts'

/** A path whose state is kept before it changes. `isDirectory`: it is kept that there is none, and never what is in it. */
export interface Kept {
  readonly path: string
  readonly isDirectory: boolean
}

function placeOf(unit: string): string {
  return `/run/rolecall/old/${unit}`
}

/** Directories may be large: a larger one is not kept. */
const MOST_KIB = 16 * 1024

/**
 * Keeps paths as they are, in a directory of root's that a boot empties, for a unit whose test may fail. What is kept already stays: it is from before
 * the last test. Only what nobody but root can change by its directory is kept. It never fails: what is not kept is not put back.
 */
export function keepOld(unit: string, paths: readonly Kept[]): Sh {
  const calls = paths.map(({ path, isDirectory }) => {
    const name = createHash('sha256').update(path).digest('hex').slice(0, 16)
    return sh`keep ${name} ${path} ${isDirectory ? 'd' : ''}`.text
  })
  return sh`( umask 077; d=${placeOf(unit)}
[ "$(id -u)" = 0 ] && mkdir -p "$d" || exit 0
${firmAbove}
keep() { [ ! -e "$d/$1.path" ] || return 0
firm_above "$2" || return 0
if [ -d "$2" ] && [ ! -L "$2" ]; then
if [ -n "$3" ]; then mkdir "$d/$1.dir" || return 0
else [ "$(du -sk -- "$2" | cut -f 1)" -le ${MOST_KIB} ] && cp -a -- "$2" "$d/$1.old" || { rm -rf -- "$d/$1.old"; return 0; }; fi
elif [ -e "$2" ] || [ -L "$2" ]; then cp -pP -- "$2" "$d/$1.old" || return 0; fi
printf '%s\\n' "$2" >"$d/$1.path"; }
${raw(calls.join('\n'))}
) >/dev/null 2>&1; :`
}

/**
 * Defines `put_back`, which brings what was kept back to its place, says so on standard error, and fails when there is nothing; and
 * `forget_old`.
 */
export function putBack(unit: string): Sh {
  return sh`${firmAbove}
forget_old() { rm -rf -- ${placeOf(unit)}; }
put_back() { [ -d ${placeOf(unit)} ] || return 1
back=1
for pass in file directory; do
for f in ${placeOf(unit)}/*.path; do [ -f "$f" ] || continue
p=$(cat "$f") o=\${f%.path}
firm_above "$p" || { [ $pass = directory ] || echo "cannot put back $p: another account can change its directory by now" >&2; continue; }
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

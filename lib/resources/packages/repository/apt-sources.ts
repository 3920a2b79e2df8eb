import { sh, type Sh } from '../../../sh/quote.ts'

const DIRECTORY = '/etc/apt/sources.list.d'

/**
 * Has apt read a source among all others that the host has, as a validator. Where another file names the same source with another key, or none, apt reads no
 * source at all any more, and nothing can be installed. What the others say alone is no fault of this one.
 *
 * Source: apt-get(8), `indextargets`, which fetches nothing.
 */
export function readBesideOthers(name: string, directory: string = DIRECTORY): Sh {
  return sh`command -v apt-get >/dev/null 2>&1 || exit 0
o=${directory}
d=$(mktemp -d /run/rolecall-apt.XXXXXX 2>/dev/null || mktemp -d) || exit 0
trap 'rm -rf "$d"' EXIT
for f in "$o"/*; do [ ! -f "$f" ] || [ "\${f##*/}" = ${name} ] || ln -s "$f" "$d"/ || exit 0; done
reads() { { LC_ALL=C apt-get indextargets -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Dir::Etc::sourceparts="$d" >/dev/null; } 2>&1; }
reads >/dev/null || exit 0
cp "$candidate" "$d"/${name} || exit 0
said=$(reads) || { printf '%s\n' "$said" | grep '^E:' | head -n 1 | sed "s|$d/|$o/|g" >&2; exit 1; }`
}

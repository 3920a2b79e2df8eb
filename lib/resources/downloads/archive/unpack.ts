import { lines, raw, sh, type Sh } from '../../../sh/quote.ts'
import { realPath } from '../../../sh/real-path.ts'
import { reveal } from '../../files/edit.ts'
import type { Found } from '../../files/path/path-answer.ts'
import { candidate, setOwnership } from '../../files/writing/temp-file.ts'
import { lay, stage, untrusted } from '../../files/writing/untrusted-directory.ts'
import type { Step } from '../../kit/kind.ts'
import { archiveLevels } from './levels.ts'
import { MARKER, partOf, sourceOf, type ArchiveWant } from './want.ts'
import { sumIsRight, wantedSum } from '../checksum.ts'
import { FETCH_FAILURES } from '../fetch-failures.ts'
import { fetchInto } from '../fetch.ts'
import { curlSettings, readSettings } from '../fetch-settings.ts'

/** The step that fetches an archive, compares its checksum and unpacks it. */
export function unpack(want: ArchiveWant, { way }: Found): Step {
  const { path, from, isLocal, sha256, owner, group } = want
  const what = typeof from === 'string' ? from : 'a secret URL'
  const published = typeof sha256 === 'string' ? undefined : sha256.source
  const settings = curlSettings(want.settings)
  const fetching = isLocal
    ? [localSource(reveal(from))]
    : [
        sh`into=$candidate/archive`,
        fetchInto(path, { secret: typeof from !== 'string', settings: settings.length > 0 }),
      ]
  const part = partOf(want)
  const who = `${owner ?? ''}${group === undefined ? '' : `:${group}`}`
  const script = lines(
    readSettings(settings.length),
    ...(way === undefined
      ? [...(isLocal ? [untrusted] : []), candidate(path, true)]
      : [stage(path, owner), raw('candidate=./$new; mkdir -m 0700 -- "$candidate" || exit 1')]),
    wantedSum(path, sha256, from, sh`into=$candidate/sums`, settings.length > 0),
    ...fetching,
    sumIsRight(path),
    unpacking(want),
    chosen(want),
    sh`rm -rf -- "$tree/"${MARKER} && printf '%s\\n' ${`source ${sourceOf(from)}`} "sha256 $sum" ${part === '' ? [] : [`part ${part}`]} >"$tree/"${MARKER} && chmod 0644 -- "$tree/"${MARKER} || exit 1`,
    ...(who === '' ? [] : [sh`chown -hR -- ${who} "$tree" || exit 1`]),
    sh`whole=$candidate
candidate=$tree`,
    setOwnership(want),
    // The trap removes what candidate names: the whole hidden directory, of which the tree is a part.
    raw('candidate=$whole\nsync'),
    way === undefined
      ? sh`if [ -d "$path" ] && [ ! -L "$path" ]; then rmdir -- "$path" || exit 1; fi
mv -- "$tree" "$path" || exit 1`
      : lines(
          raw('mv -- "$tree" "./$new.old" && { rm -rf -- "./$new"; mv -- "./$new.old" "./$new"; } || exit 1'),
          lay(path, 'dir'),
        ),
  )
  const urls = [...(published === undefined ? [] : [published]), ...(isLocal ? [] : [reveal(from)])]
  return {
    summary: `unpack ${what} into ${path}`,
    sh: script,
    stdin: Buffer.from([...settings, ...urls].map((line) => `${line}\n`).join('')),
    deadline: want.deadline,
    ...(isLocal ? {} : { failures: FETCH_FAILURES }),
  }
}

/** What others can change between its checksum and its unpacking is copied first. */
function localSource(from: string): Sh {
  return sh`${realPath}into=$(real_path ${from}) || exit 1
d=\${into%/*}
if ! (path_hold "\${d:-/}" '' && [ "$state" = 1 ] && [ "$PWD" = "$base" ]); then
(path_hold "\${d:-/}" '' && path_look "\${into##*/}" && case $s in 8*) cat <"$p";; *) exit 1;; esac) >"$candidate/archive" || { echo ${`${from} cannot be read: somebody renames things there now`} >&2; exit 1; }
into=$candidate/archive
fi`
}

function unpacking({ form, strip, path }: ArchiveWant): Sh {
  const how = form === 'zip' ? sh`unzip -q "$into" -d "$tree"` : sh`tar -x${raw(form)}of "$into" -C "$tree"`
  const fits =
    strip === 0
      ? raw(':')
      : lines(
          archiveLevels(form, strip),
          sh`w=$(archive_levels "$into")
[ -z "$w" ] || { w=\${w#level }; echo ${`${path}: level`} "\${w%% *} of the archive is not one directory alone: \${w#* }" >&2; exit 1; }`,
        )
  return sh`${fits}
tree=$candidate/tree
mkdir -- "$tree" && (umask 022; ${how}) >&2 || { echo ${`${path}: the archive cannot be unpacked`} >&2; exit 1; }
i=0
while [ $i -lt ${strip} ]; do
only=$(ls -A -- "$tree")
[ -n "$only" ] && [ -d "$tree/$only" ] && [ ! -L "$tree/$only" ] || { echo "level $((i + 1)) of the archive is not one directory alone: $(printf %s "$only" | tr '\\n' ' ')" >&2; exit 1; }
tree=$tree/$only i=$((i + 1))
done
if [ $i -gt 0 ]; then mv -- "$tree" "$candidate/stripped" && tree=$candidate/stripped || exit 1; fi
find "$tree" ! -type l \\( -perm -4000 -o -perm -2000 -o -perm -0002 ! -perm -1000 \\) -exec chmod u-s,g-s,o-w {} + || exit 1`
}

/** Takes away what is not wanted of the tree: with find(1), whatever unpacked it. */
function chosen({ path, include, exclude }: ArchiveWant): Sh {
  if (include.length === 0 && exclude.length === 0) return raw(':')
  const kept = alternatives(include)
  const only =
    include.length === 0
      ? []
      : [
          ...include.map(
            (part) =>
              sh`[ -n "$(find . -path ${`./${part}`} | head -n 1)" ] || { echo ${`${path}: nothing in the archive is ${part}`} >&2; exit 1; }`,
          ),
          sh`find . ${kept} -prune -o ! -type d -exec rm -f {} + || exit 1
find . -depth ! -path . -type d ! ${kept} -exec rmdir {} \\; 2>/dev/null`,
        ]
  return lines(
    raw('(cd "$tree" || exit 1'),
    ...only,
    ...exclude.map((part) => sh`find . -path ${`./${part}`} -prune -exec rm -rf {} + || exit 1`),
    raw(':) || exit 1'),
  )
}

/** A test of find(1) for these and all that is below them. */
function alternatives(parts: readonly string[]): Sh {
  const tests = parts.map((part) => sh`-path ${`./${part}`} -o -path ${`./${part}/*`}`)
  return raw(`\\( ${tests.map(({ text }) => text).join(' -o ')} \\)`)
}

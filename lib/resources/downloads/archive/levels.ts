import { lines, raw, sh, type Sh } from '../../../sh/quote.ts'

/** The first level of an archive that cannot be left out, because it is not one directory alone. */
export interface MixedLevel {
  readonly level: number
  /** Some of what is on it; empty when there is nothing. */
  readonly names: string
}

/**
 * `archive_levels FILE` prints `level N NAMES` for the first of `strip` levels that is not one directory alone, without unpacking anything; nothing
 * when all are, or when the archive cannot be listed.
 *
 * Source: tar(1) (`-t`), unzip(1) (`-l`), awk of POSIX.1-2017.
 */
export function archiveLevels(form: string, strip: number): Sh {
  const list =
    form === 'zip'
      ? raw(`unzip -l "$1" | sed -n 's/^ *[0-9][0-9]*  *[0-9]*-[0-9-]*  *[0-9]*:[0-9:]*  *//p'`)
      : raw(`tar -t${form}f "$1"`)
  const firstMixedLevel = sh`awk -v most=${strip} ${FIRST_MIXED_LEVEL}`
  return lines(raw('archive_levels() {'), sh`{ ${list}; } 2>/dev/null | ${firstMixedLevel}`, raw('}'))
}

const FIRST_MIXED_LEVEL = `{
sub(/^(\\.?\\/)+/, "")
n = split($0, part, "/")
for (i = 1; i <= most && i <= n && part[i] != ""; i++) {
if (i < n) dir[i] = 1
if (!(i in name)) name[i] = part[i]
else if (name[i] != part[i]) { if (!(i in more)) more[i] = part[i]; break }
}
}
END {
if (NR > 0) for (i = 1; i <= most; i++) if (i in more || !(i in dir)) {
print "level " i " " name[i] (i in more ? ", " more[i] : ""); exit
}
}`

export function readLevel(said: string): MixedLevel | undefined {
  const [, level, names = ''] = /^level (\d+) ([^\n]*)$/.exec(said) ?? []
  return level === undefined ? undefined : { level: Number(level), names }
}

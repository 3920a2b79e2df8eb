import { createHash } from 'node:crypto'
import { sh, type Sh } from '../../sh/quote.ts'

/**
 * A probe whose output is cached in /run/rolecall, with device, inode, size, mtime and ctime of each file that it depends on, as stat(1) prints them to the
 * nanosecond. While these are the same, the cached output is printed: that takes one program instead of a dozen.
 *
 * The output is not cached if a file is missing, if another account can change the directory (`way ...`), or if the probe found a fault: the program that
 * it ran may have failed.
 *
 * @param files all files that the output depends on, and the directory in which a killed run may have left a file
 * @param word the first word of the line that a complete output contains
 */
export function cachedProbe(files: readonly string[], word: string, probe: Sh): Sh {
  const name = createHash('sha256')
    .update(JSON.stringify([files, probe.text]))
    .digest('hex')
    .slice(0, 24)
  return sh`cache=/run/rolecall/probe-${name} out= was= line=
now=$(stat -L -c '%d:%i:%s:%y:%z' -- ${files} 2>/dev/null) || now=
set -- $now; now=$*
if [ -n "$now" ] && [ -r "$cache" ]; then
{ IFS= read -r was && [ "$was" = "$now" ] && while IFS= read -r line; do
[ "$line" != '# end' ] || { printf %s "$out"; exit 0; }
out="$out$line
"
done; } <"$cache"
fi
out=$(
${probe}
) || { line=$?; printf '%s\\n' "$out"; exit "$line"; }
printf '%s\\n' "$out"
case $out in 'way '*|*lacks*|*broken*) ;; *${`\n${word} `}*)
[ -z "$now" ] || [ "$(id -u)" != 0 ] || (umask 077; mkdir -p /run/rolecall && printf '%s\\n%s\\n# end\\n' "$now" "$out" >"$cache") 2>/dev/null;; esac
:`
}

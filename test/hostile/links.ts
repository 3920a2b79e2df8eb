import { raw, sh, type Sh } from '../../lib/sh/quote.ts'
import type { Ways } from './eve-kinds.ts'

/**
 * What she lays beforehand for the name `n` in her directory, and then holds still: links of every sort to what is root's, on the last part of the way and before that, in
 * directories, under names that temporary files may have, and things that are no files. `$v` is the victim's directory.
 */
const WAYS: readonly string[] = [
  'ln -s "$v/secret" n',
  'ln -s "$v/dir" n',
  'ln -s "$v/nothing" n',
  'ln -s "$(pwd -P | sed "s|/[^/]*|../|g")$v/dir/inside" n',
  'ln "$v/secret" n 2>/dev/null || ln "$v/dir/inside" n',
  'mkdir -p n/top && ln -s "$v/dir" n/top/out && ln -s "$v/secret" n/file && ln -s "$v/dir" n/x',
  'cd .. && rm -rf deep && ln -s "$v/dir" deep',
  'cd .. && rm -rf deep && ln -s "$v" one && ln -s one/dir deep',
  'ln -s "$(pwd -P)/n/below" n',
  'cd .. && rm -rf deep && ln -s "$(pwd -P)/deep/below" deep',
  'mkfifo n',
  'echo own >x && ln x n',
  'echo own >n; for t in .n.rolecall.abcdef .n.rolecall n.new n~ n.pub n.tmp .n.rolecall-old; do ln -s "$v/secret" $t; done',
  'ln -s "$v" l && ln -s l/dir/inside n',
  'mkdir n && chmod 0000 n',
  'echo own >n && chmod 4777 n && ln -s n o && ln -s "$v/secret" p',
]

/** Lays one of these, as her, after all that she had is away. */
export function laid(
  n: number,
  { root, at, eve, ways }: { readonly root: string; readonly at: string; readonly eve: string; readonly ways: Ways },
): Sh {
  const { within, names } = ways
  const way = (WAYS[n % WAYS.length] ?? '').replaceAll('deep', within)
  const home = `${root}/home`
  // Another name than `n` gets what `n` is, in turn.
  const name = names.includes('n') ? 'n' : (names[n % names.length] ?? 'n')
  const own = sh`v=${`${root}/victim`}; cd ${at} && { ${raw(way)}; [ ${name} = n ] || mv -T n ${name}; }`.text
  return sh`find ${home} -mindepth 1 -delete; mkdir ${home}/${within} && chown ${eve}:${eve} ${home}/${within}
setpriv --reuid ${eve} --regid ${eve} --clear-groups timeout 5 sh -c ${own} >/dev/null 2>&1; true`
}

import { sh, type Sh } from '../../sh/quote.ts'
import { nameOf } from './fetch.ts'

/**
 * Finds in `$into` the SHA-256 of what is at `from`, and leaves it in `$sum`; ends the script when it is not there, or when there are two of them.
 *
 * Understood, in files with LF or CRLF, with a byte order mark, in UTF-16 as PowerShell writes it, and in a clear-signed message:
 * `HEX  name`, `HEX *name` and `\HEX  name` of sha256sum; `SHA256 (name) = HEX` of BSD and of `sha256sum --tag`; `SHA2-256(name)= HEX` of
 * openssl; `name: HEX`, `name HEX`, `sha256:HEX  name`; `HEX SIZE name` of a Release file; one `HEX` without a name, or with `-` as its name.
 * Digits may be upper case. A name may be in quotes, in a table of Markdown and before a comment (` # ...`). A name may have directories before it, and may be percent-encoded in the URL.
 * Of several entries with the name, the one whose directories are those of the URL counts, then the one without directories.
 *
 * Source: sha256sum(1), cksum(1) of coreutils; openssl-dgst(1); RFC 9580, 7 (Cleartext Signature Framework).
 */
export function publishedSum(from: string, url: string): Sh {
  const place = from.replace(/[?#].*$/, '').replace(/^\w+:\/\/[^/]*/, '')
  return sh`found=$(LC_ALL=C tr -d '\\000' <"$into" | NAME=${nameOf(from)} DECODED=${decoded(nameOf(from))} PLACE=${decoded(place)} LC_ALL=C awk ${PROGRAM})
case $found in 'sum '*) sum=\${found#sum };; *) echo ${url}": $found" >&2; exit 1;; esac`
}

function decoded(name: string): string {
  try {
    const text = decodeURIComponent(name)
    return text.includes('\0') ? name : text
  } catch {
    return name
  }
}

/** One line is printed: `sum HEX`, or why there is none. The awk of busybox, mawk and gawk read the same. */
const PROGRAM = String.raw`
function hex(word) { return word != "" && word !~ /[^0-9A-Fa-f]/ }
function trim(text) { sub(/^[ \t]+/, "", text); sub(/[ \t]+$/, "", text); return text }
function cut(text) { gsub(/[^ -~]/, "?", text); return length(text) > 80 ? substr(text, 1, 77) "..." : text }
# Where the digits are: the first word of so many in the line, or the last one.
function digits(line, many, last,   at, word, rest, best, offset) {
  best = 0; offset = 0; rest = line
  while (match(rest, /[0-9A-Za-z_]+/)) {
    word = substr(rest, RSTART, RLENGTH); at = offset + RSTART
    if (length(word) == many && hex(word) && (best == 0 || last)) best = at
    offset += RSTART + RLENGTH - 1; rest = substr(rest, RSTART + RLENGTH)
  }
  return best
}
# What the line calls the file, without the words that stand around a name.
function named(line, at, many, end,   name, parts, count) {
  if (end) {
    name = trim(substr(line, 1, at - 1))
    if (name ~ /^[A-Za-z0-9\/-]+ ?\(.*\) ?=$/) { sub(/^[^(]*\(/, "", name); sub(/\) ?=$/, "", name); return name }
    sub(/[Ss][Hh][Aa]-?256$/, "", name); sub(/["']? *[:=]?[ \t]*["']?$/, "", name); sub(/^[ \t{,]*["']?/, "", name)
    return trim(name)
  }
  name = substr(line, at + many)
  sub(/^[ \t]+/, "", name)
  sub(/^\*/, "", name)
  return trim(name)
}
# How well a name fits: 0 not at all, 1 by its last part, more by the directories of the URL, and without any.
function fits(name,   base) {
  gsub(/\\/, "/", name)
  while (name ~ /^\.\//) sub(/^\.\//, "", name)
  base = name; sub(/^.*\//, "", base)
  if (base == "" || (base != ENVIRON["NAME"] && base != ENVIRON["DECODED"])) return 0
  if (name == base) return 2
  place = ENVIRON["PLACE"]
  if (length(place) > length(name) && substr(place, length(place) - length(name)) == "/" name) return 2 + length(name)
  return 1
}
# A name without what writers of lists put around it: quotes, the bars of a table, a comment, the word SHA256.
function clean(name) {
  sub(/[ \t]+#[ \t].*$/, "", name)
  sub(/[ \t]*[Ss][Hh][Aa]-?256[ \t]*[:=]?$/, "", name)
  sub(/^[ \t|"'\140]+/, "", name); sub(/[ \t|"'\140]+$/, "", name)
  return name
}
# No entry is so long. Blanks without end would take a time that grows with their cube.
length($0) > 16384 { if (strange == "") strange = "line " NR ": " cut(substr($0, 1, 200)); next }
{
  line = $0
  sub(/\r$/, "", line)
  blanks = line; gsub(/\t/, " ", blanks)
  if (index(blanks, ${JSON.stringify(' '.repeat(64))})) gsub(/[ \t]+/, " ", line)
  if (NR == 1) { sub(/^\357\273\277/, "", line); sub(/^\377\376/, "", line); sub(/^\376\377/, "", line) }
  if (line ~ /^-----BEGIN PGP SIGNED MESSAGE-----/) { head = 1; next }
  if (head) { if (trim(line) == "") head = 0; next }
  if (line ~ /^-----BEGIN PGP SIGNATURE-----/) signature = 1
  if (signature) { if (line ~ /^-----END PGP SIGNATURE-----/) signature = 0; next }
  sub(/^- /, "", line)
  line = trim(line)
  if (line == "" || line ~ /^(#|\/\/)/) next
  tool = line; sub(/ ?\(.*$/, "", tool)
  other = line ~ /^[A-Za-z0-9\/-]+ ?\(.*\) ?= ?[^ ]+$/ && tool !~ /^([Ss][Hh][Aa](2-)?-?256)$/
  bare = line; sub(/^\\/, "", bare); sub(/^([Ss][Hh][Aa]-?256|SHA2-256)[:=] */, "", bare)
  if (bare ~ /^SHA256[ \t]+[^( \t]/) sub(/^SHA256[ \t]+/, "", bare)
  at = digits(bare, 64, 0)
  end = at > 1
  if (end) at = digits(bare, 64, 1)
  if (at == 0 || other) {
    for (many = 32; many <= 128; many += 8) if (many != 64 && (at = digits(bare, many, 0)) > 0 && long == "") {
      name = named(bare, at, many, at > 1)
      if (fits(name) || name == "" || other) long = "line " NR " has " many " hexadecimal digits, and a SHA-256 has 64"
    }
    inner = line; sub(/^[^(]*\(/, "", inner); sub(/\) ?= ?[^ ]+$/, "", inner)
    if (other && long == "" && fits(inner)) long = "line " NR " is " tool ", not SHA-256"
    if (strange == "") strange = "line " NR ": " cut(line)
    next
  }
  sum = tolower(substr(bare, at, 64))
  name = named(bare, at, 64, end)
  if (end && clean(name) == "") name = trim(substr(bare, at + 64))
  if (line ~ /^\\/) { gsub(/\\\\/, "\\", name) }
  sums++
  if (name == "" || name == "-" || !end && name ~ /^[^0-9A-Za-z_]+$/) { alone++; only = sum; next }
  if (sums <= 5) names = names (names == "" ? "" : ", ") cut(name)
  rank = fits(name)
  if (rank == 0 && !end) { sub(/^[0-9]+[ \t]+/, "", name); rank = fits(name) }
  if (rank == 0) rank = fits(clean(name))
  if (rank > 0 && rank > best) { best = rank; picked = sum; twin = "" }
  else if (rank > 0 && rank == best && sum != picked) twin = sum
}
END {
  if (twin != "") print "it has more than one SHA-256 of " ENVIRON["DECODED"] ": " picked ", " twin
  else if (best > 0) print "sum " picked
  else if (sums == 1 && alone == 1) print "sum " only
  else if (long != "") print "it has no SHA-256 of " ENVIRON["DECODED"] ": " long
  else if (alone > 1) print "it has " alone " checksums without a name, and one is wanted"
  else if (sums > 0) print "it has no SHA-256 of " ENVIRON["DECODED"] ", only of " names (sums > 5 ? " and " (sums - 5) " more" : "")
  else print "it has no SHA-256 of " ENVIRON["DECODED"] (strange == "" ? ": it is empty" : "; its " strange)
}`

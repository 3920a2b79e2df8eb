import { lines, raw, sh, type Sh } from '../../sh/quote.ts'

/** What becomes of a file between its checksum and its place, and how it is known again. */
export interface Turned {
  /** Sets `$same` to `yes` when the file `$p`, whose SHA-256 is `$h`, is what the script makes. */
  readonly same: (sha256: string) => Sh
  /** Turns the file `$candidate`, whose SHA-256 is `$sum`, or says why it cannot and ends the script. */
  readonly script: (path: string) => Sh
}

/**
 * A key that the host fetches, armoured or not: nobody knows before. What apt and rpm can both use stays as it is (see `keyText`). Anything else
 * becomes one armoured block, with a comment that has the checksums of what was fetched and of the bytes in it; so the next run knows it again,
 * and sees what is changed in it.
 *
 * Source: RFC 4880, sections 4.2 and 6; base64(1), od(1), awk of POSIX.1-2017.
 */
export const fetchedKey: Turned = {
  same: (sha256) =>
    lines(
      raw(USABLE),
      raw(BYTES),
      sh`case "\${h%% *}" in ${sha256}) ! key_usable "$p" || same=yes;; ?*)
{ IFS= read -r b; IFS= read -r q; } <"$p"
case $q in ${`${COMMENT} ${sha256} `}*) k=$(key_bytes "$p" 2>/dev/null | sha256sum)
[ "$b" != ${BEGIN} ] || [ "$q" != ${`${COMMENT} ${sha256} `}"\${k%% *}" ] || same=yes;; esac;; esac`,
    ),
  script: (path) =>
    lines(
      raw(USABLE),
      raw(BYTES),
      raw(LOOK),
      sh`k=$(key_bytes "$candidate" 2>/dev/null | base64 | tr -d '\\n')
w=$(key_look "$candidate")
[ "$w" = public ] || { echo ${`${path}: expected a public key of OpenPGP, armoured or not, got`} "$w" >&2; exit 1; }
if ! key_usable "$candidate"; then
h=$(printf %s "$k" | base64 -d | sha256sum)
{ echo ${BEGIN}; echo ${COMMENT} "$sum" "\${h%% *}"; echo
printf %s "$k" | fold -w 64; echo; key_crc; echo ${END}; } >"$candidate" || exit 1
fi`,
    ),
}

const BEGIN = '-----BEGIN PGP PUBLIC KEY BLOCK-----'
const END = '-----END PGP PUBLIC KEY BLOCK-----'
const COMMENT = 'Comment: rolecall sha256'

/** `key_usable FILE` exits with 0 for one block of armour with nothing before it, no CR, and no blanks at the ends of lines. */
const USABLE = `key_usable() {
awk 'NR == 1 && $0 != "${BEGIN}" || /[ \\t\\r]$/ { bad = 1 } /^-----BEGIN/ { n++ } END { exit n != 1 || bad }' "$1"
}`

/** `key_bytes FILE` prints what is in all blocks of armour, each with padding of its own, or the file itself. */
const BYTES = `key_bytes() {
if grep -q -e '-----BEGIN' "$1"; then
tr '\\r' '\\n' <"$1" | awk '{ sub(/[ \\t]+$/, "") } /^-----END/ { if (x) print b; x = 0 } x && /^[A-Za-z0-9+\\/]+=*$/ { b = b $0 } /^(\\357\\273\\277)?${BEGIN}$/ { x = 1; b = "" }' |
while IFS= read -r b; do printf %s "$b" | base64 -d || exit 1; done
else cat "$1"; fi
}`

/**
 * `key_look FILE` prints `public`, or what the file and its bytes, which `$k` has in base64, are instead. `key_crc` prints the CRC-24 of these bytes
 * as armour has it.
 */
const LOOK = `key_numbers() { printf %s "$k" | base64 -d 2>/dev/null | od -An -v -tu1; }
key_look() {
if grep -q -e '-----BEGIN PGP \\(PRIVATE\\|SECRET\\) KEY' "$1"; then echo 'a private key'; return; fi
key_numbers | awk '{ for (i = 1; i <= NF; i++) d[n++] = $i }
function number(from, size,  v) { v = 0; while (size-- > 0) { if (from >= n) return n; v = v * 256 + d[from++] } return v }
END {
bad = n == 0 ? "what is no key" : ""
for (at = 0; at < n && bad == ""; at = end) {
c = d[at]; l = d[at + 1]; end = n + 1
if (c >= 192) {
t = c - 192
if (l < 192) end = at + 2 + l; else if (l < 224) end = at + 3 + (l - 192) * 256 + d[at + 2] + 192; else if (l == 255) end = at + 6 + number(at + 2, 4)
} else if (c >= 128) {
t = int((c - 128) / 4); s = c % 4
if (s < 3) { s = s == 2 ? 4 : s + 1; end = at + 1 + s + number(at + 1, s) }
}
if (end > n) bad = at == 0 ? "what is no key" : "a key that is cut off or damaged"
else if (t == 5 || t == 7) bad = "a private key"
else if (at == 0 && t != 6) bad = "what is no key"
}
print bad == "" ? "public" : bad
}'
}
key_crc() {
i=0
while [ $i -lt 256 ]; do c=$((i << 16)) j=0
while [ $j -lt 8 ]; do c=$((c << 1)); [ $((c & 16777216)) = 0 ] || c=$((c ^ 25578747)); j=$((j + 1)); done
eval "key_$i=$c"; i=$((i + 1)); done
c=11994318
for i in $(key_numbers); do i=$(((c >> 16 ^ i) & 255)); eval "c=\\$(((c << 8 & 16777215) ^ key_$i))"; done
printf '='; printf "$(printf '\\\\%03o' $((c >> 16)) $((c >> 8 & 255)) $((c & 255)))" | base64
}`

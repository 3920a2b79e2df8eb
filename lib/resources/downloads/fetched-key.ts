import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { keyBytes } from './key-bytes.sh.ts'
import { keyLook } from './key-look.sh.ts'
import { keyUsable } from './key-usable.sh.ts'

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
      raw(keyUsable),
      raw(keyBytes),
      sh`case "\${h%% *}" in ${sha256}) ! key_usable "$p" || same=yes;; ?*)
{ IFS= read -r b; IFS= read -r q; } <"$p"
case $q in ${`${COMMENT} ${sha256} `}*) k=$(key_bytes "$p" 2>/dev/null | sha256sum)
[ "$b" != ${BEGIN} ] || [ "$q" != ${`${COMMENT} ${sha256} `}"\${k%% *}" ] || same=yes;; esac;; esac`,
    ),
  script: (path) =>
    lines(
      raw(keyUsable),
      raw(keyBytes),
      raw(keyLook),
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

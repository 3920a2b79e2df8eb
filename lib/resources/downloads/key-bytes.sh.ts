// Made of key-bytes.sh by scripts/shell-modules.js. Do not edit.
export const keyBytes = `key_bytes() {
if grep -q -e '-----BEGIN' "$1"; then
tr '\\r' '\\n' <"$1" | awk '{ sub(/[ \\t]+$/, "") } /^-----END/ { if (x) print b; x = 0 } x && /^[A-Za-z0-9+\\/]+=*$/ { b = b $0 } /^(\\357\\273\\277)?-----BEGIN PGP PUBLIC KEY BLOCK-----$/ { x = 1; b = "" }' |
while IFS= read -r b; do printf %s "$b" | base64 -d || exit 1; done
else cat "$1"; fi
}`

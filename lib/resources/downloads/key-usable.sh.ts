// Made of key-usable.sh by scripts/shell-modules.js. Do not edit.
export const keyUsable = `key_usable() {
awk 'NR == 1 && $0 != "-----BEGIN PGP PUBLIC KEY BLOCK-----" || /[ \\t\\r]$/ { bad = 1 } /^-----BEGIN/ { n++ } END { exit n != 1 || bad }' "$1"
}`

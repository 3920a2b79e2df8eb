// Made of keep-access.sh by scripts/shell-modules.js. Do not edit.
export const keepAccess = `keep() {
if [ -f "$2" ] && [ ! -L "$2" ]; then
if listed "$2" || listed "$1"; then
cp --attributes-only --preserve=mode -- "$2" "$1" 2>/dev/null ||
{ command -v setfacl && getfacl -p -- "$2" | setfacl --set-file=- -- "$1"; } >/dev/null 2>&1 ||
{ acl="the access control list of $2 cannot be kept: the host has neither cp of coreutils nor setfacl"; return 1; }
fi; fi
chmod 0600 -- "$1"
}
listed() {
case $(ls -ld -- "$1") in ??????????+*) return 0;; esac
! ls --version >/dev/null 2>&1 && command -v getfacl >/dev/null 2>&1 && [ -n "$(getfacl -cs -- "$1" 2>/dev/null)" ]
}
attributes() {
[ -f "$1" ] && [ -f "$2" ] && [ ! -L "$2" ] || return 0
w=$(cp --attributes-only --preserve=xattr -- "$2" "$1" 2>&1) && return 0
case $w in *option*|*'without xattr'*) command -v getfattr >/dev/null 2>&1 && [ -n "$(getfattr -m - -- "$2" 2>/dev/null)" ] || return 0;; esac
echo "the extended attributes of $2 cannot be kept: $w" >&2; return 1
}`

// Made of finish-write.sh by scripts/shell-modules.js. Do not edit.
export const finishWrite = `look() { :; }
why() {
if [ -n "$acl" ]; then echo "$acl" >&2; return; fi
if [ "$taken" != "$1" ]; then
w=$(dd if=/dev/zero of="$2" bs=65536 count=2 oflag=append conv=notrunc 2>&1) && w="received less than $4 bytes"
elif [ -z "$w" ] && w=$(mktemp "$2.XXXXXX" 2>&1); then rm -f -- "$w"; w="$2 is there already"; fi
echo "cannot write $3: $w" | grep -v ' records \\(in\\|out\\)$' >&2
}
one() {
m s "$1"
if [ "$bad" = "$1" ]; then why "$@"; m e "$1" 1; return 1; fi
[ -n "$owned" ] || set_owner "$2" "$4" "$5" "$6" || { m e "$1" 1; return 1; }
look "$2" "$3" && attributes "$2" "$3" && { { [ -n "$renamed" ] && [ ! -e "$2" ] && [ -f "$3" ]; } || put "$2" "$3" || false; }; r=$?
m e "$1" "$r"; return "$r"
}
rename_group() {
[ -n "$owned" ] && [ ! -e /sys/fs/selinux/enforce ] || return 0
dir=$1; shift
for c do c=$dir/\${c##*/}; if [ -e "$c" ] || [ -L "$c" ]; then return 0; fi; done
mv -f -t "$dir" -- "$@" 2>/dev/null
renamed=1
}
set_owner() {
if ! { n=$(stat -c %s -- "$1") && [ "$n" = "$2" ]; }; then echo "received $n of $2 bytes" >&2; return 1; fi
[ -z "$3" ] || chown -- "$3" "$1" || return 1
chmod -- "$4" "$1" && sync "$1"
}`

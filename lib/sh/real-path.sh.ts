// Made of real-path.sh by scripts/shell-modules.js. Do not edit.
export const realPath = `real_path() {
set -- "$1" "$1"
real_hops=0
while [ -L "$1" ] && [ ! -e "$1" ]; do
real_hops=$((real_hops + 1))
[ "$real_hops" -le 40 ] || return 1
real_to=$(readlink -- "$1" && echo .) || return 1
real_to=\${real_to%??}
case $real_to in /*) ;; *) real_to=\${1%/*}/$real_to ;; esac
real_dir=$(cd -P -- "\${real_to%/*}/" 2>/dev/null && pwd -P) || return 1
set -- "\${real_dir%/}/\${real_to##*/}" "$2"
done
real_dir=$(cd -P -- "\${1%/*}/" 2>/dev/null && pwd -P) || return 1
readlink -f -- "\${real_dir%/}/\${1##*/}"
}`

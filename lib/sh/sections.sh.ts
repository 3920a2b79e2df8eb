// Made of sections.sh by scripts/shell-modules.js. Do not edit.
export const sections = `give() {
if [ "$1" -ge 65536 ]; then dd bs=65536 count=$(($1/65536)) iflag=fullblock 2>/dev/null; fi
if [ $(($1%65536)) -gt 0 ]; then dd bs=$(($1%65536)) count=1 iflag=fullblock 2>/dev/null; fi
}
limit() {
own_streams timed "$1" "$2"
}
timed() {
if ! command -v timeout >/dev/null 2>&1; then (eval "$2")
elif [ \${#2} -lt 65536 ]; then STEP=$2 timeout -k 5 "$1" /bin/sh -c 'step=$STEP; unset STEP; eval "$step"'
else piped "$2" timeout -k 5 "$1" /bin/sh -c; fi
}`

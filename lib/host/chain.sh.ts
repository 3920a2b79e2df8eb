// Made of chain.sh by scripts/shell-modules.js. Do not edit.
export const chain = `chain() {
p=$1; c=
while [ "\${p:-0}" -gt 1 ] 2>/dev/null; do
c="$c $p"; q=0
while read -r k v; do [ "$k" = PPid: ] && { q=$v; break; }; done 2>/dev/null <"/proc/$p/status"
p=$q
done
}`

// Made of key-look.sh by scripts/shell-modules.js. Do not edit.
export const keyLook = `key_numbers() { printf %s "$k" | base64 -d 2>/dev/null | od -An -v -tu1; }
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

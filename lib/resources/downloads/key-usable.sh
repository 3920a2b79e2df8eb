# key_usable FILE: exits with 0 for one block of armour with nothing before it, no CR, and no blanks at the ends of lines.
# Reads: nothing.
# Sets: nothing.
key_usable() {
  awk 'NR == 1 && $0 != "-----BEGIN PGP PUBLIC KEY BLOCK-----" || /[ \t\r]$/ { bad = 1 } /^-----BEGIN/ { n++ } END { exit n != 1 || bad }' "$1"
}

# Says how old the lists of apt are, and whether dpkg was interrupted.
# Reads: nothing.
# Sets: lists, to none, fresh or stale; interrupted, to 1 or nothing; l, the directory of the lists; edited f, and the arguments.
l=/var/lib/apt/lists interrupted= edited=
set -- /var/lib/dpkg/updates/[0-9]*
[ ! -e "$1" ] || { interrupted=1; echo '# interrupted'; }
for f in /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/sources.list.d/*; do [ ! "$f" -nt $l/partial ] || edited=1; done
set -- $l/*_Packages*
if [ ! -e "$1" ]; then lists=none
elif set -- $l/partial/* $l/partial/.[!.]* && [ ! -e "$1" ] && [ ! -e "$2" ] && [ -z "$edited" ] &&
  [ -n "$(find $l/partial -maxdepth 0 -mmin -1440 2>/dev/null)" ]; then lists=fresh
else lists=stale; fi
echo "# lists $lists"

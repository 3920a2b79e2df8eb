// Made of reread-units.sh by scripts/shell-modules.js. Do not edit.
export const rereadUnits = `reread_units() {
at= in=
while IFS='=' read -r name value; do
case $name in UnitsLoadTimestamp) at=$value;; UnitPath) in=$value;; esac
done <<.
$(systemctl show -p UnitsLoadTimestamp -p UnitPath --timestamp=us+utc 2>/dev/null)
.
set --
for d in $in /lib/systemd/system-generators /usr/lib/systemd/system-generators /etc/systemd/system-generators /etc/init.d /etc/rc[0-6S].d /etc/fstab; do
case $d in /run/*) ;; *) [ ! -e "$d" ] || set -- "$@" "$d";; esac
done
[ -n "$at" ] && [ -n "$in" ] && new=$(find -H "$@" -newerct "$at" -print -quit 2>/dev/null) && [ -z "$new" ] || systemctl daemon-reload
}
[ ! -d /run/systemd/system ] || reread_units`

# Has systemd read its units again, unless nothing has changed since it last did where it reads them, or what its generators make units of.
# Reads: nothing.
# Sets: at in new d name value, and the arguments of the function.
#
# Packages with units mostly have systemd do this, which takes 0.2 s of CPU. To do so here as well frees everybody from knowing which package has one.
# systemd itself says when it last did, and where units are. An old one does not say when. Under /run is what it makes itself.
#
# Source: systemctl(1), systemd.unit(5), systemd.generator(7), systemd-sysv-generator(8), find(1) of GNU.
reread_units() {
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
  # shellcheck disable=SC2015 # C also when B fails
  [ -n "$at" ] && [ -n "$in" ] && new=$(find -H "$@" -newerct "$at" -print -quit 2>/dev/null) && [ -z "$new" ] || systemctl daemon-reload
}
[ ! -d /run/systemd/system ] || reread_units

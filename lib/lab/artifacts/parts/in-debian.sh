# Runs a script in a throwaway Debian root. Run in mount and pid namespaces of its own, in the directory that the script works in:
#   sh in-debian.sh BASE SCRIPT PACKAGE...
# BASE is the root that the lab's hosts are layered upon: the packages are installed in a layer above it, which is deleted at the end.
# SCRIPT is a file of the working directory, which is /build inside.
set -eu
umask 022
base=$1 script=$2
shift 2
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
root=.root
mkdir "$root" "$root/upper" "$root/work" "$root/merged"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$root/upper,workdir=$root/work,volatile" "$root/merged"
mount -t proc proc "$root/merged/proc"
cp -L /etc/resolv.conf "$root/merged/etc/resolv.conf"
printf '#!/bin/sh\nexit 101\n' >"$root/merged/usr/sbin/policy-rc.d"
chmod 755 "$root/merged/usr/sbin/policy-rc.d"
install() { chroot "$root/merged" apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 install "$@"; }
if [ $# -gt 0 ]; then
  echo "Installing $*"
  { install "$@" || { chroot "$root/merged" apt-get -qq update && install "$@"; }; } >"$root/apt.log" 2>&1 || {
    tail -n 15 "$root/apt.log" >&2
    exit 1
  }
fi
mkdir "$root/merged/build"
mount --bind . "$root/merged/build"
chroot "$root/merged" sh -c 'cd /build && exec sh -eu "./$1"' sh "$script"
umount "$root/merged/build" "$root/merged/proc" "$root/merged"
rm -rf "$root"

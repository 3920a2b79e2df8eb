# Builds what the lab's artifact mirror serves, from packages of the distribution. Run in mount and pid namespaces of its
# own, in an empty directory of the cache:
#   sh build.sh BASE PARTS ARCHITECTURE
# BASE is the root that the lab's hosts are layered upon: the packages are installed in a layer above it, which is thrown
# away. PARTS is the directory of this file. Leaves rootfs.tar, cfssl*, and lists what the packages were in versions.
set -eu
umask 022
base=$1 parts=$2
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
packages='busybox-static docker-registry nginx redis-server python3 python3-yaml golang-cfssl'

mkdir upper work merged layer
mount -t overlay overlay -o "lowerdir=$base,upperdir=upper,workdir=work,volatile" merged
mount -t proc proc merged/proc
cp -L /etc/resolv.conf merged/etc/resolv.conf
printf '#!/bin/sh\nexit 101\n' >merged/usr/sbin/policy-rc.d
chmod 755 merged/usr/sbin/policy-rc.d
inside() { chroot merged "$@"; }
install() { inside apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 install $packages; }

echo "Installing $packages"
install >apt.log 2>&1 || { inside apt-get -qq update && install; } >apt.log 2>&1 || { tail -n 15 apt.log >&2; exit 1; }
inside dpkg-query -W $packages >versions

echo 'Assembling the root of the images'
for directory in bin sbin lib lib64; do
  mkdir -p "layer/usr/$directory"
  ln -s "usr/$directory" "layer/$directory"
done
for directory in etc/nginx etc/registry harbor tmp run root var/log/nginx var/lib/nginx var/log/docker data storage; do
  mkdir -p "layer/$directory"
done
chmod 1777 layer/tmp
# busybox's own tools do for everything that is not one of the programs below.
cp merged/bin/busybox layer/usr/bin/busybox
for tool in $(inside busybox --list); do [ -e "layer/usr/bin/$tool" ] || ln -s busybox "layer/usr/bin/$tool"; done

python=$(inside readlink -f /usr/bin/python3)
cp "merged$python" layer/usr/bin/python3
library=/usr/lib/${python##*/}
mkdir -p "layer$library"
(cd "merged$library" && tar -c --exclude=__pycache__ --exclude=./test --exclude=./idlelib --exclude=./ensurepip \
  --exclude=./lib2to3 --exclude=./unittest --exclude=./pydoc_data --exclude=./tkinter --exclude=./distutils \
  --exclude=./asyncio --exclude=./sqlite3 --exclude=./multiprocessing --exclude=./xmlrpc \
  --exclude='./config-*' --exclude='./lib-dynload/_*codecs*' --exclude='./lib-dynload/_ctypes_test*' --exclude='./lib-dynload/_curses*' \
  --exclude='./lib-dynload/_sqlite3*' --exclude='./lib-dynload/_dbm*' --exclude='./lib-dynload/readline*' \
  --exclude='./lib-dynload/audioop*' --exclude='./lib-dynload/_asyncio*' --exclude='./lib-dynload/_decimal*' .) |
  tar -x -C "layer$library"
mkdir -p layer/usr/lib/python3/dist-packages
(cd merged/usr/lib/python3/dist-packages && tar -c --exclude=__pycache__ --exclude='*.so' yaml) |
  tar -x -C layer/usr/lib/python3/dist-packages
for program in /usr/sbin/nginx /usr/bin/docker-registry /usr/bin/redis-server /usr/bin/redis-cli; do
  rm -f "layer/usr/bin/${program##*/}"
  cp -L "merged$program" "layer/usr/bin/${program##*/}"
done
cp merged/etc/nginx/mime.types layer/etc/nginx/mime.types

# Every library that one of these is linked to, under the names that the loader looks for.
for file in $python /usr/sbin/nginx /usr/bin/docker-registry /usr/bin/redis-server /usr/bin/redis-cli \
  $(cd merged && find "./${library#/}/lib-dynload" -name '*.so' | sed 's/^\.//'); do
  [ "${file%.so}" = "$file" ] || [ -e "layer$file" ] || continue
  inside ldd "$file" 2>/dev/null | sed -n 's/.*=> \(\/[^ ]*\) (.*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p'
done | sort -u | while read -r found; do
  target=/usr/${found#/}
  case $found in /usr/*) target=$found ;; esac
  mkdir -p "layer${target%/*}"
  cp -L "merged$found" "layer$target"
done

printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >layer/etc/passwd
printf 'root:x:0:\nnogroup:x:65534:\n' >layer/etc/group
cp -R "$parts"/harbor/image/. layer/harbor/
chmod 755 layer/harbor/*.sh
# So that no container writes them again at each start.
inside python3 -c 'import sys; print(sys.version)' >>versions
mount --bind layer merged/mnt
inside python3 -m compileall -q -s /mnt "/mnt$library" /mnt/harbor /mnt/usr/lib/python3/dist-packages >/dev/null || :
umount merged/mnt

echo 'Packing the layer'
tar -C layer --sort=name --mtime=@1600000000 --numeric-owner --owner=0 --group=0 -cf rootfs.tar .
for tool in cfssl cfssljson cfssl-certinfo; do
  cp "merged/usr/bin/$tool" "$tool"
  chmod 755 "$tool"
done
umount merged/proc merged
rm -rf upper work merged layer

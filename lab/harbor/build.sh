# Assembles the root of the images of Harbor's stand-in, from packages of the distribution. Run in a throwaway Debian root that has them:
#   sh build.sh
# The working directory has the files of `parts/image` as `image`. Leaves rootfs.tar, and lists what the packages were in versions.
umask 022
dpkg-query -W busybox-static docker-registry nginx redis-server python3 python3-yaml >versions
mkdir layer

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
cp /bin/busybox layer/usr/bin/busybox
for tool in $(busybox --list); do [ -e "layer/usr/bin/$tool" ] || ln -s busybox "layer/usr/bin/$tool"; done

python=$(readlink -f /usr/bin/python3)
cp "$python" layer/usr/bin/python3
library=/usr/lib/${python##*/}
mkdir -p "layer$library"
(cd "$library" && tar -c --exclude=__pycache__ --exclude=./test --exclude=./idlelib --exclude=./ensurepip \
  --exclude=./lib2to3 --exclude=./unittest --exclude=./pydoc_data --exclude=./tkinter --exclude=./distutils \
  --exclude=./asyncio --exclude=./sqlite3 --exclude=./multiprocessing --exclude=./xmlrpc \
  --exclude='./config-*' --exclude='./lib-dynload/_*codecs*' --exclude='./lib-dynload/_ctypes_test*' --exclude='./lib-dynload/_curses*' \
  --exclude='./lib-dynload/_sqlite3*' --exclude='./lib-dynload/_dbm*' --exclude='./lib-dynload/readline*' \
  --exclude='./lib-dynload/audioop*' --exclude='./lib-dynload/_asyncio*' --exclude='./lib-dynload/_decimal*' .) |
  tar -x -C "layer$library"
mkdir -p layer/usr/lib/python3/dist-packages
(cd /usr/lib/python3/dist-packages && tar -c --exclude=__pycache__ --exclude='*.so' yaml) |
  tar -x -C layer/usr/lib/python3/dist-packages
for program in /usr/sbin/nginx /usr/bin/docker-registry /usr/bin/redis-server /usr/bin/redis-cli; do
  rm -f "layer/usr/bin/${program##*/}"
  cp -L "$program" "layer/usr/bin/${program##*/}"
done
cp /etc/nginx/mime.types layer/etc/nginx/mime.types

# Every library that one of these is linked to, under the names that the loader looks for.
for file in $python /usr/sbin/nginx /usr/bin/docker-registry /usr/bin/redis-server /usr/bin/redis-cli \
  $(find "$library/lib-dynload" -name '*.so'); do
  [ "${file%.so}" = "$file" ] || [ -e "layer$file" ] || continue
  ldd "$file" 2>/dev/null | sed -n 's/.*=> \(\/[^ ]*\) (.*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p'
done | sort -u | while read -r found; do
  target=/usr/${found#/}
  case $found in /usr/*) target=$found ;; esac
  mkdir -p "layer${target%/*}"
  cp -L "$found" "layer$target"
done

printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >layer/etc/passwd
printf 'root:x:0:\nnogroup:x:65534:\n' >layer/etc/group
cp -R image/. layer/harbor/
chmod 755 layer/harbor/*.sh
# So that no container writes them again at each start.
python3 -c 'import sys; print(sys.version)' >>versions
python3 -m compileall -q -s "$PWD/layer" "layer$library" layer/harbor layer/usr/lib/python3/dist-packages >/dev/null || :

echo 'Packing the layer'
tar -C layer --sort=name --mtime=@1600000000 --numeric-owner --owner=0 --group=0 -cf rootfs.tar .
rm -rf layer

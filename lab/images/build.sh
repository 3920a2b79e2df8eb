# Assembles the roots of the images from packages of the distribution. Run in a throwaway Debian root that has them:
#   sh build.sh
# Leaves busybox.tar, and nginx.tar, which is a layer above it.
umask 022
pack() { tar --sort=name --mtime=@1600000000 --numeric-owner --owner=0 --group=0 -C "$1" -cf "$1.tar" .; }

mkdir -p busybox/bin busybox/etc busybox/root busybox/tmp busybox/var/www busybox/home
chmod 1777 busybox/tmp
cp /bin/busybox busybox/bin/busybox
for tool in $(busybox --list); do [ -e "busybox/bin/$tool" ] || ln -s busybox "busybox/bin/$tool"; done
printf 'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www-data:/var/www:/bin/false\nnginx:x:101:101:nginx:/nonexistent:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n' >busybox/etc/passwd
printf 'root:x:0:\nwww-data:x:33:\nnginx:x:101:\nnobody:x:65534:\n' >busybox/etc/group
pack busybox

mkdir -p nginx/usr/sbin nginx/etc/nginx/conf.d nginx/usr/share/nginx/html nginx/var/log/nginx nginx/var/lib/nginx nginx/var/cache/nginx nginx/run nginx/lib64
ln -s ../run nginx/var/run
cp /usr/sbin/nginx nginx/usr/sbin/nginx
cp /etc/nginx/mime.types nginx/etc/nginx/mime.types
ldd /usr/sbin/nginx | sed -n 's/.*=> \(\/[^ ]*\) (.*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p' | sort -u | while read -r library; do
  mkdir -p "nginx${library%/*}"
  cp -L "$library" "nginx$library"
done
ln -s /dev/stdout nginx/var/log/nginx/access.log
ln -s /dev/stderr nginx/var/log/nginx/error.log
cat >nginx/etc/nginx/nginx.conf <<'END'
user nginx;
worker_processes 1;
error_log /var/log/nginx/error.log notice;
pid /run/nginx.pid;
events {
  worker_connections 512;
}
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log /var/log/nginx/access.log combined;
  sendfile on;
  keepalive_timeout 65;
  include /etc/nginx/conf.d/*.conf;
}
END
cat >nginx/etc/nginx/conf.d/default.conf <<'END'
server {
  listen 80;
  server_name localhost;
  location / {
    root /usr/share/nginx/html;
    index index.html index.htm;
  }
}
END
cat >nginx/usr/share/nginx/html/index.html <<'END'
<!DOCTYPE html>
<html>
<head><title>Welcome to nginx!</title></head>
<body><h1>Welcome to nginx!</h1></body>
</html>
END
pack nginx
rm -r busybox nginx

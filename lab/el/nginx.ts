import type { PackageDefinition } from 'rolecall'

const conf = `user nginx;
worker_processes auto;
error_log /var/log/nginx/error.log;
pid /run/nginx.pid;

# Load dynamic modules. See /usr/share/doc/nginx/README.dynamic.
include /usr/share/nginx/modules/*.conf;

events {
    worker_connections 1024;
}

http {
    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';

    access_log  /var/log/nginx/access.log  main;

    sendfile            on;
    tcp_nopush          on;
    keepalive_timeout   65;
    types_hash_max_size 4096;

    include             /etc/nginx/mime.types;
    default_type        application/octet-stream;

    # Load modular configuration files from the /etc/nginx/conf.d directory.
    include /etc/nginx/conf.d/*.conf;

    server {
        listen       80;
        listen       [::]:80;
        server_name  _;
        root         /usr/share/nginx/html;

        # Load configuration files for the default server block.
        include /etc/nginx/default.d/*.conf;
    }
}
`

const unit = `[Unit]
Description=The nginx HTTP and reverse proxy server
After=network-online.target remote-fs.target nss-lookup.target
Wants=network-online.target

[Service]
Type=forking
PIDFile=/run/nginx.pid
ExecStartPre=/usr/bin/rm -f /run/nginx.pid
ExecStartPre=/usr/sbin/nginx -t
ExecStart=/usr/sbin/nginx
ExecReload=/usr/sbin/nginx -s reload
KillSignal=SIGQUIT
TimeoutStopSec=5
KillMode=mixed
PrivateTmp=true

[Install]
WantedBy=multi-user.target
`

/** nginx in the Red Hat family's layout: its user, no sites-available, a default server in nginx.conf itself. */
export const nginx: PackageDefinition = {
  name: 'nginx',
  of: [
    { deb: 'nginx' },
    {
      deb: 'nginx-common',
      without: /nginx\.conf$|\/sites-|\/modules|snippets|\.service$|\/var\/log|\/etc\/default/,
    },
  ],
  pre: `getent group nginx >/dev/null || groupadd -r nginx
getent passwd nginx >/dev/null || useradd -r -g nginx -d /var/lib/nginx -s /usr/sbin/nologin -c "Nginx web server" nginx`,
  units: ['nginx.service'],
  files: [
    { path: '/etc/nginx/nginx.conf', text: conf },
    { path: '/usr/lib/systemd/system/nginx.service', text: unit },
  ],
  dirs: [
    { path: '/etc/nginx/default.d' },
    { path: '/usr/share/nginx/modules' },
    { path: '/var/lib/nginx', mode: '0770', owner: 'nginx' },
    { path: '/var/log/nginx', mode: '0711' },
  ],
}

import { sh, type Sh } from 'rolecall'

/** Chapter 6.5.6: what nginx answers under the registry's name. */
export function serverConf(hostname: string, port: number): string {
  return `server {
    listen       80;
    server_name  ${hostname};

    # Layers of images are large.
    client_max_body_size 1000m;

    location / {
        proxy_pass http://127.0.0.1:${port};
        # docker is sent back to the name that it asked for.
        proxy_set_header Host $http_host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_http_version 1.1;
        proxy_buffering off;
        proxy_request_buffering off;
        proxy_read_timeout 900;
    }
}
`
}

/**
 * `nginx -t` on a copy of the whole configuration in which the candidate stands in the place of `path`: by itself it is no
 * configuration, and it may clash with its neighbours.
 */
export function accepted(path: string): Sh {
  return sh`# nginx -t with ${path}
[ -e /etc/nginx/nginx.conf ] && command -v nginx >/dev/null || exit 0
copy=$(mktemp -d) || exit 1
trap 'rm -rf "$copy"' EXIT
for entry in /etc/nginx/*; do ln -s "$entry" "$copy/"; done
rm -f "$copy/nginx.conf" "$copy/conf.d"; mkdir "$copy/conf.d"
for entry in /etc/nginx/conf.d/*.conf; do
[ ! -e "$entry" ] || [ "$entry" = ${path} ] || ln -s "$entry" "$copy/conf.d/"
done
cp "$candidate" "$copy/conf.d/candidate.conf"
sed "s#/etc/nginx/conf\\.d/#$copy/conf.d/#; s#^\\([[:space:]]*\\)pid [^;]*;#\\1pid $copy/pid;#" /etc/nginx/nginx.conf >"$copy/nginx.conf"
nginx -t -q -c "$copy/nginx.conf"`
}

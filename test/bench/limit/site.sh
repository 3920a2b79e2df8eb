# The limit: what the site's roles do on one host, in one script by hand. It asks what is there, and makes what is missing.
# Run as root by `sh -s`, after the variables dns (the name server's address), hosts (`name=address ...`) and mirror (where Harbor's
# installer is, with a slash at the end). It writes the same bytes as the roles of Rolecall, so that both can take turns on the
# same hosts. Its last line says what it changed.
set -eu
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
changed=
case $(uname -n) in
node-01) roles=dns ;;
node-02) roles=ca ;;
node-05) roles='docker registry' ;;
*) roles=docker ;;
esac

has() { case " $roles " in *" $1 "*) ;; *) return 1 ;; esac }

installed() { [ "$(dpkg-query -W -f '${Status}\n' "$@" 2>/dev/null | grep -c '^install ok installed$')" = $# ]; }

# put PATH MODE GROUP CONTENT: writes what is not so already, and says 0 when it wrote.
put() {
  if [ -f "$1" ] && [ "$(stat -c '%a %U:%G' "$1")" = "$2 root:$3" ] && printf '%s\n' "$4" | cmp -s - "$1"; then return 1; fi
  (umask 077 && printf '%s\n' "$4" >"$1.new")
  chown "root:$3" "$1.new"
  chmod "$2" "$1.new"
  mv "$1.new" "$1"
  changed="$changed $1"
}

# link PATH TO
link() { [ "$(readlink "$1")" = "$2" ] || { ln -sfn "$2" "$1" && changed="$changed $1"; }; }

# serve UNIT RESTART: enabled, running, and restarted when its files have changed.
serve() {
  systemctl is-enabled -q "$1" || systemctl enable -q "$1"
  if [ -n "$2" ]; then systemctl restart "$1"; else systemctl is-active -q "$1" || systemctl start "$1"; fi
}

if [ "$(getenforce 2>/dev/null)" = Enforcing ]; then setenforce 0; fi
if systemctl is-active -q firewalld || systemctl is-enabled -q firewalld 2>/dev/null; then systemctl disable -q --now firewalld; fi

# Before the engine: its first start is then the right one.
engine=
if has docker; then
  address=$(printf '%s\n' $hosts | sed -n "s/^$(uname -n)=//p")
  bip=172.7.${address##*.}.1/24
  [ -d /etc/docker ] || mkdir -p /etc/docker
  if put /etc/docker/daemon.json 644 root "{
  \"data-root\": \"/data/docker\",
  \"storage-driver\": \"overlay2\",
  \"insecure-registries\": [
    \"registry.access.redhat.com\",
    \"quay.io\",
    \"harbor.thtf.com\"
  ],
  \"bip\": \"$bip\",
  \"exec-opts\": [
    \"native.cgroupdriver=systemd\"
  ],
  \"live-restore\": true
}"; then ! installed docker.io || engine=restart; fi
fi

packages='wget inetutils-telnet net-tools tree nmap sysstat lrzsz dos2unix bind9-dnsutils'
if has dns; then packages="$packages bind9"; fi
if has ca; then packages="$packages golang-cfssl openssl"; fi
if has docker; then packages="$packages docker.io"; fi
if has registry; then packages="$packages curl docker-compose nginx"; fi
installed $packages || {
  apt-get -qq -y -o Dpkg::Use-Pty=0 --no-install-recommends install $packages >/dev/null
  changed="$changed packages"
}

# Those that were there before are asked for everything else.
former=$(sed -n 's/^nameserver //p' /etc/resolv.conf | grep -vx "$dns" || :)

record() { printf '%-18s A     %s\n' "$1" "$2"; }

zonefile() { # zonefile NAME SERIAL RECORDS
  cat <<END
\$ORIGIN $1.
\$TTL 600    ; 10 minutes
@       IN SOA  dns.$1. dnsadmin.$1. (
                $2 ; serial
                10800      ; refresh (3 hours)
                900        ; retry (15 minutes)
                604800     ; expire (1 week)
                86400      ; minimum (1 day)
                )
            NS   dns.$1.
\$TTL 60 ; 1 minute
$3
END
}

zone() { # zone NAME RECORDS: the serial moves forward when anything else differs
  path=/etc/bind/$1.zone
  serial=$(sed -n 's/^ *\([0-9]*\) ; serial$/\1/p' "$path" 2>/dev/null || :)
  text=$(zonefile "$1" "${serial:-0}" "$2")
  if [ "$(cat "$path" 2>/dev/null)" != "$text" ]; then
    today=$(date -u +%Y%m%d)01
    if [ "${serial:-0}" -lt "$today" ]; then serial=$today; else serial=$((serial + 1)); fi
    text=$(zonefile "$1" "$serial" "$2")
  fi
  if put "$path" 644 bind "$text"; then
    named-checkzone -q -i local "$1" "$path"
    named=restart
  fi
}

if has dns; then
  named=
  head='// Written by Rolecall. What is changed here is undone by the next apply.'
  zone host.com "$(
    record dns "$dns"
    for each in $hosts; do record "${each%=*}" "${each#*=}"; done
  )"
  zone thtf.com "$(
    record dns "$dns"
    record harbor "$(printf '%s\n' $hosts | sed -n 's/^node-05=//p')"
  )"
  if put /etc/bind/named.conf.local 644 bind "$head
$(for each in host.com thtf.com; do
    printf '\nzone "%s" IN {\n        type master;\n        file "/etc/bind/%s.zone";\n' "$each" "$each"
    printf '        allow-update { none; };\n};\n'
  done)"; then named=restart; fi
  if put /etc/bind/named.conf 644 bind "$head

options {
        directory \"/var/cache/bind\";
        managed-keys-directory \"/var/cache/bind\";
        pid-file \"/run/named/named.pid\";

        listen-on port 53 { $dns; };
        listen-on-v6 { any; };
        allow-query     { any; };
        allow-recursion { localnets; localhost; };
        recursion yes;
        forwarders      { $(for each in $former; do printf '%s; ' "$each"; done)};
        dnssec-validation no;
};

include \"/etc/bind/named.conf.local\";
include \"/etc/bind/named.conf.default-zones\";"; then named=restart; fi
  if [ -n "$named" ]; then named-checkconf; fi
  serve named "$named"
fi

if has ca; then
  link /usr/local/bin/cfssl-json /usr/bin/cfssljson
  [ "$(stat -c '%a %U:%G' /opt/certs 2>/dev/null)" = '755 root:root' ] || install -d -m 755 /opt/certs
  put /opt/certs/ca-csr.json 644 root '{
    "CN": "thtf",
    "hosts": [],
    "key": {
        "algo": "rsa",
        "size": 2048
    },
    "names": [
        {
            "C": "CN",
            "ST": "beijing",
            "L": "beijing",
            "O": "thtf",
            "OU": "ops"
        }
    ],
    "ca": {
        "expiry": "175200h"
    }
}' || :
  cd /opt/certs
  [ -e ca.pem ] || {
    (umask 077 && cfssl gencert -initca ca-csr.json 2>/dev/null | cfssl-json -bare ca)
    chmod 644 ca.pem ca.csr
    changed="$changed ca.pem"
  }
  [ "$(stat -c '%a %U:%G' ca.pem ca-key.pem | tr '\n' ' ')" = '644 root:root 600 root:root ' ] || {
    chown root:root ca.pem ca-key.pem
    chmod 644 ca.pem
    chmod 600 ca-key.pem
  }
fi

if ! { [ -f /etc/resolv.conf ] && grep -qx "nameserver $dns" /etc/resolv.conf && grep -qx 'search host.com' /etc/resolv.conf; }; then
  tries=0
  until dig +time=1 +tries=1 "@$dns" host.com SOA >/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ]
    sleep 0.2
  done
  put /etc/resolv.conf 644 root "# The site's own name servers, written by Rolecall. Those below were here before.
search host.com
nameserver $dns
# Before:
$(for each in $former; do echo "nameserver $each"; done)"
fi

if has docker; then
  serve docker "$engine"
  ip -o -4 addr show dev docker0 | grep -q " inet $bip " || systemctl restart docker
fi

if has registry; then
  home=/opt/harbor-v2.9.5 api=http://127.0.0.1:180/api/v2.0
  [ -e $home/install.sh ] || {
    new=$(mktemp -d /opt/.harbor.XXXXXX)
    from=${mirror}goharbor/harbor/releases/download/v2.9.5/harbor-offline-installer-v2.9.5.tgz
    curl -fsS -o "$new/tgz" "$from" -o "$new/sum" "$from.sha256"
    [ "$(sha256sum <"$new/tgz" | cut -c 1-64)" = "$(cut -c 1-64 "$new/sum")" ]
    tar -xzf "$new/tgz" -C "$new"
    chown -R 0:0 "$new/harbor"
    mv "$new/harbor" $home
    rm -r "$new"
    changed="$changed $home"
  }
  link /opt/harbor $home
  cd $home
  put $home/harbor.yml 600 root "$(
    sed -e '/^https:/,/^  private_key:/d' -e 's/^hostname: .*/hostname: harbor.thtf.com/' -e 's/^  port: .*/  port: 180/' \
      -e 's#^data_volume: .*#data_volume: /data/harbor#' -e 's#^    location: .*#    location: /data/harbor/logs#' harbor.yml.tmpl
    echo 'external_url: http://harbor.thtf.com'
  )" || :
  put $home/.env 644 root 'COMPOSE_PROJECT_NAME=harbor' || :

  answers() { # Harbor's own API says that all is well, and who comes to the registry is asked who they are
    curl -sS -m 10 $api/health | tr -d '[:space:]' | grep -q '^{"status":"healthy"' &&
      [ "$(curl -sS -m 10 -o /dev/null -w '%{http_code}' http://127.0.0.1:180/v2/)" = 401 ]
  }
  # Installed: the installer came to its end with the harbor.yml of now.
  [ -e docker-compose.yml ] && [ "$(sha256sum <harbor.yml)" = "$(cat .installed-from 2>/dev/null)" ] || {
    rm -f .installed-from
    ./install.sh >/dev/null 2>&1
    tries=0
    until ! docker ps -a --filter label=com.docker.compose.project=harbor --format '{{.Status}}' | grep -qv '^Up [^(]*\((healthy)\)*$' &&
      answers; do
      tries=$((tries + 1))
      [ "$tries" -lt 300 ]
      sleep 1
    done
    sha256sum <harbor.yml >.installed-from
    changed="$changed harbor"
  }
  # Up: each service of the files has a container that was made from what they say now.
  want=$(docker-compose config --hash '*' | sort)
  have=$(docker ps --filter label=com.docker.compose.project=harbor \
    --format '{{.Label "com.docker.compose.service"}} {{.Label "com.docker.compose.config-hash"}}' | sort)
  [ "$want" = "$have" ] || { docker-compose up -d >/dev/null 2>&1 && changed="$changed compose"; }

  unit=$(
    cat <<'END'
[Unit]
Description=Harbor: all services of the compose project
Requires=docker.service
After=docker.service network-online.target
Wants=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
WorkingDirectory=/opt/harbor-v2.9.5
Environment=COMPOSE_PROJECT_NAME=harbor
ExecStart=/bin/sh -c 'if command -v docker-compose >/dev/null; then docker-compose up -d; elif docker compose version >/dev/null 2>&1; then docker compose up -d; else for i in $$(docker ps -q --filter label=com.docker.compose.project=harbor -a | tac); do docker start $$i || exit 1; done; fi'
ExecStartPost=/bin/sh -c 'n=0; while docker ps -q --filter label=com.docker.compose.project=harbor --filter health=starting | grep -q . && [ $$n -lt 240 ]; do n=$$((n + 1)); sleep 1; done'
ExecStop=/bin/sh -c 'if command -v docker-compose >/dev/null; then docker-compose stop; elif docker compose version >/dev/null 2>&1; then docker compose stop; else docker ps -q --filter label=com.docker.compose.project=harbor | xargs -r docker stop; fi'

[Install]
WantedBy=multi-user.target
END
  )
  if put /etc/systemd/system/harbor.service 644 root "$unit"; then systemctl daemon-reload; fi
  serve harbor ''
  [ -d /data/harbor/logs ] || { mkdir -p /data/harbor/logs && systemctl restart harbor; }
  answers || { systemctl restart harbor && changed="$changed harbor"; }

  nginx=
  if put /etc/nginx/conf.d/harbor.thtf.com.conf 644 root 'server {
    listen       80;
    server_name  harbor.thtf.com;

    # Layers of images are large.
    client_max_body_size 1000m;

    location / {
        proxy_pass http://127.0.0.1:180;
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
}'; then
    nginx -t -q
    nginx=restart
  fi
  serve nginx "$nginx"

  ask() { echo 'user = "admin:Harbor12345"' | curl -fsS -m 30 -K - "$@"; }
  ask "$api/projects?page_size=100&name=public" | grep -q '"name": *"public"' || {
    ask -H 'Content-Type: application/json' -d '{"project_name":"public","metadata":{"public":"true"}}' $api/projects
    changed="$changed project"
  }
fi
echo "changed:${changed:- nothing}"

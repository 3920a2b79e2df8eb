# The limit: what the site's roles do on one host, in one script by hand. It asks what is there, and makes what is missing.
# Run as root by `sh -s`, after the variables dns (the name server's address) and hosts (`name=address ...`).
set -eu
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
host=$(uname -n)
restart=

installed() { [ "$(dpkg-query -W -f '${Status}\n' "$@" 2>/dev/null | grep -c '^install ok installed$')" = $# ]; }

# put PATH MODE CONTENT: writes what is not so already, and says 0 when it wrote.
put() {
  if [ -f "$1" ] && [ "$(stat -c '%a %U:%G' "$1")" = "$2 root:root" ] && printf '%s\n' "$3" | cmp -s - "$1"; then return 1; fi
  printf '%s\n' "$3" >"$1.new"
  chmod "$2" "$1.new"
  mv "$1.new" "$1"
  echo "wrote $1"
}

tools='wget inetutils-telnet net-tools tree nmap sysstat lrzsz dos2unix bind9-dnsutils'
case $host in
node-01) packages="$tools bind9" ;;
node-02) packages="$tools golang-cfssl openssl" ;;
*) packages=$tools ;;
esac
if systemctl is-active -q firewalld; then systemctl disable -q --now firewalld; fi
installed $packages || apt-get -qq -y -o Dpkg::Use-Pty=0 --no-install-recommends install $packages >/dev/null

zone() { # zone NAME RECORDS: today's serial, unless only the serial differs
  path=/etc/bind/$1.zone
  text="\$ORIGIN $1.
\$TTL 600
@ IN SOA dns.$1. dnsadmin.$1. ( SERIAL 10800 900 604800 86400 )
  NS dns.$1.
\$TTL 60
dns A $dns$2"
  [ "$(sed 's/( [0-9]* /( SERIAL /' "$path" 2>/dev/null)" = "$text" ] && return 0
  put "$path" 644 "$(printf '%s\n' "$text" | sed "s/SERIAL/$(date +%Y%m%d)01/")" && named-checkzone -q "$1" "$path" && restart=1
}

if [ "$host" = node-01 ]; then
  records=
  for each in $hosts; do
    records="$records
${each%=*} A ${each#*=}"
  done
  zone host.com "$records"
  zone thtf.com ''
  put /etc/bind/named.conf.local 644 'zone "host.com" IN { type master; file "/etc/bind/host.com.zone"; allow-update { none; }; };
zone "thtf.com" IN { type master; file "/etc/bind/thtf.com.zone"; allow-update { none; }; };' && restart=1
  put /etc/bind/named.conf 644 "options {
  directory \"/var/cache/bind\"; pid-file \"/run/named/named.pid\";
  listen-on port 53 { $dns; }; listen-on-v6 { any; };
  allow-query { any; }; allow-recursion { localnets; localhost; }; recursion yes; dnssec-validation no;
};
include \"/etc/bind/named.conf.local\";
include \"/etc/bind/named.conf.default-zones\";" && restart=1
  systemctl is-enabled -q named || systemctl enable -q named
  if [ -n "$restart" ]; then named-checkconf && systemctl restart named; fi
  systemctl is-active -q named || systemctl start named
fi

if [ "$host" = node-02 ]; then
  [ "$(readlink /usr/local/bin/cfssl-json)" = /usr/bin/cfssljson ] || ln -sfn /usr/bin/cfssljson /usr/local/bin/cfssl-json
  [ "$(stat -c '%a %U:%G' /opt/certs 2>/dev/null)" = '755 root:root' ] || install -d -m 755 /opt/certs
  put /opt/certs/ca-csr.json 644 '{ "CN": "thtf", "hosts": [], "key": { "algo": "rsa", "size": 2048 },
  "names": [{ "C": "CN", "ST": "beijing", "L": "beijing", "O": "thtf", "OU": "ops" }], "ca": { "expiry": "175200h" } }' || :
  cd /opt/certs
  [ -e ca.pem ] || { umask 077; cfssl gencert -initca ca-csr.json 2>/dev/null | cfssl-json -bare ca; chmod 644 ca.pem; }
  [ "$(stat -c %a ca.pem ca-key.pem | tr '\n' ' ')" = '644 600 ' ] || { chmod 644 ca.pem; chmod 600 ca-key.pem; }
fi

if ! { [ -f /etc/resolv.conf ] && grep -qx "nameserver $dns" /etc/resolv.conf && grep -qx 'search host.com' /etc/resolv.conf; }; then
  tries=0
  until dig +time=1 +tries=1 "@$dns" host.com SOA >/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ]
    sleep 0.2
  done
  put /etc/resolv.conf 644 "search host.com
nameserver $dns
$(sed '/^search/d' /etc/resolv.conf)"
fi

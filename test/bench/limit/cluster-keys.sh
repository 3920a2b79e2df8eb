# Keys and certificates of the cluster by hand, from one authority, on the machine that sends the script. Run by `sh`, with hosts (`name=address ...`).
# Prints them as a tar archive in base64.
set -eu
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1-key.pem"; }

# sign NAME SUBJECT NAMES
sign() {
  key "$1"
  openssl req -new -key "$1-key.pem" -subj "$2" -out "$1.csr"
  printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$3" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 365 -extfile "$1.ext" -out "$1.pem" 2>/dev/null
}

key ca
openssl req -x509 -new -key ca-key.pem -days 3650 -subj /CN=kubernetes -out ca.pem
names=IP:127.0.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc
for host in $hosts; do
  names=$names,DNS:${host%%=*},IP:${host#*=}
  sign "${host%%=*}" "/O=system:nodes/CN=system:node:${host%%=*}" "DNS:${host%%=*},IP:${host#*=}"
done
sign server /CN=server "$names"
sign admin /O=system:masters/CN=admin DNS:admin
for name in kube-controller-manager kube-scheduler kube-proxy; do sign "$name" "/CN=system:$name" "DNS:$name"; done
key service-account
openssl ec -in service-account-key.pem -pubout -out service-account.pem 2>/dev/null
tar -cf - ./*.pem | base64 -w 0

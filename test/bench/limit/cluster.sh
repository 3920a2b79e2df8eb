# The limit: a cluster on five fresh hosts, in one script by hand for each. etcd on node-01 to node-03, the API server, controller manager and scheduler
# on node-02, nodes on node-03 to node-05. Fewer parts than the roles set up: one control plane, no addons, no rotation, no snapshots, one Deployment.
# Run as root by `sh -s`, after the variables hosts (`name=address ...`), mirror (with a slash at the end), pki (of cluster-keys.sh), kubernetes and etcd
# (releases). On node-02 it ends when three Pods of three are ready on three nodes.
set -eu
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
me=$(uname -n)
directory=/opt/kubernetes/v$kubernetes
address() { printf '%s\n' $hosts | sed -n "s/^$1=//p"; }
is() { case " $* " in *" $me "*) ;; *) return 1 ;; esac; }

# fetch PATH TO
fetch() { curl -fsSL --retry 3 -o "$2" "$mirror$1"; }

# programs NAME...: programs of the release, each with its checksum
programs() {
  mkdir -p "$directory"
  for name; do
    fetch "release/v$kubernetes/bin/linux/amd64/$name" "$directory/$name"
    fetch "release/v$kubernetes/bin/linux/amd64/$name.sha256" "$directory/$name.sha256"
    [ "$(sha256sum <"$directory/$name" | cut -c1-64)" = "$(cut -c1-64 "$directory/$name.sha256")" ]
    chmod 755 "$directory/$name"
  done
}

# daemon NAME SETTINGS COMMAND...: a unit, enabled
daemon() {
  name=$1 settings=$2
  shift 2
  printf '[Unit]\nAfter=network-online.target\nWants=network-online.target\nStartLimitIntervalSec=0\n[Service]\n%s\nExecStart=%s\nRestart=always\nRestartSec=1s\n[Install]\nWantedBy=multi-user.target\n' "$settings" "$*" >"/etc/systemd/system/$name.service"
  systemctl -q enable "$name"
}

# access NAME CERTIFICATE: a kubeconfig
access() {
  cat >"/etc/kubernetes/$1.kubeconfig" <<END
{"apiVersion":"v1","kind":"Config","current-context":"k","contexts":[{"name":"k","context":{"cluster":"k","user":"u"}}],
"clusters":[{"name":"k","cluster":{"server":"https://$(address node-02):6443","certificate-authority":"/etc/kubernetes/pki/ca.pem"}}],
"users":[{"name":"u","user":{"client-certificate":"/etc/kubernetes/pki/$2.pem","client-key":"/etc/kubernetes/pki/$2-key.pem"}}]}
END
}

mkdir -p /etc/kubernetes/pki
(cd /etc/kubernetes/pki && umask 077 && printf %s "$pki" | base64 -d | tar -xf - --no-same-owner)
apt-get -q update >/dev/null
packages=curl
if is node-03 node-04 node-05; then packages="$packages containerd iptables ethtool iproute2 conntrack"; fi
if is node-03 node-04 node-05; then
  # Before containerd, whose first start is then the right one.
  mkdir -p /etc/containerd/certs.d/docker.io /etc/containerd/certs.d/k8s.gcr.io /etc/cni/net.d
  for registry in docker.io k8s.gcr.io; do
    printf 'server = "https://%s"\n[host."%s"]\n  capabilities = ["pull", "resolve"]\n' "$registry" "${mirror%/}" >"/etc/containerd/certs.d/$registry/hosts.toml"
  done
  cat >/etc/containerd/config.toml <<END
version = 2
[plugins."io.containerd.snapshotter.v1.overlayfs"]
root_path = "/data/containerd"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "k8s.gcr.io/pause:3.2"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/etc/containerd/certs.d"
END
fi
apt-get -q -y -o Dpkg::Options::=--force-confold --no-install-recommends install $packages >/dev/null

if is node-01 node-02 node-03; then
  mkdir -p /opt/etcd
  fetch "etcd-io/etcd/releases/download/v$etcd/etcd-v$etcd-linux-amd64.tar.gz" /opt/etcd.tar.gz
  fetch "etcd-io/etcd/releases/download/v$etcd/SHA256SUMS" /opt/etcd.sums
  grep -q "^$(sha256sum </opt/etcd.tar.gz | cut -c1-64) *etcd-v$etcd-linux-amd64.tar.gz" /opt/etcd.sums
  tar -xzf /opt/etcd.tar.gz -C /opt/etcd --strip-components 1
  own=https://$(address "$me")
  tls='' peers=''
  for kind in '' peer-; do
    tls="$tls --${kind}cert-file=/etc/kubernetes/pki/server.pem --${kind}key-file=/etc/kubernetes/pki/server-key.pem --${kind}trusted-ca-file=/etc/kubernetes/pki/ca.pem --${kind}client-cert-auth=true"
  done
  for name in node-01 node-02 node-03; do peers=$peers${peers:+,}$name=https://$(address "$name"):2380; done
  daemon etcd Type=notify /opt/etcd/etcd --name="$me" --data-dir=/var/lib/etcd --listen-client-urls="$own:2379" --advertise-client-urls="$own:2379" \
    --listen-peer-urls="$own:2380" --initial-advertise-peer-urls="$own:2380" --initial-cluster="$peers" --heartbeat-interval=250 --election-timeout=2500 $tls
  systemctl start --no-block etcd
fi

if is node-02; then
  programs kube-apiserver kube-controller-manager kube-scheduler kubectl
  ln -s "$directory/kubectl" /usr/local/bin/kubectl
  access admin admin
  mkdir -p /root/.kube
  ln -s /etc/kubernetes/admin.kubeconfig /root/.kube/config
  pem=/etc/kubernetes/pki
  stores=
  for name in node-01 node-02 node-03; do stores=$stores${stores:+,}https://$(address "$name"):2379; done
  daemon kube-apiserver Type=notify "$directory/kube-apiserver" --advertise-address="$(address node-02)" --secure-port=6443 --insecure-port=0 \
    --etcd-servers="$stores" --etcd-cafile=$pem/ca.pem --etcd-certfile=$pem/server.pem --etcd-keyfile=$pem/server-key.pem \
    --client-ca-file=$pem/ca.pem --tls-cert-file=$pem/server.pem --tls-private-key-file=$pem/server-key.pem \
    --kubelet-certificate-authority=$pem/ca.pem --kubelet-client-certificate=$pem/admin.pem --kubelet-client-key=$pem/admin-key.pem \
    --service-account-issuer=https://kubernetes.default.svc.cluster.local --service-account-key-file=$pem/service-account.pem \
    --service-account-signing-key-file=$pem/service-account-key.pem --service-cluster-ip-range=10.96.0.0/16 --anonymous-auth=false \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true
  for name in kube-controller-manager kube-scheduler; do access $name $name; done
  daemon kube-controller-manager Type=simple "$directory/kube-controller-manager" --kubeconfig=/etc/kubernetes/kube-controller-manager.kubeconfig \
    --leader-elect=true --allocate-node-cidrs=false --cluster-cidr=10.244.0.0/16 --service-cluster-ip-range=10.96.0.0/16 \
    --root-ca-file=$pem/ca.pem --service-account-private-key-file=$pem/service-account-key.pem --use-service-account-credentials=true --port=0
  daemon kube-scheduler Type=simple "$directory/kube-scheduler" --kubeconfig=/etc/kubernetes/kube-scheduler.kubeconfig --leader-elect=true --port=0
  systemctl start kube-apiserver
  until kubectl get --raw /readyz >/dev/null 2>&1; do sleep 0.5; done
  systemctl start kube-controller-manager kube-scheduler
  kubectl create deployment web --image=nginx:1.22 --replicas=3
fi

if is node-03 node-04 node-05; then
  programs kubelet kube-proxy
  mkdir -p /opt/cni /data/kubelet
  fetch containernetworking/plugins/releases/download/v1.1.1/cni-plugins-linux-amd64-v1.1.1.tgz /opt/cni.tgz
  tar -xzf /opt/cni.tgz -C /opt/cni
  network=10.244.$((${me#node-0} - 3)).0/24
  for name in node-03 node-04 node-05; do
    [ "$name" = "$me" ] || ip route replace "10.244.$((${name#node-0} - 3)).0/24" via "$(address "$name")"
  done
  iptables -w -t nat -A POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE
  sysctl -q -w net.ipv4.ip_forward=1
  printf '{"cniVersion":"0.4.0","name":"pods","plugins":[{"type":"bridge","bridge":"cni0","isGateway":true,"hairpinMode":true,"ipam":{"type":"host-local","ranges":[[{"subnet":"%s"}]],"routes":[{"dst":"0.0.0.0/0"}]}},{"type":"portmap","capabilities":{"portMappings":true}}]}\n' "$network" >/etc/cni/net.d/10-pods.conflist
  cat >/etc/kubernetes/kubelet.json <<END
{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration","authentication":{"anonymous":{"enabled":false},"webhook":{"enabled":true},"x509":{"clientCAFile":"/etc/kubernetes/pki/ca.pem"}},
"authorization":{"mode":"Webhook"},"tlsCertFile":"/etc/kubernetes/pki/$me.pem","tlsPrivateKeyFile":"/etc/kubernetes/pki/$me-key.pem","cgroupDriver":"cgroupfs","failSwapOn":false,"nodeStatusUpdateFrequency":"4s","readOnlyPort":0}
END
  printf '{"apiVersion":"kubeproxy.config.k8s.io/v1alpha1","kind":"KubeProxyConfiguration","clientConnection":{"kubeconfig":"/etc/kubernetes/kube-proxy.kubeconfig"},"clusterCIDR":"10.244.0.0/16","hostnameOverride":"%s","mode":"iptables","conntrack":{"maxPerCore":0}}\n' "$me" >/etc/kubernetes/kube-proxy.json
  access kubelet "$me"
  access kube-proxy kube-proxy
  daemon kubelet 'KillMode=process
Delegate=true' "$directory/kubelet" --config=/etc/kubernetes/kubelet.json --kubeconfig=/etc/kubernetes/kubelet.kubeconfig --root-dir=/data/kubelet \
    --hostname-override="$me" --node-ip="$(address "$me")" --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock
  daemon kube-proxy Type=simple "$directory/kube-proxy" --config=/etc/kubernetes/kube-proxy.json
  systemctl start kubelet kube-proxy
fi

if is node-02; then kubectl rollout status deployment/web --timeout=600s; fi

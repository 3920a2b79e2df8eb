# One host of a cluster by hand, as root: $1 its name, and beside this script in one directory what by-hand.ts has made: hosts (NAME ADDRESS GROUPS), pki/,
# mirror and version. No checks, no second run: as little as makes the same cluster, for a comparison of time.
set -e
me=$1 k=$(cat version) m=$(cat mirror)
at() { awk -v n="$1" '$1 == n { print $2 }' hosts; }
is() { grep -q "^$me .*$1" hosts; }
own=$(at "$me") api=$(awk '/control/ { print $2; exit }' hosts)
install -d /etc/kubernetes /opt/kubernetes /opt/etcd /opt/cni /var/lib/etcd /data/kubelet /data/containerd /etc/containerd /etc/cni/net.d
cp -r pki /etc/kubernetes/; chmod 600 /etc/kubernetes/pki/*-key.pem
get() { curl -sf "$m/$1" -o "$2"; }
bin() { for b; do get "release/v$k/bin/linux/amd64/$b" /opt/kubernetes/$b & done; wait; chmod 755 /opt/kubernetes/*; }
config() { # NAME SERVER
  cat >/etc/kubernetes/$1.kubeconfig <<EOF
{"apiVersion":"v1","kind":"Config","clusters":[{"name":"k","cluster":{"server":"https://$2:6443","certificate-authority":"/etc/kubernetes/pki/ca.pem"}}],
"users":[{"name":"u","user":{"client-certificate":"/etc/kubernetes/pki/$1.pem","client-key":"/etc/kubernetes/pki/$1-key.pem"}}],"contexts":[{"name":"c","context":{"cluster":"k","user":"u"}}],"current-context":"c"}
EOF
}
unit() { # NAME TYPE, and the command
  name=$1 type=$2; shift 2
  printf '[Unit]\nAfter=network-online.target\nStartLimitIntervalSec=0\n[Service]\nType=%s\nExecStart=%s\nRestart=always\nRestartSec=1s\nKillMode=process\nDelegate=yes\n[Install]\nWantedBy=multi-user.target\n' "$type" "$*" >/etc/systemd/system/$name.service
}
p=/etc/kubernetes/pki
(
  if is etcd; then
    d=/opt/etcd; get "etcd-io/etcd/releases/download/v3.4.23/etcd-v3.4.23-linux-amd64.tar.gz" etcd.tgz; tar xzf etcd.tgz -C $d --strip-components=1
    all=$(awk '/etcd/ { printf "%s%s=https://%s:2380", s, $1, $2; s = "," }' hosts); chmod 700 /var/lib/etcd
    unit etcd notify $d/etcd --name=$me --data-dir=/var/lib/etcd --listen-client-urls=https://$own:2379,https://127.0.0.1:2379 --advertise-client-urls=https://$own:2379 --listen-peer-urls=https://$own:2380 --initial-advertise-peer-urls=https://$own:2380 --initial-cluster=$all --cert-file=$p/host.pem --key-file=$p/host-key.pem --trusted-ca-file=$p/ca.pem --client-cert-auth=true --peer-cert-file=$p/host.pem --peer-key-file=$p/host-key.pem --peer-trusted-ca-file=$p/ca.pem --peer-client-cert-auth=true --heartbeat-interval=250 --election-timeout=2500
    systemctl daemon-reload; systemctl enable -q --now etcd
  fi
  if is control; then
    bin kube-apiserver kube-controller-manager kube-scheduler kubectl
    stores=$(awk '/etcd/ { printf "%shttps://%s:2379", s, $2; s = "," }' hosts)
    for each in kube-controller-manager kube-scheduler admin; do config $each $own; done
    unit kube-apiserver notify /opt/kubernetes/kube-apiserver --advertise-address=$own --secure-port=6443 --insecure-port=0 --etcd-servers=$stores --etcd-cafile=$p/ca.pem --etcd-certfile=$p/host.pem --etcd-keyfile=$p/host-key.pem --client-ca-file=$p/ca.pem --tls-cert-file=$p/host.pem --tls-private-key-file=$p/host-key.pem --kubelet-certificate-authority=$p/ca.pem --kubelet-client-certificate=$p/admin.pem --kubelet-client-key=$p/admin-key.pem --service-account-issuer=https://kubernetes.default.svc --service-account-key-file=$p/admin-key.pem --service-account-signing-key-file=$p/admin-key.pem --service-cluster-ip-range=10.96.0.0/16 --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true
    unit kube-controller-manager simple /opt/kubernetes/kube-controller-manager --kubeconfig=/etc/kubernetes/kube-controller-manager.kubeconfig --port=0 --cluster-cidr=10.244.0.0/16 --service-cluster-ip-range=10.96.0.0/16 --root-ca-file=$p/ca.pem --service-account-private-key-file=$p/admin-key.pem --use-service-account-credentials=true
    unit kube-scheduler simple /opt/kubernetes/kube-scheduler --kubeconfig=/etc/kubernetes/kube-scheduler.kubeconfig --port=0
    systemctl daemon-reload; systemctl enable -q --now kube-apiserver
    until /opt/kubernetes/kubectl --kubeconfig /etc/kubernetes/admin.kubeconfig get --raw /readyz >/dev/null 2>&1; do sleep 0.3; done
    systemctl enable -q --now kube-controller-manager kube-scheduler
  fi
) &
if is node; then
  place=$(awk -v n="$me" '/node$/ { if ($1 == n) print i; i++ }' i=0 hosts)
  cat >/etc/containerd/config.toml <<EOF
version = 2
[plugins."io.containerd.snapshotter.v1.overlayfs"]
root_path = "/data/containerd"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "k8s.gcr.io/pause:3.2"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/opt/cni"
conf_dir = "/etc/cni/net.d"
[plugins."io.containerd.grpc.v1.cri".registry]
config_path = "/etc/containerd/certs.d"
EOF
  for r in docker.io k8s.gcr.io; do install -d /etc/containerd/certs.d/$r; printf '[host."%s"]\n' "$m" >/etc/containerd/certs.d/$r/hosts.toml; done
  printf '{"cniVersion":"0.4.0","name":"pods","plugins":[{"type":"bridge","bridge":"cni0","isGateway":true,"hairpinMode":true,"ipam":{"type":"host-local","ranges":[[{"subnet":"10.244.%s.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]}},{"type":"portmap","capabilities":{"portMappings":true}}]}\n' "$place" >/etc/cni/net.d/10-pods.conflist
  (bin kubelet kube-proxy; get containernetworking/plugins/releases/download/v1.1.1/cni-plugins-linux-amd64-v1.1.1.tgz cni.tgz; tar xzf cni.tgz -C /opt/cni) &
  files=$!
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq; apt-get install -qq -y --no-install-recommends containerd iptables ethtool conntrack; } >/dev/null 2>&1
  wait $files; systemctl restart containerd
  awk '/node$/ { print $1, $2, i++ }' i=0 hosts | while read -r name address net; do [ "$name" = "$me" ] || ip route replace 10.244.$net.0/24 via "$address"; done
  echo 1 >/proc/sys/net/ipv4/ip_forward
  iptables -t nat -A POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE; iptables -I FORWARD -s 10.244.0.0/16 -j ACCEPT; iptables -I FORWARD -d 10.244.0.0/16 -j ACCEPT
  for each in kubelet kube-proxy; do config $each $api; done
  printf '{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration","authentication":{"anonymous":{"enabled":false},"x509":{"clientCAFile":"%s/ca.pem"}},"tlsCertFile":"%s/kubelet.pem","tlsPrivateKeyFile":"%s/kubelet-key.pem","cgroupDriver":"cgroupfs","failSwapOn":false,"nodeStatusUpdateFrequency":"4s"}\n' $p $p $p >/etc/kubernetes/kubelet.json
  printf '{"apiVersion":"kubeproxy.config.k8s.io/v1alpha1","kind":"KubeProxyConfiguration","clientConnection":{"kubeconfig":"/etc/kubernetes/kube-proxy.kubeconfig"},"clusterCIDR":"10.244.0.0/16","hostnameOverride":"%s","mode":"iptables","conntrack":{"maxPerCore":0}}\n' "$me" >/etc/kubernetes/kube-proxy.json
  unit kubelet simple /opt/kubernetes/kubelet --config=/etc/kubernetes/kubelet.json --kubeconfig=/etc/kubernetes/kubelet.kubeconfig --root-dir=/data/kubelet --hostname-override=$me --node-ip=$own --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock
  unit kube-proxy simple /opt/kubernetes/kube-proxy --config=/etc/kubernetes/kube-proxy.json
  systemctl daemon-reload; systemctl enable -q --now kubelet kube-proxy
fi
wait

import { PKI, type Member } from '../cluster.ts'
import { CONF } from '../control-plane/control-plane-options.ts'
import type { Traits } from '../versions.ts'

export interface KubeletSettings {
  readonly clusterDomain: string
  readonly dns: string
  readonly cgroupDriver: 'systemd' | 'cgroupfs'
  readonly disableCgroups: boolean
  readonly kubeletDirectory: string
  readonly statusEvery: number
  readonly maxPods: number
  readonly reserved: Readonly<Record<string, string>>
  readonly kubelet: Readonly<Record<string, unknown>>
  readonly labels: Readonly<Record<string, string>>
  readonly verbosity: number
}

const socket = 'unix:///run/containerd/containerd.sock'

/**
 * What the kubelet reads with `--config`. JSON is YAML.
 *
 * Source: kubernetes.io, "Kubelet Configuration (v1beta1)".
 */
export function kubeletConfig(vars: KubeletSettings, traits: Traits): string {
  const config = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${PKI}/ca.pem` },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${PKI}/kubelet.pem`,
    tlsPrivateKeyFile: `${PKI}/kubelet-key.pem`,
    clusterDomain: vars.clusterDomain,
    clusterDNS: [vars.dns],
    cgroupDriver: vars.cgroupDriver,
    failSwapOn: false,
    nodeStatusUpdateFrequency: `${vars.statusEvery}s`,
    maxPods: vars.maxPods,
    readOnlyPort: 0,
    ...(Object.keys(vars.reserved).length > 0 ? { systemReserved: vars.reserved } : {}),
    ...(traits.runtimeFlags ? {} : { containerRuntimeEndpoint: socket }),
    ...(traits.failCgroupV1 ? { failCgroupV1: false } : {}),
    ...(vars.disableCgroups ? { cgroupsPerQOS: false, enforceNodeAllocatable: [] } : {}),
    ...vars.kubelet,
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

/**
 * The kubelet's command line: what its configuration cannot say.
 *
 * Source: kubernetes.io, "kubelet".
 */
export function kubeletOptions(vars: KubeletSettings, traits: Traits, { name, address }: Member): string[] {
  const labels = Object.entries(vars.labels).map(([key, value]) => `${key}=${value}`)
  return [
    `--config=${CONF}/kubelet.json`,
    `--kubeconfig=${CONF}/kubelet.kubeconfig`,
    `--root-dir=${vars.kubeletDirectory}`,
    `--hostname-override=${name}`,
    `--node-ip=${address}`,
    ...(traits.runtimeFlags ? ['--container-runtime=remote', `--container-runtime-endpoint=${socket}`] : []),
    ...(labels.length > 0 ? [`--node-labels=${labels.join(',')}`] : []),
    `--v=${vars.verbosity}`,
  ]
}

/**
 * What kube-proxy reads with `--config`.
 *
 * Source: kubernetes.io, "kube-proxy Configuration (v1alpha1)".
 */
export function proxyConfig(
  podNetwork: string,
  { name }: Pick<Member, 'name'>,
  more: Readonly<Record<string, unknown>>,
): string {
  const config = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: `${CONF}/kube-proxy.kubeconfig` },
    clusterCIDR: podNetwork,
    hostnameOverride: name,
    mode: 'iptables',
    ...more,
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

/**
 * Addresses of Pods: a bridge on the node, an address out of the node's network, ports of the host.
 *
 * Source: cni.dev, bridge, host-local, portmap.
 */
export function networkConfig(subnet: string): string {
  const config = {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        hairpinMode: true,
        ipam: { type: 'host-local', ranges: [[{ subnet }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

export interface ContainerdSettings {
  readonly pause: string
  readonly root: string
  readonly snapshots: string
  readonly plugins: string
  readonly systemdCgroup: boolean
  readonly restrictOomScoreAdj: boolean
  readonly disableCgroups: boolean
  /** 2 of containerd 1.x, 3 of containerd 2.x. */
  readonly version: 2 | 3
}

/**
 * The one config.toml of containerd, for Docker and the kubelet alike.
 *
 * Source: containerd, docs/cri/config.md and docs/snapshotters/README.md (`root_path`).
 */
export function containerdConfig(vars: ContainerdSettings): string {
  const text = (value: string) => JSON.stringify(value)
  const runc = `SystemdCgroup = ${vars.systemdCgroup}`
  const head = `# Made by the role kube-node: containerd for Docker and the kubelet.
version = ${vars.version}
root = ${text(vars.root)}
disabled_plugins = []

[plugins."io.containerd.snapshotter.v1.overlayfs"]
root_path = ${text(vars.snapshots)}
`
  return vars.version === 2
    ? `${head}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${text(vars.pause)}
  restrict_oom_score_adj = ${vars.restrictOomScoreAdj}
  disable_cgroup = ${vars.disableCgroups}
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${text(vars.plugins)}
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/etc/containerd/certs.d"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      ${runc}
`
    : `${head}
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = ${text(vars.pause)}
[plugins."io.containerd.cri.v1.images".registry]
  config_path = "/etc/containerd/certs.d"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = ${vars.restrictOomScoreAdj}
  disable_cgroup = ${vars.disableCgroups}
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = [${text(vars.plugins)}]
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
      ${runc}
`
}

/** Where an image of a registry is fetched instead: hosts.toml of its directory in certs.d. */
export function registryHosts(registry: string, endpoints: readonly string[]): string {
  const server = registry === 'docker.io' ? 'https://registry-1.docker.io' : `https://${registry}`
  const hosts = endpoints.map((url) => `\n[host.${JSON.stringify(url)}]\n  capabilities = ["pull", "resolve"]\n`)
  return `server = ${JSON.stringify(server)}\n${hosts.join('')}`
}

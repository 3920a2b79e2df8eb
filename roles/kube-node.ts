import { archive, dir, exec, file, kernelModule, pkg, role, service, sh, sysctl, unit, z } from 'rolecall'
import { binaries, binaryDirectory } from './kubernetes/binaries.ts'
import { apiUrl, archOf, cluster, clusterOf, dnsAddress, PKI, podNetworkOf } from './kubernetes/cluster.ts'
import { CONF } from './kubernetes/control-plane/control-plane-options.ts'
import { hostsBlock } from './kubernetes/hosts-block.ts'
import { registries, releasedRuntime } from './kubernetes/node/container-runtime.ts'
import { kubeconfig } from './kubernetes/pki/kubeconfig.ts'
import {
  containerdConfig,
  kubeletConfig,
  kubeletOptions,
  networkConfig,
  proxyConfig,
} from './kubernetes/node/node-files.ts'
import { podNetwork } from './kubernetes/node/pod-network.ts'
import { runtimeFault, traitsOf } from './kubernetes/versions.ts'

const Runtime = z.discriminatedUnion('kind', [
  /** The package that Docker brings too: `containerd` on the Debian family, `containerd.io` elsewhere. */
  z.strictObject({ kind: z.literal('package'), names: z.array(z.string().min(1)).min(1).optional() }),
  /** Releases of containerd and runc. */
  z.strictObject({ kind: z.literal('release'), version: z.string().optional(), runc: z.string().default('1.1.5') }),
])

/** What the kubelet, kube-proxy and the fetching of binaries take. */
const TOOLS = ['curl', 'iptables', 'ethtool']

const vars = z.object({
  ...cluster,
  /** Where containerd comes from. Default: the package on the Debian family, releases elsewhere. */
  runtime: Runtime.optional(),
  /** The release of the network plugins. */
  plugins: z.string().default('1.1.1'),
  /**
   * What containerd knows of its containers. Docker's containers are known there, too, and are lost when another directory takes its place: leave it
   * as it is where Docker is at work.
   */
  containerdDirectory: z.string().startsWith('/').default('/var/lib/containerd'),
  /** Where file systems of the nodes' containers are. Docker's stand in Docker's own directory. */
  snapshotDirectory: z.string().startsWith('/').default('/data/containerd'),
  /** Where the kubelet keeps volumes. */
  kubeletDirectory: z.string().startsWith('/').default('/data/kubelet'),
  /** Who sets up control groups: systemd, where it has them, or runc itself. */
  cgroupDriver: z.enum(['systemd', 'cgroupfs']).default('systemd'),
  /** For hosts without CAP_SYS_RESOURCE, such as containers. */
  restrictOomScoreAdj: z.boolean().default(false),
  /** Containers get no control groups and no limits: for hosts whose groups have no controllers. */
  disableCgroups: z.boolean().default(false),
  /** Where images of a registry are fetched instead: `{ docker.io: [https://mirror.example] }`. */
  mirrors: z.record(z.string(), z.array(z.url()).min(1)).default({}),
  /** Seconds between two words of the kubelet to the API server. */
  statusEvery: z.int().min(1).default(4),
  maxPods: z.int().min(1).max(250).default(110),
  /** What is kept for the system: `{ cpu: 200m, memory: 256Mi }`. */
  reserved: z.record(z.string(), z.string()).default({}),
  labels: z.record(z.string(), z.string()).default({}),
  /** Further keys of the kubelet's and kube-proxy's configurations. They win. */
  kubelet: z.record(z.string(), z.unknown()).default({}),
  proxy: z.record(z.string(), z.unknown()).default({}),
  verbosity: z.int().min(0).max(10).default(1),
})

/**
 * Chapter 5.2: a node, with containerd, the network of Pods, the kubelet and kube-proxy.
 *
 * - Beside the Docker engine of chapter 6.4 there is one containerd with one configuration for both.
 * - The role sets up and starts. What runs already and has changed is restarted by kube-node-rollout, one node at a time, drained.
 */
export default role({
  name: 'kube-node',
  about: 'containerd, network of Pods, kubelet and kube-proxy (chapter 5.2)',
  tags: ['kube-node'],
  vars,

  async apply({ ensure, exists, host, site, vars }) {
    const traits = traitsOf(vars.kubernetesVersion)
    const nodes = site.hosts('kube_nodes')
    const place = nodes.findIndex(({ name }) => name === host.name)
    const directory = binaryDirectory(vars.kubernetesVersion)
    const plugins = `/opt/cni/v${vars.plugins}`
    const arch = archOf(host.arch)
    const pluginsAt = `${vars.githubDownloads}/containernetworking/plugins/releases/download/v${vars.plugins}/cni-plugins-linux-${arch}-v${vars.plugins}.tgz`
    const runtime = vars.runtime ?? {
      kind: host.os.family === 'debian' ? ('package' as const) : ('release' as const),
      runc: '1.1.5',
    }
    const version =
      runtime.kind === 'release'
        ? (('version' in runtime ? runtime.version : undefined) ?? traits.containerd)
        : traits.containerd
    const fault = runtime.kind === 'release' ? runtimeFault(version, traits) : undefined
    if (fault !== undefined) throw new Error(`kubernetesVersion ${vars.kubernetesVersion}: ${fault}`)

    const config = file('/etc/containerd/config.toml', {
      content: containerdConfig({
        pause: traits.images.pause,
        root: vars.containerdDirectory,
        snapshots: vars.snapshotDirectory,
        plugins,
        systemdCgroup: vars.cgroupDriver === 'systemd',
        restrictOomScoreAdj: vars.restrictOomScoreAdj,
        disableCgroups: vars.disableCgroups,
        version: version.startsWith('2.') ? 3 : 2,
      }),
      // Before the first containerd there is nobody to ask.
      validate: sh`! command -v containerd >/dev/null || containerd --config "$candidate" config dump >/dev/null`,
    })
    const snapshots = `${vars.containerdDirectory}/io.containerd.snapshotter.v1.overlayfs`
    const settings = { ...vars, dns: dnsAddress(vars.serviceNetwork) }
    // A kernel may have it built in, and there is no module then.
    const isBridged = await exists('/proc/sys/net/bridge/bridge-nf-call-iptables')
    await ensure(
      // Before containerd, whose first start is then the right one.
      dir('/etc/containerd'),
      config,
      registries(vars.mirrors),
      dir('/etc/cni/net.d'),
      pkg(host.pick({ debian: [...TOOLS, 'iproute2', 'conntrack'], el: [...TOOLS, 'iproute', 'conntrack-tools'] })),
      runtime.kind === 'package'
        ? pkg(
            ('names' in runtime ? runtime.names : undefined) ?? [
              host.os.family === 'debian' ? 'containerd' : 'containerd.io',
            ],
          )
        : releasedRuntime(vars.githubDownloads, version, runtime.runc, arch),
      // The kubelet asks how full this one is, wherever the file systems are.
      exec('snapshots of containerd', {
        run: sh`umask 077; mkdir -p ${snapshots}`,
        creates: snapshots,
        effects: [],
      }),
      service('containerd', { running: true, enabled: true }),
      kernelModule('br_netfilter', { now: !isBridged }),
      sysctl('net.ipv4.ip_forward', 1),
      sysctl('net.bridge.bridge-nf-call-iptables', 1),
      hostsBlock(vars, site.hosts('control_plane')),
      dir('/opt/cni'),
      archive(plugins, { source: pluginsAt, sha256: { source: `${pluginsAt}.sha256` } }),
      file('/etc/cni/net.d/10-pods.conflist', { content: networkConfig(podNetworkOf(vars.podNetwork, place)) }),
      podNetwork(vars.podNetwork, nodes, host.name),
      dir('/opt/kubernetes'),
      binaries(['kubelet', 'kube-proxy'], clusterOf(vars), host),
      dir(vars.kubeletDirectory, { mode: '0750' }),
      kubeconfig(`${CONF}/kubelet.kubeconfig`, { server: apiUrl(vars), certificate: 'kubelet' }),
      kubeconfig(`${CONF}/kube-proxy.kubeconfig`, { server: apiUrl(vars), certificate: 'kube-proxy' }),
      file(`${CONF}/kubelet.json`, { content: kubeletConfig(settings, traits) }),
      file(`${CONF}/kube-proxy.json`, { content: proxyConfig(vars.podNetwork, host, vars.proxy) }),
      unit('kubelet', {
        sections: {
          Unit: {
            Description: 'Kubernetes: kubelet',
            After: 'network-online.target containerd.service',
            Wants: 'network-online.target',
            Requires: 'containerd.service',
            StartLimitIntervalSec: '0',
          },
          Service: {
            ExecStart: [`${directory}/kubelet`, ...kubeletOptions(settings, traits, host)].join(' '),
            Restart: 'always',
            RestartSec: '2s',
            KillMode: 'process',
            Delegate: true,
          },
          Install: { WantedBy: 'multi-user.target' },
        },
      }),
      unit('kube-proxy', {
        sections: {
          Unit: {
            Description: 'Kubernetes: kube-proxy',
            After: 'network-online.target',
            Wants: 'network-online.target',
            StartLimitIntervalSec: '0',
          },
          Service: {
            ExecStart: `${directory}/kube-proxy --config=${CONF}/kube-proxy.json --v=${vars.verbosity}`,
            Restart: 'always',
            RestartSec: '2s',
          },
          Install: { WantedBy: 'multi-user.target' },
        },
      }),
      service('kubelet', { running: true, enabled: true }),
      service('kube-proxy', { running: true, enabled: true }),
    )
  },

  async verify({ $, expect, host, site, vars }) {
    const [controller] = site.hosts('control_plane')
    const url = `https://${controller?.address ?? ''}:${vars.apiPort}/api/v1/nodes/${host.name}`
    const pki = ['--cacert', `${PKI}/ca.pem`, '--cert', `${PKI}/kubelet.pem`, '--key', `${PKI}/kubelet-key.pem`]
    const told = await $.read`curl -sf ${pki} ${url}`.nothrow()
    const node = Node.safeParse(told.exitCode === 0 ? JSON.parse(told.stdout) : undefined)
    expect(
      node.data?.status.conditions.find(({ type }) => type === 'Ready')?.status,
      `the node ${host.name} is ready`,
    ).toBe('True')
    expect(node.data?.status.nodeInfo.kubeletVersion, 'the version of the kubelet').toBe(`v${vars.kubernetesVersion}`)
    expect((await $.read`systemctl is-active kube-proxy`.nothrow()).stdout.trim(), 'kube-proxy').toBe('active')
  },
})

const Node = z.object({
  status: z.object({
    conditions: z.array(z.object({ type: z.string(), status: z.string() })),
    nodeInfo: z.object({ kubeletVersion: z.string() }),
  }),
})

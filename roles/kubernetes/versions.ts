import { z } from 'rolecall'

export const Version = z.string().regex(/^1\.\d+\.\d+$/, 'a release of Kubernetes without its v, such as 1.20.2')

/** What differs between releases, for what these roles write. Each entry says from which minor release on it is so. */
export interface Traits {
  readonly minor: number
  /** `--container-runtime=remote` and `--container-runtime-endpoint` are flags of the kubelet; from 1.27 on the endpoint stands in its configuration. */
  readonly runtimeFlags: boolean
  /** The API server takes `--insecure-port=0`, the controller manager and the scheduler `--port=0`; gone with 1.24. */
  readonly insecurePortFlags: boolean
  /** The kubelet refuses version 1 of control groups unless `failCgroupV1` is false: 1.35. The key is known since 1.31. */
  readonly failCgroupV1: boolean
  /** How the container runtime is spoken to. v1alpha2 alone until 1.22, both until 1.25, v1 alone from 1.26 on. */
  readonly cri: readonly ('v1alpha2' | 'v1')[]
  readonly cronJob: 'batch/v1beta1' | 'batch/v1'
  readonly autoscaler: 'autoscaling/v2beta2' | 'autoscaling/v2'
  readonly disruptionBudget: 'policy/v1beta1' | 'policy/v1'
  /** A service account has a Secret with a token by itself; gone with 1.24. */
  readonly tokenSecrets: boolean
  /** The label and the taint of a host of the control plane on which a kubelet is at work, too. */
  readonly controlPlaneLabel: 'node-role.kubernetes.io/master' | 'node-role.kubernetes.io/control-plane'
  readonly images: Images
  readonly etcd: string
  readonly containerd: string
}

/** Images that go with a release, as its own documentation and kubeadm name them. */
export interface Images {
  readonly pause: string
  readonly coredns: string
  readonly metricsServer: string
  readonly ingress: string
}

/** Releases that have been run with these roles. Others are written from the documentation of Kubernetes. */
export const RUN = ['1.20']

/** The oldest release that these roles know. */
const OLDEST = 20

const pauses: readonly (readonly [number, string])[] = [
  [34, '3.10.1'],
  [31, '3.10'],
  [26, '3.9'],
  [25, '3.8'],
  [24, '3.7'],
  [23, '3.6'],
  [22, '3.5'],
  [21, '3.4.1'],
  [0, '3.2'],
]

const corednses: readonly (readonly [number, string])[] = [
  [35, 'coredns/coredns:v1.13.1'],
  [34, 'coredns/coredns:v1.12.1'],
  [33, 'coredns/coredns:v1.12.0'],
  [31, 'coredns/coredns:v1.11.3'],
  [29, 'coredns/coredns:v1.11.1'],
  [27, 'coredns/coredns:v1.10.1'],
  [25, 'coredns/coredns:v1.9.3'],
  [23, 'coredns/coredns:v1.8.6'],
  [22, 'coredns/coredns:v1.8.4'],
  [21, 'coredns/coredns:v1.8.0'],
  [0, 'coredns:1.7.0'],
]

/** Each with the oldest release that its own table of supported releases names. */
const ingresses: readonly (readonly [number, string])[] = [
  [31, 'v1.15.1'],
  [30, 'v1.14.5'],
  [28, 'v1.12.8'],
  [26, 'v1.11.8'],
  [25, 'v1.9.6'],
  [24, 'v1.8.4'],
  [23, 'v1.6.4'],
  [0, 'v1.1.1'],
]

/** From 3.5 to 3.6 the members must be of 3.5.26 or later, or members that were removed come back. */
const etcds: readonly (readonly [number, string])[] = [
  [34, '3.6.6'],
  [22, '3.5.26'],
  [0, '3.4.23'],
]

/** 1.35 is the last release that works with containerd 1. */
const containerds: readonly (readonly [number, string])[] = [
  [36, '2.1.5'],
  [26, '1.7.28'],
  [0, '1.6.20'],
]

const from = <T>(minor: number, list: readonly (readonly [number, T])[]): T => {
  const found = list.find(([first]) => minor >= first)
  if (found === undefined) throw new Error(`nothing is known of 1.${minor}`)
  return found[1]
}

/**
 * What a release is like. Pure, so that it is tested as a table.
 *
 * Sources: the change logs of 1.21 to 1.35, "Deprecated API Migration Guide", "Changing the container runtime", kubeadm's constants.go, the tables of supported
 * releases of ingress-nginx and metrics-server, etcd's "Avoiding Zombie Cluster Members When Upgrading to etcd v3.6", containerd's RELEASES.md.
 */
export function traitsOf(version: string): Traits {
  const minor = Number(Version.parse(version).split('.')[1])
  if (minor < OLDEST) throw new Error(`kubernetesVersion ${version}: these roles know 1.${OLDEST} and later`)
  const registry = minor >= 25 ? 'registry.k8s.io' : 'k8s.gcr.io'
  return {
    minor,
    runtimeFlags: minor < 27,
    insecurePortFlags: minor < 24,
    failCgroupV1: minor >= 31,
    cri: minor < 23 ? ['v1alpha2'] : minor < 26 ? ['v1alpha2', 'v1'] : ['v1'],
    cronJob: minor < 21 ? 'batch/v1beta1' : 'batch/v1',
    autoscaler: minor < 23 ? 'autoscaling/v2beta2' : 'autoscaling/v2',
    disruptionBudget: minor < 21 ? 'policy/v1beta1' : 'policy/v1',
    tokenSecrets: minor < 24,
    controlPlaneLabel: minor < 24 ? 'node-role.kubernetes.io/master' : 'node-role.kubernetes.io/control-plane',
    images: {
      pause: `${registry}/pause:${from(minor, pauses)}`,
      coredns: `${registry}/${from(minor, corednses)}`,
      metricsServer: `${registry}/metrics-server/metrics-server:${minor < 25 ? 'v0.5.2' : 'v0.7.2'}`,
      ingress: `${registry}/ingress-nginx/controller:${from(minor, ingresses)}`,
    },
    etcd: from(minor, etcds),
    containerd: from(minor, containerds),
  }
}

/** The order in which releases may follow one another: the same, or one minor release further. Undefined where an upgrade is allowed. */
export function upgradeFault(running: string, wanted: string): string | undefined {
  const [from, to] = [running, wanted].map((version) => version.split('.').map(Number))
  const [, minor = 0] = from ?? []
  const [, nextMinor = 0] = to ?? []
  if (nextMinor > minor + 1)
    return `${running} cannot become ${wanted} at once: the control plane takes one minor release at a time, so 1.${minor + 1} comes first`
  if (nextMinor < minor)
    return `${running} cannot go back to ${wanted}: what the API server has stored is of the later release`
  return undefined
}

/**
 * Why a release of containerd does not serve this release of Kubernetes; undefined where it does. v1 of the interface is served since 1.6, v1alpha2 until 1.7.
 */
export function runtimeFault(containerd: string, { minor, cri }: Traits): string | undefined {
  const [major = 0, second = 0] = containerd.split('.').map(Number)
  if (major >= 2 && !cri.includes('v1'))
    return `the kubelet of 1.${minor} speaks v1alpha2 to its runtime, which containerd ${containerd} has no more: the last is 1.7`
  if (major === 1 && second < 6 && !cri.includes('v1alpha2'))
    return `the kubelet of 1.${minor} speaks v1 to its runtime, which containerd has since 1.6: ${containerd} is too old`
  if (major === 1 && minor >= 36)
    return `1.35 is the last release that works with containerd 1: ${containerd} is too old`
  return undefined
}

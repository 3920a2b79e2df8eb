import { PKI, type Cluster, type Member } from '../cluster.ts'
import type { Traits } from '../versions.ts'

export interface ControlPlaneSettings extends Cluster {
  readonly nodePorts: string
  readonly nodeMonitorGracePeriod: number
  readonly evictAfter: number
  readonly autoscalerPeriod: number
  readonly scaleDownAfter: number
  readonly verbosity: number
  readonly audit?: Audit | undefined
  readonly options: Readonly<Record<'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler', readonly string[]>>
}

/** What is noted of requests to the API, and how long. */
export interface Audit {
  readonly rules: readonly Readonly<Record<string, unknown>>[]
  readonly log: string
  readonly days: number
  readonly files: number
  readonly megabytes: number
}

export const AUDIT_POLICY = '/etc/kubernetes/audit-policy.json'

/**
 * Source: kubernetes.io, "Auditing".
 */
export const auditPolicy = ({ rules }: Audit): string =>
  `${JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules }, null, 2)}\n`

const auditOptions = ({ log, days, files, megabytes }: Audit): string[] => [
  `--audit-policy-file=${AUDIT_POLICY}`,
  `--audit-log-path=${log}`,
  `--audit-log-maxage=${days}`,
  `--audit-log-maxbackup=${files}`,
  `--audit-log-maxsize=${megabytes}`,
]

const pem = (name: string): string => `${PKI}/${name}.pem`
const key = (name: string): string => `${PKI}/${name}-key.pem`
export const CONF = '/etc/kubernetes'
/** Where the public halves of the keys are that sign tokens of service accounts: one for each host of the control plane. */
export const serviceAccountFile = (host: string): string => `${PKI}/service-account-${host}.pem`

/**
 * Source: kubernetes.io, "kube-apiserver"; "Configure the Aggregation Layer"; "Service Account Token Volume Projection".
 */
export function apiServer(
  vars: ControlPlaneSettings,
  traits: Traits,
  host: Member,
  etcd: readonly string[],
  controllers: readonly Member[],
  encryption: string | undefined,
): string[] {
  return [
    `--advertise-address=${host.address}`,
    `--secure-port=${vars.apiPort}`,
    ...(traits.insecurePortFlags ? ['--insecure-port=0'] : []),
    `--etcd-servers=${etcd.join(',')}`,
    `--etcd-cafile=${pem('etcd-ca')}`,
    `--etcd-certfile=${pem('apiserver-etcd-client')}`,
    `--etcd-keyfile=${key('apiserver-etcd-client')}`,
    `--client-ca-file=${pem('ca')}`,
    `--tls-cert-file=${pem('kube-apiserver')}`,
    `--tls-private-key-file=${key('kube-apiserver')}`,
    `--kubelet-certificate-authority=${pem('ca')}`,
    `--kubelet-client-certificate=${pem('apiserver-kubelet-client')}`,
    `--kubelet-client-key=${key('apiserver-kubelet-client')}`,
    '--kubelet-preferred-address-types=InternalIP,Hostname',
    `--service-account-issuer=https://kubernetes.default.svc.${vars.clusterDomain}`,
    ...controllers.map(({ name }) => `--service-account-key-file=${serviceAccountFile(name)}`),
    `--service-account-signing-key-file=${key('service-account')}`,
    ...(encryption === undefined ? [] : [`--encryption-provider-config=${encryption}`]),
    ...(vars.audit === undefined ? [] : auditOptions(vars.audit)),
    `--service-cluster-ip-range=${vars.serviceNetwork}`,
    `--service-node-port-range=${vars.nodePorts}`,
    '--anonymous-auth=false',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    '--profiling=false',
    `--requestheader-client-ca-file=${pem('front-proxy-ca')}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-username-headers=X-Remote-User',
    `--proxy-client-cert-file=${pem('front-proxy-client')}`,
    `--proxy-client-key-file=${key('front-proxy-client')}`,
    // No kube-proxy runs here: what extends the API is reached by the addresses of its Pods.
    '--enable-aggregator-routing=true',
    `--default-not-ready-toleration-seconds=${vars.evictAfter}`,
    `--default-unreachable-toleration-seconds=${vars.evictAfter}`,
    `--v=${vars.verbosity}`,
    ...vars.options['kube-apiserver'],
  ]
}

const inner = (name: string, { insecurePortFlags }: Traits) => [
  `--kubeconfig=${CONF}/${name}.kubeconfig`,
  `--authentication-kubeconfig=${CONF}/${name}.kubeconfig`,
  `--authorization-kubeconfig=${CONF}/${name}.kubeconfig`,
  '--leader-elect=true',
  '--bind-address=127.0.0.1',
  '--profiling=false',
  ...(insecurePortFlags ? ['--port=0'] : []),
]

/**
 * Source: kubernetes.io, "kube-controller-manager".
 */
export function controllerManager(vars: ControlPlaneSettings, traits: Traits): string[] {
  return [
    ...inner('kube-controller-manager', traits),
    '--allocate-node-cidrs=false',
    `--cluster-cidr=${vars.podNetwork}`,
    `--service-cluster-ip-range=${vars.serviceNetwork}`,
    `--root-ca-file=${pem('ca')}`,
    `--service-account-private-key-file=${key('service-account')}`,
    '--use-service-account-credentials=true',
    `--node-monitor-grace-period=${vars.nodeMonitorGracePeriod}s`,
    // A sign of life counts from the look that finds it, and its lack is found by a look: with Kubernetes' own 5 s a node was lost after 27 s, not 16 s.
    '--node-monitor-period=2s',
    `--horizontal-pod-autoscaler-sync-period=${vars.autoscalerPeriod}s`,
    `--horizontal-pod-autoscaler-downscale-stabilization=${vars.scaleDownAfter}s`,
    `--v=${vars.verbosity}`,
    ...vars.options['kube-controller-manager'],
  ]
}

/**
 * Source: kubernetes.io, "kube-scheduler".
 */
export function scheduler(vars: ControlPlaneSettings, traits: Traits): string[] {
  return [...inner('kube-scheduler', traits), `--v=${vars.verbosity}`, ...vars.options['kube-scheduler']]
}

import { resolve } from 'node:path'
import company from '../../examples/company/playbooks/site.ts'
import type { Playbook } from '../../lib/index.ts'
import type { Lab } from '../../lib/lab/lab.ts'
import type { EnsuredResource } from './ensured-resources.ts'
import kubernetes from '../../playbooks/kubernetes.ts'
import site from '../../playbooks/site.ts'
import type { Drift } from './drifts.ts'

/** A playbook whose check is measured, and what of its hosts is its own. */
export interface Measured {
  readonly name: string
  readonly playbook: Playbook
  /** A project of its own with a lab of its own; otherwise the repository's own. */
  readonly project?: OwnProject
  /** How many drifts a run has when no number is given. */
  readonly usual: number
  /** How many things drift on one host in a round: many at once, because a round takes about as long for one as for many. */
  readonly drifts: readonly [least: number, most: number]
  readonly canHappen: (asked: EnsuredResource, drift: Drift) => boolean
  /** Whether the packages that drift may remove are kept in each host's cache. */
  readonly keepsPackages: boolean
  /** The share of resources that check may call unknown: on bare hosts, and on hosts that drifted. */
  readonly unknown: { readonly fresh: number; readonly drifted: number }
  /** What of bare hosts apply tells beside check, as `host role resource: ...`. */
  readonly toldLater: RegExp | undefined
  /** What a host changes by itself, beside EXCEPTIONS of the snapshot, and why. */
  readonly changesByItself: Readonly<Record<string, string>>
  /** What is made anew with another content, as an extended regular expression of paths. */
  readonly madeAnew: readonly string[]
}

/** A project other than the repository's own. */
export interface OwnProject {
  readonly directory: string
  /** As in `rolecall lab up --family`. */
  readonly family: string
  readonly playbook: string
  readonly inventories: readonly string[]
  /** Arguments of `-e`. */
  readonly extra: (lab: Lab) => readonly string[]
}

const theSite: Measured = {
  name: 'site',
  playbook: site,
  usual: 200,
  drifts: [3, 7],
  canHappen: () => true,
  keepsPackages: true,
  unknown: { fresh: 0.02, drifted: 0 },
  toldLater: undefined,
  changesByItself: {},
  madeAnew: [],
}

/** What drifts of a cluster: what its own roles lay. Packages and accounts are the site's matter. */
const CLUSTER_KINDS = [
  'file',
  'unit',
  'link',
  'service',
  'privateKey',
  'certificateRequest',
  'timer',
  'dir',
  'kubeObject',
]

/** Sorts that a kind repairs, where these are not all. What is in a directory that is moved away is lost, which no role brings back. */
const CLUSTER_SORTS: Readonly<Record<string, readonly string[]>> = { dir: ['mode'] }

/** What a role refuses to replace is for a person: the site's rounds have that. */
export function happensToCluster(
  { resource: { kind } }: Pick<EnsuredResource, 'resource'>,
  { mend, sort }: Drift,
): boolean {
  return mend === undefined && CLUSTER_KINDS.includes(kind) && (CLUSTER_SORTS[kind]?.includes(sort) ?? true)
}

const theCluster: Measured = {
  name: 'kubernetes',
  playbook: kubernetes,
  usual: 20,
  drifts: [1, 3],
  canHappen: happensToCluster,
  keepsPackages: false,
  unknown: { fresh: 0.05, drifted: 0.05 },
  // The roles that restart changed components leave out of a check what does not run yet; apply comes to it, and finds it as wanted.
  toldLater: /-rollout service:.*: check said nothing, apply did ok$/,
  changesByItself: {
    '/var/lib/etcd': 'the data of etcd',
    '/var/backups/etcd': 'snapshots of etcd, by their timer',
    '/data/kubelet': 'Pods, which come and go',
    '/data/containerd': 'layers of images, and what containers write',
    '/var/lib/cni': 'addresses of Pods',
    '/run/netns': 'networks of Pods',
    '/root/.kube/cache': 'what kubectl remembers of the API, for ten minutes',
    '/run/xtables.lock': 'when kube-proxy last wrote rules',
  },
  madeAnew: ['/(etc/kubernetes|etc/etcd)/pki/.*', '/etc/kubernetes/encryption[.]json', '/opt/certs/.*'],
}

const COMPANY = resolve(import.meta.dirname, '../../examples/company')

/** Packages that may go and come again, while the lab still gets in by ssh and sudo. */
const COMPANY_PACKAGES = ['nginx', 'curl', 'git', 'logrotate', 'nftables']

/** Files that decide who gets in: with broken ones the lab itself would be locked out. */
const COMPANY_ACCESS = ['sudoers', 'sshdConfig']

const COMPANY_CONTENTS = ['timezone', 'iniFile', 'keyValue', 'sshdConfig']

export function happensToCompany({ host, resource: { kind } }: EnsuredResource, { thing, sort }: Drift): boolean {
  if (kind === 'pkg') return host.startsWith('web') && COMPANY_PACKAGES.includes(thing)
  // A cluster of PostgreSQL that lost a file is for a person.
  if (kind === 'exec') return false
  // These roles say what is in the file, not who owns it.
  if (COMPANY_CONTENTS.includes(kind) && ['mode', 'owner'].includes(sort)) return false
  // pam_limits(8) lets nobody in while it cannot open a file of limits.d.
  if (kind === 'limits' && ['symbolic link', 'directory'].includes(sort)) return false
  if (COMPANY_ACCESS.includes(kind)) return ['mode', 'owner', 'leftover'].includes(sort)
  return !/^(ssh|sshd|systemd-journald)[.]service$/.test(thing)
}

const theCompany: Measured = {
  name: 'company',
  playbook: company,
  project: {
    directory: COMPANY,
    family: 'el:db-01',
    playbook: 'site',
    inventories: ['inventory', 'lab/hosts.yml'],
    extra: (lab) => [`release.source=http://${lab.gateway}:8081/app.git`],
  },
  usual: 60,
  drifts: [3, 7],
  canHappen: happensToCompany,
  keepsPackages: false,
  unknown: { fresh: 0.02, drifted: 0 },
  toldLater: undefined,
  changesByItself: {
    '/var/lib/postgresql': 'the data of PostgreSQL',
    '/var/lib/pgsql': 'the data of PostgreSQL',
    '/run/postgresql': 'the sockets of PostgreSQL',
    '/srv/app/.git': 'the bookkeeping of git',
    '/root/.rpmdb': 'the database of rpm, which a query opens for writing',
    '/usr/share/rolecall-lab': 'the packages of the stand-in for a Red Hat mirror',
  },
  // Accounts are compared one by one: a group that is made again comes last.
  madeAnew: ['/srv/tls/.*', '/etc/g?shadow', '/etc/(group|passwd)'],
}

const all = [theSite, theCluster, theCompany]

/** The measured playbook of that name. */
export function measured(name: string): Measured {
  const found = all.find((each) => each.name === name)
  if (found === undefined) throw new Error(`expected one of ${all.map((each) => each.name).join(', ')}, got ${name}`)
  return found
}

import { archive, dir, file, link, pkg, role, service, timer, unit, waitFor, z } from 'rolecall'
import { archOf, cluster } from './kubernetes/cluster.ts'
import { etcdctl, etcdOptions, firstStart } from './kubernetes/control-plane/etcd-options.ts'
import { memberAdded } from './etcd/member.ts'
import { traitsOf } from './kubernetes/versions.ts'

const FIRST_START = '/etc/etcd/first-start.env'

const vars = z.object({
  ...cluster,
  /** The release of etcd. Default: the one that goes with the release of Kubernetes. */
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/)
    .optional(),
  dataDirectory: z.string().startsWith('/').default('/var/lib/etcd'),
  clientPort: z.int().default(2379),
  peerPort: z.int().default(2380),
  /** `--auto-compaction-retention`: how much history is kept. Kubernetes compacts by itself every five minutes. */
  compaction: z.string().default('0'),
  /** Bytes that the database may have: `--quota-backend-bytes`. */
  quota: z.int().default(2 * 1024 ** 3),
  /** Milliseconds: `--heartbeat-interval` and `--election-timeout`. Slow disks need more. */
  heartbeat: z.int().min(1).default(250),
  election: z.int().min(5).default(2500),
  /** When a snapshot of the data is made, as systemd.time(7) says times, and how many are kept. */
  snapshots: z
    .strictObject({
      calendar: z.string().default('daily'),
      keep: z.int().min(1).default(7),
      directory: z.string().default('/var/backups/etcd'),
    })
    .prefault({}),
  /**
   * Whether this host joins a cluster that runs already, in the place of a member whose data is lost, or as a further one. Another member takes the lost one out and this
   * one in. A host that has data stays as it is.
   */
  join: z.boolean().default(false),
})
export type EtcdVars = z.output<typeof vars>

/**
 * Chapter 5.1, etcd: where the cluster keeps all that it knows. Every host of the group `etcd` is a member; they speak to each other, and are spoken to,
 * with certificates of kube-pki alone.
 *
 * - A snapshot is made every day, and the last seven are kept.
 * - docs/kubernetes.md says how a snapshot is restored, and how a member is replaced (`join: true` on its host).
 */
export default role({
  name: 'etcd',
  about: 'The store of the cluster, with certificates on all its ways (chapter 5.1)',
  tags: ['etcd'],
  vars,
  validateSite: ({ hosts }) =>
    hosts.length % 2 === 0 && hosts.length > 0
      ? [
          {
            hosts: hosts.map(({ name }) => name),
            message: `${hosts.length} members of etcd stand the loss of no more than ${hosts.length - 1} do`,
            expected: 'an odd number of hosts in the group etcd',
            got: String(hosts.length),
          },
        ]
      : [],

  async apply({ ensure, exists, host, site, vars }) {
    const version = vars.version ?? traitsOf(vars.kubernetesVersion).etcd
    const directory = `/opt/etcd/v${version}`
    const arch = archOf(host.arch)
    const source = `${vars.githubDownloads}/etcd-io/etcd/releases/download/v${version}`
    const tarball = `etcd-v${version}-linux-${arch}.tar.gz`

    const binary = archive(directory, {
      source: `${source}/${tarball}`,
      sha256: { source: `${source}/SHA256SUMS` },
      strip: 1,
    })
    const daemon = unit('etcd', {
      sections: {
        Unit: {
          Description: 'etcd, the store of the cluster',
          After: 'network-online.target',
          Wants: 'network-online.target',
          StartLimitIntervalSec: '0',
        },
        Service: {
          Type: 'notify',
          User: 'etcd',
          EnvironmentFile: FIRST_START,
          ExecStart: `${directory}/etcd ${etcdOptions(vars, host).join(' ')}`,
          Restart: 'always',
          RestartSec: '1s',
          LimitNOFILE: 65536,
          // A member that waits for the others is no reason to wait for at boot.
          TimeoutStartSec: '90s',
        },
        Install: { WantedBy: 'multi-user.target' },
      },
    })
    const { snapshots } = vars
    const [other] = site.hosts('etcd').filter(({ name }) => name !== host.name)
    if (vars.join && other !== undefined && !(await exists(`${vars.dataDirectory}/member`)))
      await other.ensure(memberAdded(host, other, vars))
    await ensure(
      dir('/opt/etcd'),
      dir(vars.dataDirectory, { mode: '0700', owner: 'etcd', group: 'etcd' }),
      dir(snapshots.directory, { mode: '0700', owner: 'root', group: 'root' }),
      pkg('curl'),
      binary,
      link('/usr/local/bin/etcdctl', { to: `${directory}/etcdctl` }),
      file(FIRST_START, { content: firstStart(site.hosts('etcd'), vars) }),
      daemon,
      // All members start at the same time: none answers before the second one is there. Restarts are those of etcd-rollout.
      service('etcd', { enabled: true, running: true }),
      waitFor('etcd answers', { port: vars.clientPort, host: host.address, deadline: 120, againAfter: ['etcd'] }),
      timer('etcd-snapshot', {
        description: 'A snapshot of etcd',
        calendar: snapshots.calendar,
        persistent: true,
        randomDelay: '10min',
        command: `/bin/sh -c 'set -e; umask 077; cd ${snapshots.directory}; n=snapshot-$$(date -u +%%Y%%m%%dT%%H%%M%%SZ).db; ${etcdctl(vars, host)} snapshot save .new; mv .new $$n; ls snapshot-*.db | sort -r | tail -n +${snapshots.keep + 1} | xargs -r rm --'`,
        env: { ETCDCTL_API: '3' },
      }),
    )
  },

  async verify({ $, expect, host, site, vars }) {
    const health = await $.read`/bin/sh -c ${`ETCDCTL_API=3 ${etcdctl(vars, host)} endpoint health`}`.nothrow()
    expect(`${health.stdout}${health.stderr}`, 'endpoint health').toContain('is healthy')
    const list = await $.read`/bin/sh -c ${`ETCDCTL_API=3 ${etcdctl(vars, host)} member list`}`.nothrow()
    for (const { name } of site.hosts('etcd')) expect(list.stdout, 'member list').toContain(`started, ${name}, `)
  },
})

import { posix } from 'node:path'
import { dir, file, kubeObject, link, pkg, role, service, sh, unit, z, exec } from 'rolecall'
import certAuthority from './cert-authority.ts'
import etcd from './etcd.ts'
import { binaries, binaryDirectory } from './kubernetes/binaries.ts'
import { apiUrl, cluster, clusterOf, PKI } from './kubernetes/cluster.ts'
import {
  apiServer,
  AUDIT_POLICY,
  auditPolicy,
  CONF,
  controllerManager,
  scheduler,
  serviceAccountFile,
} from './kubernetes/control-plane/control-plane-options.ts'
import { secretsEncryption } from './kubernetes/control-plane/encryption.ts'
import { hostsBlock } from './kubernetes/hosts-block.ts'
import { kubeconfig } from './kubernetes/pki/kubeconfig.ts'
import { podNetwork } from './kubernetes/node/pod-network.ts'
import { rights } from './kubernetes/pki/rights.ts'
import { previousFile, signedFile } from './kubernetes/pki/sign.ts'
import { traitsOf, upgradeFault } from './kubernetes/versions.ts'

const more = z.array(z.string().startsWith('--')).default([])

const vars = z.object({
  ...cluster,
  nodePorts: z
    .string()
    .regex(/^\d+-\d+$/)
    .default('30000-32767'),
  /** Seconds without a word of a node until the node counts as lost: `--node-monitor-grace-period`. */
  nodeMonitorGracePeriod: z.int().min(1).default(16),
  /** Seconds that Pods stay bound to a lost node: `--default-unreachable-toleration-seconds`, and the same for one that is not ready. */
  evictAfter: z.int().min(0).default(10),
  /** Seconds between two looks at the load, and how long less load must last: `--horizontal-pod-autoscaler-*`. */
  autoscalerPeriod: z.int().min(1).default(15),
  scaleDownAfter: z.int().min(0).default(300),
  /** Whether Secrets are encrypted in etcd and its snapshots. Set to false later they are written plainly again. */
  encryptSecrets: z.boolean().default(true),
  /** The name of the key that they are encrypted with. Another name is another key: made on the authority's host, and all Secrets are written anew with it. */
  secretsKey: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'a name of small letters, digits and -')
    .default('key-1'),
  /**
   * What the API server notes of requests. Nothing without it; `{}` notes who asked for what and when, but no contents:
   * `{ rules: [{ level: None, users: [system:kube-proxy] }, { level: Metadata }] }`.
   */
  audit: z
    .strictObject({
      rules: z
        .array(z.looseObject({ level: z.enum(['None', 'Metadata', 'Request', 'RequestResponse']) }))
        .min(1)
        .default([{ level: 'Metadata' }]),
      log: z.string().startsWith('/').default('/var/log/kubernetes/audit.log'),
      /** How long, in how many files and of how many megabytes each. */
      days: z.int().min(1).default(30),
      files: z.int().min(1).default(10),
      megabytes: z.int().min(1).default(100),
    })
    .optional(),
  /** `--v` of all three. */
  verbosity: z.int().min(0).max(10).default(1),
  /** Further options of the command lines, for what has no variable here: `{ kube-apiserver: ['--max-requests-inflight=800'] }`. */
  options: z
    .strictObject({ 'kube-apiserver': more, 'kube-controller-manager': more, 'kube-scheduler': more })
    .prefault({}),
})

/**
 * Chapter 5.1: the API server, the controller manager and the scheduler, on each host of the group `control_plane`. With two or more hosts all API servers
 * answer; of controller managers and schedulers one is at work, and another takes over when it is gone.
 */
export default role({
  name: 'kube-control-plane',
  about: 'API server, controller manager and scheduler (chapter 5.1)',
  tags: ['kube-control-plane'],
  vars,

  async apply({ checking, ensure, host, read, site, vars }) {
    const traits = traitsOf(vars.kubernetesVersion)
    const controllers = site.hosts('control_plane')
    const stores = site.hosts('etcd').map((member) => `https://${member.address}:${member.vars(etcd).clientPort}`)
    const directory = binaryDirectory(vars.kubernetesVersion)
    const own = `https://${host.address}:${vars.apiPort}`
    const files = (names: readonly string[]) => names.map((name) => `${PKI}/${name}.pem`)
    const pair = (name: string) => [name, `${name}-key`]
    const [authority] = site.hosts('ca')
    if (authority === undefined) throw new Error('no host is in the group ca')
    const { directory: ca } = authority.vars(certAuthority)
    const [unitText, ...publics] = await Promise.all([
      read('/etc/systemd/system/kube-apiserver.service'),
      ...controllers.map(async ({ name }) => {
        const [text, previous = ''] = await Promise.all([
          authority.read(signedFile(ca, name, 'service-account'), { whilePending: '' }),
          authority.read(previousFile(ca, name, 'service-account')),
        ])
        if (text === undefined && !checking)
          throw new Error(
            `${authority.name} has no certificate of ${name} for service accounts: apply the role kube-pki there`,
          )
        return file(serviceAccountFile(name), { content: `${text ?? ''}${previous}` })
      }),
    ])
    const running = runningVersion(unitText)
    const fault = running === undefined ? undefined : upgradeFault(running, vars.kubernetesVersion)
    if (fault !== undefined) throw new Error(`${host.name}: ${fault}`)
    const others = controllers.filter(({ name }) => name !== host.name)
    const encryption = await secretsEncryption({ read }, others, authority, ca, vars)

    const audit = vars.audit === undefined ? [] : [file(AUDIT_POLICY, { content: auditPolicy(vars.audit) })]
    const parts = [
      {
        name: 'kube-apiserver',
        options: apiServer(vars, traits, host, stores, controllers, encryption[0]?.name),
        uses: [
          ...publics,
          ...files(
            ['kube-apiserver', 'apiserver-etcd-client', 'apiserver-kubelet-client', 'front-proxy-client'].flatMap(pair),
          ),
          ...files(['ca', 'etcd-ca', 'front-proxy-ca', 'service-account-key']),
        ],
        config: [...encryption, ...audit],
        notify: true,
      },
      ...(['kube-controller-manager', 'kube-scheduler'] as const).map((name) => ({
        name,
        options: name === 'kube-scheduler' ? scheduler(vars, traits) : controllerManager(vars, traits),
        uses: files(['ca', ...pair(name), ...(name === 'kube-scheduler' ? [] : ['service-account-key'])]),
        config: [kubeconfig(`${CONF}/${name}.kubeconfig`, { server: own, certificate: name })],
        notify: false,
      })),
    ]
    // By the one whose rights need no object, and whom every API server therefore lets in.
    const superAdmin = `${CONF}/super-admin.kubeconfig`
    const given =
      controllers[0]?.name === host.name
        ? [
            kubeconfig(superAdmin, { server: own, certificate: 'super-admin' }),
            kubeObject('rights', { manifest: rights, owner: 'rights', kubeconfig: superAdmin }),
          ]
        : []
    const admin = kubeconfig(`${CONF}/admin.kubeconfig`, { server: apiUrl(vars), certificate: 'admin' })
    const units = parts.map(({ name, options, notify }) =>
      unit(name, {
        sections: {
          Unit: {
            Description: `Kubernetes: ${name}`,
            After: 'network-online.target etcd.service',
            Wants: 'network-online.target',
            // One that ends because its API server or etcd is gone is started until that is back, however often.
            StartLimitIntervalSec: '0',
          },
          Service: {
            Type: notify ? 'notify' : 'simple',
            // It says that it serves before it is ready: whoever restarts it goes on when it is.
            ...(notify
              ? { ExecStartPost: `-/usr/bin/timeout 60 /bin/sh -c '${awaitApi(own, 'apiserver-kubelet-client')}'` }
              : {}),
            // The other two fill their caches before they stand by, and wait up to a minute between two tries: begun without an API they would be late. A unit that
            // waits counts as running, whoever looks at it meanwhile.
            ExecStart: [...(notify ? [] : [afterApi(own, name)]), `${directory}/${name}`, ...options].join(' '),
            Restart: 'always',
            RestartSec: '1s',
            // It would wait a minute for those who watch something; they go on with another API server.
            TimeoutStopSec: '10s',
            LimitNOFILE: 65536,
          },
          Install: { WantedBy: 'multi-user.target' },
        },
      }),
    )
    await ensure(
      pkg(host.pick({ debian: ['curl', 'iproute2'], el: ['curl', 'iproute'] })),
      hostsBlock(vars, controllers),
      dir('/opt/kubernetes'),
      binaries([...parts.map(({ name }) => name), 'kubectl'], clusterOf(vars), host),
      link('/usr/local/bin/kubectl', { to: `${directory}/kubectl` }),
      publics,
      vars.audit === undefined ? [] : dir(posix.dirname(vars.audit.log), { mode: '0700' }),
      parts.flatMap(({ config }) => config),
      admin,
      dir('/root/.kube', { mode: '0700' }),
      link('/root/.kube/config', { to: `${CONF}/admin.kubeconfig` }),
      podNetwork(vars.podNetwork, site.hosts('kube_nodes'), host.name),
      units,
      parts.map(({ name, uses, config }, at) =>
        service(name, { running: true, enabled: true, restartedAfter: [units[at] ?? name, ...uses, ...config] }),
      ),
      // Over TLS with a certificate of an own authority, so by kubectl and not by a URL.
      exec('the API answers', {
        run: sh`n=0; until kubectl --kubeconfig ${admin.name} --server ${own} get --raw /readyz >/dev/null 2>&1; do n=$((n + 1)); [ $n -lt 120 ] || { kubectl --kubeconfig ${admin.name} --server ${own} get --raw /readyz; exit 1; }; sleep 1; done; touch ${`${CONF}/answered`}`,
        creates: `${CONF}/answered`,
        unless: sh`curl -sf --cacert ${`${PKI}/ca.pem`} --cert ${`${PKI}/admin.pem`} --key ${`${PKI}/admin-key.pem`} ${`${own}/readyz`} >/dev/null`,
        effects: [],
        deadline: 300,
      }),
      given,
    )
  },

  async verify({ $, expect, host, vars }) {
    const kubectl = async (...args: string[]) =>
      (
        await $.read`kubectl --kubeconfig ${`${CONF}/admin.kubeconfig`} --server ${`https://${host.address}:${vars.apiPort}`} ${args}`.nothrow()
      ).stdout.trim()
    expect(await kubectl('get', '--raw', '/readyz'), 'the API server').toBe('ok')
    expect(await kubectl('auth', 'can-i', '*', '*', '--all-namespaces'), 'administrators may do everything').toBe('yes')
    // `kubectl version --short` is gone since 1.28.
    const version = Version.safeParse(JSON.parse((await kubectl('get', '--raw', '/version')) || '{}'))
    expect(version.data?.gitVersion, 'the version of the API server').toBe(`v${vars.kubernetesVersion}`)
    for (const name of ['kube-controller-manager', 'kube-scheduler']) {
      const holder = await kubectl('get', '-n', 'kube-system', 'lease', name, '-o', 'jsonpath={.spec.holderIdentity}')
      expect(holder !== '', `somebody holds the lease of ${name}`).toBe(true)
    }
  },
})

const Version = z.object({ gitVersion: z.string() })

/** Ends when the host's own API server answers. */
function awaitApi(own: string, name: string): string {
  const pki = `--cacert ${PKI}/ca.pem --cert ${PKI}/${name}.pem --key ${PKI}/${name}-key.pem`
  return `until curl -sf -o /dev/null --max-time 5 ${pki} ${own}/readyz; do sleep 1; done`
}

/** Goes before the words of a command: they are run when the API answers. For systemd a dollar is written twice. */
const afterApi = (own: string, name: string): string => `/bin/sh -c '${awaitApi(own, name)}; exec "$$@"' ${name}`

/** The release of the API server whose unit is on the host. */
function runningVersion(text: string | undefined): string | undefined {
  return /^ExecStart=\/opt\/kubernetes\/v([0-9.]+)\//m.exec(text ?? '')?.[1]
}

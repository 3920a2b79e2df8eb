import { kubeObject, role, z } from 'rolecall'
import { dns, ingress, metrics, onNodes } from './kubernetes/objects/addon-objects.ts'
import { cluster, clusterOf, dnsAddress } from './kubernetes/cluster.ts'
import { CONF } from './kubernetes/control-plane/control-plane-options.ts'
import { traitsOf } from './kubernetes/versions.ts'

const vars = z.object({
  ...cluster,
  /** Images in place of those that go with the release. */
  images: z
    .strictObject({
      coredns: z.string().optional(),
      metricsServer: z.string().optional(),
      ingress: z.string().optional(),
    })
    .prefault({}),
  dnsReplicas: z.int().min(1).default(2),
  /** The port of every node that leads to what Ingress objects say. */
  ingressPort: z.int().min(1).max(65_535).default(30_880),
  /** Labels of nodes on which these may run: `{ trusted: 'yes' }`. The account of the Ingress controller reads all Secrets. */
  nodeSelector: z.record(z.string(), z.string()).default({}),
  /** Seconds that all of it may take to be there: images are fetched meanwhile. */
  deadline: z.int().min(1).default(300),
})

/**
 * What a cluster needs besides its own programs: names of Services (CoreDNS), figures of use (metrics-server), and the nginx that Ingress objects
 * configure. Applied from the first host of the group `control_plane`.
 */
export default role({
  name: 'kube-addons',
  about: 'Name server, metrics and Ingress of the cluster',
  tags: ['kube-addons'],
  vars,

  async apply({ ensure, host, site, vars }) {
    if (site.hosts('control_plane')[0]?.name !== host.name) return
    const images = traitsOf(vars.kubernetesVersion).images
    const objects = onNodes(vars.nodeSelector, [
      ...dns(clusterOf(vars), vars.images.coredns ?? images.coredns, vars.dnsReplicas),
      ...metrics(vars.images.metricsServer ?? images.metricsServer),
      ...ingress(vars.images.ingress ?? images.ingress, vars.ingressPort),
    ])
    await ensure(
      kubeObject('addons', {
        manifest: objects,
        owner: 'addons',
        ready: true,
        kubeconfig: `${CONF}/admin.kubeconfig`,
        server: `https://${host.address}:${vars.apiPort}`,
        deadline: vars.deadline,
      }),
    )
  },

  async verify({ $, expect, host, site, vars }) {
    if (site.hosts('control_plane')[0]?.name !== host.name) return
    const kubectl = async (...args: string[]) =>
      (await $.read`kubectl --kubeconfig ${`${CONF}/admin.kubeconfig`} ${args}`.nothrow()).stdout.trim()
    const address = await kubectl('-n', 'kube-system', 'get', 'service', 'kube-dns', '-o', 'jsonpath={.spec.clusterIP}')
    expect(address, 'the address of the name server').toBe(dnsAddress(vars.serviceNetwork))
    const available = await kubectl(
      'get',
      'apiservice',
      'v1beta1.metrics.k8s.io',
      '-o',
      'jsonpath={.status.conditions[?(@.type=="Available")].status}',
    )
    expect(available, 'metrics.k8s.io').toBe('True')
  },
})

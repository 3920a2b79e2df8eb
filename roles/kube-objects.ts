import { kubeObject, role, z } from 'rolecall'
import kubeAddons from './kube-addons.ts'
import { chapterObjects } from './kubernetes/objects/chapter-objects.ts'
import { cluster } from './kubernetes/cluster.ts'
import { CONF } from './kubernetes/control-plane/control-plane-options.ts'
import { traitsOf } from './kubernetes/versions.ts'

const vars = z.object({
  ...cluster,
  namespace: z.string().min(1).default('tutorial'),
  /** A web server on port 80. One of an own registry is `harbor.thtf.com/public/nginx:1.22`. */
  image: z.string().min(1).default('nginx:1.22'),
  sideCarImage: z.string().min(1).default('busybox:1.35'),
  replicas: z.int().min(1).default(3),
  nodePort: z.int().min(1).max(65_535).default(30_080),
  /** The name by which Ingress knows the web server. */
  hostname: z.string().min(1).default('web.thtf.com'),
  deadline: z.int().min(1).default(180),
})

/**
 * Chapters 3 and 4: each kind of object that the tutorial explains, applied from the last host of the group `control_plane`, and
 * verified from there. kube-addons has the first one, so that neither waits for the other's Pods.
 */
export default role({
  name: 'kube-objects',
  about: 'The objects of chapters 3 and 4',
  tags: ['kube-objects'],
  vars,

  async apply({ ensure, host, site, vars }) {
    if (site.hosts('control_plane').at(-1)?.name !== host.name) return
    const objects = chapterObjects(vars, traitsOf(vars.kubernetesVersion))
    await ensure(
      kubeObject('chapters', {
        manifest: objects,
        owner: 'chapters',
        ready: true,
        kubeconfig: `${CONF}/admin.kubeconfig`,
        server: `https://${host.address}:${vars.apiPort}`,
        deadline: vars.deadline,
      }),
    )
  },

  async verify({ $, expect, host, site, vars }) {
    if (site.hosts('control_plane').at(-1)?.name !== host.name) return
    const kubectl = async (...args: string[]) =>
      (
        await $.read`kubectl --kubeconfig ${`${CONF}/admin.kubeconfig`} -n ${vars.namespace} ${args}`.nothrow()
      ).stdout.trim()
    // A Pod that is ending goes on being called Running: after a node was lost, until it is back.
    const staying = 'jsonpath={range .items[*]}{.metadata.name} {.metadata.deletionTimestamp}{"\\n"}{end}'
    const names = async (selector: string) =>
      (await kubectl('get', 'pods', '-l', selector, '--field-selector', 'status.phase=Running', '-o', staying))
        .split('\n')
        .filter((line) => /^\S+ ?$/.test(line)).length
    expect(
      await kubectl('get', 'pod', 'side-car', '-o', 'jsonpath={.status.containerStatuses[*].ready}'),
      'both containers of the Pod side-car',
    ).toBe('true true')
    for (const [what, field, wanted] of [
      ['deployment/web', 'readyReplicas', String(vars.replicas)],
      ['replicaset/copies', 'readyReplicas', '2'],
      ['statefulset/db', 'readyReplicas', '2'],
      ['daemonset/each-node', 'numberReady', String(site.hosts('kube_nodes').length)],
      ['job/once', 'succeeded', '1'],
    ] as const)
      expect(await kubectl('get', what, '-o', `jsonpath={.status.${field}}`), what).toBe(wanted)
    expect(await kubectl('get', 'cronjob', 'each-hour', '-o', 'jsonpath={.spec.schedule}'), 'cronjob/each-hour').toBe(
      '0 * * * *',
    )
    expect(await names('app=web'), 'Pods by equality: app=web').toBe(vars.replicas)
    expect(await names('app!=web,tier'), 'Pods by inequality and presence: app!=web,tier').toBe(4)
    expect(await names('tier in (front,back)'), 'Pods by a set: tier in (front,back)').toBe(vars.replicas + 4)

    const [node] = site.hosts('kube_nodes')
    const page = async (port: number, name: string) =>
      (
        await $.read`curl -s --max-time 10 -o /dev/null -w ${'%{http_code}'} -H ${`Host: ${name}`} ${`http://${node?.address ?? ''}:${port}/`}`.nothrow()
      ).stdout
    expect(await page(vars.nodePort, 'any'), 'the Service on a port of every node').toBe('200')
    expect(
      await page(site.host(host.name).vars(kubeAddons).ingressPort, vars.hostname),
      `Ingress for ${vars.hostname}`,
    ).toBe('200')
  },
})

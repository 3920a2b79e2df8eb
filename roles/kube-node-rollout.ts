import { exec, file, role, service, sh, z } from 'rolecall'
import kubeNode from './kube-node.ts'
import { apiUrl, cluster, PKI } from './kubernetes/cluster.ts'
import { CONF } from './kubernetes/control-plane/control-plane-options.ts'
import { nodeDrain } from './kubernetes/node/drain.ts'

const vars = z.object({
  ...cluster,
  /** Seconds that Pods may take to leave a node before it is restarted. */
  drainDeadline: z.int().min(1).default(120),
  /** Whether draining may delete Pods without a controller, which nothing makes anew. Otherwise such a node is not restarted, and check says why. */
  deleteBarePods: z.boolean().default(false),
})

const DRAINED = '/var/lib/rolecall-drained'

/**
 * Restarts containerd, the kubelet and kube-proxy of a node where one of their files has changed. Its play says `serial: 1`. A node whose kubelet or
 * containerd is restarted is drained before and takes Pods again afterwards; one on which nothing has changed is left alone.
 *
 * A run that is ended in between leaves a note on the node, by which the next one lets it take Pods again.
 */
export default role({
  name: 'kube-node-rollout',
  about: 'Restarts changed nodes, drained, one at a time',
  tags: ['kube-node'],
  vars,

  async apply({ changes, checking, ensure, exists, host, site, vars }) {
    const [controller] = site.hosts('control_plane')
    if (controller === undefined) throw new Error('no host is in the group control_plane')
    // The kubelet makes this at its first start. In check mode a host without it has nothing that runs already.
    const isNode = !checking || (await exists(`${site.host(host.name).vars(kubeNode).kubeletDirectory}/pods`))
    const units = '/etc/systemd/system'
    const kubelet = ['kubelet.pem', 'kubelet-key.pem', 'ca.pem'].map((name) => `${PKI}/${name}`)
    const proxy = ['kube-proxy.pem', 'kube-proxy-key.pem', 'ca.pem'].map((name) => `${PKI}/${name}`)
    const agents = !isNode
      ? []
      : [
          service('containerd', { running: true, restartedAfter: ['/etc/containerd/config.toml'] }),
          service('kubelet', {
            running: true,
            restartedAfter: [
              `${units}/kubelet.service`,
              `${CONF}/kubelet.json`,
              `${CONF}/kubelet.kubeconfig`,
              ...kubelet,
            ],
          }),
        ]
    const drain = async (state: 'drained' | 'schedulable') =>
      controller.ensure(
        nodeDrain(`${host.name} ${state}`, {
          node: host.name,
          state,
          deadline: vars.drainDeadline,
          deleteBarePods: vars.deleteBarePods,
        }),
      )

    const url = `${apiUrl(vars)}/api/v1/nodes/${host.name}`
    const ready = sh`curl -sf --cacert ${`${PKI}/ca.pem`} --cert ${`${PKI}/kubelet.pem`} --key ${`${PKI}/kubelet-key.pem`} ${url} | tr -d '\n ' | grep -q '"type":"Ready","status":"True"'`
    const everything = [
      ...agents,
      ...(isNode
        ? [
            service('kube-proxy', {
              running: true,
              restartedAfter: [
                `${units}/kube-proxy.service`,
                `${CONF}/kube-proxy.json`,
                `${CONF}/kube-proxy.kubeconfig`,
                ...proxy,
              ],
            }),
          ]
        : []),
      exec('the node is ready', {
        run: sh`n=0; until ${ready}; do n=$((n + 1)); [ $n -lt 180 ] || { journalctl -u kubelet -n 5 -o cat >&2; exit 1; }; sleep 1; done; touch ${`${CONF}/ready`}`,
        creates: `${CONF}/ready`,
        unless: ready,
        deadline: 400,
        effects: [],
      }),
    ]
    const noNote = file(DRAINED, { state: 'absent' })
    if (!(await changes(agents, noNote))) {
      await ensure(everything, noNote)
      return
    }
    // The note alone is there where an earlier run was ended between its restart and the end.
    if (await changes(agents)) {
      await ensure(
        file(DRAINED, {
          content: 'Drained for a restart. The next run of kube-node-rollout lets it take Pods again.\n',
        }),
      )
      await drain('drained')
    }
    await ensure(everything)
    await drain('schedulable')
    await ensure(noNote)
  },
})

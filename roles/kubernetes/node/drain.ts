import { kind, sh, z, type Refused, type Reply, type Resource, type Sh, type Step } from 'rolecall'
import { CONF } from '../control-plane/control-plane-options.ts'

interface Want {
  readonly node: string
  readonly state: 'drained' | 'schedulable'
  readonly deadline: number
  readonly deleteBarePods: boolean
}

type Have = NodeHave | { readonly fault: string }

interface NodeHave {
  /** New Pods are kept off the node. */
  readonly isHeld: boolean
  /** A run of this role keeps them off. A node that a person has cordoned stays cordoned. */
  readonly byRole: boolean
  /** Pods that would have to leave: neither a DaemonSet's nor the node's own. */
  readonly leaving: number
  /** Of these the ones that nobody makes anew: no controller, and not this site's own objects. */
  readonly bare: readonly string[]
}

const kubectl = sh`kubectl --kubeconfig ${`${CONF}/admin.kubeconfig`} --request-timeout=30s`

const NODE = 'jsonpath=held {.spec.unschedulable}{"\\n"}by-role {.metadata.annotations.rolecall/drained}{"\\n"}'

/** One Pod a line: where it is, what made it, whether the node itself runs it, and who owns it. */
const PODS =
  'jsonpath={range .items[*]}pod|{.metadata.namespace}/{.metadata.name}|{.metadata.ownerReferences[0].kind}|{.metadata.annotations.kubernetes\\.io/config\\.source}|{.metadata.labels.rolecall/owner}|{.status.phase}{"\\n"}{end}'

/** Runs kubectl, and says after its answer that this was all of it. Where kubectl fails its last words stand in place of that. */
const asked = (what: string, command: Sh): Sh =>
  sh`said=$(${command} 2>&1 >&3) && echo ${`${what} end`} || { printf 'failed %s\\n' "$(printf '%s\\n' "$said" | tail -n 1)"; exit 0; }`

/** The API server's word for a node that it does not have: no Pod is on it. */
const NO_NODE = /^Error from server \(NotFound\): nodes /

/** Anything but a whole answer is a fault: a list of Pods that was refused has no Pods in it, and the node may be full of them. */
function readHave(state: Want['state'], { lines }: Reply): Have {
  const failed = lines.find((line) => line.startsWith('failed '))?.slice('failed '.length)
  if (failed !== undefined && NO_NODE.test(failed)) return { isHeld: true, byRole: false, leaving: 0, bare: [] }
  const isWhole = lines.includes('node end') && (state === 'schedulable' || lines.includes('pods end'))
  if (failed !== undefined || !isWhole)
    return { fault: failed === undefined || failed === '' ? 'kubectl says nothing' : failed }
  const pods = lines.flatMap((line) => {
    const [word, name = '', controller, source = '', owner, phase = ''] = line.split('|')
    const stays = controller === 'DaemonSet' || /^(file|http)$/.test(source) || ['Succeeded', 'Failed'].includes(phase)
    return word === 'pod' && !stays ? [{ name, isBare: controller === '' && owner === '' }] : []
  })
  return {
    isHeld: lines.includes('held true'),
    byRole: lines.includes('by-role true'),
    leaving: pods.length,
    bare: pods.flatMap(({ name, isBare }) => (isBare ? [name] : [])),
  }
}

/** The note on a node that this role, and no person, keeps Pods off it. Set and removed in one write with the cordon itself. */
const BY_ROLE = 'rolecall/drained'
const patch = (node: string, unschedulable: true | null): Sh =>
  sh`${kubectl} patch node ${node} --type merge -p ${JSON.stringify({
    metadata: { annotations: { [BY_ROLE]: unschedulable === null ? null : 'true' } },
    spec: { unschedulable },
  })} >/dev/null`

/**
 * Whether a node takes Pods, asked from a host of the control plane. A node that is drained has none left but those of DaemonSets.
 *
 * A node that a person has cordoned is drained all the same, and stays cordoned when it is to be schedulable: only what this kind has cordoned takes Pods again.
 *
 * A node that the API does not know has no Pods. Refused: any other answer but the node and a list of its Pods, and Pods without a controller, which would be gone for good, unless `deleteBarePods` says that they may. Those that a role of this site keeps come back by it.
 *
 * Source: kubernetes.io, "Safely Drain a Node".
 */
export const nodeDrain: (
  name: string,
  options: {
    readonly node: string
    readonly state: 'drained' | 'schedulable'
    readonly deadline?: number
    readonly deleteBarePods?: boolean
  },
) => Resource = kind({
  name: 'nodeDrain',
  options: z.object({
    node: z.string().min(1),
    state: z.enum(['drained', 'schedulable']),
    deadline: z.int().min(1).default(120),
    deleteBarePods: z.boolean().default(false),
  }),
  probe: ({ node, state }: Want) => sh`exec 3>&1
${asked('node', sh`${kubectl} get node ${node} -o ${NODE}`)}
${state === 'drained' ? asked('pods', sh`${kubectl} get pods -A --field-selector ${`spec.nodeName=${node}`} -o ${PODS}`) : sh`:`}`,
  read: ({ state }, reply): Have => readHave(state, reply),
  plan({ node, state, deadline, deleteBarePods }, have): Step[] | Refused {
    if ('fault' in have)
      return {
        refused: `whether ${node} ${state === 'drained' ? 'has Pods that must leave' : 'takes Pods'} is not known: ${have.fault}`,
        hint: `kubectl --kubeconfig ${CONF}/admin.kubeconfig get pods -A says the same`,
      }
    const { isHeld, byRole, leaving, bare } = have
    if (state === 'schedulable')
      return byRole ? [{ summary: `let ${node} take Pods again`, sh: patch(node, null) }] : []
    if (isHeld && leaving === 0) return []
    if (bare.length > 0 && !deleteBarePods)
      return {
        refused: `to restart ${node}, its Pods must leave, and nothing recreates these: ${bare.join(', ')}`,
        hint: 'delete them, give them a controller, or set kube-node-rollout.deleteBarePods',
      }
    return [
      {
        summary: `drain ${node}`,
        sh: sh`${isHeld ? sh`:` : patch(node, true)}
${kubectl} drain ${node} --ignore-daemonsets --force ${`--timeout=${deadline}s`} $(kubectl drain --help 2>/dev/null | grep -q -e --delete-emptydir-data && echo --delete-emptydir-data || echo --delete-local-data)`,
        deadline: deadline + 30,
      },
    ]
  },
  effects: ({ node, state }) => [
    { type: 'object', of: 'schedulable node', name: node, exists: state === 'schedulable' },
    // What waits for Pods, and keeps some itself, finds others.
    ...(state === 'drained' ? [{ type: 'object', of: 'Kubernetes', name: 'Pods', exists: false } as const] : []),
  ],
  predict({ node }, have, later) {
    if ('fault' in have) {
      const cause = later.activity(true)
      return cause === undefined ? have : { unknown: `the API answers only after ${cause.from}` }
    }
    const pending = later.objects.get('schedulable node', node)
    if (pending === undefined) return have
    return { ...have, isHeld: !pending.exists, byRole: !pending.exists && (have.byRole || !have.isHeld), leaving: 0 }
  },
})

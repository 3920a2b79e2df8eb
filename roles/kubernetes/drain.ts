import { kind, sh, z, type Refused, type Resource, type Step } from 'rolecall'
import { CONF } from './control-plane-options.ts'

interface Want {
  readonly node: string
  readonly state: 'drained' | 'schedulable'
  readonly deadline: number
  readonly deleteBarePods: boolean
}

interface Have {
  readonly isHeld: boolean
  /** Pods that nobody makes anew: no controller, and not this site's own objects. */
  readonly bare: readonly string[]
}

const kubectl = sh`kubectl --kubeconfig ${`${CONF}/admin.kubeconfig`} --request-timeout=30s`

/** One Pod a line: where it is, what made it, whether the node itself runs it, and who owns it. */
const PODS =
  'jsonpath={range .items[*]}pod|{.metadata.namespace}/{.metadata.name}|{.metadata.ownerReferences[0].kind}|{.metadata.annotations.kubernetes\\.io/config\\.source}|{.metadata.labels.rolecall/owner}|{.status.phase}{"\\n"}{end}'

/**
 * Whether a node takes Pods, asked from a host of the control plane. A node that is drained has none left but those of DaemonSets.
 *
 * Refused: Pods without a controller, which would be gone for good, unless `deleteBarePods` says that they may. Those that a role of this site keeps come back by it.
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
  probe: ({
    node,
    state,
  }: Want) => sh`held=$(${kubectl} get node ${node} -o 'jsonpath={.spec.unschedulable}' 2>/dev/null)
echo "held $held"
${state === 'drained' ? sh`${kubectl} get pods -A --field-selector ${`spec.nodeName=${node}`} -o ${PODS} 2>/dev/null; :` : sh`:`}`,
  read: (_, { lines }): Have => ({
    isHeld: lines.includes('held true'),
    bare: lines.flatMap((line) => {
      const [word, name = '', controller, source = '', owner, phase = ''] = line.split('|')
      const isLeft = word === 'pod' && controller === '' && owner === '' && !/^(file|http)$/.test(source)
      return isLeft && !['Succeeded', 'Failed'].includes(phase) ? [name] : []
    }),
  }),
  plan({ node, state, deadline, deleteBarePods }, { isHeld, bare }): Step[] | Refused {
    if (isHeld === (state === 'drained')) return []
    if (state === 'schedulable')
      return [{ summary: `let ${node} take Pods again`, sh: sh`${kubectl} uncordon ${node} >/dev/null` }]
    if (bare.length > 0 && !deleteBarePods)
      return {
        refused: `to restart ${node}, its Pods must leave, and nothing makes these anew: ${bare.join(', ')}`,
        hint: 'delete them, give them a controller, or set kube-node-rollout.deleteBarePods',
      }
    return [
      {
        summary: `drain ${node}`,
        sh: sh`${kubectl} drain ${node} --ignore-daemonsets --force ${`--timeout=${deadline}s`} $(kubectl drain --help 2>/dev/null | grep -q -e --delete-emptydir-data && echo --delete-emptydir-data || echo --delete-local-data)`,
        deadline: deadline + 30,
      },
    ]
  },
  effects: ({ node, state }) => [
    { type: 'object', of: 'schedulable node', name: node, exists: state === 'schedulable' },
  ],
  predict({ node }, have, later) {
    const pending = later.object('schedulable node', node)
    return pending === undefined ? have : { ...have, isHeld: !pending.exists }
  },
})

import type { Manifest } from 'rolecall'
import { ADMINISTRATORS, KUBELET_CLIENT } from './certificates.ts'

const RBAC = 'rbac.authorization.k8s.io'

function bound(name: string, role: string, kind: 'Group' | 'User', subject: string): Manifest {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: RBAC, kind, name: subject }],
  }
}

const KUBELETS = 'kubelet-client'

/**
 * Rights that the API server does not give by itself. They can be taken away again, which those of the group system:masters cannot.
 *
 * - Administrators may do everything.
 * - The API server, as a client of kubelets, may do what kubectl logs, exec and port-forward take, and reads nothing at the API itself: `system:kubelet-api-admin` would let it
 *   read all nodes there.
 *
 * Source: kubernetes.io, "PKI certificates and requirements", "Kubelet authentication/authorization", "Using RBAC Authorization"; kubeadm since 1.29: super-admin.conf.
 */
export const rights: readonly Manifest[] = [
  bound(ADMINISTRATORS, 'cluster-admin', 'Group', ADMINISTRATORS),
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: { name: KUBELETS },
    rules: [
      {
        apiGroups: [''],
        resources: ['log', 'metrics', 'proxy', 'spec', 'stats'].map((part) => `nodes/${part}`),
        verbs: ['*'],
      },
    ],
  },
  bound(KUBELETS, KUBELETS, 'User', KUBELET_CLIENT),
]

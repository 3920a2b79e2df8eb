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

/**
 * Rights that the API server does not give by itself. They can be taken away again, which those of the group system:masters cannot.
 *
 * - Administrators may do everything.
 * - The API server, as a client of kubelets, may do what kubectl logs, exec and port-forward take, and nothing at the API itself.
 *
 * Source: kubernetes.io, "PKI certificates and requirements", "Using RBAC Authorization": system:kubelet-api-admin; kubeadm since 1.29: super-admin.conf.
 */
export const rights: readonly Manifest[] = [
  bound(ADMINISTRATORS, 'cluster-admin', 'Group', ADMINISTRATORS),
  bound(KUBELET_CLIENT, 'system:kubelet-api-admin', 'User', KUBELET_CLIENT),
]

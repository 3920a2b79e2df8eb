import { playbook } from 'rolecall'
import certAuthority from '../roles/cert-authority.ts'
import etcdRollout from '../roles/etcd-rollout.ts'
import etcd from '../roles/etcd.ts'
import kubeAddons from '../roles/kube-addons.ts'
import kubeAuthorities from '../roles/kube-authorities.ts'
import kubeControlPlane from '../roles/kube-control-plane.ts'
import kubeNodeRollout from '../roles/kube-node-rollout.ts'
import kubeNode from '../roles/kube-node.ts'
import kubeObjects from '../roles/kube-objects.ts'
import kubePki from '../roles/kube-pki.ts'
import kubeSecrets from '../roles/kube-secrets.ts'

/**
 * Chapters 3 to 5 of the tutorial. What is new starts everywhere at the same time; what runs already and has changed is restarted one host
 * after the other: members of etcd, then the control plane, then nodes, drained.
 */
export default playbook({
  name: 'kubernetes',
  about: 'The tutorial, chapters 3 to 5: a cluster on the five hosts',
  plays: [
    { name: 'authority', hosts: 'ca', roles: [certAuthority, kubeAuthorities], tags: ['ca'] },
    { name: 'pki', hosts: 'kubernetes', roles: [kubePki], after: ['authority'], tags: ['kube-pki'] },
    { name: 'etcd', hosts: 'etcd', roles: [etcd], after: ['pki'], tags: ['etcd'] },
    { name: 'etcd-rollout', hosts: 'etcd', roles: [etcdRollout], after: ['etcd'], serial: 1, tags: ['etcd'] },
    // A kubelet waits for the API server by itself, so nodes are set up meanwhile.
    { name: 'nodes', hosts: 'kube_nodes', roles: [kubeNode], after: ['pki'], tags: ['kube-node'] },
    {
      name: 'control-plane',
      hosts: 'control_plane',
      roles: [kubeControlPlane],
      after: ['etcd-rollout'],
      serial: 1,
      tags: ['kube-control-plane'],
    },
    {
      name: 'secrets',
      hosts: 'control_plane',
      roles: [kubeSecrets],
      after: ['control-plane'],
      serial: 1,
      tags: ['kube-control-plane'],
    },
    {
      name: 'node-rollout',
      hosts: 'kube_nodes',
      roles: [kubeNodeRollout],
      after: ['secrets', 'nodes'],
      serial: 1,
      tags: ['kube-node'],
    },
    // Their images are fetched while nodes become ready.
    {
      name: 'addons',
      hosts: 'control_plane',
      roles: [kubeAddons],
      after: ['secrets', 'nodes'],
      tags: ['kube-addons'],
    },
    // Draining may delete the Pod of chapter 3, so objects come after the last drained node.
    { name: 'objects', hosts: 'control_plane', roles: [kubeObjects], after: ['node-rollout'], tags: ['kube-objects'] },
  ],
})

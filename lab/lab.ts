import { lab } from 'rolecall'
import { cfssl } from './cfssl.ts'
import { el } from './el/packages.ts'
import { images } from './images/recipe.ts'
import { kubernetes } from './kubernetes/recipe.ts'
import { containerRuntime } from './kubernetes/runtime.ts'
import { harbor } from './harbor/recipe.ts'

/** The five nodes of the tutorial, and artifacts for machines without the internet. */
export default lab({
  hosts: {
    'node-01': { address: 50, groups: ['dns', 'etcd', 'control_plane', 'kubernetes'] },
    'node-02': { address: 20, groups: ['ca', 'etcd', 'control_plane', 'kubernetes'] },
    'node-03': { address: 233, groups: ['docker', 'etcd', 'kube_nodes', 'kubernetes'], kubelet: true },
    'node-04': { address: 99, groups: ['docker', 'kube_nodes', 'kubernetes'], kubelet: true },
    'node-05': { address: 40, groups: ['docker', 'registry', 'kube_nodes', 'kubernetes'], kubelet: true },
  },
  artifacts: { harbor, cfssl, images, containerRuntime, kubernetes },
  el,
})

/** The tutorial's cluster: the shared variables of its roles. */
export const cluster = {
  kubernetesVersion: '1.20.2',
  kubernetesDownloads: 'https://dl.k8s.io',
  githubDownloads: 'https://github.com',
  podNetwork: '10.244.0.0/16',
  serviceNetwork: '10.96.0.0/16',
  clusterDomain: 'cluster.local',
  apiName: 'api.kube.internal',
  apiPort: 6443,
}

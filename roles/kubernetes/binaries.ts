import { dir, download, type Resource, type RoleHost } from 'rolecall'
import { archOf, type Cluster } from './cluster.ts'

/** Each release has a directory of its own, so an upgrade is another path in the unit, and the one before is still there. */
export const binaryDirectory = (version: string): string => `/opt/kubernetes/v${version}`

/**
 * Binaries of a release, one by one, as dl.k8s.io has them: each with its published SHA-256.
 *
 * Source: kubernetes.io, "Download Kubernetes".
 */
export function binaries(
  names: readonly string[],
  { kubernetesVersion, kubernetesDownloads }: Cluster,
  { arch }: Pick<RoleHost, 'arch'>,
): Resource[] {
  const directory = binaryDirectory(kubernetesVersion)
  const source = `${kubernetesDownloads}/release/v${kubernetesVersion}/bin/linux/${archOf(arch)}`
  return [
    dir(directory),
    ...names.map((name) =>
      download(`${directory}/${name}`, {
        source: `${source}/${name}`,
        sha256: { source: `${source}/${name}.sha256` },
        mode: '0755',
      }),
    ),
  ]
}

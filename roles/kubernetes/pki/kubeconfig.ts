import { file, type Resource } from 'rolecall'
import { PKI } from '../cluster.ts'

/**
 * How somebody reaches the API: the server, and the files of the certificate and key. No secret is in the file itself.
 *
 * Source: kubernetes.io, "Organizing Cluster Access Using kubeconfig Files".
 */
export function kubeconfig(
  path: string,
  { server, certificate }: { readonly server: string; readonly certificate: string },
): Resource {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'kubernetes', cluster: { server, 'certificate-authority': `${PKI}/ca.pem` } }],
    users: [
      {
        name: certificate,
        user: { 'client-certificate': `${PKI}/${certificate}.pem`, 'client-key': `${PKI}/${certificate}-key.pem` },
      },
    ],
    contexts: [{ name: 'kubernetes', context: { cluster: 'kubernetes', user: certificate } }],
    'current-context': 'kubernetes',
  }
  return file(path, { content: `${JSON.stringify(config, null, 2)}\n`, mode: '0600', owner: 'root', group: 'root' })
}

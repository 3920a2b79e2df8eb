import type { Random } from '../support/random.ts'
import type { PlaceUses } from './place-uses.ts'
import type { Data, ResourceSpec } from './spec.ts'

type Call = readonly [make: string, ...args: Data[]]

/**
 * Kinds whose program the host does not have: what is to be gone is ok, all else is refused, whatever a command before it may bring. On a host that
 * has the program each of them is tried by `test/hosts`.
 */
export function toolless(random: Random, uses: PlaceUses): ResourceSpec {
  const gone: Data = { state: 'absent' }
  const [make, ...args] = random.pick<Call>([
    ['acmeCertificate', 'trial.example', { standalone: true }],
    ['acmeCertificate', 'gone.example', gone],
    ['dockerLogin', 'registry.example', { username: 'robot', password: { $secret: 'a word for docker' } }],
    ['dockerNetwork', 'trial', {}],
    ['dockerNetwork', 'trial-gone', gone],
    ['dockerVolume', 'trial', {}],
    ['dockerVolume', 'trial-gone', gone],
    ['flatpak', 'org.example.App', {}],
    ['flatpak', 'org.example.Gone', gone],
    ['flatpakRemote', 'trial', { url: 'https://flatpak.example/repo' }],
    ['flatpakRemote', 'trial-gone', gone],
    ['kubeObject', 'trial', { manifest: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'trial' } } }],
    ['logicalVolume', 'trial/data', { size: '1G' }],
    ['logicalVolume', 'trial/gone', { state: 'absent', force: true }],
    ['mysqlDatabase', 'trial', {}],
    ['mysqlDatabase', 'trial_gone', gone],
    ['mysqlUser', 'trial', {}],
    ['packageGroup', 'development', {}],
    ['packageGroup', 'gone', gone],
    ['postgresDatabase', 'trial', {}],
    ['postgresExtension', 'hstore', { database: 'trial' }],
    ['postgresGrant', 'trial', { role: 'app', database: 'app', on: 'database', privileges: ['CONNECT'] }],
    ['postgresUser', 'trial', {}],
    ['selinuxBoolean', 'httpd_can_network_connect', { value: true }],
    ['selinuxContext', '/srv/w(/.*)?', { type: 'httpd_sys_content_t' }],
    ['selinuxContext', '/srv/gone(/.*)?', gone],
    ['selinuxPort', '8081/tcp', { type: 'http_port_t' }],
    ['selinuxPort', '8082/tcp', gone],
    ['snap', 'hello', {}],
    ['snap', 'gone', gone],
    ['ufw', { incoming: 'deny' }],
    ['ufwRule', 'trial', { rule: 'allow', port: 443, protocol: 'tcp' }],
    ['volumeGroup', 'trial', { devices: ['/dev/trial-disk'] }],
    ['volumeGroup', 'trial-gone', gone],
  ])
  uses.set(`/${make}/${JSON.stringify(args[0])}`, { type: 'own', kind: make, attributes: {}, args })
  return { make, args }
}

// `npm run kubernetes`: from nothing, or from the site, to a cluster on the five hosts: chapters 3 to 5 of the tutorial.
import { bootstrap, say } from './bootstrap.js'
import { driverOfTheLab, tour } from './tour.js'

const artifacts = ['images', 'containerRuntime', 'kubernetes'].flatMap((name) => ['--with', name])
const kubectl = ['lab', 'ssh', 'node-02', '--', 'sudo', 'kubectl']

await bootstrap()
say('The first time Kubernetes is compiled, which takes four minutes or more. It is kept.')
await tour(
  [
    { say: 'Boot five throwaway hosts, and build what they download', args: ['lab', 'up', ...artifacts] },
    { say: 'What would change? Nothing is touched', args: ['check', 'kubernetes'] },
    { say: 'Change it', args: ['apply', 'kubernetes'] },
    { say: 'Again: there is nothing left to do', args: ['apply', 'kubernetes'] },
    { say: 'Does it work? The checks that the roles bring', args: ['verify', 'kubernetes'] },
    { say: 'The nodes of the cluster (chapter 5.2)', args: [...kubectl, 'get', 'nodes', '-o', 'wide'] },
  ],
  { again: 'npm run kubernetes', more: requireNspawn },
)

say(`
The cluster is up. What to look at next, with \`npx rolecall\` in front:
  lab ssh node-02 -- sudo kubectl get pods -A       what runs where
  lab ssh node-02 -- sudo kubectl get leases -A     which control plane is at work (chapter 5.1)
  verify kubernetes -l etcd                         the members of etcd
  check kubernetes --diff                           break something on a host, then see it found
  lab down                                          leave this machine as it was
docs/kubernetes.md goes through the chapters.`)

/**
 * Containers cannot run a kubelet: said before a run begins on them.
 *
 * @param {number} index of the stop
 * @returns {string[]}
 */
function requireNspawn(index) {
  if (index !== 1) return []
  const driver = driverOfTheLab()
  if (driver === 'nspawn') return []
  say(
    `\nHosts are containers of ${driver}, in which no kubelet runs. On Debian or Ubuntu, as root: rolecall lab down, then npm run kubernetes.`,
  )
  process.exit(1)
}

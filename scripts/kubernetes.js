// `npm run kubernetes`: sets up a cluster on the five hosts, from nothing or on top of the site: chapters 3 to 5 of the tutorial.
import { bootstrap, say } from './bootstrap.js'
import { driverOfTheLab, tour } from './tour.js'

const artifacts = ['images', 'containerRuntime', 'kubernetes'].flatMap((name) => ['--with', name])
const on = (/** @type {string} */ node) => ['lab', 'ssh', node, '--', 'sudo']
const kubectl = [...on('node-02'), 'kubectl']
const tutorial = [...kubectl, '-n', 'tutorial']

await bootstrap()
say('The first time Kubernetes is compiled, which takes four minutes or more. It is kept.')
await tour(
  [
    { say: 'Boot five throwaway hosts, and build what they download', args: ['lab', 'up', ...artifacts] },
    { say: 'What would change? Nothing is touched', args: ['check', 'kubernetes'] },
    { say: 'Change it', args: ['apply', 'kubernetes'] },
    { say: 'Again: there is nothing left to do', args: ['apply', 'kubernetes'] },
    { say: 'Does it work? The checks that the roles bring', args: ['verify', 'kubernetes'] },
    { say: 'Chapter 3.1.2, Name and Namespace: `tutorial` is this site’s', args: [...kubectl, 'get', 'namespaces'] },
    {
      say: 'Chapter 3.1.1, Pods and what makes them. Look at 2/2 of side-car, and at the names that a StatefulSet gives',
      args: [...tutorial, 'get', 'deployments,replicasets,daemonsets,statefulsets,jobs,cronjobs,pods'],
    },
    {
      say: 'Chapter 3.1.3, Label and selectors: Pods whose tier is one of two',
      args: [...tutorial, 'get', 'pods', '--show-labels', '-l', "'tier in (front,back)'"],
    },
    { say: 'Chapter 3.1.4, Service and Ingress', args: [...tutorial, 'get', 'services,ingresses'] },
    {
      say: 'The Service by the port of a node, and Ingress by the name in the request: the first line of each page',
      args: [
        ...on('node-01'),
        'sh',
        '-c',
        "'curl -sI http://10.10.50.233:30080 | head -n 1; curl -sI -H Host:web.thtf.com http://10.10.50.99:30880 | head -n 1'",
      ],
    },
    { say: 'Chapter 4.1, scheduling: which node each Pod is on', args: [...tutorial, 'get', 'pods', '-o', 'wide'] },
    {
      say: 'Chapter 4.2, repair: a container is killed',
      args: [...tutorial, 'exec', 'deployment/web', '--', 'kill', '1'],
    },
    {
      say: 'Look at RESTARTS: the kubelet of its node starts it again',
      args: [...on('node-02'), 'sh', '-c', "'sleep 5; kubectl -n tutorial get pods -l app=web'"],
    },
    {
      say: 'Chapter 4.3, scaling: three become six',
      args: [...tutorial, 'scale', 'deployment', 'web', '--replicas=6'],
    },
    { say: 'All six are ready', args: [...tutorial, 'rollout', 'status', 'deployment', 'web'] },
    { say: 'What is done by hand is found: three are wanted', args: ['apply', 'kubernetes'] },
    {
      say: 'Chapter 5.2, Node: kubelet and container runtime of each',
      args: [...kubectl, 'get', 'nodes', '-o', 'wide'],
    },
    {
      say: 'Chapter 5.1, Master: HOLDER is the scheduler and the controller manager at work, of two each',
      args: [...kubectl, 'get', 'leases', '-n', 'kube-system'],
    },
    { say: 'The API server of node-02 stops', args: [...on('node-02'), 'systemctl', 'stop', 'kube-apiserver'] },
    { say: 'The one of node-01 answers: nodes are as they were', args: [...on('node-01'), 'kubectl', 'get', 'nodes'] },
    { say: 'One apply starts it again, and nothing else', args: ['apply', 'kubernetes'] },
  ],
  { again: 'npm run kubernetes', more: requireNspawn },
)

say(`
The cluster is up. What to look at next, with \`npx rolecall\` in front:
  lab ssh node-02                       look around: sudo kubectl get pods -A
  check kubernetes --diff               break something on a host, then see it found
  explain kube-node.maxPods node-03     why a variable is what it is
  apply kubernetes -e kubernetesVersion=1.20.15   an upgrade: the control plane, then nodes, drained
  lab reset node-03                     a member of etcd and a node is lost: docs/kubernetes.md brings it back
  lab down                              leave this machine as it was
docs/kubernetes.md goes through the chapters.`)

/**
 * Containers cannot run a kubelet, so this is said before a run begins on them.
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

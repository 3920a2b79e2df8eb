// `npm run test:kubernetes -- site`: the cluster after the site of chapter 6, with a node of the Red Hat family. Docker and the kubelet share a host and both go on;
// images come from the chapter's own Harbor.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { addressOf, apply, boot, gateway, inventory, kubectl, on, until } from './cluster.ts'
import { prepare } from '../support/prepare.ts'

const [el, registry] = ['node-04', 'node-05']
const docker = [el, registry]
const started = async (node: string): Promise<string> =>
  await on(node, "docker inspect -f '{{.State.Running}} {{.State.StartedAt}}' beside")
const harbor = async (): Promise<string> =>
  await on('node-03', "curl -s -o /dev/null -w '%{http_code}' --max-time 60 http://harbor.thtf.com/api/v2.0/health")

prepare(test, async () => {
  await boot({ family: `el:${el}` })
  await apply('site')
  for (const node of docker)
    await on(
      node,
      `set -e; cd /tmp; wget -q -O busybox.tar http://${gateway()}:8081/images/busybox-1.35.tar; docker load -q -i busybox.tar; docker run -d --name beside --restart always busybox:1.35 sleep 1000000`,
    )
})

test('Docker goes on where a kubelet comes beside it, container by container', async () => {
  const before = await Promise.all(docker.map(started))
  await apply('kubernetes')
  for (const answer of before) assert.match(answer, /^true /)
  for (const node of docker) await on(node, 'docker run --rm busybox:1.35 true')
  // containerd is restarted once, for the one configuration of both: what runs goes on.
  assert.equal(await Promise.all(docker.map(started)), before)
  assert.is(await harbor(), '200')
})

test('a node of the Red Hat family runs Pods, answers kubectl exec and logs, and serves Services', async () => {
  const release = await on(el, '. /etc/os-release; echo $ID')
  assert.is(release, 'rocky')
  const status = 'get nodes -o jsonpath=\'{.items[*].status.conditions[?(@.type=="Ready")].status}\''
  await until(
    'three nodes are ready',
    async () => await kubectl(status),
    (answer) => answer === 'True True True',
  )
  const name = await kubectl(
    `-n tutorial get pods -l app=each-node --field-selector spec.nodeName=${el} -o jsonpath={.items[0].metadata.name}`,
  )
  assert.is(await kubectl(`-n tutorial exec ${name} -- hostname`), name)
  const page = async () =>
    await on('node-03', `curl -s -o /dev/null -w '%{http_code}' --max-time 60 http://${addressOf(el)}:30080/ || :`)
  await until('the Service on the port of that node', page, (answer) => answer === '200')
})

test('the image of the tutorial’s objects comes from Harbor', async () => {
  const image = 'harbor.thtf.com/public/nginx:1.22'
  // An engine that looks a name up for the first time asks the name servers of its start, and reads resolv.conf five seconds later.
  await on(
    registry,
    `set -e; cd /tmp; wget -q -O nginx.tar http://${gateway()}:8081/images/nginx-1.22.tar; docker load -q -i nginx.tar; docker tag nginx:1.22 ${image}
DOCKER_CONFIG=$(mktemp -d); export DOCKER_CONFIG; login() { printf Harbor12345 | docker login -u admin --password-stdin harbor.thtf.com; }; login || { sleep 6; login; }; docker push ${image}; docker rmi ${image}; rm -r "$DOCKER_CONFIG"`,
  )
  const file = join(inventory, 'group_vars/kubernetes.yml')
  const vars = readFileSync(file, 'utf8').replace(
    '  mirrors:\n',
    "  mirrors:\n    harbor.thtf.com: ['http://harbor.thtf.com']\n",
  )
  writeFileSync(file, `${vars}\nkube-objects:\n  image: ${image}\n`)
  await apply('kubernetes')
  const rolledOut = async () =>
    await kubectl(
      "-n tutorial get deployment web -o jsonpath='{.spec.template.spec.containers[0].image} {.status.updatedReplicas} {.status.readyReplicas}'",
    )
  await until('all of them have it', rolledOut, (answer) => answer === `${image} 3 3`)
  const pulled = async (node: string) => await on(node, `ctr -n k8s.io images ls -q | grep -c '^${image}$' || :`)
  const counts = await Promise.all(['node-03', el, registry].map(pulled))
  assert.ok(counts.includes('1'), `containerd has it from Harbor: ${counts.join(' ')}`)
  assert.is(await harbor(), '200')
})

test.run()

// `npm run test:kubernetes -- by-hand`: bare hosts become a cluster by shell scripts over ssh, and then, bare again, by the playbook: the same hosts, the same
// mirror, one after the other. Prints seconds to three nodes and three Pods of three. The scripts make less: one host of the control plane, no authorities of
// their own, no addons, nothing that looks whether it is done already.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { reset } from '../../lib/lab/lab.ts'
import { addressOf, apply, artifacts, boot, gateway, lastReady, on, request, until } from './cluster.ts'

const GROUPS: Readonly<Record<string, string>> = {
  'node-01': 'etcd',
  'node-02': 'etcd control',
  'node-03': 'etcd node',
  'node-04': 'node',
  'node-05': 'node',
}
const names = Object.keys(GROUPS)
const say = (line: string) => void process.stdout.write(`  ${line}\n`)

/** One authority, and what each host has of it, as a tar that goes to the host. */
function packed(): ReadonlyMap<string, Buffer> {
  const room = mkdtempSync(join(tmpdir(), 'by-hand-'))
  try {
    const sh = (text: string) => execFileSync('sh', ['-ec', text], { cwd: room, stdio: ['ignore', 'pipe', 'pipe'] })
    sh(
      `openssl ecparam -name prime256v1 -genkey -noout -out ca-key.pem; openssl req -x509 -new -key ca-key.pem -subj /CN=by-hand -days 10 -out ca.pem 2>/dev/null`,
    )
    const made = (at: string, file: string, subject: string, alternatives = '') =>
      sh(`openssl ecparam -name prime256v1 -genkey -noout -out ${at}/${file}-key.pem
openssl req -new -key ${at}/${file}-key.pem -subj '${subject}' -out it.csr
printf 'extendedKeyUsage=serverAuth,clientAuth\\n${alternatives === '' ? '' : `subjectAltName=${alternatives}`}\\n' >it.ext
openssl x509 -req -in it.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 10 -extfile it.ext -out ${at}/${file}.pem 2>/dev/null`)
    writeFileSync(join(room, 'by-hand.sh'), readFileSync(join(import.meta.dirname, 'by-hand.sh')))
    writeFileSync(
      join(room, 'hosts'),
      names.map((name) => `${name} ${addressOf(name)} ${GROUPS[name] ?? ''}\n`).join(''),
    )
    writeFileSync(join(room, 'mirror'), `http://${gateway()}:8081`)
    writeFileSync(join(room, 'version'), '1.20.2')
    return new Map(
      names.map((name) => {
        const groups = GROUPS[name] ?? ''
        const address = addressOf(name)
        sh('rm -rf pki; mkdir pki; cp ca.pem pki/')
        made(
          'pki',
          'host',
          `/CN=${name}`,
          `IP:${address},IP:127.0.0.1,IP:10.96.0.1,DNS:${name},DNS:kubernetes.default.svc`,
        )
        if (groups.includes('control')) {
          made('pki', 'admin', '/O=system:masters/CN=admin')
          for (const each of ['kube-controller-manager', 'kube-scheduler']) made('pki', each, `/CN=system:${each}`)
        }
        if (groups.includes('node')) {
          made('pki', 'kubelet', `/O=system:nodes/CN=system:node:${name}`, `IP:${address},DNS:${name}`)
          made('pki', 'kube-proxy', '/CN=system:kube-proxy')
        }
        return [name, sh('tar c by-hand.sh hosts mirror version pki')] as const
      }),
    )
  } finally {
    rmSync(room, { recursive: true })
  }
}

const WEB = JSON.stringify({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1.22' }] } },
  },
})

const bare = async () => await reset({ ...request, artifacts }, names)

test.before(async () => {
  await boot()
})

test('three nodes and three Pods by shell scripts, and by the playbook, on the same hosts', async () => {
  await bare()
  let started = Date.now()
  const tars = packed()
  await Promise.all(
    names.map(
      async (name) =>
        await on(
          name,
          `rm -rf /root/by-hand; mkdir -p /root/by-hand; cd /root/by-hand; base64 -d | tar x; sh by-hand.sh ${name}`,
          tars.get(name)?.toString('base64'),
        ),
    ),
  )
  const kubectl = '/opt/kubernetes/kubectl --kubeconfig /etc/kubernetes/admin.kubeconfig'
  await on(
    'node-02',
    `ln -sf /opt/kubernetes/kubectl /usr/local/bin/kubectl; mkdir -p /root/.kube; cp /etc/kubernetes/admin.kubeconfig /root/.kube/config; ${kubectl} apply -f - >/dev/null`,
    WEB,
  )
  const ready = 'get deployment web -o jsonpath={.status.readyReplicas}'
  await until(
    'three of three',
    async () => await on('node-02', `${kubectl} ${ready}`),
    (answer) => answer === '3',
  )
  const seconds = async (what: string) => ((await lastReady(what, 'node-02')) - started) / 1000
  const hand = [await seconds('nodes'), await seconds('pods -l app=web')]
  await bare()
  started = Date.now()
  await apply('kubernetes')
  const playbook = [await seconds('nodes'), await seconds('pods -n tutorial -l app=web')]
  for (const [at, what] of ['three nodes ready', 'three Pods of three'].entries())
    say(
      `${what}: ${hand[at]?.toFixed(1) ?? ''} s by hand, ${playbook[at]?.toFixed(1) ?? ''} s by the playbook, ${((playbook[at] ?? 0) / (hand[at] ?? 1)).toFixed(2)} times`,
    )
  assert.ok([...hand, ...playbook].every((each) => each > 0))
})

test.run()

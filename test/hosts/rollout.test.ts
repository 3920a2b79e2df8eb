// Hosts: node-01, node-02, node-03, node-04, node-05
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { blocksOf } from '../docs/blocks.ts'
import { beginLoad } from '../support/load.ts'
import { changes, complaints, lab, onLab, put, rolecall, ssh, verdicts } from '../support/lab.ts'

const webs = ['node-02', 'node-03', 'node-04', 'node-05']

/** Answers with its release; on a signal it finishes what is in its queue. A bad release never listens. */
const SERVER = String.raw`#!/usr/bin/perl
use IO::Socket::INET; use IO::Select;
open my $f, '<', '/srv/app/release'; my $release = <$f>;
my $stop = 0; $SIG{TERM} = sub { $stop = 1 };
if ($release =~ /bad/) { sleep 1 until $stop; exit 0 }
my $s = IO::Socket::INET->new(LocalPort => 8091, Listen => 128, ReuseAddr => 1) or die;
my $ready = IO::Select->new($s);
while (1) {
  unless ($ready->can_read($stop ? 0 : 0.05)) { last if $stop; next }
  my $c = $s->accept or next;
  while (my $line = <$c>) { last if $line =~ /^\r?\n/ }
  print $c "HTTP/1.0 200 OK\r\nContent-Length: " . length($release) . "\r\n\r\n$release"; close $c;
}
`

// The roles and the playbook are those of the recipe.
const recipe = blocksOf('docs/recipes.md').filter(({ file = '' }) =>
  ['roles/balancer.ts', 'roles/release.ts', 'playbooks/rollout.ts'].includes(file),
)
for (const { file = '', text } of recipe) put(file, text)
put(
  'roles/rc-app.ts',
  `import { dir, file, role } from 'rolecall'
export default role({
  name: 'rc-app',
  async apply({ ensure }) {
    await ensure(dir('/srv/app/bin'), file('/srv/app/bin/app', { content: ${JSON.stringify(SERVER)}, mode: '0755' }))
  },
})
`,
)
put(
  'roles/rc-vhost.ts',
  `import { file, role, service } from 'rolecall'
export default role({
  name: 'rc-vhost',
  async apply({ ensure }) {
    const vhost = file('/etc/nginx/conf.d/rc-broken.conf', { content: 'server { listen 8092; no_such_word on; }\\n' })
    await ensure(vhost, service('nginx', { running: true, reloadedAfter: [vhost], test: 'nginx -t' }))
  },
})
`,
)
const play = (name: string, hosts: string, role: string) =>
  put(
    `playbooks/${name}.ts`,
    `import { playbook } from 'rolecall'
import role from '../roles/${role}.ts'
export default playbook({ name: '${name}', plays: [{ name: '${name}', hosts: '${hosts}', roles: [role] }] })
`,
  )
play('rc-app', 'app', 'rc-app')
play('rc-broken', 'lb', 'rc-vhost')

const release = (name: string, ...more: readonly string[]) => [
  'rollout',
  '--no-types',
  ...['balancer.listen=8090', 'release.port=8091', `release.version=${name}`].flatMap((each) => ['-e', each]),
  ...more,
]

async function clean(): Promise<void> {
  await Promise.all([
    ssh(
      'node-01',
      'apt-get -qq purge nginx nginx-common >/dev/null 2>&1; rm -rf /etc/nginx /etc/systemd/system/nginx.service.d; systemctl daemon-reload',
    ),
    ...webs.map((host) =>
      ssh(
        host,
        'systemctl stop app 2>/dev/null; rm -rf /srv/app /etc/systemd/system/app.service; systemctl daemon-reload',
      ),
    ),
  ])
}

onLab(
  'releases roll over hosts behind nginx without a failed request, also when one is bad and is taken back',
  async () => {
    let load: ReturnType<typeof beginLoad> | undefined
    try {
      const { nodes } = await lab()
      const addresses = webs.map((host) => `    ${host}: {}`).join('\n')
      put('inventory/rc.yml', `lb: { hosts: { node-01: {} } }\napp:\n  hosts:\n${addresses}\n`)
      assert.is(recipe.length, 3)
      const app = await rolecall('apply', 'rc-app', '--no-types')
      assert.is(app.code, 0, complaints(app))
      const first = await rolecall('apply', ...release('one'))
      assert.is(first.code, 0, complaints(first))

      const address = nodes.find(({ name }) => name === 'node-01')?.address ?? ''
      load = beginLoad(`http://${address}:8090/`, { perSecond: 100 })
      await load.seen('one', 20)

      const check = await rolecall('check', ...release('two'))
      const second = await rolecall('apply', ...release('two'))
      assert.is(second.code, 0, complaints(second))
      // The gate asks in apply alone.
      assert.equal(
        verdicts(second).filter((each) => !each.includes(' expect:')),
        verdicts(check),
      )
      await load.seen('two', 20)
      const bad = await rolecall('apply', ...release('bad', '-e', 'release.patience=3'))
      assert.is(bad.code, 2, complaints(bad))
      assert.equal(
        bad.problems.map(({ host, resource }) => `${host ?? ''} ${resource ?? ''}`),
        ['node-02 waitFor:the app answers'],
      )
      const back = bad.resources.filter(({ role, status }) => role === 'rollback' && status === 'changed')
      assert.equal(
        back.map(({ host, steps: [step] }) => `${host} ${step?.replace(/ \(.*/, '') ?? ''}`),
        [
          'node-02 put back /srv/app/release',
          'node-02 restart app',
          'node-01 put back /etc/nginx/upstream.d/node-02.conf',
          'node-01 reload nginx',
        ],
      )
      assert.equal(
        await Promise.all(webs.map((host) => ssh(host, 'cat /srv/app/release; ls /var/lib/rolecall/kept'))),
        ['two', 'two', 'two', 'two'],
      )
      // The host that was taken back serves again.
      assert.not.match(await ssh('node-01', 'cat /etc/nginx/upstream.d/*'), 'down')
      const settled = await rolecall('apply', ...release('two'))
      assert.equal([settled.code, changes(settled)], [0, []], complaints(settled))

      const pid = await ssh('node-01', 'systemctl show -p MainPID nginx')
      const broken = await rolecall('apply', 'rc-broken', '--no-types')
      assert.match(complaints(broken), /no_such_word/)
      assert.match(complaints(broken), /put back: \/etc\/nginx\/conf\.d\/rc-broken\.conf/)
      assert.is(
        await ssh('node-01', 'systemctl is-active nginx; systemctl show -p MainPID nginx; ls /etc/nginx/conf.d'),
        `active\n${pid}\napp.conf`,
      )

      const { sent, failed, bodies } = await load.end()
      assert.equal(failed, [], `${failed.length} of ${sent} requests failed`)
      assert.equal([...bodies.keys()].toSorted(), ['one', 'two'])
      process.stdout.write(`${sent} requests, ${failed.length} failed\n`)
    } finally {
      await clean()
    }
  },
)

test.run()

// Hosts: node-01, node-02, node-03, node-04, node-05
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { beginLoad } from '../support/load.ts'
import { changes, complaints, lab, onLab, put, rolecall, ssh, verdicts } from '../support/lab.ts'

const webs = ['node-02', 'node-03', 'node-04', 'node-05']

/** Answers with its release; on a signal it finishes what is in its queue. A bad release never listens. */
const SERVER = String.raw`use IO::Socket::INET; use IO::Select;
open my $f, '<', '/srv/rc-app/release'; my $release = <$f>;
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

put(
  'roles/rc-balancer.ts',
  `import { dir, dropIn, file, pkg, role, service } from 'rolecall'
export default role({
  name: 'rc-balancer',
  async apply({ ensure, site }) {
    // A reload lasts until the old workers have answered all they had begun.
    const drains = dropIn('nginx', 'rc-drains', { sections: { Service: { ExecReload: ['', "/bin/sh -c 'old=$$(cat /proc/$MAINPID/task/$MAINPID/children); kill -HUP $MAINPID; for p in $$old; do n=0; while kill -0 $$p 2>/dev/null && [ $$n -lt 600 ]; do n=$$((n+1)); sleep 0.05; done; done'"] } } })
    const upstreams = site.hosts('rc').map(({ name, address }) => file(\`/etc/nginx/upstream.d/\${name}.conf\`, { content: \`server \${address}:8091 max_fails=0;\\n\` }))
    const server = file('/etc/nginx/conf.d/rc.conf', {
      content: 'upstream rc { include /etc/nginx/upstream.d/*.conf; }\\nserver { listen 8090; location / { proxy_pass http://rc; proxy_next_upstream off; } }\\n',
    })
    await ensure(pkg('nginx'), dir('/etc/nginx/upstream.d'), ...drains, ...upstreams, server,
      service('nginx', { running: true, restartedAfter: drains, reloadedAfter: [server], test: 'nginx -t' }))
  },
})
`,
)
put(
  'roles/rc-deploy.ts',
  `import { dir, file, role, service, unit, waitFor, z } from 'rolecall'
const SERVER = ${JSON.stringify(SERVER)}
export default role({
  name: 'rc-deploy',
  vars: z.object({ release: z.string(), patience: z.number().default(60) }),
  async apply({ ensure, changes, site, host, vars }) {
    const balancer = site.host('node-01')
    const serves = (state: 'up' | 'down') => {
      const upstream = file(\`/etc/nginx/upstream.d/\${host.name}.conf\`, { content: \`server \${host.address}:8091 max_fails=0\${state === 'down' ? ' down' : ''};\\n\` })
      return [upstream, service('nginx', { running: true, reloadedAfter: [upstream], test: 'nginx -t' })]
    }
    const server = file('/srv/rc-app/server.pl', { content: SERVER })
    const release = file('/srv/rc-app/release', { content: vars.release + '\\n' })
    const service_ = unit('rc-app', { sections: { Unit: { Description: 'rc' }, Service: { ExecStart: '/usr/bin/perl /srv/rc-app/server.pl' } } })
    const app = service('rc-app', { running: true, restartedAfter: [server, release, service_] })
    const all = [dir('/srv/rc-app'), server, release, service_, app]
    if (await changes(...all)) await balancer.ensure(serves('down'))
    await ensure(...all, waitFor('the app answers', { port: 8091, againAfter: [app], deadline: vars.patience }))
    await balancer.ensure(serves('up'))
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
const play = (name: string, hosts: string, role: string, more = '') =>
  put(
    `playbooks/${name}.ts`,
    `import { playbook } from 'rolecall'
import role from '../roles/${role}.ts'
export default playbook({ name: '${name}', plays: [{ name: '${name}', hosts: '${hosts}', roles: [role]${more} }] })
`,
  )
play('rc-balance', 'node-01', 'rc-balancer')
play('rc-broken', 'node-01', 'rc-vhost')
play('rc-rollout', webs.join(':'), 'rc-deploy', ", serial: [1, '100%'], gate: 'verify', rollback: 'files'")

const release = (name: string, ...more: readonly string[]) => [
  'rc-rollout',
  '--no-types',
  '-e',
  `rc-deploy.release=${name}`,
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
        'systemctl stop rc-app 2>/dev/null; rm -rf /srv/rc-app /etc/systemd/system/rc-app.service; systemctl daemon-reload',
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
      put('inventory/rc.yml', `rc:\n  hosts:\n${addresses}\n`)
      const balanced = await rolecall('apply', 'rc-balance', '--no-types')
      assert.is(balanced.code, 0, complaints(balanced))
      const first = await rolecall('apply', ...release('one'))
      assert.is(first.code, 0, complaints(first))

      const address = nodes.find(({ name }) => name === 'node-01')?.address ?? ''
      load = beginLoad(`http://${address}:8090/`, { perSecond: 100 })
      await load.seen('one', 20)

      const check = await rolecall('check', ...release('two'))
      const second = await rolecall('apply', ...release('two'))
      assert.is(second.code, 0, complaints(second))
      assert.equal(verdicts(second), verdicts(check))
      await load.seen('two', 20)
      const bad = await rolecall('apply', ...release('bad', '-e', 'rc-deploy.patience=3'))
      assert.is(bad.code, 2, complaints(bad))
      assert.equal(
        bad.problems.map(({ host, resource }) => `${host ?? ''} ${resource ?? ''}`),
        ['node-02 waitFor:the app answers'],
      )
      const back = bad.resources.filter(({ role, status }) => role === 'rollback' && status === 'changed')
      assert.equal(
        back.map(({ host, steps: [step] }) => `${host} ${step?.replace(/ \(.*/, '') ?? ''}`),
        [
          'node-02 put back /srv/rc-app/release',
          'node-02 restart rc-app',
          'node-01 put back /etc/nginx/upstream.d/node-02.conf',
          'node-01 reload nginx',
        ],
      )
      assert.equal(
        await Promise.all(webs.map((host) => ssh(host, 'cat /srv/rc-app/release; ls /var/lib/rolecall/kept'))),
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
        `active\n${pid}\nrc.conf`,
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

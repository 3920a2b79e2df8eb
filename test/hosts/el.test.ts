// Hosts: none
import { execFile } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dnf } from '../../lib/resources/packages/dnf/dnf.ts'
import type { PkgWant } from '../../lib/resources/packages/package-manager.ts'
import { down, inventoryFor, reset, sshArguments, up, type Lab } from '../../lib/lab/lab.ts'
import { rocky } from '../support/converge-locally.ts'
import { arrives, changes, complaints, project, put, rolecall, skipReason, start, verdicts } from '../support/lab.ts'
import { pointAtMirror } from '../support/mirror.ts'

const execute = promisify(execFile)

// A lab of its own: the hosts of the other tests stay Debian. Three hosts are enough for every role: a name server, an
// authority, and one with Docker and the registry.
const request = {
  project: resolve(import.meta.dirname, '../..'),
  name: `${process.env['ROLECALL_TEST_LAB'] ?? 'test'}-el`,
}
const nodes = ['node-01', 'node-02', 'node-05']

/** Everything that check mode must leave alone, the package manager's own state included. */
const STATE_OF_A_HOST = String.raw`
cd / && find etc opt root home usr/local var/tmp var/cache/dnf var/lib/dnf -xdev -printf '%p %y %m %u:%g %l\n' | grep -v '^var/tmp/systemd-private' | sort
find etc opt root home usr/local var/cache/dnf var/lib/dnf -xdev -type f -print0 | sort -z | xargs -0 sha256sum
rpm -qa | sort
systemctl list-unit-files --no-legend --plain --no-pager | grep -v '^session-'
getent passwd; getent group; hostname`

let lab: Lab | undefined

function onEl(says: string, work: (lab: Lab) => Promise<void>): void {
  if (skipReason !== undefined) return test.skip(says)
  test(says, async () => {
    lab ??= await up({ ...request, family: 'el', nodes })
    await work(lab)
  })
}

async function ssh(node: string, script: string): Promise<string> {
  if (lab === undefined) throw new Error('no lab')
  const command = `sudo /bin/sh -c '${script.replaceAll("'", `'\\''`)}'`
  return (await execute('ssh', [...sshArguments(lab, node), command], { maxBuffer: 2 ** 26 })).stdout.trim()
}

/** The inventory of this lab beside the variables of the site, which name the mirror of the default lab. */
function inventory(directory: string, from: Lab): string {
  pointAtMirror(project, from)
  cpSync(join(project, 'inventory/group_vars'), join(project, directory, 'group_vars'), { recursive: true })
  put(`${directory}/hosts.yml`, inventoryFor(from))
  return `${directory}/hosts.yml`
}

onEl('a host of the family is one for whoever looks at it', async () => {
  await reset({ ...request, family: 'el' }, nodes)
  assert.match(await ssh('node-01', '. /etc/os-release; echo $ID $ID_LIKE $VERSION_ID'), 'rocky rhel centos fedora 9')
  assert.is(await ssh('node-01', 'command -v apt-get dpkg apt || echo none'), 'none')
  assert.match(
    await ssh('node-01', 'rpm -q openssl firewalld dnf bash'),
    /openssl-\d.*\nfirewalld-\d.*\ndnf-\d.*\nbash-\d/,
  )
  assert.is(await ssh('node-01', 'rpm -qf --qf "%{NAME}" /usr/sbin/sshd'), 'openssh-server')
  assert.is(await ssh('node-01', 'systemctl is-active firewalld sshd'), 'active\nactive')
  assert.is(await ssh('node-01', 'systemctl is-system-running'), 'running')
  assert.match(await ssh('node-01', 'cat /etc/selinux/config'), /^SELINUX=enforcing$/m)
  assert.is(await ssh('node-01', 'stat -c %a /etc/pki/rpm-gpg'), '755')
})

/** A repository with no packages, and a group of those of others. */
const GROUPS = `mkdir -p /srv/groups/repodata && cd /srv/groups/repodata || exit
printf '<metadata xmlns="http://linux.duke.edu/metadata/common" packages="0"></metadata>' >primary.xml
cat >comps.xml <<'X'
<comps><group><id>web-tools</id><name>All Web Tools</name><description/><default>false</default><uservisible>true</uservisible>
<packagelist><packagereq type="mandatory">curl</packagereq><packagereq type="default">nginx</packagereq></packagelist></group></comps>
X
data() { printf '<data type="%s"><checksum type="sha256">%s</checksum><location href="repodata/%s"/></data>' "$1" "$(sha256sum "$1.xml" | cut -c 1-64)" "$1.xml"; }
mv comps.xml group.xml
{ echo '<repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>1</revision>'; data primary; data group; echo '</repomd>'; } >repomd.xml
dnf -q makecache`

onEl('a group of packages comes and goes as check says, also of a repository that is to come', async (found) => {
  const groups = (name: string, resources: string) =>
    put(
      `playbooks/${name}.ts`,
      `import { packageGroup, playbook, repository, role } from 'rolecall'
const groups = role({ name: '${name}', async apply({ ensure }) { await ensure(${resources}) } })
export default playbook({ name: '${name}', plays: [{ name: 'all', hosts: 'node-05', roles: [groups] }] })
`,
    )
  const from = ['-i', inventory('groups', found)]
  await ssh('node-05', GROUPS)
  groups(
    'group-pending',
    `repository('groups', { yum: { baseurl: 'file:///srv/groups', gpgcheck: false } }), packageGroup('web-tools')`,
  )
  const pending = await rolecall('check', 'group-pending', ...from)
  assert.equal(changes(pending), ['node-05 packageGroup:web-tools unknown', 'node-05 repository:groups changed'])
  const both = await rolecall('apply', 'group-pending', ...from)
  assert.is(both.code, 0, complaints(both))
  assert.is(await ssh('node-05', 'rpm -q --qf %{NAME} nginx'), 'nginx')
  const again = await rolecall('apply', 'group-pending', ...from)
  assert.equal([again.code, changes(again)], [0, []], complaints(again))
  groups('group-gone', `packageGroup('web-tools', { state: 'absent' })`)
  await arrives('group-gone', ...from)
  assert.match(await ssh('node-05', 'rpm -q nginx; rpm -q --qf %{NAME} curl'), /not installed\s+curl/)
  groups('group-there', `packageGroup('web-tools')`)
  const there = await arrives('group-there', ...from)
  assert.equal(changes(there), ['node-05 packageGroup:web-tools changed'])
  await reset(request, ['node-05'])
})

onEl('a package brings files, a user and a unit that nobody starts, and takes what it brought with it', async () => {
  await ssh('node-05', 'dnf -q -y install nginx')
  assert.is(await ssh('node-05', 'systemctl is-enabled nginx; systemctl is-active nginx; :'), 'disabled\ninactive')
  assert.is(await ssh('node-05', 'id -un nginx; rpm -V nginx'), 'nginx')
  await ssh('node-05', 'systemctl enable --now nginx')
  assert.match(await ssh('node-05', 'curl -s http://127.0.0.1/'), 'nginx')
  await ssh('node-05', 'dnf -q -y remove nginx')
  assert.is(await ssh('node-05', 'systemctl is-active nginx; ls /etc/nginx/nginx.conf 2>/dev/null; :'), 'inactive')
  await reset(request, ['node-05'])
})

onEl('check asks dnf what would come, and changes nothing, not even of dnf', async (from) => {
  const file = inventory('el', from)
  const before = await ssh('node-01', STATE_OF_A_HOST)
  const check = await rolecall('check', 'site', '-i', file, '--limit', 'node-01')
  assert.is(check.code, 0, complaints(check))
  const bind = check.resources.find(({ resource }) => resource === 'pkg:bind,bind-utils')
  assert.match(bind?.steps.join() ?? '', /^install bind 9\.\S+-1\.el9, and \d+ more with it$/)
  assert.ok(before.split('\n').length > 500)
  assert.fixture(await ssh('node-01', STATE_OF_A_HOST), before)
})

/** Holds dnf's lock by dnf's own code, as its transaction does. */
const HOLDER = `rm -f /run/held; setsid python3 -c "
import dnf.lock, time
with dnf.lock.build_rpmdb_lock('/var/lib/dnf', True):
    open('/run/held', 'w').close(); time.sleep(100)" >/dev/null 2>&1 </dev/null &
for i in $(seq 120); do [ ! -e /run/held ] || exit 0; sleep 0.5; done; exit 1`

onEl('a dnf that somebody else has locked is waited for, then given up, and who has it is said', async (from) => {
  const file = inventory('el', from)
  put(
    'playbooks/held.ts',
    `import { pkg, playbook, role } from 'rolecall'
const tree = role({ name: 'tree', async apply({ ensure }) { await ensure(pkg('tree')) } })
export default playbook({ name: 'held', plays: [{ name: 'a', hosts: 'node-02', roles: [tree] }] })
`,
  )
  await ssh('node-02', HOLDER)
  const running = start('apply', 'held', '-i', file)
  await running.until('another package manager is at work')
  await ssh('node-02', 'pkill -f dnf[.]lock')
  const run = await running.done
  assert.equal([run.code, changes(run)], [0, ['node-02 pkg:tree changed']], complaints(run))
  const said = run.events.flatMap((event) => (event.type === 'waiting' ? [event.message] : []))
  assert.match(said.join(), /waited for up to 120 s: process \d+ \(python3\) holds \/var\/lib\/dnf\/rpmdb_lock.pid/)

  const want: PkgWant = { names: ['tree'], state: 'absent', version: undefined, recommends: false }
  const [step] = dnf.plan(want, { installed: new Map(), lists: 'fresh' }, ['tree'], rocky).steps
  await ssh('node-02', HOLDER)
  const sooner = (step?.sh.text ?? '').replaceAll('120', '3')
  const words = await ssh('node-02', `(${sooner}\n) 2>&1; echo "status $?"; pkill -f dnf[.]lock`)
  assert.match(
    words,
    /gave up after 3 s: another package manager is at work, process \d+ \(python3\) holds .*\nstatus 1$/,
  )
  assert.match(await ssh('node-02', 'rpm -q tree'), 'tree')
})

onEl('the whole site arrives on the Red Hat family, as check has said', async (from) => {
  const done = verdicts(await arrives('site', '-i', inventory('el', from), '--limit', nodes.join()))
  for (const line of [
    'node-01 service:firewalld changed',
    'node-01 selinux:mode changed',
    'node-01 pkg:epel-release changed',
    'node-01 file:/etc/named.rfc1912.zones changed',
    'node-02 download:/usr/local/bin/cfssl changed',
    'node-05 pkg:docker-ce,docker-ce-cli,containerd.io changed',
  ])
    assert.ok(done.includes(line), `${line} in\n${done.join('\n')}`)
  assert.match(await ssh('node-02', 'cat /etc/sysconfig/network-scripts/ifcfg-host0'), /^DNS1=10\.10\.\d+\.50$/m)
  assert.is(await ssh('node-02', 'dig +short node-03.host.com'), from.nodes[2]?.address)
})

onEl('after a restart a host still asks the own name server', async () => {
  const before = await ssh('node-02', 'cat /etc/resolv.conf')
  const { restartHosts } = await import('../../lib/lab/lab.ts')
  await restartHosts(request, ['node-02'])
  assert.is(await ssh('node-02', 'cat /etc/resolv.conf'), before)
  assert.is(await ssh('node-02', 'systemctl is-active firewalld; :'), 'inactive')
})

onEl('where there is only yum, packages go through yum', async () => {
  await ssh('node-05', 'yum -q -y remove tree dos2unix; mv /usr/bin/dnf /root/dnf')
  const args = ['site', '-i', 'el/hosts.yml', '--limit', 'node-05', '--role', 'base']
  const check = await rolecall('check', ...args)
  const apply = await rolecall('apply', ...args)
  assert.is(apply.code, 0, complaints(apply))
  assert.equal(changes(apply).length, 1, changes(apply).join())
  assert.equal(verdicts(check), verdicts(apply))
  assert.is(await ssh('node-05', 'rpm -q tree dos2unix >/dev/null && echo both'), 'both')
  await ssh('node-05', 'mv /root/dnf /usr/bin/dnf')
})

// node-05 has Docker and the registry from before; on node-03 they come with this run.
onEl('one run takes Debian and the Red Hat family there together, Docker on both', async () => {
  await reset({ ...request, family: 'debian' }, ['node-02'])
  await reset(request, ['node-01'])
  const mixed = await up({ ...request, family: 'debian', nodes: ['node-03'] })
  const families = Object.fromEntries(mixed.nodes.map(({ name, family }) => [name, family]))
  assert.equal(
    [...nodes, 'node-03'].map((node) => families[node]),
    ['el', 'debian', 'el', 'debian'],
  )
  const done = verdicts(await arrives('site', '-i', inventory('mix', mixed), '--limit', [...nodes, 'node-03'].join()))
  for (const line of [
    'node-01 file:/etc/named.rfc1912.zones changed',
    'node-02 pkg:golang-cfssl changed',
    'node-03 pkg:docker.io changed',
    'node-05 pkg:docker-ce,docker-ce-cli,containerd.io ok',
  ])
    assert.ok(done.includes(line), `${line} in\n${done.join('\n')}`)
})

onEl('a host that has a disk of one family is not taken for another', async () => {
  try {
    await up({ ...request, family: 'el', nodes: ['node-02'] })
    assert.unreachable('node-02 is Debian')
  } catch (error) {
    assert.match(String(error), 'node-02 has a disk of another family')
  }
  const still = await up({ ...request, nodes })
  assert.is(still.nodes[1]?.family, 'debian')
})

test.after(async () => {
  if (lab !== undefined) await down(request)
})

test.run()

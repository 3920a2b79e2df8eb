import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { el } from '../../lab/el/packages.ts'
import { RolecallError } from '../../lib/errors.ts'
import { merged, readStatus } from '../../lib/lab/bases/el/dpkg.ts'
import { elWorld, preinstalled } from '../../lib/lab/bases/el/packages.ts'
import { fingerprint, hostFiles } from '../../lib/lab/bases/el/recipe.ts'
import { rpmsOf, rpmVersion, specOf } from '../../lib/lab/bases/el/spec.ts'
import { contentsOf } from '../../lib/lab/bases/el/build-container.ts'
import { readFamilies } from '../../lib/lab/family.ts'
import { inventoryFor } from '../../lib/lab/lab.ts'
import { describeLab, nodeNames } from '../../lib/lab/model.ts'

const lab = describeLab('rocky', '/srv/site', 51, { families: readFamilies('el:node-02,node-04', nodeNames) })
const { packages } = elWorld(el)

test('a family is for all hosts, for the named ones, or mixed', () => {
  const of = (choice: string): string => nodeNames.map((name) => readFamilies(choice, nodeNames)[name] ?? '?').join(' ')
  assert.is(of('el'), 'el el el el el')
  assert.is(of('debian'), 'debian debian debian debian debian')
  assert.is(of('mixed'), 'el debian debian el debian')
  assert.is(of('el:node-02,node-04'), 'debian el debian el debian')
  assert.is(of('debian:node-01'), 'debian debian debian debian debian')
})

test('an unknown family and an unknown host are refused with the known ones', () => {
  for (const choice of ['suse', '', 'mixed:node-01', 'el:node-06', 'el:', 'EL']) {
    try {
      readFamilies(choice, nodeNames)
      assert.unreachable(choice)
    } catch (error) {
      assert.instance(error, RolecallError, choice)
      assert.match((error as RolecallError).problems[0]?.expected ?? '', 'debian, el, mixed')
    }
  }
})

test('a lab knows the family of each host; the default is Debian', () => {
  assert.equal(
    lab.nodes.map(({ family }) => family),
    ['debian', 'el', 'debian', 'el', 'debian'],
  )
  assert.is(describeLab('x', '/srv', 51).nodes[0]?.family, 'debian')
  assert.match(inventoryFor(lab), 'node-02:\n      ansible_host: 10.10.51.20\n')
})

test('a host of the Red Hat family has the settings of its network card where the tutorial edits them', () => {
  const [, node] = lab.nodes
  if (node === undefined) throw new Error('no node')
  const text = hostFiles(lab, node)['etc/sysconfig/network-scripts/ifcfg-host0'] ?? ''
  assert.match(text, 'DEVICE=host0\nONBOOT=yes\nIPADDR=10.10.51.20\nPREFIX=24\nGATEWAY=10.10.51.254\n')
})

const status = `Package: bind9
Status: install ok installed
Architecture: amd64
Version: 1:9.18.33-1~deb12u2
Pre-Depends: init-system-helpers (>= 1.54)
Depends: bind9-libs (= 1:9.18.33-1~deb12u2), debconf (>= 0.5) | debconf-2.0, libc6 (>= 2.34), mail-reader | iproute2
Description: Internet Domain Name Server
 More words.

Package: bind9-libs
Status: install ok installed
Version: 1:9.18.33-1~deb12u2
Provides: something, iproute2 (= 6.1)
Description: Libraries

Package: debconf
Status: install ok installed
Version: 1.5
Description: Debian's own

Package: gone
Status: deinstall ok config-files
Version: 1
`

test('dpkg’s status is read: installed packages, what they depend on, what they provide', () => {
  const debs = readStatus(status)
  assert.equal([...debs.keys()], ['bind9', 'bind9-libs', 'debconf'])
  assert.equal(debs.get('bind9')?.depends, [
    ['init-system-helpers'],
    ['bind9-libs'],
    ['debconf', 'debconf-2.0'],
    ['libc6'],
    ['mail-reader', 'iproute2'],
  ])
  assert.equal(debs.get('bind9-libs')?.provides, ['something', 'iproute2'])
})

test('a version is the upstream one, without characters that rpm does not allow', () => {
  const versions = {
    '1:9.18.33-1~deb12u2': '9.18.33',
    '20.10.24+dfsg1-1+deb12u1': '20.10.24',
    '1.6.20~ds1-1+b1': '1.6.20',
    '5.2.15-2+b7': '5.2.15',
    '2023.3': '2023.3',
  }
  for (const [version, expected] of Object.entries(versions)) assert.is(rpmVersion(version), expected)
})

const lists = new Map([
  [
    'bind9',
    ['/etc', '/etc/bind', '/etc/bind/named.conf', '/usr', '/usr/sbin', '/usr/sbin/named', '/usr/share/doc/bind9/x'],
  ],
  ['bind9-libs', ['/usr', '/usr/lib', '/usr/lib/bind', '/usr/lib/bind/a [b].so', '/usr/lib/gone.so']],
])
const kindOf = (path: string) =>
  path.includes('gone') ? 'gone' : /\.|named$|\/x$|link$/.test(path) ? ('file' as const) : ('dir' as const)

test('only existing files are packed, without documentation, and a shared directory belongs to no package', () => {
  const contents = contentsOf(lists, new Map([['/usr/bin/link', '/usr/sbin/named']]), kindOf)
  assert.equal(contents.files.get('bind9'), ['/etc/bind/named.conf', '/usr/sbin/named', '/usr/bin/link'])
  assert.equal(contents.files.get('bind9-libs'), ['/usr/lib/bind/a [b].so'])
  assert.equal(contents.dirs.get('bind9-libs'), ['/usr/lib', '/usr/lib/bind'])
})

test('a package has the family’s name, layout and scripts, and its dependencies have the family’s names', () => {
  const rpms = rpmsOf(packages, readStatus(status), contentsOf(lists, new Map(), kindOf))
  const bind = rpms.find(({ name }) => name === 'bind')
  assert.equal(bind?.requires, ['bind-utils', 'bind9-libs'], 'no Debian name, nothing of debconf')
  assert.is(bind?.lines.includes('"/usr/sbin/named"'), true)
  assert.not(bind?.lines.some((line) => line.includes('/etc/bind/named.conf') && line.includes('%config')))
  assert.ok(bind?.lines.includes('%attr(0640, root, named) %config(noreplace) "/etc/named.conf"'))
  assert.ok(bind?.lines.includes('%attr(1770, root, named) %dir "/var/named"'))
  assert.equal(rpms.find(({ name }) => name === 'bind9-libs')?.lines.at(-1), '"/usr/lib/bind/a ?b?.so"')
  assert.not(rpms.some(({ name }) => name === 'debconf' || name === 'bind9'))

  const spec = specOf(rpms, '/lists')
  const section = spec.slice(spec.indexOf('%package -n bind\n'), spec.indexOf('%files -n bind -f /lists/bind'))
  assert.match(section, 'Version: 9.18.33\n')
  assert.match(section, 'AutoReqProv: no')
  assert.match(section, /%pre -n bind\n.*groupadd -r named/)
  assert.match(section, '%post -n bind\nif [ $1 -eq 1 ]; then systemctl --no-reload preset named.service')
  assert.not.match(section, 'systemctl start')
  assert.match(section, /%preun -n bind\nif \[ \$1 -eq 0 \][^]*disable \$now named.service/)
})

test('every package that roles ask for by the family’s name is made', () => {
  const names = new Set(packages.map(({ name }) => name))
  for (const name of [
    'bind',
    'bind-utils',
    'telnet',
    'nginx',
    'docker-ce',
    'docker-ce-cli',
    'containerd.io',
    'docker-compose',
    'epel-release',
    'yum',
  ])
    assert.ok(names.has(name), name)
  assert.ok(preinstalled.includes('firewalld'))
  assert.is(packages.find(({ name }) => name === 'docker-compose')?.repository, 'epel')
})

test('a project without packages of its own has hosts of the family with the base system only', () => {
  const { packages, installedForReal } = elWorld()
  const repos = packages.find(({ name }) => name === 'rocky-repos')?.files?.map(({ path }) => path)
  assert.equal(repos, ['/etc/yum.repos.d/baseos.repo'])
  assert.ok(installedForReal.includes('rocky-repos'))
  assert.not(elWorld(el).installedForReal.includes('epel-release'), 'it is installed when somebody wants it')
})

test('paths of Debian’s packages are those of its merged root', () => {
  assert.equal(['/lib/systemd/x', '/bin/sh', '/lib', '/library/x', '/usr/lib/x'].map(merged), [
    '/usr/lib/systemd/x',
    '/usr/bin/sh',
    '/usr/lib',
    '/library/x',
    '/usr/lib/x',
  ])
})

test('only another Debian base below makes another base of the family', () => {
  assert.is(fingerprint('a', elWorld()), fingerprint('a', elWorld()))
  assert.is.not(fingerprint('a', elWorld()), fingerprint('b', elWorld()))
  assert.is.not(fingerprint('a', elWorld()), fingerprint('a', elWorld(el)), 'packages of the project count')
})

test.run()

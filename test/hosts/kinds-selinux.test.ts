// Hosts: node-03
import { test } from 'uvu'
import { file } from '../../lib/resources/files/file.ts'
import { selinuxBoolean } from '../../lib/resources/selinux/selinux-boolean.ts'
import { selinuxContext } from '../../lib/resources/selinux/selinux-context.ts'
import { selinuxMode } from '../../lib/resources/selinux/selinux-mode.ts'
import { selinuxPort } from '../../lib/resources/selinux/selinux-port.ts'
import { tryCases } from '../support/cases.ts'

// A lab shares the kernel of its machine, which enforces nothing: what can be tried is the policy's store, with Debian's reference policy in it. semanage looks protocols up in /etc/protocols (netbase).
const SETUP = `[ -d /var/lib/selinux/default/active ] && [ -f /etc/protocols ] || { apt-get update -qq
apt-get install -y -qq --no-install-recommends selinux-policy-default selinux-utils policycoreutils-python-utils netbase; }`
const own = (what: string) => `semanage ${what} -l -n -C`

tryCases('node-03', [
  {
    name: 'a port gets a type, in the store of the policy',
    setup: SETUP,
    ensures: () => [[selinuxPort('8081/tcp', { type: 'http_port_t' })]],
    right: [/^changed selinuxPort:8081\/tcp: give port 8081\/tcp the type http_port_t/],
    then: `${own('port')} | grep -q 'http_port_t .* 8081'`,
  },
  {
    name: 'a port on a host where the numbers of protocols are still to come',
    setup: 'semanage port -d -p tcp 8081; mv /etc/protocols /etc/protocols.kept',
    ensures: () => [[selinuxPort('8081/tcp', { type: 'http_port_t' })]],
    right: ['refused: semanage needs /etc/protocols, which this host does not have'],
    undo: 'mv /etc/protocols.kept /etc/protocols; semanage port -m -t http_port_t -p tcp 8081',
  },
  {
    name: 'a range of ports, and a port that the policy gives to others',
    ensures: () => [
      [selinuxPort('9000-9010/tcp', { type: 'http_port_t' }), selinuxPort('53/udp', { type: 'http_port_t' })],
    ],
    right: [
      /^changed selinuxPort:9000-9010\/tcp: give port 9000-9010\/tcp the type http_port_t/,
      'changed selinuxPort:53/udp: give port 53/udp the type http_port_t (was dns_port_t)',
    ],
  },
  {
    name: 'a port that somebody has taken away again comes back',
    setup: 'semanage port -d -p tcp 8081',
    ensures: () => [[selinuxPort('8081/tcp', { type: 'http_port_t' })]],
    right: [/^changed selinuxPort:8081\/tcp/],
    then: `${own('port')} | grep -q 'http_port_t .* 8081'`,
  },
  {
    name: 'ports that are to be gone',
    ensures: () => [
      [
        selinuxPort('8081/tcp', { state: 'absent' }),
        selinuxPort('9000-9010/tcp', { state: 'absent' }),
        selinuxPort('53/udp', { state: 'absent' }),
        selinuxPort('80/tcp', { state: 'absent' }),
      ],
    ],
    right: [/^changed .*8081/, /^changed .*9000-9010/, /^changed .*53/, 'ok selinuxPort:80/tcp'],
    then: `[ -z "$(${own('port')})" ]`,
  },
  {
    name: 'a type that the policy does not have is refused in the words of semanage',
    ensures: () => [[selinuxPort('8081/tcp', { type: 'none_port_t' })]],
    right: [/^changed/],
    apply: [/^refused: /],
  },
  {
    name: 'paths get a type, another one, and none',
    ensures: () => [[selinuxContext('/srv/rc(/.*)?', { type: 'httpd_sys_content_t' })]],
    right: ['changed selinuxContext:/srv/rc(/.*)?: give /srv/rc(/.*)? the type httpd_sys_content_t'],
    then: `${own('fcontext')} | grep -q '^/srv/rc(/.\\*)?  *all files .*:httpd_sys_content_t:'`,
  },
  {
    name: 'paths with another type, of one sort of files alone',
    setup: 'semanage fcontext -m -t tmp_t "/srv/rc(/.*)?"',
    ensures: () => [
      [
        selinuxContext('/srv/rc(/.*)?', { type: 'httpd_sys_content_t' }),
        selinuxContext('/srv/rc/sock', { type: 'httpd_tmp_t', files: 'socket' }),
      ],
    ],
    right: [
      'changed selinuxContext:/srv/rc(/.*)?: give /srv/rc(/.*)? the type httpd_sys_content_t (was tmp_t)',
      'changed selinuxContext:/srv/rc/sock: give /srv/rc/sock the type httpd_tmp_t',
    ],
  },
  {
    name: 'paths whose rules are to be gone',
    ensures: () => [
      [
        selinuxContext('/srv/rc(/.*)?', { state: 'absent' }),
        selinuxContext('/srv/rc/sock', { state: 'absent', files: 'socket' }),
      ],
    ],
    right: [/^changed .*: take httpd_sys_content_t from/, /^changed .*: take httpd_tmp_t from/],
    then: `[ -z "$(${own('fcontext')})" ]`,
  },
  {
    name: 'a boolean where the kernel has no SELinux is refused',
    ensures: () => [[selinuxBoolean('allow_execheap', { value: true })]],
    right: [/^refused: getsebool does not answer: getsebool: {2}SELinux is disabled/],
  },
  {
    name: 'the mode of the next boot, after a file that says another one',
    ensures: () => [
      [
        file('/etc/selinux/config', { content: '# rc\nSELINUX=disabled\nSELINUXTYPE=default\n' }),
        selinuxMode('disabled'),
      ],
    ],
    right: ['changed file:/etc/selinux/config: write /etc/selinux/config', 'ok selinuxMode:disabled'],
    undo: "printf '# This file\\nSELINUX=permissive\\nSELINUXTYPE=default\\n' >/etc/selinux/config",
  },
  {
    name: 'the mode of the next boot',
    ensures: () => [[selinuxMode('enforcing', { policy: 'default' })]],
    right: ['changed selinuxMode:enforcing: set SELinux to enforcing in /etc/selinux/config (was permissive)'],
    then: 'grep -qx SELINUX=enforcing /etc/selinux/config && grep -q "^# This file" /etc/selinux/config',
    undo: 'dpkg --purge selinux-policy-default; rm -rf /var/lib/selinux /etc/selinux',
  },
])

test.run()

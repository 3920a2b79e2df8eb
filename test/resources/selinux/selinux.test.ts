import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { selinuxBoolean } from '../../../lib/resources/selinux/selinux-boolean.ts'
import { plainPart, selinuxContext } from '../../../lib/resources/selinux/selinux-context.ts'
import { selinuxMode } from '../../../lib/resources/selinux/selinux-mode.ts'
import { selinuxPort } from '../../../lib/resources/selinux/selinux-port.ts'
import type { PathState } from '../../../lib/resources/prediction/prediction.ts'
import { pending } from '../../../lib/testing/converge.ts'
import { rocky } from '../../../lib/testing/facts.ts'
import { tryRows, type KindRow } from '../../support/kind-rows.ts'

const facts = { facts: rocky }
const config = 'kept\nSELINUX permissive\nSELINUXTYPE targeted\n'
const connect = selinuxBoolean('httpd_can_network_connect', { value: true })
const http = selinuxPort('8081/tcp', { type: 'http_port_t' })
const ports =
  'all http_port_t                    tcp      80, 81, 443, 488, 8008\nall soundd_port_t                  tcp      8000, 9433\nprotocols\n'
const www = selinuxContext('/srv/www(/.*)?', { type: 'httpd_sys_content_t' })
const rule =
  'own /srv/www(/.*)?                                     all files          system_u:object_r:httpd_sys_content_t:s0 \n'

/** What a file of its settings will be. */
function settings(more: Omit<Extract<PathState, { type: 'file' }>, 'type'>) {
  const path = '/etc/selinux/config'
  return pending({ [`file:${path}`]: [{ type: 'path', path, state: { type: 'file', ...more } }] })
}

const rows: readonly KindRow[] = [
  [
    'mode: from permissive',
    selinuxMode('enforcing'),
    `now 0\n${config}`,
    ['make SELinux enforcing now', 'set SELinux to enforcing in /etc/selinux/config (was permissive)'],
    facts,
  ],
  ['mode: as wanted', selinuxMode('permissive', { policy: 'targeted' }), `now 0\n${config}`, [], facts],
  ['mode: only now', selinuxMode('permissive'), `now 1\n${config}`, ['make SELinux permissive now'], facts],
  [
    'mode: off at the next boot, and permissive until then',
    selinuxMode('disabled'),
    `now 1\n${config}`,
    ['make SELinux permissive now', 'set SELinux to disabled in /etc/selinux/config (was permissive)'],
    facts,
  ],
  [
    'mode: a kernel without it only keeps the setting',
    selinuxMode('enforcing'),
    config,
    ['set SELinux to enforcing in /etc/selinux/config (was permissive)'],
    facts,
  ],
  [
    'mode: as an earlier one will leave it',
    selinuxMode('enforcing', { policy: 'default' }),
    `now 0\n${config}`,
    [],
    {
      ...facts,
      later: pending({
        'selinuxMode:enforcing': [
          { type: 'object', of: 'mode of SELinux', name: 'enforcing', exists: true },
          { type: 'object', of: 'policy of SELinux', name: 'default', exists: true },
        ],
      }),
    },
  ],
  [
    'mode: as a file before it will say',
    selinuxMode('enforcing'),
    `now 1\n${config}`,
    [],
    { ...facts, later: settings({ content: Buffer.from('# x\nSELINUX=enforcing # now\nSELINUXTYPE=targeted\n') }) },
  ],
  [
    'mode: other than a file before it will say',
    selinuxMode('permissive'),
    `now 0\n${config}`,
    ['set SELinux to permissive in /etc/selinux/config (was disabled)'],
    { ...facts, later: settings({ content: Buffer.from('SELINUX=disabled\n') }) },
  ],
  [
    'mode: a file that gets another mode holds the same',
    selinuxMode('permissive'),
    `now 0\n${config}`,
    [],
    { ...facts, later: settings({ kept: true, mode: '0600' }) },
  ],
  [
    'mode: a file whose content nobody knows',
    selinuxMode('permissive'),
    `now 0\n${config}`,
    'unknown: what /etc/selinux/config will hold is known only after file:/etc/selinux/config',
    { ...facts, later: settings({}) },
  ],
  [
    'mode: a file that goes before it',
    selinuxMode('permissive'),
    `now 0\n${config}`,
    'refused: this host has no /etc/selinux/config: it has no SELinux',
    {
      ...facts,
      later: pending({
        'absent:/etc/selinux/config': [{ type: 'path', path: '/etc/selinux/config', state: { type: 'absent' } }],
      }),
    },
  ],
  [
    'mode: a host without it',
    selinuxMode('enforcing'),
    '',
    'refused: this host has no /etc/selinux/config: it has no SELinux',
    facts,
  ],
  ['mode: a host without it, to be off', selinuxMode('disabled'), '', [], facts],

  ['boolean: off', connect, 'now off\nkept off\n', ['turn on httpd_can_network_connect'], facts],
  [
    'boolean: on until the next boot',
    connect,
    'now on\nkept off\n',
    ['turn on httpd_can_network_connect for the next boot'],
    facts,
  ],
  [
    'boolean: nobody says what it is at boot',
    connect,
    'now on\n',
    ['turn on httpd_can_network_connect for the next boot'],
    facts,
  ],
  ['boolean: as wanted', connect, 'now on\nkept 1\n', [], facts],
  [
    'boolean: for now',
    selinuxBoolean('httpd_can_sendmail', { value: true, persistent: false }),
    'now off\n',
    ['turn on httpd_can_sendmail until the next boot'],
    facts,
  ],
  [
    'boolean: none of this name',
    connect,
    '',
    'refused: the policy of this host has no boolean httpd_can_network_connect',
    facts,
  ],
  [
    'boolean: SELinux is off',
    connect,
    '# silent getsebool:  SELinux is disabled\n',
    'refused: getsebool does not answer: getsebool:  SELinux is disabled',
    facts,
  ],
  ['boolean: no tool', connect, '# none\n', 'refused: this host has no getsebool', facts],

  ['port: fresh', http, ports, ['give port 8081/tcp the type http_port_t'], facts],
  ['port: as wanted', http, `${ports}own http_port_t  tcp  8081\n`, [], facts],
  ['port: as the policy says', selinuxPort('443/tcp', { type: 'http_port_t' }), ports, [], facts],
  [
    'port: of another type',
    selinuxPort('8000/tcp', { type: 'http_port_t' }),
    ports,
    ['give port 8000/tcp the type http_port_t (was soundd_port_t)'],
    facts,
  ],
  [
    'port: absent',
    selinuxPort('8081/tcp', { state: 'absent' }),
    `${ports}own http_port_t  tcp  8081\n`,
    ['take http_port_t from port 8081/tcp'],
    facts,
  ],
  ['port: what the policy says stays', selinuxPort('443/tcp', { state: 'absent' }), ports, [], facts],
  [
    'port: another protocol',
    selinuxPort('443/udp', { type: 'http_port_t' }),
    ports,
    ['give port 443/udp the type http_port_t'],
    facts,
  ],

  [
    'port: a host without the numbers of protocols',
    http,
    ports.replace('protocols\n', ''),
    'refused: semanage needs /etc/protocols, which this host does not have',
    facts,
  ],
  [
    'port: as wanted, without the numbers of protocols',
    selinuxPort('443/tcp', { type: 'http_port_t' }),
    ports.replace('protocols\n', ''),
    [],
    facts,
  ],
  [
    'port: the numbers of protocols come with a package',
    http,
    ports.replace('protocols\n', ''),
    ['give port 8081/tcp the type http_port_t'],
    { ...facts, later: pending({ 'pkg:netbase': [{ type: 'package', name: 'netbase', installed: true }] }) },
  ],

  ['context: fresh', www, '', ['give /srv/www(/.*)? the type httpd_sys_content_t', 'relabel /srv/www'], facts],
  ['context: as wanted', www, rule, [], facts],
  ['context: a file without its label', www, `${rule}first /srv/www/x\n`, ['relabel /srv/www'], facts],
  [
    'context: another type',
    www,
    rule.replace('content', 'rw_content'),
    ['give /srv/www(/.*)? the type httpd_sys_content_t (was httpd_sys_rw_content_t)', 'relabel /srv/www'],
    facts,
  ],
  ['context: no labels where it is off', www, 'off\n', ['give /srv/www(/.*)? the type httpd_sys_content_t'], facts],
  [
    'context: absent',
    selinuxContext('/srv/www(/.*)?', { state: 'absent' }),
    rule,
    ['take httpd_sys_content_t from /srv/www(/.*)?', 'relabel /srv/www'],
    facts,
  ],
  ['context: absent already', selinuxContext('/srv/www(/.*)?', { state: 'absent' }), 'first /srv/www\n', [], facts],
]
tryRows(rows)

test('what is labelled anew is a plain path, and never more than the expression says', () => {
  const parts = ['/srv/www(/.*)?', '/srv/www/.*', '/srv/w[ab]c/x', '/srv/app', '/srv/app\\.conf', '/data.*'].map(
    plainPart,
  )
  assert.equal(parts, ['/srv/www', '/srv/www', '/srv', '/srv/app', '/srv', '/'])
})

test('wrong options are refused before any host is touched', () => {
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [() => selinuxMode('on' as never), /"enforcing", "permissive" or "disabled"/],
    [() => selinuxPort('http', { type: 'http_port_t' }), /a port such as/],
    [() => selinuxPort('80/tcp', {}), /a type such as/],
    [() => selinuxContext('srv', { type: 'x_t' }), /a regular expression for whole paths/],
    [() => selinuxBoolean('a b', { value: true }), /the name of a boolean/],
  ]
  for (const [make, message] of wrong) assert.throws(make, message)
})

test.run()

// Hosts: node-04
import { certificateRequest } from '../../lib/resources/tls/certificate.ts'
import { privateKey } from '../../lib/resources/tls/private-key.ts'
import { aptPin } from '../../lib/resources/packages/apt-pin.ts'
import { file } from '../../lib/resources/files/file.ts'
import { fileAttributes } from '../../lib/resources/trees/file-attributes.ts'
import { test } from 'uvu'
import { tryCases } from '../support/cases.ts'

tryCases('node-04', [
  {
    name: 'a pin of apt, which apt goes by',
    ensures: () => [[aptPin('rc-pin', { packages: 'bash', release: 'rc-none', priority: 123 })]],
    right: ['changed file:/etc/apt/preferences.d/rc-pin.pref: create /etc/apt/preferences.d/rc-pin.pref'],
    then: 'apt-cache policy bash | grep -q Candidate && grep -q "Pin-Priority: 123" /etc/apt/preferences.d/rc-pin.pref',
    undo: 'rm -f /etc/apt/preferences.d/rc-pin.pref',
  },
  {
    name: 'a request for a certificate, of a key that is still to come',
    setup: 'command -v openssl || apt-get install -y openssl; mkdir -p /etc/ssl/rc',
    ensures: () => [
      [
        privateKey('/etc/ssl/rc/app.key'),
        certificateRequest('/etc/ssl/rc/app.csr', {
          key: '/etc/ssl/rc/app.key',
          commonName: 'app.example.com',
          names: ['app.example.com', '192.0.2.1'],
        }),
      ],
    ],
    right: [/^changed privateKey:/, /^changed certificateRequest:/],
    then: `openssl req -in /etc/ssl/rc/app.csr -noout -verify -text | grep -q 'DNS:app.example.com, IP Address:192.0.2.1'
[ "$(openssl req -in /etc/ssl/rc/app.csr -noout -pubkey)" = "$(openssl pkey -in /etc/ssl/rc/app.key -pubout)" ]`,
    undo: 'rm -rf /etc/ssl/rc',
  },
  {
    name: 'a file that nobody may change is unlocked, changed and locked again',
    setup: 'echo old >/srv/rc-kept; chattr +i /srv/rc-kept',
    ensures: () => [
      [fileAttributes('/srv/rc-kept', { immutable: false })],
      [file('/srv/rc-kept', { content: 'new\n' })],
      [fileAttributes('/srv/rc-kept', { immutable: true })],
    ],
    right: [
      'changed fileAttributes:/srv/rc-kept: set attributes -i of /srv/rc-kept',
      'changed file:/srv/rc-kept: write /srv/rc-kept',
      'changed fileAttributes:/srv/rc-kept: set attributes +i of /srv/rc-kept',
    ],
    again: [
      'changed fileAttributes:/srv/rc-kept: set attributes -i of /srv/rc-kept',
      'ok file:/srv/rc-kept',
      'changed fileAttributes:/srv/rc-kept: set attributes +i of /srv/rc-kept',
    ],
    then: '[ "$(cat /srv/rc-kept)" = new ] && lsattr /srv/rc-kept | grep -q "^[^ ]*i"',
    undo: 'chattr -i /srv/rc-kept; rm -f /srv/rc-kept',
  },
  {
    name: 'a file that is locked first is refused',
    setup: 'echo old >/srv/rc-kept',
    ensures: () => [
      [fileAttributes('/srv/rc-kept', { immutable: true })],
      [file('/srv/rc-kept', { content: 'new\n' })],
    ],
    right: [
      'changed fileAttributes:/srv/rc-kept: set attributes +i of /srv/rc-kept',
      /^refused: .*\/srv\/rc-kept cannot be changed: \/srv\/rc-kept is immutable/,
    ],
    undo: 'chattr -i /srv/rc-kept; rm -f /srv/rc-kept',
  },
])

test.run()

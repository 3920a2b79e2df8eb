import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { acmeCertificate } from '../../../lib/resources/tls/acme-certificate.ts'
import { tryRows, type KindRow } from '../../support/kind-rows.ts'

const cert = acmeCertificate('example.com', { domains: ['example.com', 'www.example.com'], webroot: '/var/www/html' })
const have =
  'there\nends Feb 10 10:00:00 2027 GMT\ndomain www.example.com\ndomain example.com\nserver https://acme.example/directory\n'

const rows: readonly KindRow[] = [
  ['acme: fresh', cert, '', ['fetch a certificate for example.com, www.example.com']],
  ['acme: as wanted', cert, have, []],
  ['acme: over soon', cert, `${have}due\n`, ['renew the certificate example.com, which ends Feb 10 10:00:00 2027 GMT']],
  [
    'acme: another name',
    cert,
    have.replace('domain www.example.com\n', ''),
    ['fetch the certificate example.com again for example.com, www.example.com (was example.com)'],
  ],
  [
    'acme: another server',
    acmeCertificate('example.com', {
      standalone: true,
      domains: ['example.com', 'www.example.com'],
      server: 'https://other.example/d',
    }),
    have,
    ['fetch the certificate example.com from https://other.example/d (was https://acme.example/directory)'],
  ],
  ['acme: absent', acmeCertificate('example.com', { state: 'absent' }), have, ['remove the certificate example.com']],
  [
    'acme: its file is gone, and certbot knows it',
    cert,
    'broken\n',
    ['fetch the certificate example.com, whose file is gone, again for example.com, www.example.com'],
  ],
  [
    'acme: absent, and its file is gone',
    acmeCertificate('example.com', { state: 'absent' }),
    'broken\n',
    ['remove the certificate example.com'],
  ],
  ['acme: no certbot', cert, '# none\n', 'refused: this host has no certbot'],
]
tryRows(rows)

test('wrong options are refused before any host is touched', () => {
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [() => acmeCertificate('example.com', {}), /webroot, standalone/],
    [() => acmeCertificate('example.com', { standalone: true, domains: ['a b'] }), /a domain/],
  ]
  for (const [make, message] of wrong) assert.throws(make, message)
})

test.run()

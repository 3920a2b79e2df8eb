import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { networkSettings } from '../../../lib/resources/network/network-settings.ts'
import { tryRows, type KindRow } from '../../support/kind-rows.ts'

const [lan, confirmed] = networkSettings('lan', {
  manager: 'networkd',
  files: { '10-lan.network': '[Match]\nName=lan0\n' },
  remove: ['old.network'],
})

const rows: readonly KindRow[] = [
  [
    'network: fresh',
    lan,
    'due /etc/systemd/network/10-lan.network\n',
    ['set /etc/systemd/network/10-lan.network, for 30 s until they are confirmed'],
  ],
  ['network: as wanted', lan, '', []],
  [
    'network: a file to go',
    lan,
    'due /etc/systemd/network/old.network\n',
    ['set /etc/systemd/network/old.network, for 30 s until they are confirmed'],
  ],
  [
    'network: netplan takes it not',
    networkSettings('lan', { manager: 'netplan', files: { '50-lan.yaml': 'network: { version: 9 }' } })[0],
    'due /etc/netplan/50-lan.yaml\nobjection\n/etc/netplan/50-lan.yaml:1:12: Error\n',
    'refused: netplan does not take the settings: /etc/netplan/50-lan.yaml:1:12: Error',
  ],
  [
    'network: NetworkManager is not there',
    networkSettings('lan', { manager: 'NetworkManager', files: { 'lan.nmconnection': '[connection]\nid=lan\n' } })[0],
    '# none\n',
    'refused: this host has no nmcli',
  ],
  ['network: confirmed', confirmed, 'waiting\n', ['confirm the settings of the network']],
  [
    'network: taken back',
    confirmed,
    'taken back\n',
    'refused: the settings of the network were taken back: nobody confirmed them in time',
  ],
]
tryRows(rows)

test('wrong options are refused before any host is touched', () => {
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [() => networkSettings('x', { manager: 'netplan', files: { 'a.conf': 'x' } }), /names that netplan reads/],
    [
      () => networkSettings('x', { manager: 'NetworkManager', files: { 'a.nmconnection': 'x' } }),
      /a connection with id=NAME/,
    ],
  ]
  for (const [make, message] of wrong) assert.throws(make, message)
})

test.run()

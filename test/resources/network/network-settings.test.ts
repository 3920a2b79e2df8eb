import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { networkSettings } from '../../../lib/resources/network/network-settings.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { sh } from '../../../lib/sh/quote.ts'
import { debian, reply, run, scratch, shells, stepsOf } from '../../support/converge-locally.ts'
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
    'refused: netplan does not accept the settings: /etc/netplan/50-lan.yaml:1:12: Error',
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
    'refused: the network settings were rolled back: nobody confirmed them in time',
  ],
]
tryRows(rows)

for (const shell of shells())
  test(`${shell.name}: connections of NetworkManager that were active before are active again when the settings are taken back`, async () => {
    const room = scratch()
    const [etc, run_, log] = [join(room, 'etc'), join(room, 'run'), join(room, 'log')]
    mkdirSync(etc)
    writeFileSync(join(etc, 'lan.nmconnection'), '[connection]\nid=lan\nold\n')
    // `wifi` loses its device to the new connection; `docker0` goes on.
    writeFileSync(
      join(room, 'nmcli'),
      `#!/bin/sh
case "$*" in *'show --active') if [ -e ${log} ]; then printf 'lan\\nnew one\\ndocker0\\n'; else printf 'lan\\nwifi a\\ndocker0\\n'; fi;; *' up id '*) shift 5; echo "up $*" >>${log};; esac
`,
      { mode: 0o755 },
    )
    writeFileSync(join(room, 'systemd-run'), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
    writeFileSync(join(room, 'setsid'), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
    const files = { 'lan.nmconnection': '[connection]\nid=lan\n', 'new.nmconnection': '[connection]\nid=new one\n' }
    const [settings] = networkSettings('lan', { manager: 'NetworkManager', files })
    const [step] = stepsOf(settings.evaluate(reply(`due ${etc}/lan.nmconnection\n`), debian, new Prediction()))
    const here = (text: string) =>
      text.replaceAll('/etc/NetworkManager/system-connections', etc).replaceAll('/run/rolecall/network', run_)
    const env = { PATH: `${room}:${shell.path}` }
    const set = await run(shell, sh`sh -c ${here(step?.sh.text ?? '')}`, step?.stdin, env)
    assert.is(set.code, 0, set.stderr)
    assert.is(readFileSync(log, 'utf8'), 'up lan\nup new one\n')
    assert.is((await run(shell, sh`sh ${join(run_, 'back')}`, undefined, env)).code, 0)
    assert.is(readFileSync(join(etc, 'lan.nmconnection'), 'utf8'), '[connection]\nid=lan\nold\n')
    assert.is(readFileSync(log, 'utf8'), 'up lan\nup new one\nup lan\nup wifi a\n')
  })

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

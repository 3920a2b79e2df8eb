import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { flatpak, flatpakRemote } from '../../../lib/resources/packages/flatpak.ts'
import { pending } from '../../../lib/testing/converge.ts'
import { tryRows, type KindRow } from '../../support/kind-rows.ts'

const rows: readonly KindRow[] = [
  ['flatpak: fresh', flatpak('org.gimp.GIMP'), 'remote\n', ['install the flatpak org.gimp.GIMP from flathub']],
  ['flatpak: as wanted', flatpak('org.gimp.GIMP'), 'there stable\nremote\n', []],
  ['flatpak: no remote', flatpak('org.gimp.GIMP'), '', 'refused: flatpak has no remote flathub'],
  [
    'flatpak: a remote to come',
    flatpak('org.gimp.GIMP'),
    '',
    ['install the flatpak org.gimp.GIMP from flathub'],
    {
      later: pending({
        'flatpakRemote:flathub': [{ type: 'object', of: 'flatpak remote', name: 'flathub', exists: true }],
      }),
    },
  ],
  [
    'flatpak: a remote that is to go',
    flatpak('org.gimp.GIMP'),
    'remote\n',
    'refused: flatpak has no remote flathub',
    {
      later: pending({
        'flatpakRemote:flathub': [{ type: 'object', of: 'flatpak remote', name: 'flathub', exists: false }],
      }),
    },
  ],
  [
    'flatpak: absent',
    flatpak('org.gimp.GIMP', { state: 'absent' }),
    'there stable\n',
    ['remove the flatpak org.gimp.GIMP'],
  ],
  [
    'remote: fresh',
    flatpakRemote('co', { url: 'https://co.example/repo' }),
    '',
    ['add the remote co: https://co.example/repo'],
  ],
  ['remote: as wanted', flatpakRemote('co', { url: 'https://co.example/repo/' }), 'url https://co.example/repo\n', []],
  [
    'remote: elsewhere',
    flatpakRemote('co', { url: 'https://co.example/new' }),
    'url https://co.example/repo\n',
    ['let the remote co lead to https://co.example/new (was https://co.example/repo)'],
  ],
]
tryRows(rows)

test('wrong options are refused before any host is touched', () => {
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [[() => flatpak('gimp'), /the id of an application/]]
  for (const [make, message] of wrong) assert.throws(make, message)
})

test.run()

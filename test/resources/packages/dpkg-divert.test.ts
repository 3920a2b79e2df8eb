import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dpkgDivert } from '../../../lib/resources/packages/apt/dpkg-divert.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { debian, reply, words } from '../../support/converge-locally.ts'
import { tryRows } from '../../support/kind-rows.ts'

const path = '/usr/sbin/tool'
const wanted = dpkgDivert(path)
const owned = dpkgDivert(path, { to: '/usr/sbin/tool.vendor', package: 'app' })
const absent = dpkgDivert(path, { state: 'absent' })
const diverted = 'by LOCAL\nto /usr/sbin/tool.distrib\n'

tryRows([
  ['nothing diverted', wanted, 'there\n', ['divert /usr/sbin/tool to /usr/sbin/tool.distrib']],
  ['diverted', wanted, `there\n${diverted}aside\n`, []],
  ['but for a package', owned, '', ['divert /usr/sbin/tool to /usr/sbin/tool.vendor, but for app']],
  [
    'diverted for another package',
    owned,
    'by other\nto /usr/sbin/tool.vendor\n',
    [
      'take the diversion of /usr/sbin/tool to /usr/sbin/tool.vendor away',
      'divert /usr/sbin/tool to /usr/sbin/tool.vendor, but for app',
    ],
  ],
  ['diverted elsewhere', owned, diverted, 'refused: /usr/sbin/tool is diverted to /usr/sbin/tool.distrib already'],
  [
    'both are there',
    wanted,
    'there\naside\n',
    'refused: /usr/sbin/tool cannot go to /usr/sbin/tool.distrib: there is another file',
  ],
  [
    'both are there, and nothing is renamed',
    dpkgDivert(path, { rename: false }),
    'there\naside\n',
    ['divert /usr/sbin/tool to /usr/sbin/tool.distrib'],
  ],
  ['absent, and none there', absent, 'there\n', []],
  ['absent', absent, `${diverted}aside\n`, ['take the diversion of /usr/sbin/tool to /usr/sbin/tool.distrib away']],
  [
    'absent, with a file of somebody in the place',
    absent,
    `there\n${diverted}aside\n`,
    'refused: /usr/sbin/tool.distrib cannot come back to /usr/sbin/tool: there is another file',
  ],
  ['no dpkg', wanted, 'none\n', 'refused: /usr/sbin/tool cannot be diverted: the host has no dpkg'],
  ['no dpkg, absent', absent, 'none\n', []],
])

test('a file that goes before makes room for the one that comes back', () => {
  const prediction = new Prediction()
  prediction.record('absent:x', [{ type: 'path', path, state: { type: 'absent' } }])
  assert.equal(words(absent.evaluate(reply(`there\n${diverted}aside\n`), debian, prediction)), [
    'take the diversion of /usr/sbin/tool to /usr/sbin/tool.distrib away',
  ])
})

test('what was at the path is elsewhere afterwards', () => {
  const found = wanted.evaluate(reply('there\n'), debian, new Prediction())
  assert.equal(
    'effects' in found ? found.effects.map((effect) => ('path' in effect ? effect.path : effect.type)) : [],
    ['object', '/usr/sbin/tool.distrib', path],
  )
})

test.run()

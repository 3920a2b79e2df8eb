import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { swap } from '../../../lib/resources/disks/swap.ts'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { git } from '../../../lib/resources/sources/git.ts'
import { alternatives } from '../../../lib/resources/system/alternatives.ts'
import { acl, type AclEntry } from '../../../lib/resources/trees/acl.ts'
import { fileAttributes } from '../../../lib/resources/trees/file-attributes.ts'
import { fileCapabilities } from '../../../lib/resources/trees/file-capabilities.ts'
import { ownership } from '../../../lib/resources/trees/ownership.ts'
import { tree } from '../../../lib/resources/trees/tree.ts'
import { sh } from '../../../lib/sh/quote.ts'
import { ask, converge, debian, reply, run, scratch, shells, stepsOf, words } from '../../support/converge-locally.ts'

const END = '\n# end of what holds now\n'
const none = 'none 0 9 dir\n'
const dir = 'have 0 41ed 2 0 0 root:root\n'
const file = 'have 0 81a4 2 0 0 root:root\n'
const fstab = (text: string) => `have 0 81a4 ${text.length} 0 0 root:root\ncontent\n${text}`
const USED = '/swapfile none swap sw 0 0\n'
const reload = 'reload systemd (fstab changed)'
const editor =
  'Status: auto\nValue: /bin/nano\nLink: /usr/bin/editor\nAlternative: /bin/nano\nAlternative: /usr/bin/vim\n'
const ada: AclEntry = { type: 'user', name: 'ada', permissions: 'rX' }
const list = (...lines: string[]) =>
  `# file: /srv\n# owner: root\nuser::rwx\n${lines.map((line) => `${line}\n`).join('')}group::r-x\n`

const rows: readonly (readonly [says: string, resource: Resource, said: string, then: readonly string[] | string])[] = [
  [
    'ownership: some are others',
    ownership('/srv/www', { owner: 'app', mode: '0640' }),
    `${dir}counted\nfirst ./a\ncount 3\n`,
    ['set app, 0640 of 3 entries (a, ...) in /srv/www'],
  ],
  ['ownership: as wanted', ownership('/srv/www', { owner: 'app' }), `${dir}counted\ncount 0\n`, []],
  [
    'ownership: no account',
    ownership('/srv/www', { owner: 'app' }),
    `have 0 41ed 2 0 0 root:root\nlacks user app\n`,
    'refused: /srv/www is to belong to user app, which the host does not know',
  ],
  [
    'ownership: a hard link',
    ownership('/srv/www', { owner: 'app' }),
    `${dir}shared ./x\ncounted\nfirst ./x\ncount 1\n`,
    "refused: /srv/www/x has further names and belongs to somebody else: it may be one of the system's own files",
  ],
  ['ownership: no directory', ownership('/srv/www', { owner: 'app' }), none, 'refused: /srv/www is not there'],

  [
    'capabilities: none yet',
    fileCapabilities('/srv/app', { capabilities: ['cap_net_raw', 'cap_net_bind_service'] }),
    `${file}tool\n`,
    ['give /srv/app cap_net_bind_service,cap_net_raw=ep'],
  ],
  [
    'capabilities: as wanted, in another order',
    fileCapabilities('/srv/app', { capabilities: ['cap_net_raw', 'cap_net_bind_service'] }),
    `${file}tool\n/srv/app cap_net_raw,cap_net_bind_service=ep\n`,
    [],
  ],
  [
    'capabilities: as an older getcap says it',
    fileCapabilities('/srv/app', { capabilities: ['cap_net_raw'] }),
    `${file}tool\n/srv/app = cap_net_raw+ep\n`,
    [],
  ],
  [
    'capabilities: others',
    fileCapabilities('/srv/app', { capabilities: ['cap_net_raw'], flags: 'p' }),
    `${file}tool\n/srv/app cap_net_raw=ep\n`,
    ['give /srv/app cap_net_raw=p (was cap_net_raw=ep)'],
  ],
  [
    'capabilities: to have none',
    fileCapabilities('/srv/app', { state: 'absent' }),
    `${file}tool\n/srv/app cap_net_raw=ep\n`,
    ['take all capabilities from /srv/app (was cap_net_raw=ep)'],
  ],
  ['capabilities: to have none, and there is no file', fileCapabilities('/srv/app', { state: 'absent' }), none, []],
  [
    'capabilities: no file',
    fileCapabilities('/srv/app', { capabilities: ['cap_net_raw'] }),
    none,
    'refused: /srv/app is not there',
  ],
  [
    'capabilities: no getcap',
    fileCapabilities('/srv/app', { capabilities: ['cap_net_raw'] }),
    file,
    'refused: the host has no getcap and setcap, which /srv/app needs',
  ],
  [
    'alternatives: another one',
    alternatives('editor', { path: '/usr/bin/vim' }),
    `tool\nthere\n${editor}`,
    ['choose /usr/bin/vim for editor (was /bin/nano, by itself)'],
  ],
  [
    'alternatives: chosen',
    alternatives('editor', { path: '/usr/bin/vim' }),
    `tool\nthere\n${editor.replace('auto', 'manual').replace('Value: /bin/nano', 'Value: /usr/bin/vim')}`,
    [],
  ],
  [
    'alternatives: a new one',
    alternatives('editor', { path: '/usr/bin/vi', priority: 7 }),
    `tool\nthere\n${editor}`,
    ['add /usr/bin/vi to the alternatives of editor', 'choose /usr/bin/vi for editor (was /bin/nano, by itself)'],
  ],
  [
    'alternatives: a new name needs its place',
    alternatives('java', { path: '/opt/java' }),
    'tool\nthere\n',
    'refused: the host has no alternatives of java, so the path of the name is needed',
  ],
  [
    'alternatives: as Red Hat says it',
    alternatives('java', { path: '/opt/b' }),
    'tool\nthere\njava - status is manual.\n link currently points to /opt/a\n/opt/a - priority 1\n/opt/b - family x priority 2\n',
    ['choose /opt/b for java (was /opt/a)'],
  ],
  ['alternatives: by itself', alternatives('editor', { state: 'auto' }), `tool\n${editor}`, []],
  [
    'alternatives: absent',
    alternatives('editor', { path: '/usr/bin/vim', state: 'absent' }),
    `tool\n${editor}`,
    ['remove /usr/bin/vim from the alternatives of editor'],
  ],
  [
    'alternatives: not there',
    alternatives('editor', { path: '/usr/bin/vim' }),
    `tool\n${editor}`,
    'refused: /usr/bin/vim is not there, so editor cannot lead to it',
  ],

  [
    'acl: fresh',
    acl('/srv', { entries: [ada, { ...ada, default: true }] }),
    `${dir}tool\n# directories\n${list()}`,
    ['set user:ada:rX, default:user:ada:rX of /srv'],
  ],
  ['acl: as wanted', acl('/srv', { entries: [ada] }), `${dir}tool\n# directories\n${list('user:ada:r-x')}`, []],
  [
    'acl: X of a file is what the file has',
    acl('/srv', { entries: [ada] }),
    `${file}tool\n${list('user:ada:r--')}`,
    [],
  ],
  [
    'acl: one below differs',
    acl('/srv', { entries: [ada], recursive: true }),
    `${dir}tool\n${list('user:ada:rw-')}# directories\n${list('user:ada:r-x')}`,
    ['set user:ada:rX of /srv and all in it'],
  ],
  [
    'acl: absent',
    acl('/srv', { entries: [{ type: 'user', name: 'ada' }], state: 'absent' }),
    `${dir}tool\n# directories\n${list('user:ada:r-x')}`,
    ['remove user:ada of /srv'],
  ],
  ['acl: no tool', acl('/srv', { entries: [ada] }), dir, 'refused: the host has no setfacl'],

  [
    'attributes: fresh',
    fileAttributes('/etc/x', { immutable: true, noDump: false }),
    `${file}------d-------e------- ./x\n`,
    ['set attributes +i -d of /etc/x'],
  ],
  ['attributes: as wanted', fileAttributes('/etc/x', { immutable: true }), `${file}----i---------e------- ./x\n`, []],
  [
    'attributes: none there',
    fileAttributes('/etc/x', { immutable: true }),
    file,
    'refused: the file system of /etc/x keeps no attributes, or the host has no lsattr',
  ],

  [
    'swap: fresh',
    swap('/swapfile', { size: '2G' }),
    `${END}${fstab('')}`,
    [
      'make a swap file of 2048 MiB: /swapfile',
      'make a swap area in /swapfile',
      'use /swapfile for swap',
      'edit /etc/fstab: swap /swapfile',
      reload,
    ],
  ],
  ['swap: as wanted', swap('/swapfile', { size: '2M' }), `used -2\nsize 2097152\narea${END}${fstab(USED)}`, []],
  [
    'swap: another size',
    swap('/swapfile', { size: '4M' }),
    `used -2\nsize 2097152\narea${END}${fstab(USED)}`,
    [
      'take /swapfile out of use',
      'make a swap file of 4 MiB: /swapfile',
      'make a swap area in /swapfile',
      'use /swapfile for swap',
    ],
  ],
  [
    'swap: absent',
    swap('/swapfile', { state: 'absent' }),
    `used -2\nsize 2097152\narea${END}${fstab(USED)}`,
    ['take /swapfile out of use', 'edit /etc/fstab: remove swap /swapfile', reload, 'remove /swapfile'],
  ],
  ['swap: no device', swap('/dev/sdz', {}), `${END}${fstab('')}`, 'refused: /dev/sdz is not there'],
]
for (const [says, resource, said, then] of rows)
  test(says, () => assert.equal(words(resource.evaluate(reply(said), debian, new Prediction())), then))

test('whether root may work in a directory whose owner is in doubt is unknown', () => {
  const prediction = new Prediction()
  prediction.doubt('dir:/srv/app', [{ type: 'path', path: '/srv/app', state: { type: 'dir' } }])
  prediction.record('file:/srv/app/x', [{ type: 'path', path: '/srv/app/x', state: { type: 'file' } }])
  for (const [resource, said] of [
    [acl('/srv/app/y', { entries: [ada] }), `${file}tool\n${list()}`],
    [fileAttributes('/srv/app/y', { noDump: true }), `${file}--------------e------- ./y\n`],
    [tree('/srv/app/t', { source: '.', exclude: ['*'] }), none],
    [git('/srv/app/work', { source: '/srv/repository' }), 'tool\n'],
  ] as const)
    assert.match(
      String(words(resource.evaluate(reply(said), debian, prediction))),
      /^unknown: .* is known only after dir:\/srv\/app/,
      resource.id,
    )
  prediction.record('dir:/srv/app', [
    { type: 'path', path: '/srv/app', state: { type: 'dir', mode: '0755', owner: 'root' } },
  ])
  const settled = fileAttributes('/srv/app/y', { noDump: true }).evaluate(
    reply(`${file}--------------e------- ./y\n`),
    debian,
    prediction,
  )
  assert.equal(words(settled), ['set attributes +d of /srv/app/y'])
})

const root = process.getuid?.() === 0
for (const shell of shells()) {
  test(`${shell.name}: what is asked and done is read by the shell`, async () => {
    for (const [says, resource, said] of rows) {
      const asked = await ask(shell, resource)
      assert.ok('plan' in asked || 'refused' in asked, says)
      for (const step of stepsOf(resource.evaluate(reply(said), debian, new Prediction()))) {
        const { code, stderr } = await run(shell, sh`sh -n -c ${step.sh.text}`)
        assert.is(code, 0, `${says}: ${step.summary}: ${stderr}`)
      }
    }
  })

  if (root)
    test(`${shell.name}: owner and mode of all that is in a directory`, async () => {
      const outside = join(scratch(), 'outside')
      writeFileSync(outside, '')
      chmodSync(outside, 0o600)
      const path = join(scratch(), 'data')
      mkdirSync(join(path, 'a b/c'), { recursive: true })
      writeFileSync(join(path, 'a b/c/file'), '')
      symlinkSync(outside, join(path, 'a b/link'))
      const resource = ownership(path, { owner: 'daemon', group: 'daemon', mode: '640', directoryMode: '0750' })
      const first = await converge(shell, resource)
      assert.is(first.failed, undefined, JSON.stringify(first.failed))
      assert.equal(first.did, [`set daemon:daemon, 0640, 0750 of 5 entries (., ...) in ${path}`])
      assert.equal(words(first.again), [])
      const there = statSync(join(path, 'a b/c/file'))
      assert.equal(
        [there.mode & 0o7777, there.uid, statSync(join(path, 'a b/c')).mode & 0o7777],
        [0o640, statSync(path).uid, 0o750],
      )
      assert.equal([statSync(outside).mode & 0o7777, statSync(outside).uid], [0o600, 0], 'links are not followed')
      chmodSync(join(path, 'a b/c/file'), 0o644)
      const second = await converge(shell, resource)
      assert.equal(second.did, [`set daemon:daemon, 0640, 0750 of a b/c/file in ${path}`])
      assert.equal(words(second.again), [])
    })
}

test('wrong options are refused before any host is touched', () => {
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [() => ownership('/etc', { owner: 'root' }), /a directory of a program/],
    [() => ownership('/srv/www', {}), /given owner, group, mode or directoryMode/],
    [() => acl('/srv', { entries: [{ type: 'user', name: 'ada' }] }), /with permissions, or state: absent/],
    [() => acl('/srv', { entries: [{ type: 'mask', name: 'ada', permissions: 'r' }] }), /without a name/],
    [() => fileAttributes('/x', {}), /at least one attribute/],
    [() => alternatives('editor', {}), /the path of the program/],
    [() => swap('/swapfile', { size: '2GB' }), /a size such as/],
  ]
  for (const [make, message] of wrong) assert.throws(make, message)
})

test('a file that takes the place of a program has no capabilities, and getcap may be still to come', () => {
  const wanted = fileCapabilities('/srv/app', { capabilities: ['cap_net_raw'] })
  const told = (have: string, ...effects: readonly Effect[]) => {
    const prediction = new Prediction()
    prediction.record('pkg:x', effects)
    return words(wanted.evaluate(reply(have), debian, prediction))
  }
  const replaced: Effect = { type: 'path', path: '/srv/app', state: { type: 'file' } }
  const tool: Effect = { type: 'package', name: 'libcap2-bin', installed: true }
  const give = ['give /srv/app cap_net_raw=ep']
  assert.equal(told(`${file}tool\n/srv/app cap_net_raw=ep\n`, replaced), give)
  assert.match(String(told(file, tool)), /^unknown: .*which brings getcap/)
  assert.equal(told(none, tool, replaced), give)
})

test.run()

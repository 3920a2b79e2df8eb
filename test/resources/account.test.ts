import { createHash } from 'node:crypto'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Foreseen, type Effect } from '../../lib/resources/foreseen.ts'
import { group, type GroupOptions } from '../../lib/resources/group.ts'
import { user, type UserOptions } from '../../lib/resources/user.ts'
import { secret } from '../../lib/secret.ts'
import { ask, debian, probe, reply, shells, stepsOf, words } from '../support/converge-locally.ts'

const hash = '$6$salt$hash'
const digest = createHash('sha256').update(hash).digest('hex')
const entry = 'entry deploy:x:1500:1500:Deploys:/home/deploy:/bin/sh\nlocal\ntools\n'
const there = `${entry}primary deploy\ngroups deploy docker\nhome\nown-group\n`
const remote = there.replace('local\n', '')
const busybox = there.replace('tools\n', '')

const users: readonly (readonly [says: string, want: UserOptions, have: string, then: readonly string[] | string])[] = [
  ['missing: create', {}, 'tools\n', ['create user deploy']],
  [
    'missing, with all that is wanted: create at once',
    { uid: 1500, groups: ['docker', 'adm'] },
    'tools\n',
    ['create user deploy (uid 1500) in docker, adm'],
  ],
  [
    'missing, with a password: set it afterwards',
    { password: secret(hash) },
    'tools\n',
    ['create user deploy', 'set the password of deploy'],
  ],
  ['there: nothing to do', {}, there, []],
  [
    'there as wanted: nothing to do',
    {
      uid: 1500,
      group: 'deploy',
      groups: ['docker'],
      home: '/home/deploy',
      shell: '/bin/sh',
      comment: 'Deploys',
      createHome: true,
    },
    there,
    [],
  ],
  [
    'other fields: change them at once',
    { shell: '/bin/bash', comment: '' },
    there,
    ['change user deploy: comment , shell /bin/bash'],
  ],
  ['another uid: change it', { uid: 1501 }, there, ['change user deploy: uid 1501']],
  ['another primary group: change it', { group: 'docker' }, there, ['change user deploy: group docker']],
  ['not in a group: add', { groups: ['docker', 'adm'] }, there, ['add deploy to adm']],
  ['in more groups: they are left alone', { groups: [] }, there, []],
  [
    'in more groups, and only these are wanted: remove',
    { groups: [], onlyTheseGroups: true },
    there,
    ['remove deploy from docker'],
  ],
  ['its home was removed: left alone', {}, there.replace('home\n', ''), []],
  [
    'its home was removed, and is wanted: create',
    { createHome: true },
    there.replace('\nhome\n', '\n'),
    ['create /home/deploy'],
  ],
  ['the wanted password: nothing to do', { password: secret(hash) }, `${there}digest ${digest}  -\n`, []],
  ['another password: set it', { password: secret(hash) }, `${there}digest e3b0  -\n`, ['set the password of deploy']],
  ['not wanted: remove', { state: 'absent' }, there, ['remove user deploy']],
  [
    'not wanted, nor its home: remove both',
    { state: 'absent', removeHome: true },
    there,
    ['remove user deploy and its home'],
  ],
  ['not wanted, and not there: nothing to do', { state: 'absent' }, 'tools\n', []],
  [
    'a uid that another has: refused',
    { uid: 0 },
    `${there}taken root:x:0:0::/root:/bin/sh\n`,
    'refused: uid 0 belongs to user root',
  ],
  [
    'a group that is not there: refused',
    { groups: ['web'] },
    `${there}lacks web\n`,
    'refused: user deploy is to be in group web, which the host does not know',
  ],
  ['from LDAP, as wanted: nothing to do', {}, remote, []],
  [
    'from LDAP, otherwise: refused',
    { uid: 7 },
    remote,
    'refused: user deploy does not come from /etc/passwd, so it cannot be changed here',
  ],
  ['busybox: create, then join', { groups: ['docker'] }, '', ['create user deploy', 'add deploy to docker']],
  ['busybox: join', { groups: ['adm'] }, busybox, ['add deploy to adm']],
  [
    'busybox: other fields cannot be changed: refused',
    { shell: '/bin/ash' },
    busybox,
    'refused: user deploy is to have shell /bin/ash, and this host has no usermod to change it',
  ],
]
for (const [says, want, have, then] of users) {
  test(`user: ${says}`, () =>
    assert.equal(words(user('deploy', want).weigh(reply(have), debian, new Foreseen())), then))
}

const web = 'entry web:x:1600:\nlocal\ntools\n'
const groups: readonly (readonly [says: string, want: GroupOptions, have: string, then: readonly string[] | string])[] =
  [
    ['missing: create', {}, 'tools\n', ['create group web']],
    ['missing, with a number: create', { gid: 1600 }, 'tools\n', ['create group web (gid 1600)']],
    ['there: nothing to do', {}, web, []],
    ['there with its number: nothing to do', { gid: 1600 }, `${web}taken web:x:1600:\n`, []],
    ['another number: change it', { gid: 1601 }, web, ['change gid of group web from 1600 to 1601']],
    [
      'a number that another has: refused',
      { gid: 0 },
      `${web}taken root:x:0:\n`,
      'refused: gid 0 belongs to group root',
    ],
    ['not wanted: remove', { state: 'absent' }, web, ['remove group web']],
    ['not wanted, and not there: nothing to do', { state: 'absent' }, 'tools\n', []],
    [
      'from LDAP, otherwise: refused',
      { gid: 7 },
      web.replace('local\n', ''),
      'refused: group web does not come from /etc/group, so it cannot be changed here',
    ],
    ['busybox: create', {}, '', ['create group web']],
    [
      'busybox: a number cannot be changed: refused',
      { gid: 7 },
      web.replace('tools\n', ''),
      'refused: group web has gid 1600, and this host has no groupmod to change it',
    ],
  ]
for (const [says, want, have, then] of groups) {
  test(`group: ${says}`, () => assert.equal(words(group('web', want).weigh(reply(have), debian, new Foreseen())), then))
}

function commands(want: UserOptions, have: string): readonly string[] {
  return stepsOf(user('deploy', want).weigh(reply(have), debian, new Foreseen())).map((step) => step.sh.text)
}

test('Every tool gets the flags that it knows', () => {
  const want: UserOptions = {
    uid: 1500,
    groups: ['adm'],
    home: '/srv/it is',
    shell: '/bin/sh',
    comment: 'A B',
    system: true,
  }
  assert.equal(commands(want, 'tools\n'), [`useradd -r -M -u 1500 -s /bin/sh -c 'A B' -d '/srv/it is' -G adm deploy`])
  assert.equal(commands(want, ''), [
    `adduser -D -S -H -u 1500 -s /bin/sh -g 'A B' -h '/srv/it is' deploy`,
    'addgroup deploy adm || exit 1',
  ])
  assert.equal(commands({ groups: ['adm'], onlyTheseGroups: true }, there), [
    'usermod -a -G adm deploy',
    'gpasswd -d deploy docker || exit 1',
  ])
})

test('A group of the same name that is there, or will be, becomes the primary one', () => {
  assert.equal(commands({}, 'tools\nown-group\n'), ['useradd -m -g deploy deploy'])
  assert.match(
    stepsOf(after('tools\n', {}, { about: 'group', name: 'deploy', exists: true }))[0]?.sh.text ?? '',
    '-g deploy',
  )
})

test('A password hash travels on standard input alone, and is not shown', () => {
  const weighed = user('deploy', { password: secret(hash) }).weigh(reply(there), debian, new Foreseen())
  const [step] = stepsOf(weighed)
  assert.is(step?.sh.text, 'chpasswd -e')
  assert.is(Buffer.from(step?.stdin ?? []).toString(), `deploy:${hash}\n`)
  assert.equal('plan' in weighed && weighed.plan.changes, [{ hidden: 'the password hash of deploy' }])
  assert.not.match(user('deploy', { password: secret(hash) }).probe(debian).text, hash)
})

function after(have: string, want: UserOptions, ...effects: Effect[]) {
  const foreseen = new Foreseen()
  foreseen.lay('x:y', effects)
  return user('deploy', want).weigh(reply(have), debian, foreseen)
}

test('Groups that are to come are taken to be there', () => {
  const lacking = `${there}lacks web\n`
  const joins = ['add deploy to web']
  assert.equal(words(after(lacking, { groups: ['web'] }, { about: 'group', name: 'web', exists: true })), joins)
  assert.equal(words(after(lacking, { groups: ['web'] }, { about: 'package', name: 'nginx', installed: true })), joins)
})

test('A user that is to come is as wanted when nothing more is wanted, and unknown otherwise', () => {
  const coming: Effect = { about: 'user', name: 'deploy', exists: true }
  assert.equal(words(after('tools\n', {}, coming)), [])
  assert.is(words(after('tools\n', { uid: 7 }, coming)), 'unknown: how x:y makes user deploy')
  assert.equal(words(after(there, {}, { ...coming, exists: false })), ['create user deploy'])
})

test('A group that is to come is as wanted, and with a number unknown', () => {
  const foreseen = new Foreseen()
  foreseen.lay('x:y', [{ about: 'group', name: 'web', exists: true }])
  assert.equal(words(group('web').weigh(reply('tools\n'), debian, foreseen)), [])
  assert.is(
    words(group('web', { gid: 7 }).weigh(reply('tools\n'), debian, foreseen)),
    'unknown: which gid x:y gives group web',
  )
})

test('A new user brings its group and its home', () => {
  const weighed = user('deploy', { home: '/srv/deploy' }).weigh(reply('tools\n'), debian, new Foreseen())
  assert.equal('plan' in weighed && weighed.effects, [
    { about: 'user', name: 'deploy', exists: true },
    { about: 'group', name: 'deploy', exists: true },
    { about: 'path', path: '/srv/deploy', state: { is: 'dir', owner: 'deploy' } },
  ])
})

test('What cannot be meant is refused before any host is touched', () => {
  for (const name of ['', '0', '-x', 'a b', 'a:b', 'a\n']) {
    assert.throws(() => user(name), /user name/)
    assert.throws(() => group(name), /group name/)
  }
  assert.throws(() => user('a', { uid: -1 }), /whole number/)
  assert.throws(() => user('a', { shell: 'bash' }), /absolute path/)
  assert.throws(() => user('a', { comment: 'a:b' }), /without ":"/)
  assert.throws(() => user('a', { password: secret('letmein') }), /hash as crypt/)
  assert.throws(() => group('a', { gid: 1.5 }), /whole number/)
})

for (const shell of shells()) {
  test(`${shell.name}: root is known, with its group and home`, async () => {
    assert.equal(words(await ask(shell, user('root', { uid: 0, group: 'root', home: '/root' }))), [])
    assert.equal(words(await ask(shell, group('root', { gid: 0 }))), [])
    assert.is(words(await ask(shell, user('root', { uid: 1 }))), 'refused: uid 1 belongs to user daemon')
    assert.match((await probe(shell, user('root', { groups: ['root', 'no-such'] }))).text, 'lacks no-such\n')
  })

  test(`${shell.name}: a name is no pattern`, async () => {
    assert.not.match((await probe(shell, user('r..t'))).text, 'entry')
    assert.not.match((await probe(shell, group('r..t'))).text, 'entry')
  })
}

test('busybox: without getent the files themselves are read', async () => {
  const shell = shells().find(({ name }) => name === 'busybox')
  if (shell === undefined) return
  const env = { PATH: shell.path.split(':')[0] ?? '' }
  assert.match((await probe(shell, user('root', { uid: 0 }), { env })).text, /^entry root:x:0:0:.*\nlocal\ntaken root:/)
  assert.match((await probe(shell, group('root', { gid: 0 }), { env })).text, /^entry root:x:0:.*\nlocal\ntaken root:/)
  assert.not.match((await probe(shell, group('no-such', { gid: 54321 }), { env })).text, /entry|taken/)
})

test.run()

import { createHash } from 'node:crypto'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { group, type GroupOptions } from '../../../lib/resources/accounts/group.ts'
import { user, type UserOptions } from '../../../lib/resources/accounts/user.ts'
import { secret } from '../../../lib/secret.ts'
import { ask, debian, probe, reply, shells, stepsOf, words } from '../../support/converge-locally.ts'

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
  ['in a group of LDAP already: nothing to do', { groups: ['docker'] }, `${there}elsewhere docker\n`, []],
  [
    'into a group of LDAP: refused, for the tools say done and do nothing',
    { groups: ['adm'] },
    `${there}elsewhere adm\n`,
    'refused: user deploy cannot be put into group adm here: the group does not come from /etc/group',
  ],
  [
    'a new user in a group of LDAP: refused',
    { groups: ['adm'] },
    'tools\nelsewhere adm\n',
    'refused: user deploy cannot be put into group adm here: the group does not come from /etc/group',
  ],
  [
    'out of a group of LDAP: refused',
    { onlyTheseGroups: true },
    `${there}elsewhere docker\n`,
    'refused: user deploy cannot be taken out of group docker here: the group does not come from /etc/group',
  ],
  ['a primary group of LDAP', { group: 'adm' }, `${there}elsewhere adm\n`, ['change user deploy: group adm']],
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
    assert.equal(words(user('deploy', want).evaluate(reply(have), debian, new Prediction())), then))
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
  test(`group: ${says}`, () =>
    assert.equal(words(group('web', want).evaluate(reply(have), debian, new Prediction())), then))
}

function commands(want: UserOptions, have: string): readonly string[] {
  return stepsOf(user('deploy', want).evaluate(reply(have), debian, new Prediction())).map((step) => step.sh.text)
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
    stepsOf(after('tools\n', {}, { type: 'group', name: 'deploy', exists: true }))[0]?.sh.text ?? '',
    '-g deploy',
  )
})

test('A password hash travels on standard input alone, and is not shown', () => {
  const evaluation = user('deploy', { password: secret(hash) }).evaluate(reply(there), debian, new Prediction())
  const [step] = stepsOf(evaluation)
  assert.is(step?.sh.text, 'chpasswd -e')
  assert.is(Buffer.from(step?.stdin ?? []).toString(), `deploy:${hash}\n`)
  assert.equal('plan' in evaluation && evaluation.plan.changes, [{ hidden: 'the password hash of deploy' }])
  assert.not.match(user('deploy', { password: secret(hash) }).probe(debian).text, hash)
})

test('A password that an earlier resource sets is not set again; another one is', () => {
  for (const have of ['tools\n', there, `${there}digest ${'0'.repeat(64)}\n`]) {
    const first = user('deploy', { password: secret(hash) }).evaluate(reply(have), debian, new Prediction())
    const prediction = new Prediction()
    prediction.record('user:deploy', 'effects' in first ? first.effects : [])
    const then = (password: string) =>
      words(user('deploy', { password: secret(password) }).evaluate(reply(have), debian, prediction))
    assert.equal(then(hash), [], have)
    assert.equal(then('$6$salt$other'), ['set the password of deploy'], have)
  }
})

test('An account that goes and comes again has no password, whatever it had', () => {
  const had = `${there}digest ${digest}\n`
  const prediction = new Prediction()
  prediction.record('user:deploy', [{ type: 'user', name: 'deploy', exists: false }])
  const again = user('deploy', {}).evaluate(reply(had), debian, prediction)
  prediction.record('user:deploy #2', 'effects' in again ? again.effects : [])
  const last = user('deploy', { password: secret(hash) }).evaluate(reply(had), debian, prediction)
  assert.equal(words(last), ['set the password of deploy'])
})

function after(have: string, want: UserOptions, ...effects: Effect[]) {
  const prediction = new Prediction()
  prediction.record('x:y', effects)
  return user('deploy', want).evaluate(reply(have), debian, prediction)
}

test('Pending groups count as existing', () => {
  const lacking = `${there}lacks web\n`
  const joins = ['add deploy to web']
  assert.equal(words(after(lacking, { groups: ['web'] }, { type: 'group', name: 'web', exists: true })), joins)
  const brings = (name: string) =>
    words(after(lacking, { groups: ['web'] }, { type: 'package', name, installed: true }))
  assert.equal(brings('web-server'), joins)
  assert.equal(brings('w-eb'), joins)
  assert.is(brings('nginx'), 'unknown: the host knows no group web, unless x:y brings one')
})

test('A user that is to come is as wanted when nothing more is wanted, and unknown otherwise', () => {
  const coming: Effect = { type: 'user', name: 'deploy', exists: true }
  assert.equal(words(after('tools\n', {}, coming)), [])
  assert.is(words(after('tools\n', { uid: 7 }, coming)), 'unknown: how x:y makes user deploy')
  assert.equal(words(after(there, {}, { ...coming, exists: false })), ['create user deploy'])
})

test('A group that is to come is as wanted, and with a number unknown', () => {
  const prediction = new Prediction()
  prediction.record('x:y', [{ type: 'group', name: 'web', exists: true }])
  assert.equal(words(group('web').evaluate(reply('tools\n'), debian, prediction)), [])
  assert.is(
    words(group('web', { gid: 7 }).evaluate(reply('tools\n'), debian, prediction)),
    'unknown: which gid x:y gives group web',
  )
})

/** What the probe says of a home that is to be made. */
const newHome = (path: string, ...more: string[]) =>
  [`tools\nhome-at ${path}`, 'above /', 'def USERGROUPS_ENAB=yes', 'skeleton /etc/skel', ...more, ''].join('\n')
const skeleton = ['skel 81a4 5 ./.profile', 'skel 41ed 4096 ./bin', '# contents', '# hi'] as const

function pathsOf(evaluation: ReturnType<typeof after>): Record<string, string> {
  const effects = 'plan' in evaluation ? evaluation.plan.steps.length > 0 && evaluation.effects : []
  return Object.fromEntries(
    (effects || []).flatMap((effect) => {
      if (effect.type !== 'path' || (effect.state.type === 'file' && effect.state.rewritten)) return []
      const { state } = effect
      const belongs =
        state.type === 'dir' || state.type === 'file'
          ? `${state.mode ?? '?'} ${state.owner ?? '?'}:${state.group ?? '?'}`
          : ''
      const content = state.type === 'file' && state.content ? Buffer.from(state.content).toString() : ''
      return [[effect.path, `${state.type} ${belongs} ${content}`.trim()]]
    }),
  )
}

test('A new user brings its group, its home, the way to it, and what every home gets', () => {
  assert.equal(pathsOf(after(newHome('/srv/a/deploy', ...skeleton), { home: '/srv/a/deploy' })), {
    '/srv': 'dir 0755 root:root',
    '/srv/a': 'dir 0755 root:root',
    '/srv/a/deploy': 'dir 0755 deploy:deploy',
    '/srv/a/deploy/.profile': 'file 0644 deploy:deploy # hi',
    '/srv/a/deploy/bin': 'dir 0755 deploy:deploy',
  })
})

test('The mode of a home is that of login.defs, octal with a 0 before it and else decimal', () => {
  const mode = (...rules: string[]) =>
    pathsOf(after(newHome('/home/deploy', 'above /home', ...rules).replace('above /\n', ''), {}))['/home/deploy']
  assert.is(mode('def HOME_MODE=0700', 'def UMASK=022'), 'dir 0700 deploy:deploy')
  assert.is(mode('def UMASK=027'), 'dir 0750 deploy:deploy')
  assert.is(mode('def UMASK=18'), 'dir 0755 deploy:deploy')
})

test('No home is foreseen where none is made, or where one is', () => {
  assert.equal(pathsOf(after(newHome('/home/deploy', 'home-dir'), {})), {})
  assert.equal(pathsOf(after(newHome('/home/deploy'), { createHome: false })), {})
  assert.equal(pathsOf(after(newHome('/home/deploy'), { system: true })), {})
  assert.equal(
    pathsOf(after(newHome('/home/deploy'), {}, { type: 'path', path: '/home/deploy', state: { type: 'dir' } })),
    {},
  )
})

test('A user that is to come has the home that is there already', () => {
  const again = (...more: string[]) => {
    const prediction = new Prediction()
    const resource = user('deploy', { createHome: true })
    const first = resource.evaluate(reply(newHome('/home/deploy', ...more)), debian, prediction)
    prediction.record(resource.id, 'effects' in first ? first.effects : [])
    return words(resource.evaluate(reply(newHome('/home/deploy', ...more)), debian, prediction))
  }
  assert.equal(again('home-dir'), [])
  assert.equal(again(), [], 'or the one that comes with it')
})

const mail = ['def CREATE_MAIL_SPOOL=yes', 'def MAIL_DIR=/var/spool/mail']
test('Mail is foreseen where the host makes a spool for new users, and not for those of the system', () => {
  const spool = (want: UserOptions) => pathsOf(after(newHome('/home/deploy', ...mail), want))['/var/spool/mail/deploy']
  assert.is(spool({}), 'file 0660 deploy:mail')
  assert.is(spool({ createHome: false }), 'file 0660 deploy:mail')
  assert.is(spool({ system: true }), undefined)
})

const leaving = `${there}own deploy:x:1500:\ngid 1500\nusergroups\nhome-owner 1500\n`
const held: readonly (readonly [says: string, want: UserOptions, have: string, then: readonly string[] | string])[] = [
  [
    'at work: refused',
    { state: 'absent' },
    `${leaving}process 7 cron.service/cron\n`,
    'refused: user deploy is busy: process 7 (cron)',
  ],
  [
    'at work, and is to have another home: refused',
    { home: '/srv/d' },
    `${there}process 7 /sh\nprocess 8 /sh\n`,
    'refused: user deploy is busy: process 7 (sh) and 1 more',
  ],
  [
    'at work on busybox: removed',
    { state: 'absent' },
    `${leaving.replace('tools\n', '')}process 7 /cron\n`,
    ['remove user deploy'],
  ],
  [
    'its home belongs to another, and stays: removed',
    { state: 'absent' },
    leaving.replace('home-owner 1500', 'home-owner 0'),
    ['remove user deploy'],
  ],
  [
    'its home belongs to another, and is to go: refused',
    { state: 'absent', removeHome: true },
    leaving.replace('home-owner 1500', 'home-owner 0'),
    'refused: the home of user deploy cannot be removed with it: /home/deploy is not owned by deploy',
  ],
  [
    'its home is a link: refused',
    { state: 'absent', removeHome: true },
    `${leaving}home-link\n`,
    'refused: the home of user deploy cannot be removed with it: /home/deploy is a symbolic link',
  ],
  [
    'its home is not there: removed',
    { state: 'absent', removeHome: true },
    leaving.replace('home-owner 1500\n', ''),
    ['remove user deploy and its home'],
  ],
  [
    'a stale lock: removed first',
    {},
    'tools\nstale-lock /etc/passwd.lock 4194300\n',
    ['remove the stale lock /etc/passwd.lock of process 4194300, which is gone', 'create user deploy'],
  ],
  ['a stale lock, and nothing to do: left alone', {}, `${there}stale-lock /etc/passwd.lock \n`, []],
  ['two users with one number, which is wanted: nothing to do', { uid: 1500 }, `${there}taken toor:x:1500:0::/:\n`, []],
]
for (const [says, want, have, then] of held) {
  test(`user: ${says}`, () =>
    assert.equal(words(user('deploy', want).evaluate(reply(have), debian, new Prediction())), then))
}

test('A group goes with its user only where the host removes it', () => {
  const groupGone = (have: string) => {
    const evaluation = after(have, { state: 'absent' })
    return 'plan' in evaluation && evaluation.effects.some((effect) => effect.type === 'group' && !effect.exists)
  }
  assert.is(groupGone(leaving), true)
  assert.is(groupGone(leaving.replace('1500:\n', '1500:adm\n')), false)
  assert.is(groupGone(leaving.replace('usergroups\n', '')), false)
  assert.is(groupGone(leaving.replace('own deploy:x:1500', 'own deploy:x:1501')), false)
  assert.is(groupGone(`${leaving}shares-group web\n`), false)
})

test('A number that an account without one may get before is unknown', () => {
  const someone: Effect = { type: 'user', name: 'ann', exists: true, entry: {} }
  const numbered: Effect = { type: 'user', name: 'bob', exists: true, entry: { id: '1500' } }
  const lacking = (uid: number, ...effects: Effect[]) => words(after('tools\nnext 1001 1003\n', { uid }, ...effects))
  const unknown = (uid: number) => `unknown: whether x:y gets uid ${uid}`
  assert.equal(lacking(1001, someone), unknown(1001))
  assert.equal(lacking(1003, someone), ['create user deploy (uid 1003)'])
  assert.equal(lacking(1001, { type: 'group', name: 'ann', exists: true }), ['create user deploy (uid 1001)'])
  assert.equal(lacking(1501, numbered, someone), unknown(1501))
  assert.equal(lacking(1002, someone), ['create user deploy (uid 1002)'])
  assert.equal(lacking(1001, numbered), ['create user deploy (uid 1001)'])
})

test('A group that comes with a user may take the number of that user', () => {
  const prediction = new Prediction()
  prediction.record('user:bob', [
    { type: 'user', name: 'bob', exists: true, entry: { id: '1500' } },
    { type: 'group', name: 'bob', exists: true },
  ])
  const den = (gid: number) => words(group('den', { gid }).evaluate(reply('tools\nnext 1001\n'), debian, prediction))
  assert.is(den(1500), 'unknown: whether user:bob gets gid 1500')
  assert.equal(den(1600), ['create group den (gid 1600)'])
})

test('Numbers and names that earlier changes free or take are known', () => {
  const taken = `${there}taken web:x:7::/:\n`
  const web = (more: object): Effect => ({ type: 'user', name: 'web', exists: true, ...more })
  assert.equal(words(after(taken, { uid: 7 }, web({ exists: false }))), ['change user deploy: uid 7'])
  assert.equal(words(after(taken, { uid: 7 }, web({ entry: { id: '8' } }))), ['change user deploy: uid 7'])
  assert.is(words(after(taken, { uid: 7 }, web({ entry: { id: '7' } }))), 'refused: uid 7 belongs to user web')
  assert.is(words(after(there, { uid: 9 }, web({ entry: { id: '9' } }))), 'refused: uid 9 belongs to user web')
  assert.is(
    words(after(there, { groups: ['docker'] }, { type: 'group', name: 'docker', exists: false })),
    'refused: user deploy is to be in group docker, which the host does not know',
  )
})

test('An account that a pending package brings by its name is unknown', () => {
  const coming = (name: string): Effect => ({ type: 'package', name, installed: true })
  assert.is(words(after('tools\n', {}, coming('deploy-tools'))), 'unknown: whether x:y brings user deploy')
  assert.equal(words(after('tools\n', {}, coming('nginx'))), ['create user deploy'])
  assert.equal(words(after(there, {}, coming('deploy-tools'))), [])
})

test('The primary group of a user stays, unless the user goes or has another one', () => {
  const evaluate = (...effects: Effect[]) => {
    const prediction = new Prediction()
    prediction.record('x:y', effects)
    return words(
      group('web', { state: 'absent' }).evaluate(reply('entry web:x:7:\nlocal\ntools\nmember a\n'), debian, prediction),
    )
  }
  const refused = 'refused: group web is the primary group of user a, so it cannot be removed'
  assert.is(evaluate(), refused)
  assert.is(evaluate({ type: 'user', name: 'b', exists: false }), refused)
  assert.equal(evaluate({ type: 'user', name: 'a', exists: false }), ['remove group web'])
  assert.equal(evaluate({ type: 'user', name: 'a', exists: true, entry: { primary: 'adm' } }), ['remove group web'])
  assert.is(
    evaluate(
      { type: 'user', name: 'a', exists: false },
      { type: 'user', name: 'c', exists: true, entry: { primary: 'web' } },
    ),
    refused.replace('user a', 'user c'),
  )
})

test('Invalid options are refused before any host is touched', () => {
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

test('a name has at most 32 characters, as useradd takes it', () => {
  for (const name of ['u'.repeat(32), `${'u'.repeat(31)}$`])
    assert.equal([user(name).id, group(name).id], [`user:${name}`, `group:${name}`])
  for (const name of ['u'.repeat(33), `${'u'.repeat(32)}$`])
    assert.throws(() => user(name), /Expected user name to be at most 32 letters/)
})

const isRoot = process.getuid?.() === 0
if (!isRoot) process.stdout.write('skipped: processes of an account, because the tests do not run as root\n')

for (const shell of shells()) {
  test(`${shell.name}: root is known, with its group and home`, async () => {
    assert.equal(words(await ask(shell, user('root', { uid: 0, group: 'root', home: '/root' }))), [])
    assert.equal(words(await ask(shell, group('root', { gid: 0 }))), [])
    assert.is(words(await ask(shell, user('root', { uid: 1 }))), 'refused: uid 1 belongs to user daemon')
    const { text } = await probe(shell, user('root', { groups: ['root', 'no-such'] }))
    assert.match(text, /^lacks no-such$/m)
    assert.equal(text.match(/^elsewhere .*$/gm), ['elsewhere no-such'])
  })

  test(`${shell.name}: what a new home would have, and what holds an account back, is told`, async () => {
    const { text } = await probe(shell, user('no-such', { home: '/proc/1/no/such' }))
    assert.match(text, /^home-at \/proc\/1\/no\/such$/m)
    assert.match(text, /^above \/proc\/1$/m)
    assert.match(text, /^skeleton \/etc\/skel$/m)
    assert.match(text, /^skel [0-9a-f]+ \d+ \.\/\.profile$/m)
    const old = (await probe(shell, user('root', { state: 'absent', removeHome: true }))).text
    // Whose a process is, only root sees of every process.
    if (isRoot) assert.match(old, /^process \d+ /m)
    assert.match(old, /^own root:x:0:/m)
    assert.match(old, /^home-owner 0$/m)
    assert.match((await probe(shell, group('root', { state: 'absent' }))).text, /^member root$/m)
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

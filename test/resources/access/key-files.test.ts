import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { authorizedKeys, editKeys } from '../../../lib/resources/access/authorized-keys.ts'
import { editKnownHosts, knownHosts } from '../../../lib/resources/access/known-hosts.ts'
import { readKey } from '../../../lib/resources/access/public-key.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { RolecallError } from '../../../lib/errors.ts'
import { converge, debian, reply, scratch, shells, words } from '../../support/converge-locally.ts'

const blob = (name: string) => {
  const type = Buffer.from('ssh-ed25519')
  const length = Buffer.alloc(4)
  length.writeUInt32BE(type.length)
  return Buffer.concat([length, type, Buffer.from([0, 0, 0, 32]), Buffer.alloc(32, name)]).toString('base64')
}
const ada = `ssh-ed25519 ${blob('ada')} ada@example.com`
const bob = `ssh-ed25519 ${blob('bob')} bob`
const keys = (...all: string[]) => all.flatMap((each) => readKey(each) ?? [])

const newer = (() => {
  const type = Buffer.from('ssh-mldsa44@openssh.com')
  return `${type.toString()} ${Buffer.concat([Buffer.from([0, 0, 0, type.length]), type, Buffer.alloc(9)]).toString('base64')} new`
})()

type Edit = Partial<Parameters<typeof editKeys>[1]>
const edits: readonly (readonly [says: string, live: string, want: Edit, then: string])[] = [
  ['a new key goes to the end', `# mine\n${bob}\n`, { keys: keys(ada) }, `# mine\n${bob}\n${ada}\n`],
  ['a key that is there stays where it is', `${ada}\n${bob}\n`, { keys: keys(ada) }, `${ada}\n${bob}\n`],
  ['its options become the wanted ones', `no-pty ${ada}\n`, { keys: keys(ada) }, `${ada}\n`],
  ['options with blanks in quotes are one word', '', { keys: keys(`command="a b" ${ada}`) }, `command="a b" ${ada}\n`],
  ['exclusive: others go, comments stay', `# c\n${bob}\n`, { keys: keys(ada), exclusive: true }, `# c\n${ada}\n`],
  ['a key that stands there twice stands there once', `${ada}\n${ada}\n`, { keys: keys(ada) }, `${ada}\n`],
  ['absent: only the named one goes', `${ada}\n${bob}\n`, { keys: keys(ada), absent: true }, `${bob}\n`],
  [
    'exclusive: a key of a type that is newer than this goes too',
    `${newer}\nno-pty ${newer}\n`,
    { keys: keys(ada), exclusive: true },
    `${ada}\n`,
  ],
  [
    'a key in a comment stays one',
    `# ${ada}\n#${bob}\n`,
    { keys: keys(ada, bob) },
    `# ${ada}\n#${bob}\n${ada}\n${bob}\n`,
  ],
  ['exclusive with none empties the file', `${ada}\n`, { keys: [], exclusive: true }, ''],
  ['what is no key is left alone', 'broken line\n', { keys: keys(ada), exclusive: true }, `broken line\n${ada}\n`],
]
for (const [says, live, want, then] of edits) {
  test(`authorized keys: ${says}`, () => {
    const full = { keys: [], exclusive: false, absent: false, ...want }
    assert.is(editKeys(live, full), then)
    assert.is(editKeys(then, full), then, 'a second time nothing changes')
  })
}

test('options that sshd could not read, and a key in a comment, are refused', () => {
  for (const options of ['no-pty, no-X11-forwarding', 'command="a', '#no-pty', ' '])
    assert.throws(() => authorizedKeys('ada', { keys: [ada], options }), /with commas and no blanks between/)
  assert.throws(() => authorizedKeys('ada', { keys: [`# ${ada}`] }), /a public key in one line/)
  authorizedKeys('ada', { keys: [ada], options: 'from="10.0.0.0/8, fd00::/8",command="echo \\"x y\\""' })
})

const key = `ssh-ed25519 ${blob('host')}`
const old = `ssh-ed25519 ${blob('old')}`
const salt = Buffer.alloc(20, 'salt').toString('base64')
const hosts: readonly (readonly [
  says: string,
  live: string,
  want: Partial<Parameters<typeof editKnownHosts>[1]>,
  then: string,
])[] = [
  ['a new host goes to the end', `other ${old}\n`, {}, `other ${old}\ngit ${key}\n`],
  ['another key of the host goes', `git ${old}\n`, {}, `git ${key}\n`],
  ['other names of a line keep their key', `git,10.0.0.1 ${old}\n`, {}, `10.0.0.1 ${old}\ngit ${key}\n`],
  ['the right key beside another name stays', `git,10.0.0.1 ${key}\n`, {}, `git,10.0.0.1 ${key}\n`],
  ['a key that was revoked stays so', `@revoked git ${old}\n`, {}, `@revoked git ${old}\ngit ${key}\n`],
  [
    'authorities and comments stay',
    `@cert-authority git ${old}\n# git\n`,
    {},
    `@cert-authority git ${old}\n# git\ngit ${key}\n`,
  ],
  ['a hashed line of another host stays', `|1|${salt}|${salt} ${old}\n`, {}, `|1|${salt}|${salt} ${old}\ngit ${key}\n`],
  ['absent: every key of the host goes', `git ${old}\ngit ${key}\nx ${key}\n`, { absent: true }, `x ${key}\n`],
]
for (const [says, live, want, then] of hosts) {
  test(`known hosts: ${says}`, () => {
    const full = { host: 'git', keys: [key], absent: false, hashed: false, ...want }
    assert.is(editKnownHosts(live, full), then)
    assert.is(editKnownHosts(then, full), then, 'a second time nothing changes')
  })
}

test('known hosts: a hashed line is recognised as its host', () => {
  const want = { host: 'git', keys: [key], absent: false, hashed: true }
  const hashed = editKnownHosts('', want)
  assert.match(hashed, /^\|1\|/)
  assert.is(editKnownHosts(hashed, want), hashed)
  assert.is(editKnownHosts(hashed, { ...want, hashed: false }), hashed)
  assert.is(editKnownHosts(hashed, { ...want, absent: true }), '')
})

test('an invalid public key is refused before any host is touched', () => {
  for (const wrong of [
    'ssh-ed25519 AAAA',
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    `ssh-rsa ${blob('x')}`,
    `${ada}\n${bob}`,
  ])
    assert.throws(
      () => authorizedKeys('ada', { keys: [wrong] }),
      (error: unknown) => error instanceof RolecallError && /public key/.test(error.message),
    )
})

const home = (found: string) => `home 1001 /home/ada\nnone 0 9 dir\nand the file\n${found}`
test('a home without .ssh gets the directory and the file', () => {
  const resource = authorizedKeys('ada', { keys: [ada] })
  const evaluation = resource.evaluate(reply(home('none 0 9 absent\n')), debian, new Prediction())
  assert.equal(words(evaluation), [
    'make directory /home/ada/.ssh',
    'create /home/ada/.ssh/authorized_keys: set ada@example.com',
  ])
})

test('a .ssh that is no directory when the file is looked for is refused, though it was one a moment before', () => {
  const was = 'way ok 1001:ada 1:2:1\nhave 0 41c0 4096 1001 1001 ada:ada\n'
  for (const said of ['none 0 14 blocked\n', 'way ok 1001:ada -\nnone 0 14 blocked\n'])
    for (const resource of [
      authorizedKeys('ada', { keys: [ada] }),
      knownHosts('git.example.com', { keys: [ada], user: 'ada' }),
    ])
      assert.match(
        String(
          words(resource.evaluate(reply(`home 1001 /home/ada\n${was}and the file\n${said}`), debian, new Prediction())),
        ),
        /^refused: \/home\/ada\/\.ssh\/\w+ cannot be made: \/home\/ada\/\.ssh is not a directory/,
      )
})

test('no such user is refused; one that something brings is foreseen with its home', () => {
  const resource = authorizedKeys('ada', { keys: [ada] })
  assert.is(
    words(resource.evaluate(reply('stranger\n'), debian, new Prediction())),
    'refused: the host does not know the user ada',
  )
  const prediction = new Prediction()
  prediction.record('user:ada', [
    { type: 'user', name: 'ada', exists: true, entry: { home: '/srv/ada', primary: 'ada' } },
    { type: 'path', path: '/srv/ada', state: { type: 'dir', mode: '0700', owner: 'ada', group: 'ada' } },
  ])
  assert.equal(words(resource.evaluate(reply('stranger\n'), debian, prediction)), [
    'make directory /srv/ada/.ssh',
    'create /srv/ada/.ssh/authorized_keys: set ada@example.com',
  ])
})

const root = process.getuid?.() === 0
if (!root) process.stdout.write('skipped: files in each shell, because the tests do not run as root\n')
for (const shell of root ? shells() : []) {
  test(`${shell.name}: a file of keys is made, drifts and is repaired`, async () => {
    const dir = join(scratch(), 'keys')
    const path = join(dir, 'root')
    const resource = authorizedKeys('root', { keys: [ada], path, manageDirectory: true, exclusive: true })
    const first = await converge(shell, resource)
    assert.equal(first.failed, undefined)
    assert.equal(first.did, [`make directory ${dir}`, `create ${path}: set ada@example.com`])
    assert.equal(words(first.again), [])
    assert.is(readFileSync(path, 'utf8'), `${ada}\n`)
    assert.is(statSync(path).mode & 0o777, 0o600)
    writeFileSync(path, `${ada}\n${bob}\n`)
    const second = await converge(shell, resource)
    assert.equal(second.did, [`edit ${path}: remove bob`])
    assert.equal(words(second.again), [])
  })

  test(`${shell.name}: hosts are known, and forgotten`, async () => {
    const dir = scratch()
    mkdirSync(join(dir, 'ssh'))
    const path = join(dir, 'ssh/known_hosts')
    const first = await converge(shell, knownHosts('git', { keys: [key], path }))
    assert.equal(first.did, [`create ${path}: set the keys of git`])
    assert.equal(words(first.again), [])
    const gone = await converge(shell, knownHosts('git', { state: 'absent', path }))
    assert.equal(gone.did, [`edit ${path}: remove the keys of git`])
    assert.equal(words(gone.again), [])
  })
}

test('known hosts: a host has the name by which ssh looks for it', () => {
  for (const [given, named] of [
    ['Git.Example.com', 'git.example.com'],
    ['[git]:22', 'git'],
    ['[Git]:2222', '[git]:2222'],
    ['[2001:DB8::1]:22', '2001:db8::1'],
  ] as const)
    assert.is(knownHosts(given, { keys: [key] }).id, `knownHosts:${named}`)
  const want = { host: 'git', keys: [key], absent: false, hashed: true }
  const hashed = editKnownHosts('', want)
  assert.is(editKnownHosts(hashed, { ...want, host: 'GIT' }), hashed)
})

test.run()

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { projectOf, rolecall, write } from '../support/project.ts'

const test = suite('by hand, without a playbook')
const project = projectOf({
  'inventory/hosts.yml': `all:
  children:
    web:
      hosts:
        one: { ansible_connection: local }
        two: { ansible_connection: local }
    other:
      hosts:
        three: { ansible_connection: local, ansible_become_password: open-sesame-1234 }
`,
  'group_vars/web.yml': 'nginx_port: 80\n',
  'playbooks/.keep': '',
})

test('the streams of one host are passed on as they are, and the status is told', async () => {
  const { code, out, err } = await rolecall(project, ['run', 'echo here; echo there >&2; exit 7', '-l', 'one'])
  assert.is(code, 2)
  assert.is(out, 'here\n')
  assert.is(err, 'there\none  it ended with status 7\n')
})

test('of several hosts equal outputs are shown once', async () => {
  const { code, out, err } = await rolecall(project, ['run', 'echo same', '-l', 'web'])
  assert.is(code, 0)
  assert.is(out, 'one, two\n  same\n')
  assert.match(err, /^2 of 2 hosts ended with 0 in /)
})

test('different outputs are shown separately, and failed hosts are named', async () => {
  const mark = join(project, 'mark')
  const { code, out, err } = await rolecall(project, ['run', `mkdir ${mark} && echo first`, '-l', 'web'])
  assert.is(code, 2)
  assert.match(out, /first/)
  assert.match(out, /(one|two) {2}it ended with status 1\n {2}mkdir: .*File exists/)
  assert.match(err, /^1 of 2 hosts ended with 0 in .*; not (one|two)\n$/)
})

test('--stream shows lines with the names of their hosts', async () => {
  const { out } = await rolecall(project, ['run', 'printf "a\\nb"', '-l', 'all', '--stream'])
  const lines = out.trim().split('\n').sort()
  assert.equal(lines, ['one    a', 'one    b', 'three  a', 'three  b', 'two    a', 'two    b'])
})

test('several words stay separate words, whatever characters they have', async () => {
  const { out } = await rolecall(project, ['run', '-l', 'one', '--', 'printf', '%s|', 'a b', "it's", '$HOME'])
  assert.is(out, "a b|it's|$HOME|\n")
})

test('--json tells the events of a run, with the output in them', async () => {
  const { out } = await rolecall(project, ['run', 'echo x', '-l', 'one', '--json'])
  const events = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; text?: string; status?: string })
  assert.is(events.find(({ type }) => type === 'output')?.text, 'x\n')
  assert.is(events.find(({ type }) => type === 'resource')?.status, 'changed')
  assert.is(events.at(-1)?.type, 'summary')
})

test('secrets of the inventory are masked in what commands print, and in the journal', async () => {
  const { out } = await rolecall(project, ['run', 'echo open-sesame-; echo open-sesame-1234', '-l', 'three'])
  assert.is(out, 'open-sesame-\n***\n')
  const { out: shown } = await rolecall(project, ['runs', 'show', '-v'])
  assert.match(shown, 'three')
  assert.not.match(shown, 'sesame-1234')
})

test('without -l nothing is run anywhere', async () => {
  const { code, out, err } = await rolecall(project, ['run', 'touch nowhere'])
  assert.is(code, 1)
  assert.is(out, '')
  assert.match(err, /no hosts are given\n {2}expected {2}-l PATTERN/)
})

test('a copy that fails on some hosts speaks of no role, counts once, and says nothing of hosts that were not touched', async () => {
  const { code, out, err } = await rolecall(project, ['copy', 'inventory/hosts.yml', 'all:/nowhere/at/all'])
  assert.equal([code, out], [2, ''])
  assert.match(err, /^one, three, two {2}.*cannot/m)
  assert.not.match(err, /by-hand|No host was touched/)
  const shown = await rolecall(project, ['runs', 'show'])
  assert.match(shown.out, /^end +failed in .*: 3 failed$/m)
})

test('a run by hand is in the journal and in the history of its host, and is not resumed', async () => {
  const failed = await rolecall(project, ['run', 'echo so; false', '-l', 'two'])
  assert.is(failed.code, 2)
  assert.match((await rolecall(project, ['runs'])).out, /run 'echo so; false'/)
  assert.match((await rolecall(project, ['runs', 'show'])).out, /command {2}rolecall run 'echo so; false' -l two$/m)
  assert.match((await rolecall(project, ['history', 'two'])).out, /failed .*run:echo so; false/)
  const resumed = await rolecall(project, ['resume'])
  assert.is(resumed.code, 1)
  assert.match(resumed.err, 'there is nothing to resume')
  const [run = ''] = (JSON.parse((await rolecall(project, ['runs', '--json'])).out) as { run: string }[])
    .map(({ run }) => run)
    .slice(-1)
  assert.match(
    (await rolecall(project, ['resume', run])).err,
    /was no playbook, and cannot be resumed\n {2}hint {6}.*: rolecall run 'echo so; false' -l two$/m,
  )
})

test('a copy is journalled as the command that was typed', async () => {
  write(project, { 'from.txt': 'copied once more' })
  assert.is((await rolecall(project, ['copy', 'from.txt', `one:${join(project, 'again')}`])).code, 0)
  assert.match((await rolecall(project, ['runs', 'show'])).out, /^command {2}rolecall copy from\.txt one:\S+$/m)
})

test('a pattern without a match, and a missing inventory, are reported', async () => {
  const nobody = await rolecall(project, ['run', 'true', '-l', 'wbe'])
  assert.is(nobody.code, 1)
  assert.match(nobody.err, /did you mean web/)
  const empty = projectOf({ 'playbooks/.keep': '' })
  const none = await rolecall(empty, ['ping', 'web'])
  assert.is(none.code, 1)
  assert.match(none.err, /inventory/)
})

test('facts shows what is known of a host, also as data', async () => {
  assert.match((await rolecall(project, ['facts', 'one'])).out, /^hostname .*\nos\.name /)
  assert.match((await rolecall(project, ['facts', 'web'])).out, /^one\n {2}hostname[^]*\n\ntwo\n {2}hostname/)
  const data = JSON.parse((await rolecall(project, ['facts', 'one', '--json'])).out) as { one: { os: object } }
  assert.ok('family' in data.one.os)
})

test('ping answers for each host, in the order of the inventory', async () => {
  const { code, out } = await rolecall(project, ['ping'])
  assert.is(code, 0)
  assert.match(out, /^one +answers +[\d.]+ ms .*\ntwo +answers .*\nthree +answers /)
})

test('ping of a host that cannot be reached ends with 4, and the others answer', async () => {
  write(project, {
    'gone.yml':
      'all: { hosts: { here: { ansible_connection: local }, gone: { ansible_connection: docker, ansible_host: no-such } } }\n',
  })
  const { code, out, err } = await rolecall(project, ['ping', '-i', 'gone.yml'])
  assert.is(code, 4, err)
  assert.match(out, /^here +answers/)
  assert.match(err, 'gone')
})

test('a file is copied to hosts, and is left alone when it is there', async () => {
  write(project, { 'from.txt': 'words\n' })
  const to = join(project, 'to.txt')
  assert.is(
    (await rolecall(project, ['copy', 'from.txt', `one:${to}`, '--mode', '0600'])).out,
    `one  ${to} is written\n`,
  )
  assert.is(readFileSync(to, 'utf8'), 'words\n')
  assert.is(statSync(to).mode & 0o777, 0o600)
  const again = await rolecall(project, ['copy', 'from.txt', `one:${to}`, '--mode', '0600'])
  assert.is(again.out, `one  ${to} is as wanted already\n`)
})

test('a directory is copied with what is in it', async () => {
  write(project, { 'tree/a': '1', 'tree/b/c': '2' })
  const { code, err } = await rolecall(project, ['copy', 'tree', `one:${join(project, 'copied')}`])
  assert.is(code, 0, err)
  assert.is(readFileSync(join(project, 'copied/b/c'), 'utf8'), '2')
})

test('from several hosts each file has a directory of its host', async () => {
  const { code, err } = await rolecall(project, ['copy', 'web:/etc/passwd', 'fetched/'])
  assert.is(code, 0, err)
  const passwd = readFileSync('/etc/passwd', 'utf8')
  assert.is(readFileSync(join(project, 'fetched/one/passwd'), 'utf8'), passwd)
  assert.is(readFileSync(join(project, 'fetched/two/passwd'), 'utf8'), passwd)
})

test('links of a directory are followed, and those that cannot be are told', async () => {
  const [from, to] = [join(project, 'linked'), join(project, 'followed')]
  write(from, { 'real/inside': 'x' })
  chmodSync(join(from, 'real'), 0o750)
  symlinkSync('real', join(from, 'by-link'))
  const copied = await rolecall(project, ['copy', from, `one:${to}`])
  assert.is(copied.code, 0, copied.err)
  assert.is(readFileSync(join(to, 'by-link/inside'), 'utf8'), 'x')
  assert.is(statSync(join(to, 'by-link')).mode & 0o777, 0o750)

  symlinkSync('..', join(from, 'real/up'))
  const endless = await rolecall(project, ['copy', from, `one:${to}`])
  assert.is(endless.code, 1)
  assert.match(endless.err, /links\s+back\s+to\s+\S+linked,\s+its\s+own\s+parent/)

  rmSync(join(from, 'real/up'))
  symlinkSync('/nowhere', join(from, 'dangling'))
  const dangling = await rolecall(project, ['copy', from, `one:${to}`])
  assert.is(dangling.code, 1)
  assert.match(dangling.err, /is\s+a\s+link\s+that\s+leads\s+nowhere/)
})

test('a local place that cannot be written is told', async () => {
  write(project, { 'no-directory': '' })
  const { code, err } = await rolecall(project, ['copy', 'one:/etc/passwd', 'no-directory/sub/hostname'])
  assert.is(code, 1)
  assert.match(err, 'a part of the path is not a directory')
})

test('a file copied from a host replaces the local one, and follows no link', async () => {
  writeFileSync(join(project, 'victim'), 'as it was')
  symlinkSync('victim', join(project, 'laid'))
  assert.is((await rolecall(project, ['copy', 'one:/etc/passwd', 'laid'])).code, 0)
  assert.is(readFileSync(join(project, 'victim'), 'utf8'), 'as it was')
  assert.is(readFileSync(join(project, 'laid'), 'utf8'), readFileSync('/etc/passwd', 'utf8'))
  assert.is(lstatSync(join(project, 'laid')).mode & 0o777, 0o600)
})

if (process.getuid?.() !== 0) process.stdout.write('skipped: what another account lays needs root to be made\n')
else
  test('copy follows no link of another account on the host, and gives nothing to a pipe of one here', async () => {
    const shared = join(project, 'shared')
    mkdirSync(shared)
    writeFileSync(join(project, 'for-root'), 'for root alone', { mode: 0o600 })
    symlinkSync('../for-root', join(shared, 'link'))
    execFileSync('mkfifo', [join(shared, 'pipe')])
    for (const path of [shared, join(shared, 'link'), join(shared, 'pipe')]) lchownSync(path, 64_711, 64_711)
    const led = await rolecall(project, ['copy', `one:${join(shared, 'link')}`, 'got'])
    assert.match(led.err, /link is not read: another account can change its directory/)
    assert.not.ok(existsSync(join(project, 'got')))
    assert.match(
      (await rolecall(project, ['copy', `one:${join(shared, 'pipe')}`, 'got'])).err,
      /pipe (is not read|cannot be read)/,
    )
    const given = await rolecall(project, ['copy', 'one:/etc/passwd', join(shared, 'pipe')])
    assert.match(given.err, /pipe is not a file, and belongs to user 64711/)
  })

test('paths of copy are relative to the working directory, below the project too', async () => {
  mkdirSync(join(project, 'roles/files'), { recursive: true })
  write(project, { 'roles/files/deep': 'deep' })
  const below = join(project, 'roles/files')
  const to = join(project, 'deep')
  assert.is((await rolecall(below, ['copy', 'deep', `one:${to}`])).code, 0)
  assert.is(readFileSync(to, 'utf8'), 'deep')
  assert.is((await rolecall(below, ['copy', `one:${to}`, 'back'])).code, 0)
  assert.ok(existsSync(join(below, 'back')))
})

for (const [what, args, told] of [
  ['no path on a host', ['copy', 'a', 'b'], 'neither of the two paths is on a host'],
  ['two paths on hosts', ['copy', 'one:/a', 'two:/b'], 'both paths are on hosts'],
  ['a file that is not there', ['copy', 'no-such', 'one:/a'], 'there is no no-such on this machine'],
  ['a file that is not on the host', ['copy', 'one:/no/such', 'a'], '/no/such cannot be read'],
  [
    'a place where no directory can be made',
    ['copy', 'one:/etc/passwd', '/proc/none/sub/x'],
    '/proc/none cannot be written: ENOENT',
  ],
  [
    'a directory that is not on the host',
    ['copy', 'from.txt', 'one:/no/such/dir/a'],
    'there is no directory /no/such/dir',
  ],
] as const)
  test(`${what} is reported`, async () => {
    const { code, err } = await rolecall(project, args)
    assert.is.not(code, 0)
    assert.match(err, told, err)
    assert.match(err, /hint/)
  })

test('ssh opens the shell of a host and exits with its status', async () => {
  const { code, out } = await rolecall(project, ['ssh', 'one', '--', 'echo in; exit 9'])
  assert.is(code, 9)
  assert.is(out, 'in\n')
  const many = await rolecall(project, ['ssh', 'web'])
  assert.is(many.code, 1)
  assert.match(many.err, /web means 2 hosts[^]*rolecall run COMMAND -l web/)
})

test.run()

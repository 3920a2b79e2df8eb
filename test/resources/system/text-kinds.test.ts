import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { editSshd, type MatchWanted, type Wanted } from '../../../lib/resources/access/sshd-text.ts'
import { sshdConfig } from '../../../lib/resources/access/sshd-config.ts'
import { editFstab, readFstab } from '../../../lib/resources/disks/fstab.ts'
import { RolecallError } from '../../../lib/errors.ts'
import { replace, replaceIn } from '../../../lib/resources/files/replace.ts'
import { keyValue } from '../../../lib/resources/structured/key-value.ts'
import { editHosts, hostsEntry } from '../../../lib/resources/system/hosts-entry.ts'
import { cron, editCrontab } from '../../../lib/resources/time/cron.ts'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { split } from '../../../lib/resources/kit/text.ts'
import { secret } from '../../../lib/secret.ts'
import { converge, scratch, shells, words } from '../../support/converge-locally.ts'
import { shown } from '../../support/shown.ts'

/** A pure edit: the text before, the text after, and nothing more the second time. */
type Row = readonly [says: string, edit: (live: string) => unknown, live: string, then: string]

const job = (want: Partial<Parameters<typeof editCrontab>[1]>) => (live: string) =>
  editCrontab(live, { name: 'a', entry: '1 2 * * * run', isVariable: false, absent: false, ...want })
const host =
  (address: string, names: readonly string[], absent = false) =>
  (live: string) =>
    editHosts(live, { address, names, absent })
const sshd =
  (set: Wanted, matches: readonly MatchWanted[] = []) =>
  (live: string) =>
    editSshd(live, set, matches)
const port = new Map([['Port', ['22', '2222']]])
const noRoot = new Map([['PermitRootLogin', ['no']]])
const entry = { source: '/dev/sdb1', path: '/srv', type: 'ext4', options: 'noatime', dump: 0, passno: 2 }
const fstab = (want: typeof entry | undefined) => (live: string) => editFstab(live, want, ({ path }) => path === '/srv')
const change =
  (match: RegExp, by: string | ((...all: string[]) => string), more: { from?: RegExp; to?: RegExp } = {}) =>
  (live: string) =>
    replaceIn(live, { path: '/x', match, by, ...more })

const rows: readonly Row[] = [
  ['cron: a job goes to the end, below its name', job({}), '# c\n', '# c\n# rolecall: a\n1 2 * * * run\n'],
  [
    'cron: a job that is there is changed in its place',
    job({}),
    '# rolecall: a\n9 9 * * * old\nx\n',
    '# rolecall: a\n1 2 * * * run\nx\n',
  ],
  [
    'cron: a name without its job gets the job',
    job({}),
    '# rolecall: a\n# rolecall: b\n2 2 * * * b\n',
    '# rolecall: a\n1 2 * * * run\n# rolecall: b\n2 2 * * * b\n',
  ],
  [
    'cron: a job that stands there twice stands there once',
    job({}),
    '# rolecall: a\n1 2 * * * run\n# rolecall: a\n3 3 * * * x\n',
    '# rolecall: a\n1 2 * * * run\n',
  ],
  [
    'cron: a last line without an end would be skipped',
    job({}),
    '# rolecall: a\n1 2 * * * run',
    '# rolecall: a\n1 2 * * * run\n',
  ],
  ['cron: absent', job({ absent: true }), 'x\n# rolecall: a\n1 2 * * * run\ny\n', 'x\ny\n'],
  [
    'cron: a job of Ansible with the name is the job, and keeps its mark',
    job({}),
    '#Ansible: a\n9 9 * * * old\nx\n',
    '#Ansible: a\n1 2 * * * run\nx\n',
  ],
  [
    'cron: the mark of a job of Ansible is no job',
    job({}),
    '# rolecall: a\n#Ansible: b\n2 2 * * * b\n',
    '# rolecall: a\n1 2 * * * run\n#Ansible: b\n2 2 * * * b\n',
  ],
  [
    'cron: absent, where the name may be that of a job or of a variable',
    job({ name: 'BACKUP', absent: true, isEither: true }),
    'BACKUP=x\nBACKUP2=y\n# rolecall: BACKUP\n1 2 * * * run\n',
    'BACKUP2=y\n',
  ],
  [
    'cron: a variable goes above all jobs',
    job({ name: 'MAILTO', entry: 'MAILTO=x', isVariable: true }),
    '# rolecall: a\n',
    'MAILTO=x\n# rolecall: a\n',
  ],
  [
    'cron: a variable is changed, and stands there once',
    job({ name: 'MAILTO', entry: 'MAILTO=x', isVariable: true }),
    'MAILTO = y\na\nMAILTO=z\n',
    'MAILTO=x\na\n',
  ],

  [
    'hosts: a new address goes to the end',
    host('10.0.0.1', ['a.b', 'a']),
    '127.0.0.1 localhost\n',
    '127.0.0.1 localhost\n10.0.0.1 a.b a\n',
  ],
  [
    'hosts: an address gets its names first, and keeps others and comments',
    host('10.0.0.1', ['a']),
    '10.0.0.1\tx a # c\n',
    '10.0.0.1\ta x # c\n',
  ],
  [
    'hosts: an IPv6 address in another spelling is the same',
    host('2001:DB8:0:0::1', ['a']),
    '2001:db8::1 b\nfe80::1%eth0 a c\n',
    '2001:db8::1 a b\nfe80::1%eth0 c\n',
  ],
  ['hosts: a name leaves another address', host('10.0.0.2', ['a']), '10.0.0.1 a b\n', '10.0.0.1 b\n10.0.0.2 a\n'],
  ['hosts: a line that has no other name goes', host('10.0.0.2', ['A']), '10.0.0.1 a\n', '10.0.0.2 A\n'],
  ['hosts: the other family keeps the name', host('10.0.0.2', ['a']), '::1 a\n10.0.0.2 a\n', '::1 a\n10.0.0.2 a\n'],
  ['hosts: absent, one name', host('10.0.0.1', ['a'], true), '10.0.0.1 a b\n', '10.0.0.1 b\n'],
  ['hosts: absent, all of it', host('10.0.0.1', [], true), '10.0.0.1 a b\n# 10.0.0.1 c\n', '# 10.0.0.1 c\n'],

  [
    'sshd: below the comment that shows it',
    sshd(noRoot),
    '#PermitRootLogin yes\nX 1\n',
    '#PermitRootLogin yes\nPermitRootLogin no\nX 1\n',
  ],
  [
    'sshd: in its place, whatever its letters and its sign',
    sshd(noRoot),
    'permitrootlogin = yes\n',
    'PermitRootLogin no\n',
  ],
  [
    'sshd: once, because the first counts',
    sshd(noRoot),
    'PermitRootLogin yes\nX 1\nPermitRootLogin no\n',
    'PermitRootLogin no\nX 1\n',
  ],
  [
    'sshd: before the first block',
    sshd(noRoot),
    'X 1\n\n# sftp\nMatch User a\n  PermitRootLogin yes\n',
    'X 1\nPermitRootLogin no\n\n# sftp\nMatch User a\n  PermitRootLogin yes\n',
  ],
  ['sshd: a file that begins with a block', sshd(noRoot), 'Match all\n', 'PermitRootLogin no\nMatch all\n'],
  ['sshd: several lines of one keyword', sshd(port), 'Port 22\n', 'Port 22\nPort 2222\n'],
  ['sshd: removed', sshd(new Map([['Port', null]])), 'Port 22\n#Port 22\nport 3\n', '#Port 22\n'],
  [
    'sshd: a new block',
    sshd(new Map(), [{ criteria: 'User a', set: noRoot }]),
    'X 1\n',
    'X 1\nMatch User a\n    PermitRootLogin no\n',
  ],
  [
    'sshd: in a block that is there',
    sshd(new Map(), [{ criteria: 'User a', set: noRoot }]),
    'Match  User  a\n\tX 1\nMatch User b\n',
    'Match  User  a\n\tX 1\n    PermitRootLogin no\nMatch User b\n',
  ],
  [
    'sshd: a block goes',
    sshd(new Map(), [{ criteria: 'User a', set: undefined }]),
    'X 1\nMatch User a\n Y 1\n\n# b\nMatch User b\n',
    'X 1\n\n# b\nMatch User b\n',
  ],

  ['fstab: a new entry', fstab(entry), '# c\n', '# c\n/dev/sdb1 /srv ext4 noatime 0 2\n'],
  [
    'fstab: the same entry in other columns stays',
    fstab(entry),
    '/dev/sdb1\t/srv  ext4  noatime 0   2\n',
    '/dev/sdb1\t/srv  ext4  noatime 0   2\n',
  ],
  [
    'fstab: changed in its place, and once',
    fstab(entry),
    'a /srv xfs\nb /x xfs\nc /srv xfs\n',
    '/dev/sdb1 /srv ext4 noatime 0 2\nb /x xfs\n',
  ],
  ['fstab: gone', fstab(undefined), 'a /srv xfs defaults 0 0\n', ''],

  ['replace: every match', change(/a/, 'b'), 'a a\na\n', 'b b\nb\n'],
  ['replace: groups and the match itself', change(/(k) = \d/, '$1: 2'), 'k = 1\n', 'k: 2\n'],
  ['replace: a function', change(/v(\d+)$/m, (_, n) => `w${Number(n) + 1}`), 'v1\nv2\n', 'w2\nw3\n'],
  [
    'replace: only behind and before',
    change(/x/, 'y', { from: /^\[b\]$/m, to: /^\[c\]$/m }),
    'x\n[b]\nx\n[c]\nx\n',
    'x\n[b]\ny\n[c]\nx\n',
  ],
  ['replace: no bound, nothing to do', change(/x/, 'y', { from: /nowhere/ }), 'x\n', 'x\n'],
]
for (const [says, edit, live, then] of rows) {
  test(says, () => {
    assert.is(edit(live), then)
    if (!says.includes('a function')) assert.is(edit(then), then, 'a second time nothing changes')
  })
}

test('replace: a function that matches again is refused as well', () => {
  const edited = change(/v(\d+)/, (_, n) => `v${Number(n) + 1}`)('v1\n')
  assert.match(JSON.stringify(edited), /matches again: every run would change the file/)
})

test('fstab: blanks in a path are read and written as the kernel has them', () => {
  const line = editFstab('', { ...entry, path: '/a b' }, () => true)
  assert.is(line, '/dev/sdb1 /a\\040b ext4 noatime 0 2\n')
  assert.is(readFstab(split(line)[0] ?? { text: '', eol: '' })?.path, '/a b')
})

/** Live text, what is wanted, what stands there then: on real files, in each shell. */
type FileRow = readonly [
  says: string,
  live: string | undefined,
  make: (path: string) => Resource,
  then: string,
  did: string,
]
const token = secret('t0ken with "quotes"')
const files: readonly FileRow[] = [
  [
    'a new key, quoted where it must be',
    undefined,
    (p) => keyValue(p, { set: { A: 1, B: 'x y', C: 'a$b', D: "it's" } }),
    `A=1\nB="x y"\nC='a$b'\nD="it's"\n`,
    'create FILE: set A, B, C, D',
  ],
  [
    'quotes and export stay, the last one counts',
    `export A='1'\nA="2" # c\n`,
    (p) => keyValue(p, { set: { A: '3' } }),
    'A="3" # c\n',
    'edit FILE: set A',
  ],
  [
    'the same value in other quotes is as wanted',
    `A='x y'\nB=z\n`,
    (p) => keyValue(p, { set: { A: 'x y', B: 'z' } }),
    `A='x y'\nB=z\n`,
    '',
  ],
  [
    'below the comment that shows it',
    '# A=0\nB=1\n',
    (p) => keyValue(p, { set: { A: true } }),
    '# A=0\nA=true\nB=1\n',
    'edit FILE: set A',
  ],
  [
    'what the shell puts in is another value than the plain text',
    'P="$P:/x"\n',
    (p) => keyValue(p, { set: { P: '$P:/x' } }),
    `P='$P:/x'\n`,
    'edit FILE: set P',
  ],
  [
    'the shell may put something in',
    'P=/x\n',
    (p) => keyValue(p, { set: { P: '$P:/y' }, quotes: 'double' }),
    'P="$P:/y"\n',
    'edit FILE: set P',
  ],
  [
    'a value over several lines is one value',
    'A="x\ny"\nB=1\n',
    (p) => keyValue(p, { set: { A: '2' }, remove: ['B'] }),
    'A="2"\n',
    'edit FILE: set A; remove B',
  ],
  ['a secret', 'T=old\n', (p) => keyValue(p, { set: { T: token } }), `T='t0ken with "quotes"'\n`, 'edit FILE: set T'],
  [
    'replace in a file',
    'listen 80\n',
    (p) => replace(p, { match: /^listen .*$/m, by: 'listen 8080' }),
    'listen 8080\n',
    'edit FILE: replace /^listen .*$/m by "listen 8080"',
  ],
  [
    'an entry of hosts',
    '127.0.0.1 localhost\n',
    (p) => hostsEntry('10.0.0.1', { names: ['a'], path: p }),
    '127.0.0.1 localhost\n10.0.0.1 a\n',
    'edit FILE: 10.0.0.1 a',
  ],
  [
    'a job in a file of cron',
    undefined,
    (p) => cron('nightly', { file: p, user: 'app', hour: 3, minute: 0, job: 'run 50\\%' }),
    '# rolecall: nightly\n0 3 * * * app run 50\\%\n',
    'create FILE: job nightly',
  ],
  [
    'a job that is disabled',
    '# rolecall: n\n@daily root x\n',
    (p) => cron('n', { file: p, special: 'daily', job: 'x', disabled: true }),
    '# rolecall: n\n#@daily root x\n',
    'edit FILE: job n',
  ],
  [
    'a job with a name in capital letters goes',
    '# rolecall: BACKUP\n@daily root x\n',
    (p) => cron('BACKUP', { file: p, state: 'absent' }),
    '',
    'edit FILE: remove job BACKUP',
  ],
  [
    'a variable with small letters goes',
    'http_proxy2=x\n@daily root x\n',
    (p) => cron('http_proxy2', { file: p, state: 'absent' }),
    '@daily root x\n',
    'edit FILE: remove variable http_proxy2',
  ],
  [
    'a name with a blank at its end',
    '# rolecall: n\n@daily root x\n',
    (p) => cron('n ', { file: p, special: 'daily', job: 'x' }),
    '# rolecall: n\n@daily root x\n',
    '',
  ],
  [
    'a variable with both sorts of quotes',
    '',
    (p) => cron('A', { file: p, value: `it's "x"` }),
    `A=it's "x"\n`,
    'edit FILE: variable A',
  ],
  [
    'sshd, with a validator of the test',
    'Port 22\n',
    (p) => sshdConfig(p, { set: { PermitRootLogin: false }, validate: 'grep -q PermitRootLogin {}' }),
    'Port 22\nPermitRootLogin no\n',
    'edit FILE: PermitRootLogin no',
  ],
]
for (const shell of shells())
  for (const [says, live, make, then, did] of files)
    test(`${shell.name}: ${says}`, async () => {
      const path = join(scratch(), 'file')
      if (live !== undefined) writeFileSync(path, live)
      const resource = make(path)
      const { did: steps, failed, again, evaluation } = await converge(shell, resource)
      assert.equal(failed, undefined)
      assert.equal(steps, did === '' ? [] : [did.replace('FILE', path)])
      assert.is(readFileSync(path, 'utf8'), then)
      assert.equal(words(again), [])
      if (says === 'a secret') assert.not.match(shown(evaluation).replaceAll(/stdin[^]*/g, ''), /t0ken/)
    })

test('times that cron could not read are refused, and so is a job without any', () => {
  for (const wrong of [
    { minute: 60 },
    { hour: '24' },
    { day: 0 },
    { month: 'foo' },
    { weekday: '5-1' },
    { minute: '*/0' },
    {},
  ])
    assert.throws(() => cron('x', { job: 'y', ...wrong }), /Expected/)
  for (const right of [{ minute: '*/5' }, { hour: '1-5,9' }, { weekday: 'mon-fri' }, { month: 'JAN' }, { weekday: 7 }])
    assert.is(cron('x', { job: 'y', ...right }).id, 'cron:root#x')
})

test('what cron would skip or read otherwise is refused', () => {
  const daily = { special: 'daily', job: 'x' } as const
  for (const file of ['/etc/cron.d/a.sh', '/etc/cron.d/a.bak', '/etc/cron.d/a~', '/etc/cron.d/sub/a'])
    assert.throws(() => cron('x', { file, ...daily }), /Expected file of cron:x to be a file of letters/)
  assert.is(cron('x', { file: '/etc/cron.d/a_b-1', ...daily }).id, 'cron:/etc/cron.d/a_b-1#x')
  for (const name of ['A B', '1A', 'A.B', 'A+'])
    assert.throws(() => cron(name, { value: 'x' }), /Expected name of a variable of cron to be letters/)
  assert.throws(() => cron('A', { value: `"it's"` }), /without both kinds of quotes/)
  assert.throws(() => cron('A', { value: ` it's "x"` }), /without both kinds of quotes/)
})

test('a job on a day that never comes is refused', () => {
  for (const never of [
    { day: 31, month: 'feb' },
    { day: '30-31', month: 2 },
    { day: '31', month: '4,jun' },
    { day: 31, month: 'feb', weekday: '*' },
  ])
    assert.throws(() => cron('x', { job: 'y', ...never }), /Expected day of cron given|Expected day|a day that comes/)
  for (const comes of [
    { day: 29, month: 'feb' },
    { day: '*/2', month: 'feb' },
    { day: 31, month: '2-5' },
    { day: 31, month: 'feb', weekday: 'mon' },
    { day: 31 },
  ])
    assert.is(cron('x', { job: 'y', ...comes }).id, 'cron:root#x')
})

test('replace: anchors without the flag m that were meant for lines are refused, and change nothing in silence', () => {
  const live = 'a 1\nlisten 80\n[x]\nb 2\n'
  const refused = (edit: ReturnType<typeof change>) => {
    const answer = edit(live)
    return typeof answer === 'string' ? answer : answer.hint
  }
  assert.is(refused(change(/^listen .*$/g, 'listen 81')), 'write /^listen .*$/gm')
  assert.is(refused(change(/b 2/, 'b 3', { from: /^\[x\]$/ })), 'write /^\\[x\\]$/m')
  assert.is(refused(change(/^listen .*$/gm, 'listen 81')), live.replace('80', '81'))
  assert.is(refused(change(/^a 1/, 'a 2')), live.replace('a 1', 'a 2'))
  assert.is(refused(change(/^nothing$/, 'x')), live)
})

test('replace: parts of the match in the words of Python and sed are refused', () => {
  const hint = (match: RegExp, by: string) => {
    try {
      replace('/etc/x', { match, by })
      return 'taken'
    } catch (error) {
      return error instanceof RolecallError ? error.problems[0]?.hint : String(error)
    }
  }
  const more = "; a backslash that is meant comes from a function: () => '...'"
  assert.is(hint(/(a)b/g, '\\1c'), `write '$1c'${more}`)
  assert.is(hint(/(?<x>a)b/g, '\\g<x>c\\g<1>'), `write '$<x>c$1'${more}`)
  assert.is(hint(/ab/g, 'C:\\1'), 'taken')
})

test.run()

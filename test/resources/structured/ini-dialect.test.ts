import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dialectOf, type DialectName } from '../../../lib/resources/structured/ini-dialect.ts'
import { iniFile, iniFormatOf } from '../../../lib/resources/structured/ini-file.ts'
import { editKeys } from '../../../lib/resources/structured/structured.ts'
import type { Settings } from '../../../lib/resources/kit/tree.ts'

const smb = '[share]\npath = /srv\n   browseable = yes\n   read only = no\n'
const php = `[PHP]
;extension=bz2
extension=curl
extension=gd
memory_limit = 128M ; Maximum
dir = C:\\php\\
error_reporting = E_ALL & ~E_DEPRECATED
msg = "a ; b" ; c
`
const my = '[mysqld]\nport=3306 # as ever\n# c\nskip-name-resolve\nsql_mode="A#B"\n!includedir /etc/my.cnf.d\n'
const git = '[user]\n\tname = x ; me\n[remote "a]b"]\n\turl = x # there\n\tfetch = +refs/*\n'
const unit = '[Service]\nExecStart=/bin/a \\\n  --one=1 \\\n  --two ; x\nEnvironment="A=1 # x"\n  Restart=no\n'
const repo = '[epel]\nbaseurl = http://a/?x=1\n\n          http://b/y=2\nenabled = 1\n'
const tox = '[tox]\nsetenv =\n    A = 1\n    [x]\n    B = 2\nenvlist: py3\n'

type Then = string | RegExp
const table: readonly (readonly [
  says: string,
  DialectName,
  live: string,
  set: Settings,
  then: Then,
  remove?: string[][],
])[] = [
  ['Samba: what is indented deeper stays', 'samba', smb, { share: { path: '/srv2' } }, smb.replace('/srv', '/srv2')],
  ['Samba: and is a key', 'samba', smb, { share: { browseable: 'no' } }, smb.replace('= yes', '= no')],
  [
    'Samba: a key under another spelling is refused',
    'samba',
    smb,
    { share: { 'Read Only': 'yes' } },
    /line 4 is the key "Read Only" under another spelling/,
  ],
  ['Samba: a semicolon is a part of the value', 'samba', '[a]\nx = 1 ; 2\n', { a: { x: '3' } }, '[a]\nx = 3\n'],
  ['PHP: a comment behind the value stays', 'php', php, { PHP: { memory_limit: '256M' } }, php.replace('128M', '256M')],
  ['PHP: and says nothing', 'php', php, { PHP: { memory_limit: '128M', msg: '"a ; b"' } }, php],
  ['PHP: a backslash at the end is one', 'php', php, { PHP: { dir: 'D:' } }, php.replace('C:\\php\\', 'D:')],
  ['PHP: a semicolon in quotes is none', 'php', php, { PHP: { msg: '"x"' } }, php.replace('"a ; b"', '"x"')],
  [
    'PHP: a list stands for its own lines',
    'php',
    php,
    { PHP: { extension: ['curl', 'intl'] } },
    php.replace('=gd', '=intl'),
  ],
  [
    'PHP: a value that would be cut is refused',
    'php',
    php,
    { PHP: { x: 'a ; b' } },
    /cannot be edited in place at PHP\.x/,
  ],
  ['MySQL', 'mysql', my, { mysqld: { port: '3307' } }, my.replace('3306', '3307')],
  [
    'MySQL: a dash is an underscore',
    'mysql',
    my,
    { mysqld: { 'sql-mode': 'X' } },
    /line 5 is the key "sql-mode" under another spelling/,
  ],
  ['MySQL: a hash in quotes', 'mysql', my, { mysqld: { sql_mode: '"B"' } }, my.replace('"A#B"', '"B"')],
  [
    'git: quotes and comments',
    'git',
    git,
    { user: { name: 'y' }, 'remote "a]b"': { url: 'z' } },
    git.replace('= x ; me', '= y ; me').replace('= x #', '= z #'),
  ],
  [
    'git: a comment behind a value stays',
    'git',
    git,
    { user: { name: 'y', email: 'e' } },
    git.replace('= x ; me', '= y ; me\n\temail = e'),
  ],
  [
    'git: a section in another case is refused',
    'git',
    git,
    { User: { name: 'y' } },
    /line 1 is the section "User" under another spelling/,
  ],
  [
    'systemd: a value over lines is one',
    'systemd',
    unit,
    { Service: { ExecStart: '/x' } },
    unit.replace(/\/bin.*\n.*\n.*x\n/, '/x\n'),
  ],
  [
    'systemd: what is indented is a key',
    'systemd',
    unit,
    { Service: { Restart: 'always' } },
    unit.replace('=no', '=always'),
  ],
  [
    'systemd: a hash is a part of the value',
    'systemd',
    unit,
    { Service: { Environment: 'B=2' } },
    unit.replace('"A=1 # x"', 'B=2'),
  ],
  [
    'systemd: a comment within a value is not removed',
    'systemd',
    '[S]\nE=a \\\n# c\n b\n',
    { S: { E: 'x' } },
    /line 3 \(# c\) is a comment within the value/,
  ],
  [
    'dnf: a value over indented lines is one',
    'dnf',
    repo,
    { epel: { baseurl: 'x' } },
    '[epel]\nbaseurl = x\nenabled = 1\n',
  ],
  [
    'python: so it is, whatever it looks like',
    'python',
    tox,
    { tox: { setenv: 'A=2' } },
    '[tox]\nsetenv =A=2\nenvlist: py3\n',
  ],
  ['python: colons separate', 'python', tox, { tox: { envlist: 'py4' } }, tox.replace('py3', 'py4')],
  [
    'unknown: it may be either',
    'unknown',
    smb,
    { share: { path: '/srv2' } },
    /cannot be edited safely at share\.path: line 3 \(browseable = yes\) may be a key of its own/,
  ],
  ['unknown: either', 'unknown', smb, { share: { browseable: 'no' } }, /line 3 \(browseable = yes\) may be/],
  [
    'unknown: a key that may be there is not said to be gone',
    'unknown',
    smb,
    {},
    /line 3 \(browseable = yes\) may be/,
    [['share', 'browseable']],
  ],
  ['unknown: a key that may be a part of another is not removed', 'unknown', smb, {}, /line 3/, [['share', 'path']]],
  ['unknown: others are no hindrance', 'unknown', `${smb}[x]\na=1\n`, { x: { a: '2' } }, `${smb}[x]\na=2\n`],
  [
    'unknown: a backslash may be one',
    'unknown',
    '[a]\ndir = C:\\\nx = 1\n',
    { a: { dir: 'D:' } },
    /line 3 \(x = 1\) may be a key/,
  ],
  [
    'unknown: and hide a key',
    'unknown',
    '[a]\ndir = C:\\\nx = 1\n',
    { a: { x: '2' } },
    /line 3 \(x = 1\) may be a key/,
  ],
  [
    'unknown: a header goes on with nothing',
    'unknown',
    '[a]\ndir = C:\\\n[b]\n',
    { a: { dir: 'D:' } },
    '[a]\ndir = D:\n[b]\n',
  ],
  [
    'unknown: a comment or not',
    'unknown',
    '[a]\nx = 1 ; y\n',
    { a: { x: '2' } },
    /line 2 \(x = 1 ; y\) may end with a comment: ; y/,
  ],
  ['unknown: as it is, it is wanted', 'unknown', '[a]\nx = 1 ; y\n', { a: { x: '1 ; y' } }, '[a]\nx = 1 ; y\n'],
  ['unknown: a semicolon within a word', 'unknown', '[a]\nx = 1;2\n', { a: { x: '2;3' } }, '[a]\nx = 2;3\n'],
  ['unknown: a removed key takes its line', 'unknown', '[a]\nx = 1 ; y\nz=2\n', {}, '[a]\nz=2\n', [['a', 'x']]],
  ['unknown: a colon and a blank', 'unknown', '[a]\nx: 1\n', { a: { x: '2', y: '3' } }, '[a]\nx: 2\ny: 3\n'],
  [
    'unknown: a colon alone',
    'unknown',
    '[a]\nx:1\n',
    { a: { x: '2' } },
    /line 2 \(x:1\) may be the key "x" with its value/,
  ],
  [
    'unknown: a key and a value without a sign',
    'unknown',
    'Port 22\n',
    { '': { Port: '23' } },
    /line 1 \(Port 22\) may be the key "Port"/,
  ],
  [
    'unknown: an indented bracket',
    'unknown',
    '[a]\nx =\n  [1]\ny=1\n',
    { a: { y: '2' } },
    /at line 3, column 1: it may be a header/,
  ],
  ['a comment behind a header', 'unknown', '[a] ; c\nx=1\n[b] # d\n', { a: { x: '2' } }, '[a] ; c\nx=2\n[b] # d\n'],
  [
    'odd brackets',
    'unknown',
    '[a]b]\nx=1\n[[c]]\nx=1\n[d]\nx=1\n',
    { d: { x: '2' } },
    '[a]b]\nx=1\n[[c]]\nx=1\n[d]\nx=2\n',
  ],
  [
    'something behind a header',
    'unknown',
    '[a] b\nx=1\n',
    { a: { x: '2' } },
    /at line 1, column 1: there is text after a section header/,
  ],
  [
    'a section that comes twice',
    'php',
    '[a]\nx=1\n[b]\n[a]\ny=1 ; c\n',
    { a: { y: '2', z: '3' } },
    '[a]\nx=1\n[b]\n[a]\ny=2 ; c\nz=3\n',
  ],
  ['CRLF, no last line end, a comment', 'php', '[a]\r\nx=1 ; c', { a: { x: '2' } }, '[a]\r\nx=2 ; c'],
]

for (const [says, name, live, set, then, remove = []] of table) {
  test(says, () => {
    const format = iniFormatOf(name)
    const want = { path: '/t/app', set, remove }
    const { text } = editKeys(format, want, live)
    if (typeof then !== 'string') assert.match(typeof text === 'string' ? `not refused: ${text}` : text.refused, then)
    else {
      assert.is(typeof text === 'string' ? text : text.refused, then)
      assert.is(editKeys(format, want, then).text, then, 'a second time nothing changes')
    }
  })
}

test('A dialect is known by the name of the file, or said', () => {
  const names: readonly (readonly [string, DialectName])[] = [
    ['/etc/systemd/system/a.service', 'systemd'],
    ['/etc/systemd/journald.conf.d/x.conf', 'systemd'],
    ['/home/x/.config/containers/systemd/a.container', 'systemd'],
    ['/etc/samba/smb.conf', 'samba'],
    ['/etc/php/8.2/fpm/pool.d/www.conf', 'php'],
    ['/etc/php.ini', 'php'],
    ['/etc/php/8.2/mods-available/apcu.ini', 'php'],
    ['/etc/mysql/mariadb.conf.d/50-server.cnf', 'mysql'],
    ['/root/.my.cnf', 'mysql'],
    ['/root/.gitconfig', 'git'],
    ['/srv/x/.git/config', 'git'],
    ['/etc/yum.repos.d/epel.repo', 'dnf'],
    ['/etc/supervisor/conf.d/app.conf', 'supervisor'],
    ['/usr/share/applications/x.desktop', 'desktop'],
    ['/srv/app/tox.ini', 'python'],
    ['/etc/app.ini', 'unknown'],
    ['/etc/ssl/openssl.cnf', 'unknown'],
  ]
  for (const [path, name] of names) assert.is(dialectOf(path), name, path)
  assert.throws(() => iniFile('/etc/x', { set: {}, dialect: 'windows' as 'php' }), /dialect of iniFile:\/etc\/x/)
})

test.run()

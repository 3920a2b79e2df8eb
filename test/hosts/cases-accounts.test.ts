// Hosts: node-04
import { test } from 'uvu'
import { authorizedKeys } from '../../lib/resources/access/authorized-keys.ts'
import { dir } from '../../lib/resources/files/dir.ts'
import { exec } from '../../lib/resources/commands/exec.ts'
import { file } from '../../lib/resources/files/file.ts'
import { group } from '../../lib/resources/accounts/group.ts'
import { iniFile } from '../../lib/resources/structured/ini-file.ts'
import { line } from '../../lib/resources/files/line.ts'
import { link } from '../../lib/resources/files/link.ts'
import { service } from '../../lib/resources/systemd/service.ts'
import { user } from '../../lib/resources/accounts/user.ts'
import { privateKey } from '../../lib/resources/tls/private-key.ts'
import { sshKeyPair } from '../../lib/resources/tls/ssh-key-pair.ts'
import { tree } from '../../lib/resources/trees/tree.ts'
import { tryCases, type Case } from '../support/cases.ts'

/** Nobody of these, and nothing of theirs, is left; the rules of the host are its own again. */
const undo = `for u in rc-a rc-b rc-c; do pkill -9 -u $u; userdel $u; groupdel $u; done
groupdel rc-g; groupdel rc-h; umount /home/rc-a/m /mnt/rc; rm -rf /home/rc-? /srv/rc-? /var/mail/rc-? /etc/*.lock /etc/skel/.rc /etc/systemd/system/rc-busy.service
for f in /etc/login.defs /etc/default/useradd; do [ ! -e $f.rc ] || mv $f.rc $f; done`
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDmIyR+3eN6jAFQZZEM7EH8L5f2sy1sgDYtPVpYyWR3a ada@example.com'
const keep = 'for f in /etc/login.defs /etc/default/useradd; do cp -p $f $f.rc; done'

const homes: readonly Case[] = [
  {
    name: 'a new user brings a home, with what every home gets: files, lines, links and directories in it',
    ensures: () => [
      [
        user('rc-a', { createHome: true, shell: '/bin/bash' }),
        file('/home/rc-a/.bash_aliases', { content: 'alias x=y\n', owner: 'rc-a', group: 'rc-a' }),
        line('/home/rc-a/.bashrc', { line: 'export A=1' }),
        file('/home/rc-a/.profile', { content: 'mine\n', owner: 'rc-a', group: 'rc-a' }),
        link('/home/rc-a/bin', { to: '/opt/bin' }),
        dir('/home/rc-a/.ssh', { mode: '0700', owner: 'rc-a', group: 'rc-a' }),
        dir('/home/rc-a', { mode: '0750', owner: 'rc-a', group: 'rc-a' }),
      ],
    ],
    right: [
      'changed user:rc-a: create user rc-a',
      'changed file:/home/rc-a/.bash_aliases: create /home/rc-a/.bash_aliases',
      'changed line:/home/rc-a/.bashrc#export A=1: edit /home/rc-a/.bashrc: export A=1',
      'changed file:/home/rc-a/.profile: write /home/rc-a/.profile',
      'changed link:/home/rc-a/bin: link /home/rc-a/bin to /opt/bin',
      'changed dir:/home/rc-a/.ssh: make directory /home/rc-a/.ssh',
      'changed dir:/home/rc-a: set mode 0750 of /home/rc-a (was 0755)',
    ],
  },
  {
    name: 'a home elsewhere is foreseen in later lists as well, and the way to it',
    ensures: () => [
      [user('rc-a', { home: '/srv/rc-a/home', createHome: true })],
      [link('/srv/rc-a/home/current', { to: 'rel-1' }), dir('/srv/rc-a/home/releases', { parents: false })],
      [iniFile('/srv/rc-a/home/c.ini', { set: { a: { b: '1' } } }), line('/srv/rc-a/home/.profile', { line: '# y' })],
      [exec('as user', { run: 'touch m', cwd: '/srv/rc-a/home', creates: 'm' }), dir('/srv/rc-a', { mode: '0755' })],
    ],
    right: [
      'changed user:rc-a: create user rc-a',
      'changed link:/srv/rc-a/home/current: link /srv/rc-a/home/current to rel-1',
      'changed dir:/srv/rc-a/home/releases: make directory /srv/rc-a/home/releases',
      'changed iniFile:/srv/rc-a/home/c.ini: create /srv/rc-a/home/c.ini: set a',
      'changed line:/srv/rc-a/home/.profile## y: edit /srv/rc-a/home/.profile: # y',
      'changed exec:as user: run touch m (/srv/rc-a/home/m is missing)',
      'ok dir:/srv/rc-a',
    ],
  },
  {
    name: 'the rules of the host are followed: the mode of homes, another place for them, another primary group, mail',
    setup: `${keep}; sed -i 's/^HOME_MODE.*//' /etc/login.defs; echo 'HOME_MODE 0711' >>/etc/login.defs
printf 'HOME=/srv/rc-h\\nCREATE_MAIL_SPOOL=yes\\n' >>/etc/default/useradd`,
    ensures: () => [
      [
        group('rc-g'),
        user('rc-a', { group: 'rc-g' }),
        dir('/srv/rc-h/rc-a', { mode: '0711', owner: 'rc-a', group: 'rc-g' }),
        file('/var/mail/rc-a', { content: '', mode: '0660', owner: 'rc-a', group: 'mail' }),
      ],
    ],
    right: [
      'changed group:rc-g: create group rc-g',
      'changed user:rc-a: create user rc-a',
      'ok dir:/srv/rc-h/rc-a',
      'ok file:/var/mail/rc-a',
    ],
  },
  {
    name: 'what is pending in the skeleton comes along, and a home that is there gets nothing',
    ensures: () => [
      [file('/etc/skel/.rc', { content: 'new\n' }), dir('/home/rc-b'), user('rc-a'), user('rc-b')],
      [line('/home/rc-a/.rc', { line: 'x' }), line('/home/rc-b/.rc', { line: 'x', create: true })],
    ],
    right: [
      'changed file:/etc/skel/.rc: create /etc/skel/.rc',
      'changed dir:/home/rc-b: make directory /home/rc-b',
      'changed user:rc-a: create user rc-a',
      'changed user:rc-b: create user rc-b',
      'changed line:/home/rc-a/.rc#x: edit /home/rc-a/.rc: x',
      'changed line:/home/rc-b/.rc#x: create /home/rc-b/.rc: x',
    ],
  },
  {
    name: 'a home that was removed is made again, with its files',
    setup: 'useradd -M rc-a',
    ensures: () => [
      [
        user('rc-a', { createHome: true }),
        line('/home/rc-a/.profile', { line: 'x' }),
        dir('/home/rc-a', { mode: '0700' }),
      ],
    ],
    right: [
      'changed user:rc-a: create /home/rc-a',
      'changed line:/home/rc-a/.profile#x: edit /home/rc-a/.profile: x',
      'ok dir:/home/rc-a',
    ],
  },
  {
    name: 'a home that cannot be made is refused, and nobody is made',
    setup: 'mkdir -p /mnt/rc && mount -t tmpfs -o ro,mode=755 none /mnt/rc',
    ensures: () => [[user('rc-a', { home: '/mnt/rc/a' })]],
    right: ['refused: the home of user rc-a cannot be made: /mnt/rc/a is on a read-only file system, /mnt/rc'],
    then: '! id rc-a 2>/dev/null',
  },
  {
    name: 'a home that goes is foreseen to be gone',
    setup: 'useradd -m rc-a',
    ensures: () => [[user('rc-a', { state: 'absent', removeHome: true }), file('/home/rc-a/x', { content: 'x' })]],
    right: [
      'changed user:rc-a: remove user rc-a and its home',
      'refused: /home/rc-a/x cannot be made: there is no directory /home/rc-a',
    ],
    again: ['ok user:rc-a', 'refused: /home/rc-a/x cannot be made: there is no directory /home/rc-a'],
  },
]

const numbers: readonly Case[] = [
  {
    name: 'a number that a removed user frees is given to another one',
    setup: 'useradd -u 4001 rc-a',
    ensures: () => [[user('rc-a', { state: 'absent' }), user('rc-b', { uid: 4001 })]],
    right: ['changed user:rc-a: remove user rc-a', 'changed user:rc-b: create user rc-b (uid 4001)'],
  },
  {
    name: 'a group goes after the user whose primary group it was, and its number is given on',
    setup: 'groupadd -g 3100 rc-g; useradd -g rc-g rc-a',
    ensures: () => [
      [user('rc-a', { state: 'absent' }), group('rc-g', { state: 'absent' })],
      [
        group('rc-h', { gid: 3100 }),
        user('rc-b', { uid: 3100, group: 'rc-h', groups: ['rc-h', 'adm'], onlyTheseGroups: true }),
      ],
    ],
    right: [
      'changed user:rc-a: remove user rc-a',
      'changed group:rc-g: remove group rc-g',
      'changed group:rc-h: create group rc-h (gid 3100)',
      'changed user:rc-b: create user rc-b (uid 3100) in rc-h, adm',
    ],
  },
  {
    name: 'a number that an earlier change frees or takes is known, and what belonged to it as well',
    setup: 'useradd -u 4101 rc-a; echo -n x >/srv/rc-a; chown rc-a:rc-a /srv/rc-a; chmod 644 /srv/rc-a',
    ensures: () => [
      [user('rc-a', { uid: 4105 }), user('rc-b', { uid: 4101 })],
      [file('/srv/rc-a', { content: 'x', owner: 'rc-b' }), user('rc-c', { uid: 4105 })],
    ],
    right: [
      'changed user:rc-a: change user rc-a: uid 4105',
      'changed user:rc-b: create user rc-b (uid 4101)',
      'ok file:/srv/rc-a',
      'refused: uid 4105 belongs to user rc-a',
    ],
    again: ['ok user:rc-a', 'ok user:rc-b', 'ok file:/srv/rc-a', 'refused: uid 4105 belongs to user rc-a'],
  },
  {
    name: 'what belongs to a removed user belongs to nobody, and cannot be given to that user',
    setup: 'useradd -u 4101 rc-a; mkdir /srv/rc-a /srv/rc-b; chown rc-a /srv/rc-a',
    ensures: () => [
      [user('rc-a', { state: 'absent' }), dir('/srv/rc-a', { owner: 'root' }), dir('/srv/rc-b', { group: 'rc-a' })],
    ],
    right: [
      'changed user:rc-a: remove user rc-a',
      'changed dir:/srv/rc-a: set owner root of /srv/rc-a (was 4101)',
      'refused: /srv/rc-b is to belong to group rc-a, which the host does not know',
    ],
    again: [
      'ok user:rc-a',
      'ok dir:/srv/rc-a',
      'refused: /srv/rc-b is to belong to group rc-a, which the host does not know',
    ],
  },
  {
    name: 'one that is removed and made anew is changed as it will be',
    setup: 'useradd -m rc-a',
    ensures: () => [
      [user('rc-a', { state: 'absent', removeHome: true })],
      [user('rc-a', { uid: 4222, shell: '/bin/bash', state: 'present' })],
      [user('rc-a', { groups: ['adm'], comment: 'hi' })],
    ],
    right: [
      'changed user:rc-a: remove user rc-a and its home',
      'changed user:rc-a: create user rc-a (uid 4222)',
      'changed user:rc-a: change user rc-a: comment hi; add rc-a to adm',
    ],
    again: [
      'changed user:rc-a: remove user rc-a and its home',
      'changed user:rc-a: create user rc-a (uid 4222)',
      'changed user:rc-a: change user rc-a: comment hi; add rc-a to adm',
    ],
  },
]

const refusals: readonly Case[] = [
  {
    name: 'the primary group of a user stays, and nothing is done',
    setup: 'groupadd rc-g; useradd -g rc-g rc-a',
    ensures: () => [[group('rc-g', { state: 'absent' }), user('rc-a', { state: 'absent' })]],
    right: ['refused: group rc-g is the primary group of user rc-a, so it cannot be removed'],
    then: 'getent group rc-g && id rc-a',
  },
  {
    name: 'a home that is shared stays, and so does its user',
    setup: 'useradd -d /srv/rc-s rc-a; mkdir -p /srv/rc-s; echo keep >/srv/rc-s/keep; useradd -d /srv/rc-s rc-b',
    ensures: () => [[user('rc-a', { state: 'absent', removeHome: true })]],
    right: [/^refused: the home of user rc-a cannot be removed with it: \/srv\/rc-s is the home of rc-b too/],
    then: 'id rc-a && [ -e /srv/rc-s/keep ]',
  },
  {
    name: 'a home in which something is mounted stays, and so does its user',
    setup: 'useradd -m rc-a; mkdir /home/rc-a/m; mount -t tmpfs none /home/rc-a/m',
    ensures: () => [[user('rc-a', { state: 'absent', removeHome: true })]],
    right: [/something is mounted at \/home\/rc-a\/m$/],
    then: 'id rc-a',
  },
  {
    name: 'mail that belongs to another stays, and so does its user',
    setup: 'useradd -m rc-a; echo x >/var/mail/rc-a',
    ensures: () => [[user('rc-a', { state: 'absent', removeHome: true })]],
    right: ['refused: the mail of user rc-a cannot be removed with it: /var/mail/rc-a is not owned by rc-a'],
    then: 'id rc-a',
  },
  {
    name: 'one who is at work stays, and keeps the number',
    setup: 'useradd rc-a; setpriv --reuid rc-a --clear-groups sleep 100 >/dev/null 2>&1 &',
    ensures: () => [[user('rc-a', { shell: '/bin/bash' })], [user('rc-a', { uid: 4999 })]],
    right: [
      'changed user:rc-a: change user rc-a: shell /bin/bash',
      /^refused: user rc-a is busy: process \d+ \(sleep\)$/,
    ],
    again: ['ok user:rc-a', /^refused: user rc-a is busy/],
  },
  {
    name: 'one whose service is stopped first goes',
    setup: `useradd rc-a; printf '[Service]\\nUser=rc-a\\nExecStart=/bin/sleep 1000\\n' >/etc/systemd/system/rc-busy.service
systemctl daemon-reload; systemctl start rc-busy`,
    ensures: () => [[service('rc-busy', { running: false }), user('rc-a', { state: 'absent' })]],
    right: ['changed service:rc-busy: stop rc-busy', 'changed user:rc-a: remove user rc-a'],
  },
  {
    name: 'two accounts with one number: what belongs to one belongs to the other',
    setup: `groupadd -g 4321 rc-g; groupadd -o -g 4321 rc-h; useradd -m -u 4321 -g rc-g rc-a; useradd -m -o -u 4321 -g rc-h rc-b
mkdir -p /srv/rc-a/kept; chown -R rc-a:rc-g /srv/rc-a; ln -s /srv/rc-a/kept /srv/rc-b`,
    ensures: () => {
      const theirs = { owner: 'rc-b', group: 'rc-h' }
      return [
        [
          dir('/srv/rc-a/kept', theirs),
          dir('/srv/rc-b', theirs),
          file('/srv/rc-c', { content: 'x\n', mode: '0644', ...theirs }),
          line('/srv/rc-d', { line: 'y', create: true, mode: '0644', ...theirs }),
          tree('/srv/rc-a/tree', { source: '../../docs/images', ...theirs }),
          authorizedKeys('rc-b', { keys: [KEY] }),
          sshKeyPair('/home/rc-b/key', { owner: 'rc-b', group: 'rc-h' }),
          privateKey('/home/rc-b/tls.key', { type: 'ed25519', ...theirs }),
        ],
      ]
    },
    right: [
      'ok dir:/srv/rc-a/kept',
      'ok dir:/srv/rc-b',
      'changed file:/srv/rc-c: create /srv/rc-c',
      'changed line:/srv/rc-d#y: create /srv/rc-d: y',
      /^changed tree:\/srv\/rc-a\/tree: /,
      /^changed authorizedKeys:rc-b: /,
      /^changed sshKeyPair:\/home\/rc-b\/key: /,
      /^changed privateKey:\/home\/rc-b\/tls.key: /,
    ],
  },
  {
    name: 'stale locks of the account files are removed',
    setup: `printf '4194300\\n' >/etc/passwd.lock; : >/etc/group.lock`,
    ensures: () => [[user('rc-a')]],
    right: [
      'changed user:rc-a: remove the stale lock /etc/passwd.lock of process 4194300, which is gone; remove the stale lock /etc/group.lock; create user rc-a',
    ],
  },
]

tryCases(
  'node-04',
  [...homes, ...numbers, ...refusals].map((each) => ({ ...each, undo })),
)

test.run()

// Hosts: node-05
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as rolecall from '../../lib/index.ts'
import { tryCases } from '../support/cases.ts'

const {
  acl,
  alternatives,
  authorizedKeys,
  cron,
  file,
  hostsEntry,
  kernelModule,
  keyValue,
  knownHosts,
  limits,
  locale,
  logrotate,
  mount,
} = rolecall
const { ownership, pkg, profile, replace, sshdConfig, sudoers, timezone, template, tmpfiles, tree, user } = rolecall

const source = mkdtempSync(join(tmpdir(), 'rolecall-kinds-'))
test.after(() => rmSync(source, { recursive: true, force: true }))
mkdirSync(join(source, 'www/deep'), { recursive: true })
for (let at = 0; at < 300; at++) writeFileSync(join(source, `www/deep/${at}`), `${at}\n`)
writeFileSync(join(source, 'www/conf.eta'), 'port <%= it.port %>\n')
writeFileSync(join(source, 'large'), Buffer.alloc(2 * 1024 * 1024, 'x'))

const blob = 'AAAAC3NzaC1lZDI1NTE5AAAAIGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGG'
const key = `ssh-ed25519 ${blob} ada`

tryCases('node-05', [
  {
    name: 'owners, lists and alternatives',
    setup:
      'mkdir -p /srv/kinds5/a; touch /srv/kinds5/a/b; printf "#!/bin/sh\\n" >/usr/local/bin/kinds5; chmod 755 /usr/local/bin/kinds5',
    ensures: () => [
      [
        ownership('/srv/kinds5', { owner: 'nobody', mode: '0640', directoryMode: '0750' }),
        alternatives('kinds5', { path: '/usr/local/bin/kinds5', link: '/usr/bin/kinds5' }),
        pkg('acl'),
      ],
      [acl('/srv/kinds5/a', { entries: [{ type: 'user', name: 'daemon', permissions: 'rX' }], recursive: true })],
    ],
    right: [
      'changed ownership:/srv/kinds5: set nobody, 0640, 0750 of 3 entries (., ...) in /srv/kinds5',
      'changed alternatives:kinds5: add /usr/local/bin/kinds5 to the alternatives of kinds5; choose /usr/local/bin/kinds5 for kinds5',
      /^changed pkg:acl/,
      /^unknown acl:/,
    ],
    apply: [
      /^changed ownership/,
      /^changed alternatives/,
      /^changed pkg:acl/,
      /^refused: another account can change the directory of/,
    ],
    then: '[ "$(find /srv/kinds5 -user nobody | wc -l)" = 3 ] && [ -x /usr/bin/kinds5 ]',
    undo: 'update-alternatives --remove kinds5 /usr/local/bin/kinds5; rm -rf /srv/kinds5 /usr/local/bin/kinds5',
  },
  {
    name: 'an access control list',
    setup: 'command -v setfacl || apt-get install -y acl; mkdir -p /srv/kinds6; touch /srv/kinds6/b',
    ensures: () => [
      [acl('/srv/kinds6', { entries: [{ type: 'user', name: 'daemon', permissions: 'rX' }], recursive: true })],
    ],
    right: ['changed acl:/srv/kinds6: set user:daemon:rX of /srv/kinds6 and all in it'],
    then: 'getfacl -p /srv/kinds6 | grep -q "^user:daemon:r-x" && getfacl -p /srv/kinds6/b | grep -q "^user:daemon:r--"',
    undo: 'rm -rf /srv/kinds6; dpkg --purge acl',
  },
  {
    name: 'an entry that a chmod has cut',
    setup:
      'command -v setfacl || apt-get install -y acl; mkdir -p /srv/kinds7; setfacl -m u:daemon:rx /srv/kinds7; chmod 0700 /srv/kinds7',
    ensures: () => [[acl('/srv/kinds7', { entries: [{ type: 'user', name: 'daemon', permissions: 'rX' }] })]],
    right: ['changed acl:/srv/kinds7: set user:daemon:rX of /srv/kinds7'],
    then: 'getfacl -p /srv/kinds7 | grep -q "^mask::r-x" && setpriv --reuid daemon --regid daemon --clear-groups ls /srv/kinds7',
    undo: 'rm -rf /srv/kinds7; dpkg --purge acl',
  },
  {
    name: 'a tree that belongs to an account to come, a template and a large file',
    ensures: () => [
      [
        user('kinds4', { system: true }),
        tree('/srv/kinds4', { source: join(source, 'www'), owner: 'kinds4', variables: { port: 80 }, prune: true }),
        template('/etc/kinds4.conf', { source: join(source, 'www/conf.eta'), variables: { port: 81 } }),
        file('/var/tmp/kinds4', { source: join(source, 'large') }),
      ],
    ],
    right: [
      'changed user:kinds4: create user kinds4',
      'changed tree:/srv/kinds4: make directory /srv/kinds4; write 302 entries (conf, deep, ...) in /srv/kinds4',
      'changed file:/etc/kinds4.conf: create /etc/kinds4.conf',
      'changed file:/var/tmp/kinds4: create /var/tmp/kinds4',
    ],
    then: `[ "$(find /srv/kinds4 -user kinds4 | wc -l)" = 303 ] && grep -q 'port 80' /srv/kinds4/conf && [ "$(stat -c %s /var/tmp/kinds4)" = 2097152 ]`,
    undo: 'userdel kinds4; rm -rf /srv/kinds4 /etc/kinds4.conf /var/tmp/kinds4',
  },
  {
    name: 'accounts and access, on a host without the users',
    ensures: () => [
      [
        user('kinds1', { createHome: true }),
        authorizedKeys('kinds1', { keys: [key], exclusive: true }),
        knownHosts('git.example.com', { keys: [key], user: 'kinds1' }),
        knownHosts('git.example.com', { keys: [key], path: '/etc/ssh/ssh_known_hosts' }),
        sudoers('kinds1', { rules: [{ user: 'kinds1', commands: ['/bin/ls'], noPassword: true }] }),
        limits('kinds1', { limits: [{ domain: 'kinds1', item: 'nofile', value: 1024 }] }),
        sshdConfig('/etc/ssh/sshd_config', {
          set: { MaxAuthTries: 5 },
          match: [{ criteria: 'User kinds1', set: { X11Forwarding: false } }],
        }),
      ],
    ],
    right: [
      'changed user:kinds1: create user kinds1',
      'changed authorizedKeys:kinds1: make directory /home/kinds1/.ssh; create /home/kinds1/.ssh/authorized_keys: set ada',
      'changed knownHosts:git.example.com of kinds1: create /home/kinds1/.ssh/known_hosts: set the keys of git.example.com',
      'changed knownHosts:git.example.com: create /etc/ssh/ssh_known_hosts: set the keys of git.example.com',
      'changed sudoers:kinds1: create /etc/sudoers.d/kinds1',
      'changed limits:kinds1: create /etc/security/limits.d/kinds1.conf',
      'changed sshdConfig:/etc/ssh/sshd_config: edit /etc/ssh/sshd_config: MaxAuthTries 5; Match User kinds1',
    ],
    then: `[ "$(stat -c '%a %U %G' /home/kinds1/.ssh /home/kinds1/.ssh/authorized_keys | tr '\\n' ' ')" = '700 kinds1 kinds1 600 kinds1 kinds1 ' ] &&
sudo -l -U kinds1 | grep -q 'NOPASSWD: /bin/ls' && sshd -T -C user=kinds1 | grep -q '^maxauthtries 5' && [ "$(su kinds1 -c 'ulimit -n')" = 1024 ] && ssh-keygen -F git.example.com -f /etc/ssh/ssh_known_hosts`,
    undo: `userdel -r kinds1; rm -f /etc/sudoers.d/kinds1 /etc/security/limits.d/kinds1.conf /etc/ssh/ssh_known_hosts; sed -i '/^MaxAuthTries/d; /^Match User kinds1/,$d' /etc/ssh/sshd_config`,
  },
  {
    name: 'sudo and sshd refuse what would lock everybody out',
    ensures: () => [[sudoers('kinds2', { lines: ['this is no rule'] })]],
    right: [/^refused: the validator refuses the candidate/],
    then: '[ ! -e /etc/sudoers.d/kinds2 ]',
  },
  {
    name: 'a home whose owner has laid a link',
    setup:
      'useradd -m kinds3; mkdir -p /root/kinds3; ln -s /root/kinds3 /home/kinds3/.ssh; chown -h kinds3 /home/kinds3/.ssh',
    ensures: () => [[authorizedKeys('kinds3', { keys: [key] })]],
    right: [/^refused: /],
    then: '[ -z "$(ls -A /root/kinds3)" ]',
    undo: 'userdel -r kinds3; rm -rf /root/kinds3',
  },
  {
    name: 'files of the system',
    setup: `printf 'A=1\\nB="x y"\\n' >/etc/default/kinds; echo 'listen 80' >/etc/kinds.conf`,
    ensures: () => [
      [
        cron('kinds', { file: 'kinds', user: 'nobody', minute: 5, job: 'true' }),
        hostsEntry('10.9.9.9', { names: ['kinds.example.com', 'kinds'] }),
        keyValue('/etc/default/kinds', { set: { B: 'z', C: 'a$b' } }),
        replace('/etc/kinds.conf', { match: /^listen \d+$/m, by: 'listen 8080' }),
        profile('kinds', { environment: { KINDS: "it's" }, path: ['/opt/kinds'] }),
        tmpfiles('kinds', { entries: [{ type: 'd', path: '/run/kinds', mode: '0750', user: 'nobody' }] }),
        timezone('Europe/Berlin'),
        kernelModule('dummy', { now: false, params: 'numdummies=2' }),
        mount('/srv/kinds', { source: 'tmpfs', type: 'tmpfs', options: ['size=1m', 'noexec'] }),
      ],
    ],
    right: [
      'changed cron:kinds#kinds: create /etc/cron.d/kinds: job kinds',
      'changed hostsEntry:10.9.9.9: edit /etc/hosts: 10.9.9.9 kinds.example.com kinds',
      'changed keyValue:/etc/default/kinds: edit /etc/default/kinds: set B, C',
      /^changed replace:\/etc\/kinds.conf#/,
      'changed profile:kinds: create /etc/profile.d/kinds.sh',
      'changed tmpfiles:kinds: create /etc/tmpfiles.d/kinds.conf; make /run/kinds by /etc/tmpfiles.d/kinds.conf',
      /^changed timezone:Europe\/Berlin: set time zone Europe\/Berlin \(was /,
      /^changed kernelModule:dummy: set parameters .*; create \/etc\/modules-load.d\/dummy.conf$/,
      /^changed mount:\/srv\/kinds: .*mount tmpfs at \/srv\/kinds; edit \/etc\/fstab: /,
    ],
    then: `. /etc/default/kinds && [ "$B$C" = 'za$b' ] && getent hosts kinds && [ "$(. /etc/profile.d/kinds.sh; echo "$KINDS \${PATH%%:*}")" = "it's /opt/kinds" ] &&
[ "$(stat -c '%a %U' /run/kinds)" = '750 nobody' ] && date +%Z | grep -q CE && grep -q ' /srv/kinds tmpfs .*noexec' /proc/mounts && grep -q 'listen 8080' /etc/kinds.conf`,
    undo: `umount /srv/kinds; rm -rf /etc/modprobe.d/rolecall-dummy.conf /etc/modules-load.d/dummy.conf /etc/cron.d/kinds /etc/default/kinds /etc/kinds.conf /etc/profile.d/kinds.sh /etc/tmpfiles.d/kinds.conf /run/kinds /srv/kinds
sed -i /kinds/d /etc/hosts /etc/fstab; ln -sf ../usr/share/zoneinfo/Etc/UTC /etc/localtime; echo Etc/UTC >/etc/timezone`,
  },
  {
    name: 'what is to be absent',
    setup: `mkdir -p /etc/cron.d; printf '# rolecall: kinds\\n1 1 * * * root true\\n' >/etc/cron.d/kinds; echo x >/etc/logrotate.d/kinds; echo '10.9.9.9 kinds' >>/etc/hosts
echo 'tmpfs /srv/kinds tmpfs size=1m 0 0' >>/etc/fstab; mkdir -p /srv/kinds; mount /srv/kinds`,
    ensures: () => [
      [
        cron('kinds', { file: 'kinds', state: 'absent' }),
        logrotate('kinds', { state: 'absent' }),
        hostsEntry('10.9.9.9', { state: 'absent' }),
        mount('/srv/kinds', { state: 'absent' }),
      ],
    ],
    right: [
      'changed cron:kinds#kinds: edit /etc/cron.d/kinds: remove job kinds',
      'changed logrotate:kinds: remove /etc/logrotate.d/kinds',
      'changed hostsEntry:10.9.9.9: edit /etc/hosts: remove 10.9.9.9',
      /^changed mount:\/srv\/kinds: unmount \/srv\/kinds; edit \/etc\/fstab: remove \/srv\/kinds/,
    ],
    then: `! grep -q kinds /etc/hosts /etc/fstab && ! grep -q ' /srv/kinds ' /proc/mounts`,
    undo: 'umount /srv/kinds; rm -rf /etc/cron.d/kinds /srv/kinds; sed -i /kinds/d /etc/hosts /etc/fstab',
  },
  {
    name: 'a locale, and packages that bring what is written to',
    ensures: () => [
      [
        pkg('logrotate'),
        logrotate('kinds', {
          paths: ['/var/log/kinds.log'],
          every: 'daily',
          keep: 2,
          compress: true,
          create: { mode: '0640' },
          postRotate: 'true',
        }),
        locale('C.UTF-8', { default: true }),
      ],
    ],
    right: [
      /^(ok|changed) pkg:logrotate/,
      'changed logrotate:kinds: create /etc/logrotate.d/kinds',
      /^changed locale:C.UTF-8: (create|edit) \/etc\/default\/locale/,
    ],
    then: 'logrotate -d /etc/logrotate.d/kinds 2>&1 | grep -q "rotating pattern" && grep -q ^LANG=C.UTF-8 /etc/default/locale',
    undo: 'rm -f /etc/logrotate.d/kinds /etc/default/locale',
  },
])

test.run()

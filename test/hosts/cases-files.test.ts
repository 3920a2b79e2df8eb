// Hosts: node-05
import { test } from 'uvu'
import { dir } from '../../lib/resources/files/dir.ts'
import { file } from '../../lib/resources/files/file.ts'
import { iniFile } from '../../lib/resources/structured/ini-file.ts'
import { jsonFile } from '../../lib/resources/structured/json-file.ts'
import { line } from '../../lib/resources/files/line.ts'
import { tmpfiles } from '../../lib/resources/drop-ins/tmpfiles.ts'
import { user } from '../../lib/resources/accounts/user.ts'
import { yamlFile } from '../../lib/resources/structured/yaml-file.ts'
import { tryCases, type Case } from '../support/cases.ts'

const undo = `chattr -i /t/imm; umount /t/b/tgt /t/ro; rm -rf /t /run/al2 /etc/tmpfiles.d/rc-several.conf; userdel -r hw3`

const cases: readonly Omit<Case, 'undo'>[] = [
  {
    name: 'a home that an account brings is taken as it is',
    setup: 'userdel -r hw3; true',
    ensures: () => [
      [
        user('hw3', { createHome: true }),
        dir('/home/hw3', { mode: '0750', owner: 'hw3', group: 'hw3' }),
        file('/home/hw3/x', { content: 'x' }),
      ],
    ],
    right: [
      'changed user:hw3: create user hw3',
      'changed dir:/home/hw3: set mode 0750 of /home/hw3 (was 0755)',
      'changed file:/home/hw3/x: create /home/hw3/x',
    ],
  },
  {
    name: 'one file under two names',
    setup: 'mkdir -p /t/q/r1; ln -s r1 /t/q/cur; echo c > /t/q/r1/conf',
    ensures: () => [[line('/t/q/cur/conf', { line: 'L' }), line('/t/q/r1/conf', { line: 'M' })]],
    right: ['changed line:/t/q/cur/conf#L: edit /t/q/cur/conf: L', 'changed line:/t/q/r1/conf#M: edit /t/q/r1/conf: M'],
    then: '[ "$(cat /t/q/r1/conf)" = "$(printf "c\\nL\\nM")" ]',
  },
  {
    name: 'a directory made through /var/run is there as /run',
    ensures: () => [[dir('/var/run/al2', { mode: '0750' })], [file('/run/al2/x', { content: 'a\n' })]],
    right: ['changed dir:/var/run/al2: make directory /var/run/al2', 'changed file:/run/al2/x: create /run/al2/x'],
  },
  {
    name: 'a file that is a mount point',
    setup: 'mkdir -p /t/b; echo src > /t/b/src; echo tgt > /t/b/tgt; mount --bind /t/b/src /t/b/tgt',
    ensures: () => [[file('/t/b/tgt', { content: 'new\n' })]],
    right: ['refused: /t/b/tgt cannot be replaced: it is a mount point'],
    then: '[ "$(cat /t/b/src)" = src ]',
  },
  {
    name: 'an immutable file',
    setup: 'mkdir -p /t; echo a > /t/imm; chattr +i /t/imm',
    ensures: () => [[line('/t/imm', { line: 'b' })]],
    right: ['refused: /t/imm cannot be changed: /t/imm is immutable'],
  },
  {
    name: 'a kind that does several things is refused before the first of them',
    setup: 'mkdir -p /t/ro; mount -t tmpfs tmpfs /t/ro; mount -o remount,ro /t/ro',
    ensures: () => [[tmpfiles('rc-several', { entries: [{ type: 'd', path: '/t/ro/d' }] })]],
    right: ['refused: /t/ro/d cannot be changed: /t/ro is a read-only file system'],
    then: '! ls /etc/tmpfiles.d/rc-several.conf 2>/dev/null',
  },
  {
    name: 'a read-only file system',
    setup: 'mkdir -p /t/ro; mount -t tmpfs tmpfs /t/ro; echo a > /t/ro/f; mount -o remount,ro /t/ro',
    ensures: () => [[dir('/t/ro/d')]],
    right: ['refused: /t/ro/d cannot be changed: /t/ro is a read-only file system'],
  },
  {
    name: 'Samba: lines that are indented deeper stay',
    setup: 'mkdir -p /t; printf "[share]\\npath = /srv\\n   browseable = yes\\n   read only = no\\n" > /t/smb.conf',
    ensures: () => [[iniFile('/t/smb.conf', { set: { share: { path: '/srv2' } } })]],
    right: ['changed iniFile:/t/smb.conf: edit /t/smb.conf: set share.path'],
    then: 'grep -q "^   browseable = yes" /t/smb.conf && grep -q "^   read only = no" /t/smb.conf',
  },
  {
    name: 'byte order marks',
    setup: `mkdir -p /t; printf '\\357\\273\\277{\\n\\t"a": 1\\n}' > /t/a.json; printf '\\357\\273\\277[a]\\r\\nx=1\\r\\n' > /t/bom.ini`,
    ensures: () => [[jsonFile('/t/a.json', { set: { a: 3 } }), iniFile('/t/bom.ini', { set: { a: { x: '9' } } })]],
    right: [
      'changed jsonFile:/t/a.json: edit /t/a.json: set a',
      'changed iniFile:/t/bom.ini: edit /t/bom.ini: set a.x',
    ],
    then: `[ "$(head -c 3 /t/a.json | od -An -tx1)" = " ef bb bf" ]`,
  },
  {
    name: 'keys of YAML that are no texts',
    setup: `mkdir -p /t; printf 'ports:\\n  8080: a\\n  ~: d\\n  0x10: e\\n' > /t/nk.yml`,
    ensures: () => [[yamlFile('/t/nk.yml', { set: { ports: { 8080: 'A', null: 'D', 16: 'E' } } })]],
    right: ['changed yamlFile:/t/nk.yml: edit /t/nk.yml: set ports.16, ports.8080, ports.null'],
    then: `[ "$(wc -l < /t/nk.yml)" = 4 ]`,
  },
]

tryCases(
  'node-05',
  cases.map((each) => ({ ...each, undo })),
)

test.run()

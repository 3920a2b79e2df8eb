// Hosts: node-02
import { test } from 'uvu'
import * as rolecall from '../../lib/index.ts'
import { tryCases } from '../support/cases.ts'

const { filesystem, linger, mount, networkSettings, passwordAging, service, unit, user, volumeGroup } = rolecall

const loops = (...names: readonly string[]) =>
  names
    .map(
      (name, at) => `truncate -s 64M /var/tmp/${name}; [ -b /dev/${name} ] || mknod /dev/${name} b 7 ${at + 40}
losetup -d /dev/${name}; losetup /dev/${name} /var/tmp/${name}`,
    )
    .join('\n')
const gone = (...names: readonly string[]) =>
  names.map((name) => `losetup -d /dev/${name}; rm -f /dev/${name} /var/tmp/${name}`).join('\n')

const app = () =>
  unit('kinds7', {
    scope: 'user',
    sections: { Service: { ExecStart: '/bin/sleep 1000' }, Install: { WantedBy: 'default.target' } },
  })

tryCases('node-02', [
  {
    name: 'a file system on a device, which is mounted, and grows with it',
    setup: loops('rolecall-a'),
    ensures: () => [
      [
        filesystem('/dev/rolecall-a', { type: 'ext4', label: 'kinds', options: ['-q'] }),
        mount('/srv/kinds7', { source: '/dev/rolecall-a', type: 'ext4', persistent: false }),
      ],
    ],
    right: [
      'changed filesystem:/dev/rolecall-a: make a file system ext4 on /dev/rolecall-a',
      'changed mount:/srv/kinds7: make directory /srv/kinds7; mount /dev/rolecall-a at /srv/kinds7',
    ],
    then: `grep -q '^/dev/[^ ]* /srv/kinds7 ext4' /proc/mounts && blkid -p /dev/rolecall-a | grep -q 'LABEL="kinds"'`,
  },
  {
    name: 'what is mounted is not wiped',
    setup: 'touch /srv/kinds7/kept',
    ensures: () => [[filesystem('/dev/rolecall-a', { type: 'vfat', force: true })]],
    right: [/^refused: \/dev\/rolecall-a is in use: mounted at \/srv\/kinds7/],
    then: '[ -f /srv/kinds7/kept ]',
  },
  {
    name: 'a device that has become larger is used to its end',
    // Where it is mounted the kernel asks for CAP_SYS_RESOURCE, which hosts of a lab need not have.
    setup: 'umount /srv/kinds7; truncate -s 128M /var/tmp/rolecall-a; losetup -c /dev/rolecall-a',
    ensures: () => [
      [
        filesystem('/dev/rolecall-a', { type: 'ext4', resize: true }),
        mount('/srv/kinds7', { source: '/dev/rolecall-a', type: 'ext4', persistent: false }),
      ],
    ],
    right: [
      'changed filesystem:/dev/rolecall-a: let ext4 on /dev/rolecall-a grow to 128 MiB (was 64 MiB)',
      'changed mount:/srv/kinds7: mount /dev/rolecall-a at /srv/kinds7',
    ],
    then: `[ -f /srv/kinds7/kept ] && [ "$(df -k /srv/kinds7 | awk 'NR == 2 { print ($2 > 100000) }')" = 1 ]`,
    undo: `umount /srv/kinds7; rmdir /srv/kinds7; ${gone('rolecall-a')}`,
  },
  {
    name: 'a volume group of LVM, and a device that is given to it',
    setup: `command -v vgs || apt-get install -y -qq lvm2
${loops('rolecall-b', 'rolecall-c')}
mkfs.ext4 -q /dev/rolecall-c`,
    ensures: () => [
      [volumeGroup('kinds7', { devices: ['/dev/rolecall-b'] })],
      [volumeGroup('kinds7', { devices: ['/dev/rolecall-b', '/dev/rolecall-c'] })],
    ],
    right: [
      'changed volumeGroup:kinds7: make the volume group kinds7 of /dev/rolecall-b',
      'refused: /dev/rolecall-c has ext4 on it',
    ],
    again: [/^ok /, 'refused: /dev/rolecall-c has ext4 on it'],
    then: '[ "$(vgs --noheadings -o pv_count kinds7 | tr -d " ")" = 1 ]',
    undo: `vgremove -y -f kinds7; ${gone('rolecall-b', 'rolecall-c')}; dpkg --purge lvm2 dmeventd thin-provisioning-tools`,
  },
  {
    name: 'a user with an end, whose own systemd runs a service',
    setup: 'ls /lib/*/security/pam_systemd.so || apt-get install -y -qq libpam-systemd',
    ensures: () => {
      const file = app()
      return [
        [
          user('kinds7', { createHome: true }),
          linger('kinds7'),
          file,
          service('kinds7', { user: 'kinds7', running: true, enabled: true, restartedAfter: [file] }),
        ],
        [passwordAging('kinds7', { maximumDays: 90, expires: '2031-01-31', locked: true })],
      ]
    },
    right: [
      'changed user:kinds7: create user kinds7',
      'changed linger:kinds7: let the systemd of kinds7 run from the boot on',
      'changed file:/etc/systemd/user/kinds7.service: create /etc/systemd/user/kinds7.service',
      'changed service:kinds7 of kinds7: enable kinds7 of kinds7; start kinds7 of kinds7',
      'changed passwordAging:kinds7: set maximum days 90, end of the account 2031-01-31 of kinds7',
    ],
    apply: [
      /^changed user/,
      /^changed linger/,
      /^changed file/,
      /^changed service:kinds7 of kinds7: /,
      'changed passwordAging:kinds7: set maximum days 90, end of the account 2031-01-31 of kinds7',
    ],
    then: 'pgrep -u kinds7 sleep && [ -e /var/lib/systemd/linger/kinds7 ] && chage -l kinds7 | grep -q "Jan 31, 2031"',
  },
  {
    name: 'the service of a user is restarted when its file has changed',
    setup: 'echo >>/etc/systemd/user/kinds7.service',
    ensures: () => {
      const file = app()
      return [[file, service('kinds7', { user: 'kinds7', running: true, restartedAfter: [file] })]]
    },
    right: [
      'changed file:/etc/systemd/user/kinds7.service: write /etc/systemd/user/kinds7.service',
      /^changed service:kinds7 of kinds7: .*restart kinds7 of kinds7 /,
    ],
    apply: [/^changed file/, /^changed service:kinds7 of kinds7: .*restart kinds7 of kinds7/],
    undo: 'loginctl disable-linger kinds7; systemctl stop "user@$(id -u kinds7)"; pkill -u kinds7; userdel -r kinds7; rm -f /etc/systemd/user/kinds7.service; dpkg --purge libpam-systemd',
  },
  {
    name: 'settings of the network, which are confirmed over this connection',
    ensures: () => [
      [
        ...networkSettings('kinds7', {
          manager: 'networkd',
          files: {
            '40-kinds7.netdev': '[NetDev]\nName=kinds7\nKind=dummy\n',
            '40-kinds7.network': '[Match]\nName=kinds7\n\n[Network]\nAddress=10.99.9.1/24\n',
          },
        }),
      ],
    ],
    right: [
      'changed networkSettings:kinds7: set /etc/systemd/network/40-kinds7.netdev, /etc/systemd/network/40-kinds7.network, for 30 s until they are confirmed',
      'changed networkSettingsConfirmed:kinds7: confirm the settings of the network',
    ],
    then: '[ ! -e /run/rolecall/network/back ] && [ -f /etc/systemd/network/40-kinds7.network ]',
    undo: 'rm -f /etc/systemd/network/40-kinds7.*; networkctl delete kinds7; networkctl reload',
  },
])

test.run()

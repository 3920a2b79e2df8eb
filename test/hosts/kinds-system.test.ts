// Hosts: node-04
import { certificateRequest } from '../../lib/resources/tls/certificate.ts'
import { privateKey } from '../../lib/resources/tls/private-key.ts'
import { aptPin } from '../../lib/resources/packages/apt-pin.ts'
import { kernelCommandLine } from '../../lib/resources/kernel/kernel-command-line.ts'
import { file } from '../../lib/resources/files/file.ts'
import { fileAttributes } from '../../lib/resources/trees/file-attributes.ts'
import { test } from 'uvu'
import { tryCases } from '../support/cases.ts'

/**
 * GRUB's own update-grub and its scripts. A host of the lab has no disk of its own, so what grub-probe says of one is made up, and so are the kernels.
 */
const GRUB = `export DEBIAN_FRONTEND=noninteractive
[ -x /usr/sbin/update-grub ] || { apt-get update -qq; apt-get install -y -qq --no-install-recommends grub2-common grub-pc-bin; }
dpkg-divert --local --rename --add /usr/sbin/grub-probe
cat >/usr/sbin/grub-probe <<'END'
#!/bin/sh
case $* in
*target=device*) echo /dev/vda1 ;;
*target=fs_uuid*) echo 11111111-2222-3333-4444-555555555555 ;;
*target=fs*) echo ext2 ;;
*target=partmap*) echo msdos ;;
esac
END
chmod 755 /usr/sbin/grub-probe; mkdir -p /boot/grub; touch /boot/vmlinuz-6.1.0-1-amd64 /boot/initrd.img-6.1.0-1-amd64 /boot/vmlinuz-6.1.0-2-amd64
cp /usr/share/grub/default/grub /etc/default/grub; update-grub`
const boots = (words: string) =>
  `[ "$(sed -n 's/^[[:space:]]*linux.*vda1 ro *//p' /boot/grub/grub.cfg | grep -v single | sed 's/  */ /g; s/ $//' | sort -u)" = '${words}' ]`

tryCases('node-04', [
  {
    name: 'parameters of the kernel come into every entry of the boot menu of GRUB, and none stays behind that Debian has put there',
    setup: GRUB,
    ensures: () => [
      [kernelCommandLine('console', { set: { console: ['tty0', 'ttyS0,115200'], quiet: true }, remove: ['splash'] })],
    ],
    right: [
      'changed kernelCommandLine:console: edit /etc/default/grub: console=tty0, console=ttyS0,115200, quiet, no splash; regenerate the boot menu (update-grub)',
    ],
    then: `${boots('console=tty0 console=ttyS0,115200 quiet')} && grub-script-check /boot/grub/grub.cfg`,
  },
  {
    name: 'parameters that Debian has in its usual ones are taken from there',
    ensures: () => [[kernelCommandLine('loud', { set: { console: 'tty0', panic: 10 }, remove: ['quiet'] })]],
    right: [/^changed kernelCommandLine:loud: edit .*; regenerate the boot menu/],
    then: `${boots('console=tty0 panic=10')} && ! grep -q '^GRUB_CMDLINE_LINUX_DEFAULT=.*quiet' /etc/default/grub`,
  },
  {
    name: 'a boot menu that somebody has edited is made anew, once for two that ask for it',
    setup: "sed -i 's/ panic=10//' /boot/grub/grub.cfg",
    ensures: () => [
      [kernelCommandLine('panic', { set: { panic: 10 } }), kernelCommandLine('again', { set: { panic: 10 } })],
    ],
    right: ['changed kernelCommandLine:panic: regenerate the boot menu (update-grub)', 'ok kernelCommandLine:again'],
    then: boots('console=tty0 panic=10'),
    undo: 'rm -f /usr/sbin/grub-probe; dpkg-divert --local --rename --remove /usr/sbin/grub-probe; apt-get -y purge grub2-common grub-pc-bin grub-common; rm -rf /boot/vmlinuz-6.1.0-* /boot/initrd.img-6.1.0-1-amd64 /boot/grub /etc/default/grub*',
  },
  {
    name: 'a pin of apt, which apt goes by',
    ensures: () => [[aptPin('rc-pin', { packages: 'bash', release: 'rc-none', priority: 123 })]],
    right: ['changed file:/etc/apt/preferences.d/rc-pin.pref: create /etc/apt/preferences.d/rc-pin.pref'],
    then: 'apt-cache policy bash | grep -q Candidate && grep -q "Pin-Priority: 123" /etc/apt/preferences.d/rc-pin.pref',
    undo: 'rm -f /etc/apt/preferences.d/rc-pin.pref',
  },
  {
    name: 'a request for a certificate, of a key that is still to come',
    setup: 'command -v openssl || apt-get install -y openssl; mkdir -p /etc/ssl/rc',
    ensures: () => [
      [
        privateKey('/etc/ssl/rc/app.key'),
        certificateRequest('/etc/ssl/rc/app.csr', {
          key: '/etc/ssl/rc/app.key',
          commonName: 'app.example.com',
          names: ['app.example.com', '192.0.2.1'],
        }),
      ],
    ],
    right: [/^changed privateKey:/, /^changed certificateRequest:/],
    then: `openssl req -in /etc/ssl/rc/app.csr -noout -verify -text | grep -q 'DNS:app.example.com, IP Address:192.0.2.1'
[ "$(openssl req -in /etc/ssl/rc/app.csr -noout -pubkey)" = "$(openssl pkey -in /etc/ssl/rc/app.key -pubout)" ]`,
    undo: 'rm -rf /etc/ssl/rc',
  },
  {
    name: 'a file that nobody may change is unlocked, changed and locked again',
    setup: 'echo old >/srv/rc-kept; chattr +i /srv/rc-kept',
    ensures: () => [
      [fileAttributes('/srv/rc-kept', { immutable: false })],
      [file('/srv/rc-kept', { content: 'new\n' })],
      [fileAttributes('/srv/rc-kept', { immutable: true })],
    ],
    right: [
      'changed fileAttributes:/srv/rc-kept: set attributes -i of /srv/rc-kept',
      'changed file:/srv/rc-kept: write /srv/rc-kept',
      'changed fileAttributes:/srv/rc-kept: set attributes +i of /srv/rc-kept',
    ],
    again: [
      'changed fileAttributes:/srv/rc-kept: set attributes -i of /srv/rc-kept',
      'ok file:/srv/rc-kept',
      'changed fileAttributes:/srv/rc-kept: set attributes +i of /srv/rc-kept',
    ],
    then: '[ "$(cat /srv/rc-kept)" = new ] && lsattr /srv/rc-kept | grep -q "^[^ ]*i"',
    undo: 'chattr -i /srv/rc-kept; rm -f /srv/rc-kept',
  },
  {
    name: 'a file that is locked first is refused',
    setup: 'echo old >/srv/rc-kept',
    ensures: () => [
      [fileAttributes('/srv/rc-kept', { immutable: true })],
      [file('/srv/rc-kept', { content: 'new\n' })],
    ],
    right: [
      'changed fileAttributes:/srv/rc-kept: set attributes +i of /srv/rc-kept',
      /^refused: .*\/srv\/rc-kept cannot be changed: \/srv\/rc-kept is immutable/,
    ],
    undo: 'chattr -i /srv/rc-kept; rm -f /srv/rc-kept',
  },
])

test.run()

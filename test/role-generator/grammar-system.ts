import type { Random } from '../support/random.ts'
import type { PlaceUses } from './place-uses.ts'
import type { Data, ResourceSpec } from './spec.ts'

/** Kinds that work on files of the system which a program of it checks, or makes others of: sshd, GRUB, ca-certificates, mkfs, SELinux. */

type Options = { readonly [name: string]: Data | undefined }
type Call = readonly [make: string, name: string, options: Options | undefined, touches: readonly string[]]

/** An authority that nobody has the key of. */
const AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBijCCATGgAwIBAgIUXGjMYJqeuNW8umUjArdz/yoTYVUwCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPVHJpYWwgQXV0aG9yaXR5MCAXDTI2MTEzMDAxMzkwM1oYDzIx
MjYxMTA2MDEzOTAzWjAaMRgwFgYDVQQDDA9UcmlhbCBBdXRob3JpdHkwWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAAQIJYFD9U4Ye1fFGB9CDHVwEomPBV0SkxPCBVZI
aoVALPyBhureU0tNggOvzLDSq0fq9jmwOwOXwtIwRgmyKYqxo1MwUTAdBgNVHQ4E
FgQUppEr8UHPlu7hBFLxDaxA7Y3KL8IwHwYDVR0jBBgwFoAUppEr8UHPlu7hBFLx
DaxA7Y3KL8IwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBi4Kxc
80qLj0bL/yqQCHEI6czFZZsEVCyp2e1ZwsAypgIgfvGxRsDpgn2bez7UnMfuB8/d
7nZfTuKUBZu/ukAafGw=
-----END CERTIFICATE-----
`
const GRUB = '/etc/default/grub'
const MENU = '/boot/grub/grub.cfg'
const DISKS = ['/srv/w/disk', '/srv/w/a/disk']
const SWAP = '/srv/w/swap'
const SSHD = ['/etc/ssh/sshd_config', '/etc/ssh/sshd_config.d/trial.conf']

export function systemResource(random: Random, uses: PlaceUses): ResourceSpec {
  const often = (share: number) => random.next() < share
  const gone: Options = { state: 'absent' }
  const or = (options: Options) => (often(0.25) ? gone : options)
  const disk = random.pick(DISKS)
  const sshd = random.pick(SSHD)
  const [make, name, options, touches] = random.pick<Call>([
    [
      'caTrust',
      random.pick(['trial', 'odd']),
      or({ content: AUTHORITY }),
      [
        '/usr/local/share/ca-certificates',
        '/usr/local/share/ca-certificates/trial.crt',
        '/usr/local/share/ca-certificates/odd.crt',
      ],
    ],
    [
      'sshdConfig',
      sshd,
      {
        set: random.pick<Options>([
          { PermitRootLogin: 'no' },
          { PermitRootLogin: 'yes', X11Forwarding: false },
          { Port: [22, 2222] },
          { NoSuchWord: 'yes' },
          { PermitRootLogin: 'perhaps' },
        ]),
        ...(often(0.5) ? { create: true } : {}),
      },
      [sshd],
    ],
    [
      'kernelCommandLine',
      'trial',
      random.pick<Options>([
        { set: { quiet: true, console: ['tty0', 'ttyS0'] } },
        { set: { panic: 10 }, remove: ['quiet'] },
        { remove: ['splash', 'panic'] },
      ]),
      [GRUB, MENU],
    ],
    [
      'filesystem',
      disk,
      or({ type: 'ext2', ...(often(0.5) ? { force: true } : {}), ...(often(0.3) ? { label: 'trial' } : {}) }),
      [disk],
    ],
    ['swap', SWAP, often(0.5) ? gone : { size: '1M' }, [SWAP, '/etc/fstab']],
    [
      'selinuxMode',
      random.pick(['enforcing', 'permissive', 'disabled']),
      often(0.5) ? {} : { policy: 'targeted' },
      ['/etc/selinux/config'],
    ],
    ['linger', random.pick(['ann', 'bob', 'daemon']), or({}), []],
    [
      'httpRequest',
      'trial',
      random.pick<Options>([
        { url: { $url: '/tool' }, body: { $re: 'one' }, send: { body: 'one' } },
        { url: 'http://127.0.0.1:9/nobody', body: { $re: 'one' }, send: { body: 'one' } },
        { url: { $url: '/it.conf' }, status: [200, 404], send: { body: 'one' } },
      ]),
      [],
    ],
  ])
  // Of these only one thing can be wanted, whatever its name.
  const key = ['selinuxMode'].includes(make) ? `/${make}` : `/${make}/${name}`
  const known = uses.at(key)
  if (known?.args !== undefined) return { make, args: known.args, touches }
  const args: readonly Data[] = options === undefined ? [name] : [name, options]
  uses.set(key, { type: 'own', kind: make, attributes: {}, args })
  if (name.startsWith('/')) uses.set(name, { type: 'own', kind: make, attributes: {}, args })
  return { make, args, touches }
}

/** A stand-in for update-grub: what stands in the defaults is in every entry of the menu. */
const UPDATE_GRUB = `mkdir -p /boot/grub; printf '#!/bin/sh\\n. ${GRUB}\\n{ echo "menuentry a {"; echo "  linux /vmlinuz root=/dev/vda ro $GRUB_CMDLINE_LINUX $GRUB_CMDLINE_LINUX_DEFAULT"; echo "}"; } >${MENU}\\n' >/usr/sbin/update-grub; chmod 755 /usr/sbin/update-grub`

export function systemLine(random: Random): string {
  return random.pick([
    `${UPDATE_GRUB}; echo 'GRUB_CMDLINE_LINUX="quiet splash"' >${GRUB}; update-grub`,
    `${UPDATE_GRUB}; echo 'GRUB_CMDLINE_LINUX=""' >${GRUB}; update-grub; sed -i 's/ro /ro panic=1 /' ${MENU}`,
    `${UPDATE_GRUB}; echo 'GRUB_TIMEOUT=1' >${GRUB}; update-grub`,
    `${UPDATE_GRUB}; printf 'GRUB_CMDLINE_LINUX_DEFAULT="quiet splash"\\nGRUB_CMDLINE_LINUX=""\\n' >${GRUB}; update-grub`,
    `${UPDATE_GRUB}; echo 'GRUB_CMDLINE_LINUX="$X quiet"' >${GRUB}; update-grub`,
    `${UPDATE_GRUB}; echo 'GRUB_CMDLINE_LINUX="panic=10"' >${GRUB}; rm -f ${MENU}`,
    ...DISKS.map((disk) => `truncate -s 2M ${disk}`),
    ...DISKS.map((disk) => `truncate -s 2M ${disk}; mkfs.ext4 -q ${disk}`),
    `mkdir -p ${DISKS[0] ?? ''}`,
    'ssh-keygen -A',
    'ssh-keygen -A; echo "PermitRootLogin yes" >/etc/ssh/sshd_config.d/trial.conf',
    'echo broken >>/etc/ssh/sshd_config',
    'rm -rf /etc/ssh/sshd_config.d',
    `mkdir -p /usr/local/share/ca-certificates; echo no >/usr/local/share/ca-certificates/trial.crt`,
    'rm -rf /usr/local/share/ca-certificates /etc/ssl/certs/ca-certificates.crt',
    'mkdir -p /etc/selinux; printf "SELINUX=permissive\\nSELINUXTYPE=default\\n" >/etc/selinux/config',
    'mkdir -p /etc/selinux; echo "# nothing" >/etc/selinux/config',
    'mkdir -p /etc/selinux; ln -s /srv/w/f /etc/selinux/config',
    `echo '${SWAP} none swap sw 0 0' >>/etc/fstab`,
    `touch ${SWAP}; echo '${SWAP} none swap sw 0 0' >>/etc/fstab`,
    'mkdir -p /var/lib/systemd/linger; touch /var/lib/systemd/linger/daemon',
  ])
}

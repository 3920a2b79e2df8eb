import type { Facts } from '../facts.ts'

/** The facts of a Debian 12 with systemd. */
export const debian: Facts = {
  hostname: 'node-01',
  os: { family: 'debian', id: 'debian', version: '12', name: 'Debian GNU/Linux 12 (bookworm)' },
  arch: 'x86_64',
  init: 'systemd',
  packageManager: 'apt',
  digest: 'b2sum',
  addresses: ['10.10.50.50'],
  networks: [{ device: 'eth0', cidr: '10.10.50.50/24' }],
  uid: 0,
}
/** The facts of a Rocky Linux 9 with systemd. */
export const rocky: Facts = {
  ...debian,
  os: { family: 'el', id: 'rocky', version: '9.4', name: 'Rocky Linux 9.4 (Blue Onyx)' },
  packageManager: 'dnf',
  digest: 'b2sum',
}

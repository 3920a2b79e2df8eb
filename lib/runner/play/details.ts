import { z } from 'zod'
import type { DetailsOptions, HostDetails } from '../../host-details.ts'
import { variablesBy } from '../../resources/kit/options/options.ts'
import type { PlayOptions } from './options.ts'

const GIB = 1024 ** 3

/** A small virtual machine with Debian 12. */
const small: HostDetails = {
  codename: 'bookworm',
  kernel: '6.1.0-18-amd64',
  fqdn: 'node-01.example.com',
  timezone: 'Etc/UTC',
  uptime: 3600,
  virtualisation: 'kvm',
  vendor: 'QEMU',
  product: 'Standard PC (Q35 + ICH9, 2009)',
  selinux: 'disabled',
  memory: { total: 4 * GIB, available: 3 * GIB, swap: 0 },
  processors: { count: 2, cores: 2, sockets: 1, model: 'QEMU Virtual CPU' },
  disks: [{ name: 'vda', bytes: 20 * GIB, rotational: false, removable: false, model: '' }],
  mounts: [{ path: '/', device: '/dev/vda1', type: 'ext4', options: ['rw'], bytes: 20 * GIB, available: 15 * GIB }],
  links: [{ device: 'eth0', mac: '52:54:00:12:34:56', mtu: 1500, up: true }],
  gateway: { ipv4: { device: 'eth0', gateway: '192.0.2.254', address: '192.0.2.1' }, ipv6: undefined },
  nameservers: ['192.0.2.53'],
  searchDomains: ['example.com'],
}

/** The details that a test sets, over those of a small virtual machine. Throws a RolecallError for custom facts that the role's schema refuses. */
export function detailsIn<Custom extends z.ZodObject>(
  { custom: found = {}, ...given }: NonNullable<PlayOptions<unknown>['details']> = {},
  { custom = z.object({}) as unknown as Custom }: DetailsOptions<Custom> = {},
): HostDetails & { readonly custom: z.output<Custom> } {
  return { ...small, ...given, custom: variablesBy(custom, 'the custom facts of the test', found) }
}

import type { ElPackages } from 'rolecall'
import { bind } from './bind.ts'
import { nginx } from './nginx.ts'

/** The packages in the repositories of the site's Red Hat family hosts, with the family's names and layout. */
export const el: ElPackages = {
  from: [
    ['wget', 'inetutils-telnet', 'net-tools', 'tree', 'nmap', 'sysstat', 'lrzsz', 'dos2unix'],
    ['bind9', 'bind9-dnsutils', 'bind9-host', 'dns-root-data', 'nginx', 'docker.io', 'docker-compose'],
    ['conntrack', 'ethtool'],
  ].flat(),
  repositories: [
    { id: 'docker-ce-stable', name: 'Docker CE Stable' },
    { id: 'epel', name: 'Extra Packages 9 - x86_64', package: 'epel-release' },
  ],
  packages: [
    bind,
    { name: 'bind-utils', of: [{ deb: 'bind9-dnsutils' }, { deb: 'bind9-host' }] },
    nginx,
    { name: 'telnet', of: [{ deb: 'inetutils-telnet' }] },
    { name: 'sysstat', of: [{ deb: 'sysstat' }], units: ['sysstat.service'] },
    {
      name: 'docker-ce',
      of: [{ deb: 'docker.io', without: /^\/etc\/|^\/usr\/bin\/docker$|completion/ }],
      repository: 'docker-ce-stable',
      requires: ['docker-ce-cli', 'containerd.io'],
      pre: 'getent group docker >/dev/null || groupadd -r docker',
      units: ['docker.service'],
    },
    {
      name: 'docker-ce-cli',
      of: [{ deb: 'docker.io', only: /^\/usr\/bin\/docker$/ }],
      repository: 'docker-ce-stable',
    },
    {
      name: 'containerd.io',
      of: [{ deb: 'containerd' }, { deb: 'runc' }],
      repository: 'docker-ce-stable',
      units: ['containerd.service'],
    },
    { name: 'conntrack-tools', of: [{ deb: 'conntrack' }] },
    { name: 'docker-compose', of: [{ deb: 'docker-compose' }], repository: 'epel' },
  ],
}

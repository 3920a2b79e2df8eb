// Hosts: node-04
import { test } from 'uvu'
import { absent } from '../../lib/resources/files/absent.ts'
import { file } from '../../lib/resources/files/file.ts'
import { sysctl } from '../../lib/resources/system/sysctl.ts'
import { tryCases, type Case } from '../support/cases.ts'

const undo = `rm -f /etc/sysctl.d/90-rolecall-* /etc/sysctl.d/??-rc.conf /run/sysctl.d/99-rc.conf; sed -i '/fin_timeout/d' /etc/sysctl.conf
ip link del rc0.100; sysctl -qw net.ipv4.tcp_fin_timeout=60 net.ipv4.tcp_rmem='4096 131072 6291456'`
const key = 'net.ipv4.tcp_fin_timeout'
const later = '/etc/sysctl.d/99-rc.conf'
const own = '/etc/sysctl.d/90-rolecall-net-ipv4-tcp_fin_timeout.conf'
const set = [`changed sysctl:${key}: set ${key} = 20 (was 60); keep ${key} = 20 for the next boot`]
const wins = (path: string, line: number) =>
  `refused: ${key} would be 30 after the next boot: ${path} sets it in line ${line}, and comes later than ${own}`
const refused = (name: string, value: string | number, words: string | RegExp, where = key): Case => ({
  name,
  ensures: () => [[sysctl(where, value)]],
  right: [words],
  then: `[ ! -e ${own} ]`,
})

const cases: readonly Case[] = [
  {
    name: 'a file that comes later at boot and says otherwise is named',
    setup: `printf '# c\n-net/ipv4/tcp_fin_timeout = 30\n' >${later}`,
    ensures: () => [[sysctl(key, 20)]],
    right: [wins(later, 2)],
    then: `[ ! -e ${own} ]`,
  },
  {
    name: '/etc/sysctl.conf is the last of them',
    setup: `printf '${key}=20\n' >${later}; sed -i '1i net.ipv4.tcp_fin_timeout=30' /etc/sysctl.conf`,
    ensures: () => [[sysctl(key, 20)]],
    right: [wins('/etc/sysctl.conf', 1)],
  },
  {
    name: 'one that is hidden, comes before, or says the same is none',
    setup: `mkdir -p /run/sysctl.d; printf '${key}=30\n' | tee /run/sysctl.d/99-rc.conf >/etc/sysctl.d/10-rc.conf; ln -s /dev/null ${later}
printf '${key}=20\n' >/etc/sysctl.d/95-rc.conf`,
    ensures: () => [[sysctl(key, 20)]],
    right: set,
  },
  {
    name: 'one that is pending is, and one that goes first is none',
    setup: `printf '${key}=30\n' >/etc/sysctl.d/98-rc.conf`,
    ensures: () => [
      [absent('/etc/sysctl.d/98-rc.conf'), sysctl(key, 20)],
      [file(later, { content: `${key} = 30\n` })],
      [sysctl(key, 20)],
    ],
    right: [
      'changed absent:/etc/sysctl.d/98-rc.conf: remove the file /etc/sysctl.d/98-rc.conf',
      ...set,
      `changed file:${later}: create ${later}`,
      wins(later, 1),
    ],
    again: ['ok absent:/etc/sysctl.d/98-rc.conf', wins(later, 1)],
  },
  refused(
    'what can only be written is refused',
    1,
    /^refused: net\.ipv4\.route\.flush can only be written/,
    'net.ipv4.route.flush',
  ),
  refused(
    'what can only be read is refused',
    'x',
    /the kernel allows only reading$/,
    'net.ipv4.tcp_available_congestion_control',
  ),
  refused(
    'a value that the kernel does not take is refused',
    'nosuch',
    'refused: the kernel does not accept nosuch for net.ipv4.tcp_congestion_control',
    'net.ipv4.tcp_congestion_control',
  ),
  refused('a word for a number is refused', 'yes', `refused: ${key} is a number (60 now), and yes is none`),
  refused('a number that reads back otherwise is refused', '0x10', `refused: ${key} would not be read back as 0x10`),
  refused('too few numbers are refused', '4096 8192', /has 3 numbers .*, and 4096 8192 has 2$/, 'net.ipv4.tcp_rmem'),
  refused(
    'an interface that is not there is refused',
    1,
    'refused: the kernel has no parameter net.ipv4.conf.rc0.100.rp_filter',
    'net.ipv4.conf.rc0.100.rp_filter',
  ),
  {
    name: 'an interface may have a dot in its name, and blanks between numbers do not matter',
    setup: 'ip link add rc0.100 type bridge',
    ensures: () => [
      [sysctl('net.ipv4.conf.rc0.100.rp_filter', 2), sysctl('net.ipv4.tcp_rmem', '4096   131072\t6291457')],
    ],
    right: [/^changed sysctl:net\.ipv4\.conf\.rc0\.100\.rp_filter: set/, /^changed sysctl:net\.ipv4\.tcp_rmem: set/],
    then: 'grep -q "^net/ipv4/conf/rc0.100/rp_filter = 2" /etc/sysctl.d/90-rolecall-*rc0*',
  },
]

tryCases(
  'node-04',
  cases.map((each) => ({ ...each, undo })),
)

test.run()

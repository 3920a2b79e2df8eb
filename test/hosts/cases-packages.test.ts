// Hosts: node-04
import { test } from 'uvu'
import { absent } from '../../lib/resources/files/absent.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { tryCases, type Case } from '../support/cases.ts'

const gone = 'export DEBIAN_FRONTEND=noninteractive; apt-get -q -y purge sl figlet'
const undo = `rm -f /etc/apt/preferences.d/rc /etc/*.lock; [ ! -e /etc/resolv.conf.rc ] || mv /etc/resolv.conf.rc /etc/resolv.conf; ${gone}`
const pin = `printf 'Package: sl\\nPin: release *\\nPin-Priority: -1\\n' >/etc/apt/preferences.d/rc`
const leftOut = "refused: sl cannot be installed: this host's package manager is told to leave it out"

const cases: readonly Case[] = [
  {
    name: 'stale locks of the account files are gone before the scripts of a package run',
    setup: `${gone}; echo 4194300 >/etc/passwd.lock; : >/etc/group.lock`,
    ensures: () => [[pkg('sl')], [pkg('figlet')]],
    right: [
      /^changed pkg:sl: remove the stale lock \/etc\/passwd\.lock of process 4194300, which is gone; remove the stale lock \/etc\/group\.lock; install sl/,
      /^changed pkg:figlet: install figlet/,
    ],
    then: '[ ! -e /etc/passwd.lock ] && [ ! -e /etc/group.lock ]',
  },
  {
    name: 'what must be fetched while no name server is named is refused',
    setup: `${gone}; apt-get clean; cp /etc/resolv.conf /etc/resolv.conf.rc; rm /etc/resolv.conf`,
    ensures: () => [[pkg('sl')]],
    right: [/^refused: sl cannot be fetched: \S+ has no address, because \/etc\/resolv\.conf names no name server$/],
  },
  {
    name: 'what is in the cache of apt comes without a name server',
    setup: `${gone}; apt-get -q -y -d install sl; cp /etc/resolv.conf /etc/resolv.conf.rc; rm /etc/resolv.conf`,
    ensures: () => [[pkg('sl')]],
    right: [/^changed pkg:sl: install sl/],
  },
  {
    name: 'a package that a pin leaves out is refused, also while the lists are old',
    setup: `${gone}; ${pin}; touch -d '3 days ago' /var/lib/apt/lists/partial`,
    ensures: () => [[pkg('sl')]],
    right: [leftOut],
  },
  {
    name: 'a pin that goes first leaves nothing out',
    setup: `${gone}; ${pin}`,
    ensures: () => [[absent('/etc/apt/preferences.d/rc'), pkg('sl')]],
    right: [/^changed absent:/, /^changed pkg:sl: .*install sl/],
    apply: [/^changed absent:/, /^changed pkg:sl: .*install sl/],
  },
  {
    name: 'a version that is written otherwise is the same',
    ensures: () => [[pkg('bash', { version: '0:5.2.15-2+b*' }), pkg('dash', { version: '00:0.5.12-02' })]],
    right: ['ok pkg:bash', 'ok pkg:dash'],
  },
]

tryCases(
  'node-04',
  cases.map((each) => ({ ...each, undo })),
)

test.run()

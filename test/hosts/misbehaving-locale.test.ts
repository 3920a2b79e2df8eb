// Hosts: node-03, node-04
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { complaints, onLab, rolecall, ssh, start } from '../support/lab.ts'
import { asOdd, book, isRefused, ODD, runsWell, writes } from './misbehaving.ts'

const SOURCES = '/var/lib/apt/lists/partial'

/** German in every way in which a login gets its language: PAM, the profile, and what sudo keeps. */
const GERMAN = `printf 'LANG=de_DE.UTF-8\\nLANGUAGE=de\\nLC_ALL=de_DE.UTF-8\\n' >/etc/default/locale; cp /etc/default/locale /etc/environment
sed 's/^/export /' /etc/default/locale >/home/odd/.bashrc
echo 'Defaults:odd env_keep += "LANG LANGUAGE LC_ALL"' >>/etc/sudoers.d/odd`

/** The host speaks German to its user, and Rolecall reads what programs say all the same. */
function onGermanHost(says: string, work: () => Promise<void>): void {
  onLab(says, async () => {
    await ssh(
      ODD,
      `command -v localedef >/dev/null && locale -a | grep -q de_DE || { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends locales && localedef -i de_DE -f UTF-8 de_DE.UTF-8; } >/dev/null 2>&1
touch ${SOURCES}`,
    )
    try {
      await work()
    } finally {
      await ssh(
        ODD,
        'rm -f /etc/default/locale /etc/environment /var/lib/dpkg/updates/0*; DEBIAN_FRONTEND=noninteractive apt-get -qq -y purge sl >/dev/null 2>&1; true',
      )
    }
  })
}

/** What apply says of these resources, after check has said the same. */
async function bothSay(resources: string): Promise<{ readonly steps: string; readonly problem: string }> {
  book(resources)
  const check = await rolecall('check', 'odd', '-l', ODD)
  const apply = await rolecall('apply', 'odd', '-l', ODD)
  const said = ({ resources }: typeof apply) => resources.map(({ resource, status }) => `${resource} ${status}`)
  assert.equal(said(apply), said(check), complaints(apply))
  const [problem] = apply.problems
  return {
    steps: apply.resources.flatMap(({ steps }) => steps).join('; '),
    problem: [problem?.message, problem?.got, problem?.output].join('\n'),
  }
}

onGermanHost('where programs speak German a file is written, and what is written says so', async () => {
  await asOdd(GERMAN, async () => {
    // So that the other tests of this file mean something.
    assert.match(
      await ssh(ODD, 'su - odd -c "ls /nowhere 2>&1; apt-get install nothing-at-all 2>&1" || true'),
      /nicht gefunden/,
    )
    book(writes('/run/odd'))
    await runsWell()
  })
})

onGermanHost('where apt speaks German packages come, and what is missing is told as everywhere', async () => {
  await asOdd(GERMAN, async () => {
    assert.match(
      (await bothSay(`pkg('no-such-package')`)).problem,
      'no package source of this host has no-such-package',
    )
    await ssh(
      ODD,
      `cd /var/tmp && apt-get -qq download sl && dpkg --unpack sl_*.deb >/dev/null && rm -f sl_*.deb; : >/var/lib/dpkg/updates/0000`,
    )
    assert.match((await bothSay(`pkg('sl')`)).steps, 'finish an interrupted installation of sl (dpkg --configure -a)')
    assert.match((await bothSay(`service('no-such-unit', { running: true })`)).problem, 'there is no unit no-such-unit')
    book(`waitFor('nobody', { port: 4, deadline: 1 })`)
    assert.match(complaints(await rolecall('apply', 'odd', '-l', ODD)), 'last seen: connection refused')
  })
})

onGermanHost('where apt speaks German a lock of somebody else is known and waited for', async () => {
  await asOdd(GERMAN, async () => {
    book(`pkg('sl')`)
    await ssh(
      ODD,
      `touch -d '2 days ago' ${SOURCES}; rm -f /run/held
setsid perl -e 'use Fcntl; open(my $f, ">", "/var/lib/apt/lists/lock") or die; my $l = pack("s s x![q] q q i x![q]", F_WRLCK, 0, 0, 0, 0); fcntl($f, F_SETLK, $l) or die; open(my $t, ">", "/run/held") or die; sleep 90' >/dev/null 2>&1 </dev/null &
for i in $(seq 200); do [ ! -e /run/held ] || exit 0; sleep 0.3; done; exit 1`,
    )
    const running = start('apply', 'odd', '-l', ODD)
    await running.until('another package manager is at work')
    await ssh(ODD, "pkill -f '^perl -e'")
    const run = await running.done
    assert.is(run.code, 0, complaints(run))
    assert.match(
      JSON.stringify(run.events.filter(({ type }) => type === 'waiting')),
      /Could not get lock .* held by process/,
    )
  })
})

onGermanHost('a sudo that refuses in German is told in its words, and what to do in ours', async () => {
  book(writes('/run/odd'))
  await asOdd(`${GERMAN}; echo 'Defaults:odd requiretty' >>/etc/sudoers.d/odd`, async () => {
    assert.match(await isRefused('become'), /sudo: .*TTY[^]*requiretty/)
  })
  await asOdd(`${GERMAN}; echo 'odd ALL=(ALL) ALL' >/etc/sudoers.d/odd`, async () => {
    assert.match(await isRefused('become'), /sudo: Ein Passwort[^]*ansible_become_password/)
  })
})

test.run()

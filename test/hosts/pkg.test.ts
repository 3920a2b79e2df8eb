import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { file } from '../../lib/resources/file.ts'
import { pkg } from '../../lib/resources/pkg.ts'
import { onHost, type Machine } from './ground.ts'

const node = 'node-04'
const lists = '/var/lib/apt/lists/partial'

/** Small packages that nothing needs. */
async function purge(machine: Machine, ...names: string[]): Promise<void> {
  await machine.sh(
    `export DEBIAN_FRONTEND=noninteractive; apt-get -qq -y purge ${names.join(' ')} >/dev/null 2>&1; true`,
  )
}

/** Lists of today, so that tests which are not about them need not fetch them. */
async function fetched(machine: Machine): Promise<void> {
  await machine.sh(
    `[ -n "$(find ${lists} -mmin -600)" ] && [ -z "$(find /etc/apt/sources.list* -newer ${lists})" ] || apt-get -qq update`,
  )
}

function plain(said: readonly string[]): readonly string[] {
  return said.map((line) => line.replaceAll(/ \d\S*/g, ''))
}

onHost(node, 'packages come in one transaction, and check knows their versions', async (machine) => {
  await fetched(machine)
  await purge(machine, 'sl', 'figlet')
  try {
    const { check, apply, again } = await machine.settle(pkg(['sl', 'figlet']))
    assert.match(check[0] ?? '', /^change: install sl \d\S*, figlet \d[^ ,]*(, and \d+ more with it)?$/)
    assert.equal(apply, check)
    assert.equal(again, ['ok'])
    const removed = await machine.settle(pkg(['sl', 'figlet', 'no-such-package'], { state: 'absent' }))
    assert.equal([...removed.apply, ...removed.again], ['change: remove sl, figlet', 'ok'])
  } finally {
    await purge(machine, 'sl', 'figlet')
  }
})

onHost(node, 'check writes nothing, not even a cache of apt', async (machine) => {
  await fetched(machine)
  await purge(machine, 'sl')
  const state = 'find /var/lib/apt /var/lib/dpkg /var/cache /etc -printf "%p %T@ %C@ %s\\n" | sort | sha256sum'
  await machine.sh('rm -f /var/cache/apt/*.bin')
  const before = await machine.sh(state)
  assert.match((await machine.make('check', pkg('sl')))[0] ?? '', /install sl/)
  assert.match(
    (await machine.make('check', pkg('no-such-package')))[1] ?? '',
    /no package source of this host has no-such-package/,
  )
  assert.is(await machine.sh(state), before)
})

onHost(node, 'an interrupted installation is finished, and said', async (machine) => {
  await fetched(machine)
  await purge(machine, 'sl')
  try {
    await machine.sh(`cd /var/tmp && apt-get -qq download sl && dpkg --unpack sl_*.deb >/dev/null && rm -f sl_*.deb
: >/var/lib/dpkg/updates/0000`)
    assert.match(await machine.sh('apt-get -y install figlet 2>&1; true'), 'dpkg was interrupted')
    const { check, apply, again } = await machine.settle(pkg(['sl', 'figlet']))
    assert.match(
      check[0] ?? '',
      /^change: finish an interrupted installation of sl \(dpkg --configure -a\): install sl, figlet \d/,
    )
    assert.equal(apply, check)
    assert.equal(again, ['ok'])
  } finally {
    await machine.sh('rm -f /var/lib/dpkg/updates/0*')
    await purge(machine, 'sl', 'figlet')
  }
})

onHost(node, 'a lock that somebody else holds is waited for', async (machine) => {
  await purge(machine, 'sl')
  try {
    await machine.sh(`touch -d '2 days ago' ${lists}
perl -e '
use Fcntl;
for my $path ("/var/lib/apt/lists/lock", "/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock") {
  open(my $file, ">", $path) or die; push @held, $file;
  my $lock = pack("s s x![q] q q i x![q]", F_WRLCK, 0, 0, 0, 0);
  fcntl($file, F_SETLK, $lock) or die;
}
sleep 6' >/dev/null 2>&1 &
sleep 0.5`)
    const began = Date.now()
    const said = await machine.make('apply', pkg('sl'))
    assert.match(said[0] ?? '', /^change: fetch package lists \(older than a day or than the sources\): install sl/)
    assert.ok(Date.now() - began > 3000)
    assert.equal(await machine.make('apply', pkg('sl')), ['ok'])
  } finally {
    await purge(machine, 'sl')
  }
})

onHost(
  node,
  'a new source makes the lists old, and a name that no list has is not given up before',
  async (machine) => {
    await fetched(machine)
    try {
      const source = file('/etc/apt/sources.list.d/rolecall-test.list', { content: '# nothing here\n' })
      const check = await machine.make('check', source, pkg('no-such-package'))
      assert.equal(check.slice(1), [
        'change: fetch package lists (older than a day or than the sources): install no-such-package',
      ])
      const apply = await machine.make('apply', source, pkg('no-such-package'))
      assert.match(apply.at(-1) ?? '', /no package source of this host has|Unable to locate package no-such-package/)
    } finally {
      await machine.sh('rm -f /etc/apt/sources.list.d/rolecall-test.list')
      await fetched(machine)
    }
  },
)

onHost(
  node,
  'a wanted version is installed and kept, a package on hold is left, and a provided name is there',
  async (machine) => {
    await fetched(machine)
    await purge(machine, 'sl')
    try {
      const version = await machine.sh(`apt-cache policy sl | sed -n 's/.*Candidate: //p'`)
      const { apply, again } = await machine.settle(pkg('sl', { version: `${version.slice(0, 3)}*` }))
      assert.equal([...plain(apply), ...again], ['change: install sl', 'ok'])
      assert.match(
        (await machine.make('check', pkg('sl', { version: '0.1' }))).at(-1) ?? '',
        /no package source of this host has sl 0\.1/,
      )
      await machine.sh('echo sl hold | dpkg --set-selections')
      assert.equal(await machine.make('apply', pkg('sl')), ['ok'])
      assert.match((await machine.make('check', pkg('sl', { version: '0.1' }))).at(-1) ?? '', 'sl is on hold at')
      assert.equal(await machine.make('apply', pkg('awk')), ['ok'])
    } finally {
      await machine.sh('echo sl install | dpkg --set-selections')
      await purge(machine, 'sl')
    }
  },
)

test.run()

// Hosts: node-04
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { probe } from '../../lib/resources/packages/apt/apt-probe.ts'
import { apt } from '../../lib/resources/packages/apt/apt.ts'
import { file } from '../../lib/resources/files/file.ts'
import { rereadUnits } from '../../lib/resources/packages/transaction-summary.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import type { PkgWant } from '../../lib/resources/packages/package-manager.ts'
import { quote } from '../../lib/sh/quote.ts'
import { debian } from '../support/converge-locally.ts'
import { ssh } from '../support/lab.ts'
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
    assert.match(check[0] ?? '', /^changed: install sl \d\S*, figlet \d[^ ,]*(, and \d+ more with it)?$/)
    assert.equal(apply, check)
    assert.equal(again, ['ok'])
    const removed = await machine.settle(pkg(['sl', 'figlet', 'no-such-package'], { state: 'absent' }))
    assert.equal([...removed.apply, ...removed.again], ['changed: remove sl, figlet', 'ok'])
  } finally {
    await purge(machine, 'sl', 'figlet')
  }
})

onHost(node, 'dpkg is asked once for all questions of a run, until it has written its books anew', async (machine) => {
  await fetched(machine)
  await purge(machine, 'sl')
  const log = '/run/asked'
  const times = () => machine.sh(`grep -c . ${log} || true`)
  try {
    // What the shell of a run starts is found here before it is found in /usr/bin.
    await machine.sh(`printf '%s\\n' '#!/bin/sh' 'echo asked >>${log}' 'exec /usr/bin/dpkg-query "$@"' >/usr/local/bin/dpkg-query
chmod 755 /usr/local/bin/dpkg-query; : >${log}`)
    for (const name of ['dpkg', 'apt', 'coreutils'])
      assert.equal(await machine.make('check', pkg([name, 'sed'])), ['ok'])
    assert.is(await times(), '1')
    const { names, ...rest } = pkg(['sed', 'apt', 'libc6', 'dpkg', 'base-files']).want as PkgWant
    const { text, own } = probe({ names, ...rest })
    const whole = (script: string) => machine.sh(`sh -c ${quote(script)}`)
    assert.is(await whole(`${own?.text ?? ''}\n: >${log}\n${text}`), await whole(text))
    assert.is(await times(), '1', 'only the second one asked')
    // What others do meanwhile is seen, and what the run does itself.
    assert.match((await machine.make('check', pkg('sl')))[0] ?? '', /^changed: install sl/)
    await ssh(node, 'apt-get -qq -y install sl >/dev/null 2>&1')
    assert.equal(await machine.make('check', pkg('sl')), ['ok'])
    await ssh(node, 'apt-get -qq -y purge sl >/dev/null 2>&1')
    assert.match((await machine.make('apply', pkg('sl')))[0] ?? '', /^changed: install sl/)
    assert.equal(await machine.make('check', pkg('sl')), ['ok'])
  } finally {
    await machine.sh(`rm -f /usr/local/bin/dpkg-query ${log}`)
    await purge(machine, 'sl')
  }
})

onHost(
  node,
  'what apt would fetch is what it would install, and it is only simulated where that does not say all',
  async (machine) => {
    await fetched(machine)
    const asked = async (state: 'present' | 'absent', name: string) => {
      const { names, ...rest } = pkg(name, { state }).want as PkgWant
      const said = (
        await machine.sh(`sh -c '${apt.probe({ names, ...rest }, debian).text.replaceAll("'", "'\\''")}'`)
      ).split('\n')
      return said.slice(said.indexOf('# simulation') + 1)
    }
    const simulated = async (verb: string, name: string) =>
      (
        await machine.sh(`LC_ALL=C apt-get -s -q -y --no-install-recommends ${verb} ${name} | grep -E '^(Inst|Remv) '`)
      ).split('\n')
    for (const name of ['sl', 'nginx', 'redis-server', 'bind9-doc']) {
      await purge(machine, name)
      const fetch = (await asked('present', name)).filter((line) => line.startsWith('Inst '))
      // `Inst sl (5.02-1 Debian:12.0/stable [amd64])` is what the simulation says.
      const inst = (await simulated('install', name)).map((line) =>
        line.replace(/^(Inst \S+) .*?\((\S+) .*/, '$1 ($2)'),
      )
      assert.equal(fetch.map((line) => line.replace('%3a', ':')).sort(), inst.sort(), name)
      assert.ok(
        fetch.every((line) => line.endsWith(')')),
        'it was simulated',
      )
    }
    assert.equal(await asked('absent', 'sudo'), await simulated('remove', 'sudo'))
  },
)

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

onHost(node, 'apply leaves the cache of the lists behind, and none that its own work makes untrue', async (machine) => {
  await fetched(machine)
  await purge(machine, 'sl')
  await machine.sh('rm -f /var/cache/apt/*.bin')
  assert.match((await machine.make('apply', pkg('sl')))[0] ?? '', /install sl/)
  assert.is(await machine.sh('cd /var/cache/apt && ls *.bin'), 'srcpkgcache.bin')
  await purge(machine, 'sl')
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
      /^changed: finish an interrupted installation of sl \(dpkg --configure -a\): install sl, figlet \d/,
    )
    assert.equal(apply, check)
    assert.equal(again, ['ok'])
  } finally {
    await machine.sh('rm -f /var/lib/dpkg/updates/0*')
    await purge(machine, 'sl', 'figlet')
  }
})

/** Holds locks of the package manager for so many seconds, as another one does. */
async function held(machine: Machine, seconds: number, ...paths: readonly string[]): Promise<void> {
  await machine.sh(`rm -f /run/held; perl -e '
use Fcntl;
for my $path (qw(${paths.join(' ')})) {
  open(my $file, ">", $path) or die; push @held, $file;
  my $lock = pack("s s x![q] q q i x![q]", F_WRLCK, 0, 0, 0, 0);
  fcntl($file, F_SETLK, $lock) or die;
}
open(my $told, ">", "/run/held") or die;
sleep ${seconds}' >/dev/null 2>&1 &
while [ ! -e /run/held ]; do sleep 0.1; done`)
}

/** Gives the locks back as soon as it is said that they are waited for. */
async function untilFreed<T>(machine: Machine, work: Promise<T>): Promise<T> {
  const ended = work.then(() => true)
  while (machine.waits.length === 0 && !(await Promise.race([ended, sleep(100, false)])));
  await ssh(node, "pkill -f '^perl -e' || true")
  return work
}

onHost(node, 'a lock that somebody else holds is waited for, and who holds it is said', async (machine) => {
  await purge(machine, 'sl')
  try {
    await machine.sh(`touch -d '2 days ago' ${lists}`)
    await held(machine, 100, '/var/lib/apt/lists/lock')
    const said = await untilFreed(machine, machine.make('apply', pkg('sl')))
    assert.match(
      said[0] ?? '',
      /^changed: fetch package lists \(older than a day or than the sources, .*\): install sl/,
    )
    assert.match(
      machine.waits.join('\n'),
      /^another package manager is at work, waited for up to 120 s: Could not get lock \/var\/lib\/apt\/lists\/lock\. It is held by process \d+ \(perl\)$/,
    )
    machine.waits.length = 0
    await held(machine, 100, '/var/lib/dpkg/lock-frontend', '/var/lib/dpkg/lock')
    assert.equal(await untilFreed(machine, machine.make('apply', pkg('sl', { state: 'absent' }))), [
      'changed: remove sl',
    ])
    assert.match(
      machine.waits.join('\n'),
      /^another package manager is at work, .*lock-frontend is held by process \d+ \(perl\)$/,
    )
  } finally {
    await purge(machine, 'sl')
  }
})

onHost(node, 'a lock that is not given back is told with who has it', async (machine) => {
  const [refresh] = apt.plan(
    { names: ['sl'], state: 'present', version: undefined, recommends: false },
    { installed: new Map(), lists: 'stale' },
    ['sl'],
    debian,
  ).steps
  await held(machine, 30, '/var/lib/apt/lists/lock')
  const shorter = (refresh?.sh.text ?? '').replaceAll('120', '3')
  const words = await machine.sh(`(${shorter}) 2>&1; echo "status $?"; pkill -f '^perl -e'`)
  assert.match(words, /Could not get lock .* held by process \d+ \(perl\)/)
  assert.match(words, /gave up after 3 s: another package manager is at work\nstatus 100$/)
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
        'changed: fetch package lists (older than a day or than the sources, or fetched in part): install no-such-package',
      ])
      const apply = await machine.make('apply', source, pkg('no-such-package'))
      assert.match(apply.at(-1) ?? '', /no package source of this host has|Unable to locate package no-such-package/)
    } finally {
      await machine.sh('rm -f /etc/apt/sources.list.d/rolecall-test.list')
      await fetched(machine)
    }
  },
)

onHost(node, 'apply refuses in the words of check what no list has, and has fetched nothing', async (machine) => {
  await fetched(machine)
  await purge(machine, 'sl')
  const state = 'find /var/lib/apt/lists /var/lib/dpkg -type f -printf "%p %T@ %s\\n" | grep -v lock | sort | sha256sum'
  const before = await machine.sh(state)
  for (const names of [['sl', 'no-such-package'], ['figle.']]) {
    const check = await machine.make('check', pkg(names))
    assert.match(check.at(-1) ?? '', /no package source of this host has (no-such-package|figle\.)/)
    assert.equal(await machine.make('apply', pkg(names)), check)
  }
  assert.is(await machine.sh(state), before)
})

onHost(
  node,
  'packages that cannot go together are named, also when the lists had to be fetched first',
  async (machine) => {
    await machine.sh(`touch -d '2 days ago' ${lists}`)
    const said = await machine.make('apply', pkg(['dma', 'nullmailer']))
    assert.match(said.at(-1) ?? '', /could not install dma, nullmailer/)
    assert.match(said.at(-1) ?? '', /(dma|nullmailer) : Conflicts: mail-transport-agent/)
  },
)

onHost(node, 'broken dependencies are mended by apply as check says', async (machine) => {
  await fetched(machine)
  await purge(machine, 'sl', 'figlet')
  try {
    // A package that needs figlet, without it.
    await machine.sh(`rm -rf /var/tmp/needs && mkdir -p /var/tmp/needs/DEBIAN && cd /var/tmp
printf '%s\\n' 'Package: rolecall-needs' 'Version: 1' 'Architecture: all' 'Maintainer: nobody <nobody@example.org>' 'Depends: figlet' 'Description: needs figlet' >needs/DEBIAN/control
dpkg-deb -b needs needs.deb >/dev/null && dpkg -i needs.deb >/dev/null 2>&1; true`)
    const { check, apply, again } = await machine.settle(pkg('sl'))
    assert.match(check[0] ?? '', /^changed: mend broken dependencies: install figlet .*: install sl/)
    assert.equal([plain(apply), again], [plain(check), ['ok']])
    // Where dpkg calls all of them installed, only a failed installation says what is broken. Here a lock goes first.
    await purge(machine, 'sl')
    await machine.sh('dpkg --force-depends -P figlet >/dev/null 2>&1; echo 4194300 >/etc/passwd.lock')
    const locked = await machine.settle(pkg('sl'))
    assert.match(locked.apply[0] ?? '', /^changed: .*: install sl/)
    assert.equal(locked.again, ['ok'])
  } finally {
    await purge(machine, 'rolecall-needs', 'sl', 'figlet')
    await machine.sh('rm -rf /var/tmp/needs* /etc/passwd.lock')
  }
})

onHost(
  node,
  'systemd reads its units anew after a transaction, unless it has done so since they changed',
  async (machine) => {
    const script = rereadUnits.text.replaceAll("'", "'\\''")
    const loaded = () => machine.sh('systemctl show -p UnitsLoadTimestamp --timestamp=us+utc')
    const unit = '/etc/systemd/system/rolecall-new.service'
    const attempts: readonly (readonly [how: string, reads: boolean])[] = [
      ['true', false],
      [`printf '[Service]\\nExecStart=/bin/true\\n' >${unit}`, true],
      [`printf '[Service]\\nExecStart=/bin/false\\n' >${unit}; systemctl daemon-reload`, false],
      [`mkdir -p ${unit}.d; printf '[Service]\\nNice=1\\n' >${unit}.d/nice.conf`, true],
      [`rm -r ${unit}.d ${unit}`, true],
      ['touch /etc/init.d/rolecall-new', true],
      ['rm /etc/init.d/rolecall-new', true],
    ]
    try {
      await machine.sh('systemctl daemon-reload')
      for (const [how, reads] of attempts) {
        await machine.sh(how)
        const before = await loaded()
        await machine.sh(`sh -c '${script}'`)
        assert.is((await loaded()) !== before, reads, how)
      }
    } finally {
      await machine.sh(`rm -rf ${unit}.d ${unit} /etc/init.d/rolecall-new; systemctl daemon-reload`)
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
      assert.equal([...plain(apply), ...again], ['changed: install sl', 'ok'])
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

onHost(node, 'check leaves what came along marked as that, also where latest is asked for', async (machine) => {
  await fetched(machine)
  const marked = () => machine.sh('apt-mark showauto figlet')
  await machine.sh('apt-get -qq -y install figlet >/dev/null 2>&1; apt-mark auto figlet >/dev/null')
  try {
    assert.equal(await machine.make('check', pkg('figlet', { state: 'latest' })), ['ok'])
    assert.match(await marked(), 'figlet')
  } finally {
    await purge(machine, 'figlet')
  }
})

test.run()

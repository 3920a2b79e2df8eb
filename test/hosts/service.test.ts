// Hosts: node-04
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { file } from '../../lib/resources/files/file.ts'
import type { Resource } from '../../lib/resources/kit/kind.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { service } from '../../lib/resources/systemd/service.ts'
import { onHost, type Machine } from './ground.ts'

const node = 'node-04'
const unitPath = '/etc/systemd/system/rolecall-test.service'
const confPath = '/etc/rolecall-test.conf'
/** It remembers what it read at its start, so a lost restart can be seen. */
const unit = file(unitPath, {
  content: `[Service]
ExecStart=/bin/sh -c "cp ${confPath} /run/rolecall-test.seen; exec sleep infinity"
[Install]
WantedBy=multi-user.target
`,
})
const daemon = service('rolecall-test', { running: true, enabled: true, restartedAfter: [unit, confPath] })

/** systemd says that a unit is started before its command has run: this waits until the unit has read its file. */
const contentReadAtStart = `n=0
until [ "$(cat "/proc/$(systemctl show -P MainPID rolecall-test)/comm" 2>/dev/null)" = sleep ] || [ $n = 600 ]; do n=$((n + 1)); sleep 0.05; done
cat /run/rolecall-test.seen`

async function clean(machine: Machine): Promise<void> {
  await machine.sh(`systemctl disable --now rolecall-test 2>/dev/null
systemctl unmask rolecall-test 2>/dev/null
rm -f ${unitPath} ${confPath} /run/rolecall-test.seen; systemctl daemon-reload; systemctl reset-failed; true`)
}

onHost(node, 'a unit that a file brings is enabled, started, and restarted once for each change', async (machine) => {
  await clean(machine)
  try {
    const conf = (content: string) => file(confPath, { content })
    const made = await machine.settle(unit, conf('1'), daemon)
    assert.equal(made.check, [
      `changed: create ${unitPath}`,
      `changed: create ${confPath}`,
      'changed: enable rolecall-test: start rolecall-test',
    ])
    assert.equal(made.apply, made.check)
    assert.equal(made.again, ['ok', 'ok', 'ok'])

    const changed = await machine.settle(unit, conf('2'), daemon)
    assert.is(changed.check.at(-1), `changed: restart rolecall-test (after file:${confPath})`)
    assert.equal(changed.apply, changed.check)
    assert.equal(changed.again, ['ok', 'ok', 'ok'])
    assert.is(await machine.sh(contentReadAtStart), '2')
  } finally {
    await clean(machine)
  }
})

onHost(node, 'a change around the moment of a start is never lost, and never restarts for ever', async (machine) => {
  await clean(machine)
  try {
    await machine.sh(`echo 0 >${confPath}`)
    await machine.make('apply', unit, daemon)
    for (let round = 1; round <= 8; round++) {
      const pause = (round * 7) % 40
      await machine.sh(
        // Five starts in ten seconds are all that systemd allows, unless it is told to forget them.
        `systemctl reset-failed rolecall-test 2>/dev/null; systemctl restart rolecall-test & sleep 0.0${String(pause).padStart(2, '0')}; echo ${round} >${confPath}; wait`,
      )
      const [status] = await machine.make('apply', daemon)
      assert.ok(status === 'ok' || status?.startsWith('changed: restart'), status)
      assert.is(await machine.sh(contentReadAtStart), String(round))
    }
  } finally {
    await clean(machine)
  }
})

onHost(
  node,
  'what ends a second after its start is told, with its log, and so is what ends again and again',
  async (machine) => {
    const program = (command: string, ...more: readonly string[]) =>
      file(unitPath, { content: ['[Service]', `ExecStart=/bin/sh -c "${command}"`, ...more, ''].join('\n') })
    const dies = 'sleep 1; echo broken line 3 >&2; exit 7'
    const failed = 'rolecall-test.service has failed soon after its start: exit status 7; broken line 3'
    const rows: readonly (readonly [Resource, RegExp | string | undefined])[] = [
      [program(dies), failed],
      [program(dies, 'Type=exec'), failed],
      [program(`( ${dies} ) & :`, 'Type=forking'), failed],
      [program('sleep 1; echo bye'), /^rolecall-test.service has ended soon after its start: .*; bye$/],
      [
        program(dies, 'Restart=always'),
        /^(rolecall-test.service has (failed|ended)|it ends) soon after .*; (broken line 3|)$/,
      ],
      [
        program(dies, 'Restart=always', 'RestartSec=60'),
        /^rolecall-test.service has ended soon .* exit status 7; broken line 3$/,
      ],
      [
        program(`[ -e ${confPath} ] || { touch ${confPath}; ${dies}; }; exec sleep 999`, 'Restart=on-failure'),
        undefined,
      ],
      [program('exec sleep 999'), undefined],
      [program('true', 'Type=oneshot', 'RemainAfterExit=yes'), undefined],
    ]
    for (const [source, expected] of rows) {
      await clean(machine)
      try {
        const [said, ...others] = await machine.later(source, service('rolecall-test', { running: true }))
        assert.equal(others, [])
        if (expected instanceof RegExp) assert.match(said ?? '', expected)
        else assert.is(said, expected)
      } finally {
        await clean(machine)
      }
    }
  },
)

const lastRead = 'TZ=UTC systemctl show --value --timestamp=us+utc -p UnitsLoadTimestamp'

onHost(
  node,
  'a file that systemd has read and cannot make a unit of is refused, and one that it has not read yet is read',
  async (machine) => {
    await clean(machine)
    const running = service('rolecall-test', { running: true })
    const said = async (mode: 'check' | 'apply') => (await machine.make(mode, running)).join('\n')
    try {
      await machine.sh(`printf '[Service]\\nExecStart=no/path\\n' >${unitPath}; systemctl daemon-reload`)
      // By the clock alone nobody knows which was first, the file or the reader; the second time both have the same time.
      for (const before of ['true', `touch -d "$(${lastRead})" ${unitPath}`]) {
        await machine.sh(before)
        for (const mode of ['check', 'apply'] as const)
          assert.match(await said(mode), 'systemd cannot read rolecall-test.service (bad-setting)')
      }
      await machine.sh(`sleep 0.1; printf '[Service]\\nExecStart=sleep infinity\\n' >${unitPath}`)
      const { check, apply, again } = await machine.settle(running)
      assert.match(check[0] ?? '', /^changed: /)
      assert.equal(apply, check)
      assert.equal(again, ['ok'])
    } finally {
      await clean(machine)
    }
  },
)

onHost(node, 'a restart that another run owes is made, whoever changed the file', async (machine) => {
  await clean(machine)
  try {
    await machine.sh(`echo 1 >${confPath}`)
    await machine.make('apply', unit, daemon)
    await machine.sh(`sleep 0.1; echo 2 >${confPath}`)
    const owed = await machine.settle(daemon)
    assert.match(owed.check[0] ?? '', `${confPath} changed`)
    assert.equal(owed.apply, owed.check)
    assert.equal(owed.again, ['ok'])
    await machine.sh(`sleep 0.1; rm ${confPath}`)
    assert.match((await machine.make('check', daemon))[0] ?? '', 'or what is beside it changed')
  } finally {
    await clean(machine)
  }
})

onHost(
  node,
  'after the clock was set back a restart is due, and inputs from the future are stamped anew',
  async (machine) => {
    await clean(machine)
    // Hosts of the lab share the clock of this machine, so a date in front of the real one plays an hour behind, and a stat is kept from telling the time.
    const [fake, mute] = ['/usr/local/sbin/date', '/usr/local/sbin/stat']
    try {
      await machine.sh(`echo 1 >${confPath}`)
      await machine.make('apply', unit, daemon)
      await machine.sh(`printf '#!/bin/sh\\nexec /bin/date -d "-1 hour" "$@"\\n' >${fake}
printf '#!/bin/sh\\ncase $* in *" /proc/self/"*) exit 1;; esac\\nexec /usr/bin/stat "$@"\\n' >${mute}; chmod 755 ${fake} ${mute}`)
      const before = await machine.sh(`stat -c %.9Z ${confPath}`)
      assert.equal(await machine.make('check', daemon), [
        'changed: restart rolecall-test (the clock was set back since it started)',
      ])
      // systemd itself has the right time here, so only the stamp can be seen to move.
      await machine.make('apply', daemon)
      assert.is.not(await machine.sh(`stat -c %.9Z ${confPath}`), before)
      await machine.sh(`rm ${fake} ${mute}`)
      assert.equal(await machine.make('apply', daemon), ['ok'])
    } finally {
      await machine.sh(`rm -f ${fake} ${mute}`)
      await clean(machine)
    }
  },
)

onHost(node, 'what is stopped, failed, disabled or masked is brought back, and said', async (machine) => {
  await clean(machine)
  try {
    await machine.sh(`echo 1 >${confPath}`)
    await machine.make('apply', unit, daemon)
    const drifts = [
      ['systemctl stop rolecall-test', 'start rolecall-test'],
      [
        'systemctl kill -s KILL rolecall-test; while systemctl is-active -q rolecall-test; do sleep 0.05; done',
        'start rolecall-test, which failed',
      ],
      ['systemctl disable -q rolecall-test', 'enable rolecall-test'],
      [
        `systemctl stop rolecall-test; mv ${unitPath} /usr/lib/systemd/system/; systemctl mask -q rolecall-test`,
        'unmask rolecall-test: enable rolecall-test: start rolecall-test',
      ],
    ] as const
    const wanted = service('rolecall-test', { running: true, enabled: true })
    for (const [drift, steps] of drifts) {
      await machine.sh(drift)
      const { check, apply, again } = await machine.settle(wanted)
      assert.equal(check, [`changed: ${steps}`])
      assert.equal(apply, check)
      assert.equal(again, ['ok'])
    }
    const off = await machine.settle(service('rolecall-test', { running: false, enabled: false }))
    assert.equal(off.apply, ['changed: disable rolecall-test: stop rolecall-test'])
    assert.equal(off.again, ['ok'])
    const masked = await machine.settle(service('rolecall-test', { masked: true }))
    assert.equal([...masked.apply, ...masked.again], ['changed: mask rolecall-test', 'ok'])
  } finally {
    await machine.sh('rm -f /usr/lib/systemd/system/rolecall-test.service')
    await clean(machine)
  }
})

onHost(node, 'a service that does not start fails with its own last words', async (machine) => {
  await clean(machine)
  try {
    const dying = (command: string) => file(unitPath, { content: `[Service]\n${command}\n` })
    const run = async (command: string) => {
      const it = dying(command)
      return (
        (await machine.make('apply', it, service('rolecall-test', { running: true, restartedAfter: [it] }))).at(-1) ??
        ''
      )
    }
    assert.match(
      await run('ExecStart=/bin/sh -c "echo my last words >&2; exit 3"'),
      /could not start rolecall-test[^]*my last words/,
    )
    assert.match(await run('ExecStart=/nowhere/at/all'), /could not start rolecall-test/)
    const again = await run('Restart=always\nExecStart=/bin/sh -c "echo again and again >&2; sleep 0.1"')
    assert.match(again, /could not (re)?start rolecall-test[^]*again and again/)
  } finally {
    await clean(machine)
  }
})

onHost(node, 'a package brings its service, and configuration restarts it once', async (machine) => {
  const conf = file('/etc/redis/rolecall-test.conf', { content: '# nothing\n' })
  const redis = service('redis-server', { running: true, enabled: true, restartedAfter: [conf] })
  try {
    const { check, apply, again } = await machine.settle(pkg('redis-server'), conf, redis)
    assert.is(check.at(-1), 'changed: restart redis-server (after file:/etc/redis/rolecall-test.conf)')
    assert.equal(apply, check)
    assert.equal(again, ['ok', 'ok', 'ok'])
    const off = { running: false, enabled: false }
    const gone = await machine.settle(
      pkg(['redis-server', 'redis-tools'], { state: 'absent' }),
      service('redis-server', off),
    )
    assert.equal(gone.check, gone.apply)
    assert.is(gone.check.at(-1), 'ok')
  } finally {
    await machine.sh(
      'apt-get -qq -y purge redis-server redis-tools >/dev/null 2>&1; rm -rf /etc/redis; systemctl daemon-reload',
    )
  }
})

onHost(node, 'a unit that fails a second after each start is found out by the second run', async (machine) => {
  await clean(machine)
  const dying = file(unitPath, { content: '[Service]\nExecStart=/bin/sh -c "sleep 0.9; echo no log file; exit 3"\n' })
  try {
    await machine.make('apply', dying, service('rolecall-test', { running: true }))
    await machine.sh('until systemctl is-failed --quiet rolecall-test; do sleep 0.2; done')
    const second = await machine.make('apply', dying, service('rolecall-test', { running: true }))
    assert.match(second.join('\n'), /rolecall-test.service ended right after its start[^]*no log file/)
  } finally {
    await clean(machine)
  }
})

test.run()

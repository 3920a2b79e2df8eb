// Hosts: node-02
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { exec } from '../../lib/resources/commands/exec.ts'
import { waitFor } from '../../lib/resources/commands/waiting/wait-for.ts'
import { onHost, type Machine } from './ground.ts'

/** A connection of its own is a run of its own. */
const said = async (machine: Machine, mode: 'check' | 'apply', ...resources: readonly ReturnType<typeof exec>[]) =>
  machine.make(mode, ...resources)

const list = '/srv/rc-exec'
/** Adds a line once, and says so. */
const add = exec('a line', {
  run: `grep -qx a ${list} 2>/dev/null || { echo a >>${list}; echo added; }`,
  changedBy: /^added$/m,
})
const fails = exec('what may fail', { run: 'exit 7', unless: 'false', allowFailure: [7] })

onHost('node-02', 'a command says itself whether it has changed anything, and runs once in a run', async (machine) => {
  await machine.sh(`rm -f ${list}`)
  assert.equal(await said(machine, 'check', add), ['unknown'])
  const first = await said(machine, 'apply', add, fails)
  assert.match(first[0] ?? '', /^changed: run .* \(once in every run\)$/)
  assert.is(first[1], 'changed: run exit 7 (unless says 1), which ended with 7')
  assert.equal(await said(machine, 'apply', add, fails), ['ok', 'ok'])
})

onHost('node-02', 'in the next run it runs again, and has nothing to change', async (machine) => {
  try {
    assert.equal(await said(machine, 'apply', add), ['ok'])
    assert.is(await machine.sh(`cat ${list}`), 'a')
    const refused = await said(
      machine,
      'apply',
      exec('what must not fail', { run: 'exit 7', changedBy: [3], allowFailure: [8] }),
    )
    assert.match(refused.join('\n'), /could not run exit 7/)
  } finally {
    await machine.sh(`rm -f ${list}`)
  }
})

onHost('node-02', 'work in the background goes on beside the role, and is found again', async (machine) => {
  const work = exec('work', {
    run: 'until [ -e /srv/rc-go ]; do sleep 0.1; done; echo done >/srv/rc-done',
    creates: '/srv/rc-done',
    background: true,
  })
  const wait = waitFor('the work', { exec: work, deadline: 60 })
  try {
    assert.equal(await machine.make('check', work, wait), [
      'changed: begin until [ -e /srv/rc-go ]; do sleep 0.1; done; echo done >/srv/rc-done in the background (/srv/rc-done is missing)',
      'changed: wait up to 60 s for work',
    ])
    assert.match(String(await machine.make('apply', work)), /^changed: begin /)
    assert.is(await machine.sh("systemctl show -P ActiveState 'rolecall-work-*'"), 'active')
    assert.equal(await machine.make('apply', work), ['ok'])
    assert.equal(await machine.make('check', work, wait), ['ok', 'changed: wait up to 60 s for work'])
    await machine.sh('touch /srv/rc-go')
    assert.equal(await machine.make('apply', work, wait), ['ok', 'changed: wait up to 60 s for work'])
    assert.equal(await machine.make('apply', work, wait), ['ok', 'ok'])
  } finally {
    await machine.sh('touch /srv/rc-go; rm -f /srv/rc-go /srv/rc-done')
  }
})

test.run()

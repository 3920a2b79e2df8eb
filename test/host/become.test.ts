import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError, type Problem } from '../../lib/errors.ts'
import { commandsOf } from '../../lib/host/commands.ts'
import { Host } from '../../lib/host/host.ts'
import type { Become } from '../../lib/host/shell/login.ts'
import { connectLocal } from '../../lib/transport/local.ts'
import { exec } from '../../lib/resources/commands/exec.ts'
import { asUser } from '../../lib/resources/commands/as-user.ts'
import { Prediction } from '../../lib/resources/prediction/prediction.ts'
import { asOwner } from '../../lib/resources/trees/tree-probe.ts'
import { sh } from '../../lib/sh/quote.ts'
import { reply } from '../../lib/testing/converge.ts'
import type { Connection } from '../../lib/transport/transport.ts'

const room = mkdtempSync(join(tmpdir(), 'rolecall-become-'))
test.after(() => rmSync(room, { recursive: true }))
const isRoot = process.getuid?.() === 0

// Each shows how it was called, and then runs what stands behind its options as they do.
const programs: Readonly<Record<string, string>> = {
  su: `printf 'Password: ' >&2; IFS= read -r word || exit 1
[ "$word" = 'let me in' ] || { echo 'su: Authentication failure' >&2; exit 1; }
export CALLED="su $1"; shift; [ "$1" != -l ] || shift; while [ "$1" != -c ]; do shift; done; exec /bin/sh -c "$2"`,
  doas: `silent=; case $1 in -n) silent=yes;; esac
if [ -n "$silent" ]; then echo 'doas: Authentication required' >&2; exit 1; fi
printf 'doas (me@here) password: ' >/dev/tty; stty -echo </dev/tty; IFS= read -r word </dev/tty
[ "$word" = 'let me in' ] || { echo 'doas: Authentication failed' >&2; exit 1; }
export CALLED="doas $1 $2"; while [ "$1" != -- ]; do shift; done; shift; exec "$@"`,
  sudo: `export CALLED="sudo $*"; while [ "$1" != -- ]; do shift; done; shift; exec "$@"`,
}
for (const [name, text] of Object.entries(programs))
  writeFileSync(join(room, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })

function here(): Connection {
  const local = connectLocal()
  return { ...local, patience: 20, open: (command) => local.open(`PATH=${room}:$PATH; ${command}`) }
}

async function said(
  become: Become,
  script = 'echo "$CALLED"; wc -c',
  stdin = Buffer.alloc(70_000, 'x'),
): Promise<string> {
  const host = await Host.over('here', here(), { become })
  let out = ''
  await host.run({ script, stdin, onStdout: (bytes) => void (out += Buffer.from(bytes).toString()) })
  host.close()
  return out.trim()
}

async function refusal(become: Become): Promise<Problem | undefined> {
  try {
    await said(become)
  } catch (error) {
    if (error instanceof RolecallError) return error.problems[0]
    throw error
  }
  throw new Error('let in')
}

const password = { reveal: () => 'let me in' }
const wrong = { reveal: () => 'let me out' }

test('su gets the password that it asks for, and the following input arrives whole', async () => {
  assert.is(await said({ user: 'root', method: 'su', password }), 'su root\n70000')
  assert.is(await said({ user: 'root', method: 'su', password, flags: '-l' }), 'su -l\n70000')
})

test('doas gets a terminal for its question only', async () => {
  assert.is(await said({ user: 'root', method: 'doas', password }), 'doas -u root\n70000')
})

test('a wrong password is reported with the name of the program', async () => {
  for (const method of ['su', 'doas']) {
    const problem = await refusal({ user: 'root', method, password: wrong })
    assert.is(problem?.code, 'become')
    assert.is(problem?.message, `${method} does not let us become root`)
  }
})

test('a program that the host does not have is told as that, and not as a question of rights', async () => {
  for (const method of ['sudo', 'su', 'doas']) {
    const problem = await refusal({ user: 'root', method, exe: '/nonexistent/program' })
    assert.match(problem?.hint ?? '', `the host has no ${method}: install it there`, problem?.got)
  }
})

test('flags of sudo are words for it, but for those that say how it asks', async () => {
  const called = await said({ user: 'app', flags: `-H -S -n -E --chdir='/a b'`, exe: join(room, 'sudo') })
  assert.is(called.split('\n')[0]?.replace(/ -- .*/, ''), 'sudo -H -E --chdir=/a b -n -u app')
})

test('another method is refused with the words that are known', async () => {
  const problem = await refusal({ user: 'root', method: 'pbrun' })
  assert.match(problem?.expected ?? '', /sudo, su or doas/)
  assert.is(problem?.got, 'pbrun')
})

if (!isRoot) process.stdout.write('skipped: commands as another user: only root can become one\n')
else {
  test('commands run as another user over the same connection, and read from one another', async () => {
    const host = await Host.over('here', connectLocal())
    const $ = commandsOf(host)
    assert.is((await $.as('nobody')`id -un`).stdout.trim(), 'nobody')
    assert.is((await $`id -un`).stdout.trim(), 'root')
    assert.is((await $.as('nobody')`echo ${'a  b'}`.pipe($`cat; id -un`)).stdout, 'a  b\nroot\n')
    assert.is((await host.as('nobody')).facts.uid === 0, false)
    assert.is(await host.as('nobody'), await host.as('nobody'))
    host.close()
  })

  test('on the controller itself its environment reaches no other account, and its own commands', async () => {
    process.env['SOPS_AGE_KEY'] = 'AGE-SECRET-KEY-1'
    process.env['https_proxy'] = 'http://app:word@proxy'
    process.env['no_proxy'] = 'localhost'
    const host = await Host.over('here', connectLocal())
    const other = await Host.over('there', connectLocal(), { become: { user: 'nobody', method: 'root' } })
    const $ = commandsOf(host)
    const told = exec('env', { run: 'env', user: 'nobody', env: { SOPS_AGE_KEY: 'of the role' }, creates: '/nowhere' })
    const probe = exec('env', { run: 'true', unless: 'env >&2; env', user: 'nobody' })
    const steps = told.evaluate(reply('creates 0\n'), host.facts, new Prediction())
    assert.ok('plan' in steps)
    const scripts = [
      asUser('nobody', sh`env`),
      asOwner('nobody', sh`env`),
      probe.probe(host.facts).text.replace('>/dev/null 2>&1; echo', '; echo'),
      ...steps.plan.steps.map((step) => step.sh.text),
    ]
    const shown: string[] = [(await $.as('nobody')`env`).stdout, (await commandsOf(other)`env`).stdout]
    for (const script of scripts) {
      let out = ''
      const text = typeof script === 'string' ? script : script.text
      await host.run({ script: text, onStdout: (bytes) => void (out += Buffer.from(bytes).toString()) })
      shown.push(out)
    }
    for (const [at, each] of shown.entries()) {
      assert.match(each, /^PATH=/m, `${at} shows its environment`)
      assert.not.match(each, /AGE-SECRET-KEY|app:word|ROLECALL_PRIVATE/, String(at))
      assert.match(each, /^no_proxy=localhost$/m, String(at))
    }
    assert.match(shown.at(-1) ?? '', /^SOPS_AGE_KEY=of the role$/m)
    assert.match((await $`env`).stdout, /^SOPS_AGE_KEY=AGE-SECRET-KEY-1$/m)
    host.close()
    other.close()
  })

  test('a missing user is reported, and the connection goes on', async () => {
    const host = await Host.over('here', connectLocal())
    const error = await host.as('nobody-at-all').then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof RolecallError)
    assert.is(error.problems[0]?.code, 'become')
    assert.is(await host.run({ script: 'true' }), 0)
    host.close()
  })
}

test.run()

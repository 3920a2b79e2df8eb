import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError, type Problem } from '../../lib/errors.ts'
import type { Become } from '../../lib/host/shell/login.ts'
import { Host } from '../../lib/host/host.ts'
import { connectLocal } from '../../lib/transport/local.ts'
import type { Connection } from '../../lib/transport/transport.ts'
import { shells } from '../support/converge-locally.ts'

const room = mkdtempSync(join(tmpdir(), 'rolecall-login-'))
test.after(() => rmSync(room, { recursive: true }))
const attempts = join(room, 'attempts')

// Takes `-S -p PROMPT -u USER -- COMMAND`, asks up to three times as sudo does, and keeps what it was given.
writeFileSync(
  join(room, 'sudo'),
  `#!/bin/sh
for n in 1 2 3; do
printf %s "$4" >&2; IFS= read -r word || exit 1
echo "$word" >>${attempts}
[ "$word" != 'let me in' ] || { while [ "$1" != -- ]; do shift; done; shift; exec "$@"; }
done
exit 1
`,
  { mode: 0o755 },
)

/** A login shell that runs its profile first. */
function loginWith(profile: string, shell: string, patience = 20): Connection {
  const here = connectLocal()
  return {
    lost: undefined,
    patience,
    open: (command) => here.open(`PATH=${room}:$PATH\n${profile}\n${command.replaceAll('/bin/sh', shell)}`),
    close: () => here.close(),
    cut: () => here.close(),
  }
}

const become = { user: 'root', password: { reveal: () => 'let me in' } }
const asks = 'printf "Your name? "; read -r name; read -r age; echo "hello $name"'

async function refusal(work: Promise<unknown>): Promise<Problem | undefined> {
  try {
    await work
  } catch (error) {
    if (error instanceof RolecallError) return error.problems[0]
    throw error
  }
  return undefined
}

for (const { name, bin } of shells()) {
  test(`${name}: a profile that asks leaves sudo the password, and nothing but that`, async () => {
    rmSync(attempts, { force: true })
    const host = await Host.over('here', loginWith(asks, bin), { become })
    assert.is(await host.run({ script: 'cat >/dev/null; exit 7', stdin: Buffer.from('x') }), 7)
    assert.is(readFileSync(attempts, 'utf8'), 'let me in\n')
    host.close()
  })

  test(`${name}: a profile that asks until it likes the answer is told, with what it asks`, async () => {
    const stubborn = 'echo "Do you agree?"; until [ "$word" = yes ]; do read -r word || exit 1; done'
    for (const how of [become, undefined]) {
      const problem = await refusal(Host.over('here', loginWith(stubborn, bin, 0.5), { become: how }))
      assert.is(problem?.code, 'connect')
      assert.match(problem?.message ?? '', 'the login shell was not ready for a command within 0.5 s')
      assert.is(problem?.output, 'Do you agree?')
    }
  })
}

const NOT_AVAILABLE = 'echo This account is currently not available.; exit 1'
const EXPIRED =
  'echo WARNING: Your password has expired. >&2; echo Password change required but no TTY available. >&2; exit 1'
const noShells: readonly (readonly [what: string, profile: string, got: string, hint: RegExp])[] = [
  ['false, or a profile that ends it', 'exit 3', 'status 3', /nologin[^]*ForceCommand[^]*ansible_user/],
  ['nologin', NOT_AVAILABLE, 'This account is currently not available.', /nologin/],
  ['a forced command', 'echo only backups here; exit 0', 'only backups here', /ForceCommand/],
  ['an account whose password has expired', EXPIRED, 'Password change required but no TTY available.', /passwd/],
]
for (const [what, profile, got, hint] of noShells)
  test(`a login shell that runs no command is told as that, and sudo is not blamed: ${what}`, async () => {
    for (const how of [become, { user: 'root' }, undefined]) {
      const problem = await refusal(reached(loginWith(profile, '/bin/sh'), how))
      assert.equal([problem?.code, problem?.message], ['auth', 'the login shell runs no command'])
      assert.is(problem?.got?.split('\n').at(-1), got)
      assert.match(problem?.hint ?? '', hint)
      assert.not.match(problem?.hint ?? '', /sudo|requiretty/)
    }
  })

test('what a profile printed is told without our own lines, also where it left its line open', async () => {
  const problem = await refusal(reached(loginWith('printf "Welcome "; restricted() { return 1; }', 'restricted')))
  assert.is(problem?.got, 'Welcome')
})

test('a restricted shell is told as that', async () => {
  const problem = await refusal(reached(loginWith('restricted() { echo restricted >&2; return 1; }', 'restricted')))
  assert.equal([problem?.code, problem?.got], ['auth', 'restricted'])
  assert.match(problem?.message ?? '', 'the login shell does not start /bin/sh (status 1)')
})

test('a shell that can start no programs, as with noexec of sudo, is no lost connection', async () => {
  mkdirSync(join(room, 'none'))
  writeFileSync(join(room, 'none/dd'), '#!/bin/sh\nexit 126\n', { mode: 0o755 })
  for (const [how, code] of [
    [become, 'become'],
    [undefined, 'auth'],
  ] as const) {
    const problem = await refusal(
      reached(loginWith(`PATH=${room}/none:$PATH`, '/bin/sh'), how, `: ${'x'.repeat(3000)}`),
    )
    assert.equal([problem?.code, problem?.message], [code, 'the shell on the host can start no programs'])
    assert.match(problem?.hint ?? '', how === undefined ? 'ulimit' : '!noexec')
  }
})

/** Logs in and runs a command. */
async function reached(connection: Connection, how?: Become, script = 'true'): Promise<number> {
  const host = await Host.over('here', connection, { become: how })
  return host.run({ script })
}

test('a login that hangs silently is reported, too', async () => {
  const problem = await refusal(Host.over('here', loginWith('sleep 2.25', '/bin/sh', 0.3)))
  assert.equal([problem?.code, problem?.got, problem?.output], ['connect', 'nothing was printed', undefined])
})

test.run()

import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { passphrasesFrom } from '../../lib/cli/ask/key-passphrases.ts'
import { RolecallError } from '../../lib/errors.ts'
import { passphraseOf } from '../../lib/host/passphrase.ts'
import { askProgram } from '../../lib/inventory/sources/ask-program.ts'
import { runSecretCommand, runSecretCommandNow } from '../../lib/vault/command-secret.ts'
import { readPasswords } from '../../lib/vault/password-sources.ts'

const EVE = 64_711
const room = mkdtempSync(join(tmpdir(), 'rolecall-programs-'))
test.after(() => rmSync(room, { recursive: true }))
const mark = join(room, 'ran')

/** A program that says it has run, in a directory of its own. */
function programIn(directory: string): string {
  const at = join(room, directory)
  mkdirSync(at)
  const program = join(at, 'program')
  writeFileSync(program, `#!/bin/sh\n: >${mark}\necho '{}'\n`, { mode: 0o755 })
  return program
}

const command = (program: string) => ({ type: 'command', words: [program], shell: false, seconds: 10 }) as const

/** Every program of this machine that a project or an option names by its path. */
const runs: Readonly<Record<string, (program: string) => unknown>> = {
  'an inventory': askProgram,
  'a vault password': async (program) =>
    (await readPasswords([{ type: 'file', id: 'x', path: program }], () => Promise.resolve(''))).failures[0],
  'a secret': (program) => runSecretCommand(command(program)),
  'a secret that cannot wait': (program) => runSecretCommandNow(command(program)),
  'a passphrase': (program) => {
    passphrasesFrom(program, { write: () => undefined })
    return passphraseOf('/nowhere/key', undefined)
  },
}

async function messageOf(program: string, run: (program: string) => unknown): Promise<string> {
  try {
    const said = await run(program)
    return typeof said === 'object' && said !== null && 'message' in said ? String(said.message) : 'ran'
  } catch (error) {
    if (!(error instanceof RolecallError)) throw error
    return error.problems[0]?.message ?? ''
  }
}

if (process.getuid?.() !== 0) process.stdout.write('skipped: giving files to other accounts needs root\n')
else {
  const own = programIn('own')
  const hers = programIn('hers')
  chownSync(hers, EVE, EVE)
  const open = programIn('open')
  chmodSync(join(room, 'open'), 0o777)
  for (const [what, run] of Object.entries(runs))
    test(`a program for ${what} that another account can change is not run`, async () => {
      for (const program of [hers, open]) {
        assert.match(await messageOf(program, run), /is not run: another user can change it$/)
        assert.not.ok(existsSync(mark))
      }
      assert.is(await messageOf(own, run), 'ran')
      assert.ok(existsSync(mark))
      rmSync(mark)
    })
}

test.run()

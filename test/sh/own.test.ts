import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { own } from '../../lib/sh/own.ts'
import { sh } from '../../lib/sh/quote.ts'
import { scratch, shells } from '../support/converge-locally.ts'
import { spawnSync } from 'node:child_process'

for (const shell of shells()) {
  const said = (path: string, script: string) =>
    spawnSync(shell.bin, ['-c', script], { env: { PATH: path }, encoding: 'utf8' })

  test(`${shell.name}: a program of the PATH goes before an applet of the shell, with its arguments and its status`, () => {
    const dir = scratch()
    writeFileSync(join(dir, 'rpm'), '#!/bin/sh\necho "the host\'s own: $1, $2"; exit 3\n', { mode: 0o755 })
    const { stdout, status } = said(`/nowhere:${dir}:/bin`, sh`${own('rpm', 'dpkg')}\nrpm 'a b' '*'`.text)
    assert.equal([stdout, status], ["the host's own: a b, *\n", 3])
  })

  test(`${shell.name}: files that cannot be run are skipped, and a missing program is not found`, () => {
    const dir = scratch()
    writeFileSync(join(dir, 'wget'), 'not for running', { mode: 0o644 })
    const { stdout, status } = said(dir, sh`${own('wget')}\nwget --version 2>/dev/null; echo "$?"`.text)
    assert.equal([stdout.includes('GNU'), status], [false, 0])
  })
}

test.run()

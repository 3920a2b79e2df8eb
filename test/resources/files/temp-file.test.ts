import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { candidate, privateDirectory } from '../../../lib/resources/files/writing/temp-file.ts'
import { lay, stage } from '../../../lib/resources/files/writing/untrusted-directory.ts'
import { lines, raw, type Sh } from '../../../lib/sh/quote.ts'
import { scratch, shells, start } from '../../support/converge-locally.ts'

/** Says what it has made, and then goes on talking, without end. */
const talks = (made: string) => raw(`echo "${made}"; while :; do echo more; done`)

const makers: readonly (readonly [what: string, script: (dir: string) => Sh])[] = [
  ['a candidate', (dir) => lines(candidate(join(dir, 'file')), talks('$candidate'))],
  ['a private directory', () => lines(privateDirectory(), talks('$room'))],
  ['a stage', (dir) => lines(stage(join(dir, 'file')), talks('$PWD'), lay(join(dir, 'file')))],
]

for (const shell of shells())
  for (const [what, script] of makers)
    test(`${what} goes when nobody reads the script's answer any more (${shell.name})`, async () => {
      const dir = scratch()
      const child = start(shell, ['-c', script(dir).text])
      child.stdin.end()
      const [first] = (await once(child.stdout, 'data')) as [Buffer]
      const made = first.toString().split('\n')[0] ?? ''
      assert.ok(existsSync(made), made)
      child.stdout.destroy()
      await once(child, 'exit')
      assert.equal([existsSync(made), readdirSync(dir)], [false, []])
    })

test.run()

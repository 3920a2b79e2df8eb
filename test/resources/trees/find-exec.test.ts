import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { execByDescriptor, othersWrite } from '../../../lib/resources/trees/find-exec.ts'
import { lines, sh } from '../../../lib/sh/quote.ts'
import { run, scratch, shells } from '../../support/converge-locally.ts'

const EVE = 64_711
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

if (process.getuid?.() !== 0) process.stdout.write('skipped: giving files to other accounts needs root\n')
else
  for (const shell of shells()) {
    test(`${shell.name}: others can write where an access control list says so`, async () => {
      // ls of busybox does not say that there is a list.
      if (shell.name === 'busybox' || spawnSync('setfacl', ['--version']).status !== 0) return
      const root = scratch()
      chmodSync(root, 0o755)
      mkdirSync(join(root, 'deep'))
      const others = async () => (await run(shell, lines(othersWrite, sh`cd ${root} && others_write root`))).code === 0
      chmodSync(join(root, 'deep'), 0o775)
      assert.is(await others(), false, 'the group of root is root’s')
      execFileSync('setfacl', ['-m', `u:${EVE}:rwx`, join(root, 'deep')])
      assert.is(await others(), true)
    })

    test(`${shell.name}: in a directory of another account pipes and links are passed over, and what is gone ends nothing`, async () => {
      const root = scratch()
      chmodSync(root, 0o755)
      const hers = join(root, 'hers')
      mkdirSync(hers)
      for (const name of ['hers/a', 'hers/z', 'victim']) writeFileSync(join(root, name), '', { mode: 0o600 })
      execFileSync('mkfifo', ['-m', '600', join(hers, 'pipe')])
      symlinkSync('../victim', join(hers, 'link'))
      symlinkSync('nowhere', join(hers, 'gone'))
      chownSync(hers, EVE, EVE)
      const all = execByDescriptor(sh`! -type d`, (p) => sh`chmod 640 -- ${p}`, undefined)
      const { code, stderr } = await run(shell, lines(othersWrite, sh`cd -P ${hers} || exit 1`, all))
      // busybox may have no find that works in the directory of an entry: then nothing is done there.
      if (/no -execdir/.test(stderr)) assert.is(code, 1)
      else
        assert.equal(
          [code, stderr, ...['hers/a', 'hers/z', 'hers/pipe', 'victim'].map((name) => modeOf(join(root, name)))],
          [0, '', '640', '640', '600', '600'],
        )
    })
  }

test.run()

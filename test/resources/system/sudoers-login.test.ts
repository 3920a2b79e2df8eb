import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  askLogin,
  readLogin,
  verdictOf,
  withFile,
  type SudoLogin,
} from '../../../lib/resources/drop-ins/sudoers-login.ts'
import { run, scratch, shells } from '../../support/converge-locally.ts'
import { quote, raw } from '../../../lib/sh/quote.ts'

const of = (...lines: readonly string[]): SudoLogin => ({
  user: 'ops',
  words: ['ALL', 'ops', '#1000', '%ops', '%domain users'],
  files: [{ path: '/etc/sudoers', lines }],
})

for (const [says, lines, verdict] of [
  ['nothing about it', ['root ALL=(ALL:ALL) ALL', '%sudo ALL=(ALL:ALL) ALL'], 'refused'],
  ['by name', ['ops ALL=(ALL) NOPASSWD:ALL'], 'without a password'],
  ['by number', ['#1000 ALL = NOPASSWD: ALL'], 'without a password'],
  ['by a group with a blank', ['%domain\\ users ALL=(ALL) NOPASSWD: ALL'], 'without a password'],
  ['among several', ['a, ops ALL=(ALL:ALL) NOPASSWD: ALL'], 'without a password'],
  ['everybody', ['ALL ALL=(ALL) NOPASSWD: ALL'], 'without a password'],
  ['the last line decides', ['ops ALL=(ALL) NOPASSWD: ALL', '%ops ALL=(ALL) ALL'], 'with a password'],
  ['further tags', ['ops ALL=(ALL) NOPASSWD: SETENV: ALL'], 'without a password'],
  ['the tag is taken back', ['ops ALL=(root) NOPASSWD: /bin/ls, PASSWD: ALL'], 'with a password'],
  ['a shell alone', ['ops ALL=(root) NOPASSWD: /bin/sh'], 'without a password'],
  ['other commands', ['ops ALL=(ALL) NOPASSWD: ALL', 'ops ALL=(ALL) /usr/bin/apt'], 'without a password'],
  ['as somebody else', ['ops ALL=(ALL) NOPASSWD: ALL', 'ops ALL=(app) ALL'], 'without a password'],
  ['an alias', ['User_Alias A = ops', 'A ALL=(ALL) NOPASSWD: ALL'], 'unknown'],
  ['no question at all', ['Defaults:ops !authenticate'], 'unknown'],
] as const)
  test(`sudoers of the login: ${says}`, () => assert.is(verdictOf(of(...lines)), verdict))

test('a file takes the place that its name gives it', () => {
  const login = withFile(of('@includedir /etc/sudoers.d'), '/etc/sudoers.d/b', 'ops ALL=ALL\n')
  const both = withFile(login, '/etc/sudoers.d/a', '# c\nops ALL = \\\n NOPASSWD: ALL\n')
  assert.equal(
    both.files.map(({ path }) => path),
    ['/etc/sudoers', '/etc/sudoers.d/a', '/etc/sudoers.d/b'],
  )
  assert.is(verdictOf(both), 'with a password')
  assert.is(verdictOf(withFile(both, '/etc/sudoers.d/b', undefined)), 'without a password')
})

for (const shell of shells())
  test(`${shell.name}: the login is asked for behind a sudo that may not ask for a password`, async () => {
    const root = scratch()
    const [bin, etc] = [join(root, 'bin'), join(root, 'etc')]
    mkdirSync(bin)
    mkdirSync(join(etc, 'sudoers.d'), { recursive: true })
    const files: Readonly<Record<string, string>> = {
      sudoers: '# c\n\nDefaults env_reset\n%sudo ALL = \\\n  ALL\n@includedir /etc/sudoers.d\n',
      'sudoers.d/90-cloud': '#1000 ALL=(ALL) NOPASSWD:ALL\n#\n#include x\n',
      'sudoers.d/README.txt': 'ops ALL=(ALL) ALL\n',
      'sudoers.d/old~': 'ops ALL=(ALL) ALL\n',
    }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(etc, name), text)
    const tool = (name: string, text: string) => {
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`)
      chmodSync(join(bin, name), 0o755)
    }
    tool('id', 'case "$*" in -u) echo 0;; "-u ops") echo 1000;; "-Gn ops") echo ops wheel;; esac')
    // As sudo does with sessions of PAM: it waits for what it has started.
    tool('sudo', 'while [ "$1" != -- ]; do shift; done; shift; SUDO_USER=ops "$@"; exit $?')
    const question = askLogin.text.replaceAll('/etc/sudoers', join(etc, 'sudoers'))
    const asked = async (flags: string) => {
      const command = `sudo ${flags} -u root -- ${shell.bin} -c ${quote(`[ -n x ]\n${question}`)}`
      const { stdout, stderr } = await run(shell, raw(command), undefined, { PATH: `${bin}:${shell.path}` })
      assert.is(stderr, '')
      return readLogin(stdout.toString().split('\n'))
    }
    assert.is(await asked("-H -S -p 'x password'"), undefined)
    assert.equal(await asked('-H -n'), {
      user: 'ops',
      words: ['ALL', 'ops', '#1000', '%ops', '%wheel'],
      files: [
        {
          path: join(etc, 'sudoers'),
          lines: ['Defaults env_reset', '%sudo ALL =   ALL', '@includedir /etc/sudoers.d'],
        },
        { path: join(etc, 'sudoers.d/90-cloud'), lines: ['#1000 ALL=(ALL) NOPASSWD:ALL'] },
      ],
    })
    const { stdout } = await run(shell, askLogin)
    assert.is(stdout.toString(), '')
  })

test.run()

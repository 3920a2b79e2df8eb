import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { pkg, type PkgOptions } from '../../../lib/resources/packages/pkg.ts'
import { ShellFunction, raw } from '../../../lib/sh/quote.ts'
import { ask, debian, probe, rocky, run, scratch, shells, words } from '../../support/converge-locally.ts'

/** Tools that answer from a table, so that a shell's own part of the probe can be tried anywhere. */
function fakes(tools: Readonly<Record<string, string>>): string {
  const dir = scratch()
  for (const [name, body] of Object.entries(tools)) {
    writeFileSync(join(dir, name), `#!/bin/sh\n${body}\n`)
    chmodSync(join(dir, name), 0o755)
  }
  return dir
}

for (const shell of shells()) {
  test(`${shell.name}: apt is simulated only when dpkg leaves something to do`, async () => {
    const log = join(scratch(), 'log')
    const dir = fakes({
      'dpkg-query': `case $* in *nothere*) echo 'bind9|amd64|install ok installed|1'; exit 1;; *Provides*) exit 0;; *) echo 'bind9|amd64|install ok installed|1';; esac`,
      'apt-get': `echo apt-get >>${log}; echo 'Inst nothere (2 Debian [amd64])'`,
      'apt-cache': `echo apt-cache >>${log}`,
    })
    const env = { PATH: `${dir}:${shell.path}` }
    assert.equal(words(await ask(shell, pkg('bind9'), { env })), [])
    assert.equal(words(await ask(shell, pkg('bind9', { version: '1*' }), { env })), [])
    assert.not(existsSync(log))
    const both = await ask(shell, pkg(['bind9', 'nothere']), { env })
    assert.is(words(both).at(-1), 'install nothere 2')
    for (const options of [{ version: '2' }, { state: 'absent' }] as const) {
      assert.match((await probe(shell, pkg('bind9', options), { env })).text, '# simulation')
    }
    assert.not.match(readFileSync(log, 'utf8'), 'apt-cache')
  })

  test(`${shell.name}: dpkg is asked once for all questions, and again when it has written other books or is at work`, async () => {
    const room = scratch()
    const [status, updates, log] = ['status', 'updates', 'log'].map((name) => join(room, name))
    mkdirSync(updates ?? '')
    const book = (version: number) =>
      ['bind9|amd64', 'curl|amd64', 'two|amd64', 'two|i386'].map((name) => `${name}|install ok installed|${version}\n`)
    writeFileSync(status ?? '', book(1).join(''))
    writeFileSync(`${status}.new`, book(2).join(''))
    const dir = fakes({
      'dpkg-query': `echo asked >>${log}; shift 3; [ $# -gt 0 ] || exec cat ${status}; for n do grep "^$n|" ${status}; done`,
    })
    const elsewhere = (text: string) => text.replaceAll('/var/lib/dpkg/', `${room}/`)
    const question = (names: string | string[]) => {
      const asked = pkg(names).probe(debian)
      assert.ok(asked instanceof ShellFunction)
      return { own: elsewhere(asked.own?.text ?? ''), asked: `(\n${elsewhere(asked.text)}\n); wc -l <${log}` }
    }
    const { own, asked } = question(['bind9', 'curl'])
    const script = [
      [own, asked, asked],
      [`mv ${status}.new ${status}`, asked],
      [own, asked],
      [`: >${updates}/0000`, asked, `rm ${updates}/0000`, asked],
      [question('two').asked],
    ]
    const { stdout, stderr } = await run(shell, raw(script.flat().join('\n')), undefined, {
      PATH: `${dir}:${shell.path}`,
    })
    const both = (version: number) => book(version).slice(0, 2)
    assert.is(stderr, '')
    assert.equal(
      stdout
        .toString()
        .split(/(?<=\n)/)
        .map((line) => line.replace(/^ *(\d+)\n$/, 'asked $1 times')),
      [
        ...[...both(1), 'asked 1 times', ...both(1), 'asked 1 times'],
        ...[...both(2), 'asked 2 times'],
        ...[...both(2), 'asked 3 times'],
        ...[...both(2), 'asked 4 times', ...both(2), 'asked 4 times'],
        ...[...book(2).slice(2), 'asked 5 times'],
      ],
    )
    for (const other of [pkg('curl', { state: 'absent' }), pkg('curl:i386')]) {
      const asked = other.probe(debian)
      assert.ok(asked instanceof ShellFunction && asked.own === undefined, other.id)
    }
  })

  test(`${shell.name}: a quick probe of what only has to be installed asks apt for no simulation, and any other does`, async () => {
    const lists = scratch()
    mkdirSync(join(lists, 'partial'))
    writeFileSync(join(lists, 'debian_Packages'), '')
    const quickProbe = async (dpkg: string, options: PkgOptions = {}, names: string | string[] = 'tree') => {
      const dir = fakes({ 'dpkg-query': dpkg, 'apt-get': `echo 'Inst tree (2 Debian [amd64])'` })
      const script = pkg(names, options).quickProbe?.probe(debian).text.replaceAll('/var/lib/apt/lists', lists) ?? ''
      const elsewhere = script.replaceAll('/etc/apt/', `${lists}/none/`).replaceAll('/var/lib/dpkg/', `${lists}/none/`)
      return (await run(shell, raw(elsewhere), undefined, { PATH: `${dir}:${shell.path}` })).stdout.toString()
    }
    const provider = (names: string) =>
      `case $* in *Provides*) echo 'install ok installed|trees|1|shrub (= 1), ${names}';; *) exit 1;; esac`
    assert.match(await quickProbe('exit 1'), /^\n# lists fresh\n# provides\n\n$/)
    assert.match(await quickProbe(provider('tree-doc')), /trees\|1\|shrub \(= 1\), tree-doc\n$/)
    const removed = `case $* in *Provides*) ;; *) echo 'tree|amd64|deinstall ok config-files|1';; esac`
    assert.not.match(await quickProbe(removed), '# simulation')
    assert.match(await quickProbe(provider('tree')), '# simulation')
    assert.match(await quickProbe(provider('tree (= 2)')), '# simulation')
    assert.match(await quickProbe('exit 1', { version: '2' }), '# simulation')
    const half = `case $* in *Provides*) ;; *) echo 'tree|amd64|install reinstreq half-installed|1';; esac`
    assert.match(await quickProbe(half), '# simulation')
    assert.match(await quickProbe('echo "tree|amd64|install ok unpacked|1"'), '# simulation')
    rmSync(join(lists, 'debian_Packages'))
    assert.match(await quickProbe('exit 1'), /# lists none\n[^]*# simulation/)
  })

  test(`${shell.name}: what apt objects is asked for in detail`, async () => {
    const dir = fakes({
      'dpkg-query': 'exit 1',
      'apt-get': `echo 'E: Unable to locate package nothere'; exit 100`,
      'apt-cache': `case $* in *policy*) echo;; *) echo nowhere;; esac`,
    })
    const text = (await probe(shell, pkg('nothere'), { env: { PATH: `${dir}:${shell.path}` } })).text
    assert.match(text, /# simulation\nE: Unable to locate package nothere\n# offers\n\n# near\nnowhere\n$/)
  })

  test(`${shell.name}: rpm is asked once, and once more for names that another package may provide`, async () => {
    const dir = fakes({
      rpm: `case $* in *whatprovides*vim*) echo '= vim-enhanced|x86_64|2:9.0-1';; *vim*) echo 'package vim is not installed'; exit 1;; *) echo '= hello|noarch|0:2.0-1';; esac`,
    })
    const circumstances = { facts: rocky, env: { PATH: `${dir}:${shell.path}` } }
    assert.equal(words(await ask(shell, pkg('hello'), circumstances)), [])
    assert.equal(words(await ask(shell, pkg(['vim', 'hello']), circumstances)), [])
  })

  test(`${shell.name}: dnf is not asked when all is as wanted, and by yum's name never`, async () => {
    const log = join(scratch(), 'log')
    const dir = fakes({
      rpm: `case $* in *bind*) exit 1;; *) echo '= hello|noarch|0:2.0-1';; esac`,
      id: 'echo 0',
      dnf: `echo "$*" >>${log}`,
      yum: `echo "$*" >>${log}`,
    })
    const env = { PATH: `${dir}:${shell.path}` }
    assert.equal((await probe(shell, pkg('hello'), { facts: rocky, env })).lines, ['= hello|noarch|0:2.0-1'])
    assert.equal(words(await ask(shell, pkg('hello', { version: '2.*' }), { facts: rocky, env })), [])
    const yum = { ...rocky, packageManager: 'yum' } as const
    assert.equal(words(await ask(shell, pkg('bind'), { facts: yum, env })), ['install bind'])
    // What there is to ask stands in /var/cache/dnf, and a machine of the tests has mostly nothing there.
    const { lines } = await probe(shell, pkg('bind'), { facts: rocky, env })
    assert.equal(lines.slice(0, 2), ['? bind', '! bind'])
    assert.match(lines[2] ?? '', /^# lists (none|fresh|stale)$/)
  })
}

test.run()

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../../lib/errors.ts'
import type { Facts } from '../../../lib/facts.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { pkg, type PkgOptions } from '../../../lib/resources/packages/pkg.ts'
import { debian, reply, rocky, stepsOf, words } from '../../support/converge-locally.ts'
import {
  bind,
  unmet,
  fresh,
  policy,
  inst,
  after,
  coming,
  configured,
  reread,
  table,
  cached,
  bindRow,
} from './pkg-answers.ts'

type Row = readonly [
  says: string,
  names: string | string[],
  options: PkgOptions,
  have: string,
  then: readonly string[] | string,
]
const apt: readonly Row[] = [
  ['installed: nothing to do', 'bind9', {}, bind, []],
  ['absent, as wanted: nothing to do', 'bind9', { state: 'absent' }, '', []],
  [
    'only its configuration files are left: absent',
    'bind9',
    { state: 'absent' },
    'bind9|amd64|deinstall ok config-files|1\n',
    [],
  ],
  [
    'latest, and a newer one is offered: upgrade it',
    'bind9',
    { state: 'latest' },
    `${bind}${fresh}# simulation\n${inst('bind9', '1:9.18.50')}`,
    ['upgrade bind9 1:9.18.50'],
  ],
  [
    'latest, and nothing newer is offered: nothing to do',
    'bind9',
    { state: 'latest' },
    `${bind}${fresh}# simulation\n`,
    [],
  ],
  [
    'latest, and the lists are old: fetch them, and upgrade to what they then have',
    'bind9',
    { state: 'latest' },
    `${bind}# lists stale\n# provides\n# simulation\n`,
    ['fetch package lists (older than a day or than the sources, or fetched in part)', 'upgrade bind9'],
  ],
  ['to be held: hold it', 'bind9', { hold: true }, bind, ['hold bind9']],
  ['held as wanted: nothing to do', 'bind9', { hold: true }, 'bind9|amd64|hold ok installed|1\n', []],
  ['not to be held: unhold it', 'bind9', { hold: false }, 'bind9|amd64|hold ok installed|1\n', ['unhold bind9']],
  [
    'held, and wanted in another version that is held: change both',
    'bind9',
    { version: '2', hold: true },
    `bind9|amd64|hold ok installed|1\n${fresh}# simulation\n${inst('bind9', '2')}`,
    ['install bind9 2', 'hold bind9'],
  ],
  [
    'missing, and to be held: install it and hold it',
    'bind9',
    { hold: true },
    `${fresh}# simulation\n${inst('bind9', '2')}`,
    ['install bind9 2', 'hold bind9'],
  ],
  [
    'only its configuration files are left, and they are to go: purge it',
    'bind9',
    { state: 'absent', purge: true },
    `bind9|amd64|deinstall ok config-files|1\n${fresh}# simulation\nRemv bind9 [1]\n`,
    ['purge bind9'],
  ],
  [
    'what came along goes too',
    'bind9',
    { state: 'absent', autoremove: true },
    `${bind}${fresh}# simulation\nRemv bind9 [1]\nRemv bind9-libs [1]\n`,
    ['remove bind9, and 1 more with it'],
  ],
  ['on hold, but installed: nothing to do', 'bind9', {}, 'bind9|amd64|hold ok installed|1\n', []],
  ['asked for with its architecture: nothing to do', 'bind9:amd64', {}, bind, []],
  [
    'missing: install it, with the version that comes and what comes along',
    'bind9',
    {},
    `${fresh}# simulation\n${inst('bind9-libs', '1:9.18.49')}${inst('bind9', '1:9.18.49')}`,
    ['install bind9 1:9.18.49, and 1 more with it'],
  ],
  [
    'one of two missing: only that one is named',
    ['bind9', 'curl'],
    {},
    `${bind}${fresh}# simulation\n${inst('curl', '7.88')}`,
    ['install curl 7.88'],
  ],
  [
    'missing, and the lists are old: fetch them first',
    'bind9',
    {},
    `# lists stale\n# provides\n# simulation\n${inst('bind9', '1:9.18.49')}`,
    ['fetch package lists (older than a day or than the sources, or fetched in part)', 'install bind9 1:9.18.49'],
  ],
  [
    'pinned below 0: refused, however old the lists are',
    'bind9',
    {},
    `# lists stale\n# provides\n# simulation\nE: Package 'bind9' has no installation candidate\n# offers\n${policy('bind9', '1:9.18').replace('Candidate: 1:9.18', 'Candidate: (none)').replace(' 500\n', ' -1\n')}# near\n`,
    "refused: bind9 cannot be installed: this host's package manager is told to leave it out",
  ],
  ['in the wanted version, which is written otherwise: nothing to do', 'bind9', { version: '1:9.018.49-0' }, bind, []],
  [
    'missing, and there are no lists: nothing is known of it, and it is tried',
    'bind9',
    {},
    '# lists none\n# provides\n# simulation\nE: Unable to locate package bind9\n# offers\n# near\n',
    ['fetch package lists (there are none)', 'install bind9'],
  ],
  [
    'another package lacks what it depends on: mend that first',
    'curl',
    {},
    `${fresh}# simulation\n ca-certificates : Depends: openssl\nE: Unmet dependencies. Try 'apt --fix-broken install'\n# mend\n${inst('openssl', '3')}# offers\n${policy('curl', '7.88')}# near\n`,
    ['mend broken dependencies: install openssl (apt-get -f install)', 'install curl'],
  ],
  [
    'the same, and something would have to go for it: refused',
    'curl',
    {},
    `${fresh}# simulation\n${unmet}# mend\nInst openssl (3 Debian:12/stable [amd64])\nRemv libressl [1]\n# offers\n${policy('curl', '7.88')}# near\n`,
    'refused: curl cannot be installed: apt does nothing while ca-certificates lacks openssl (>= 3); to mend that, libressl would have to go',
  ],
  [
    'the same of a package whose own installation was interrupted: refused, and nothing goes',
    'curl',
    {},
    `curl|amd64|install ok unpacked|1\n# interrupted\n${fresh}# simulation\n${unmet}# mend\nRemv libressl [1]\n# offers\n${policy('curl', '7.88')}# near\n`,
    'refused: curl cannot be installed: apt does nothing while ca-certificates lacks openssl (>= 3); to mend that, libressl would have to go',
  ],
  [
    'a package is to go while another one lacks something that cannot be had: refused',
    'curl',
    { state: 'absent' },
    `curl|amd64|install ok installed|1\n${fresh}# simulation\n${unmet}# offers\n# near\n`,
    'refused: curl cannot be removed: apt does nothing while ca-certificates lacks openssl (>= 3)',
  ],
  [
    'what the lists have that are still to be fetched may mend it',
    'curl',
    {},
    `# lists none\n# provides\n# simulation\n${unmet}# offers\n# near\n`,
    [
      'fetch package lists (there are none)',
      'mend broken dependencies with what the lists have (apt-get -f install)',
      'install curl',
    ],
  ],
  [
    'what was unpacked and is to go is not configured before',
    'bind9',
    { state: 'absent' },
    `bind9|amd64|install ok unpacked|1\n${fresh}# simulation\nRemv bind9 [1]\n`,
    ['remove bind9'],
  ],
  [
    'its installation was interrupted: finish that, then make sure',
    'bind9',
    {},
    `bind9|amd64|install ok half-configured|1:9.18.49\n# interrupted\n${fresh}# simulation\n`,
    ['finish an interrupted installation of bind9 (dpkg --configure -a)', 'install bind9'],
  ],
  [
    'dpkg was interrupted elsewhere: finish that first',
    'curl',
    {},
    `# interrupted\n${fresh}# simulation\n${inst('curl', '7.88')}`,
    ['finish an interrupted installation (dpkg --configure -a)', 'install curl 7.88'],
  ],
  [
    'dpkg was interrupted, and there are no lists, which alone may have what an unpacked package lacks: fetch them first',
    'curl',
    {},
    `# interrupted\n# lists none\n# simulation\nE: Unable to locate package curl\n# offers\n# near\n`,
    [
      'fetch package lists (there are none)',
      'finish an interrupted installation (dpkg --configure -a)',
      'install curl',
    ],
  ],
  [
    'half-installed, to be installed again',
    'bind9',
    {},
    `bind9|amd64|install reinstreq half-installed|1\n${fresh}# simulation\n`,
    ['finish an interrupted installation of bind9 (dpkg --configure -a)', 'install bind9'],
  ],
  [
    'provided by another, and no package of its own: present',
    'awk',
    {},
    `awk||unknown ok not-installed|\n${fresh}install ok installed|mawk|1.3|awk\n# simulation\nE: no\n# offers\n${policy('awk')}# near\n`,
    [],
  ],
  [
    'provided by another, but there is a package of its own: install that',
    'gawk',
    {},
    `${fresh}install ok installed|mawk|1.3|awk, gawk (= 5)\n# simulation\n${inst('gawk', '5.2')}`,
    ['install gawk 5.2'],
  ],
  [
    'in no source: refused',
    'bindd9',
    {},
    `${fresh}# simulation\nE: Unable to locate package bindd9\n# offers\n# near\nbind9\nbinutils\n`,
    'refused: no package source of this host has bindd9',
  ],
  [
    'another version, which there is: install it',
    'bind9',
    { version: '1:9.16.*' },
    `${bind}${fresh}# simulation\nInst bind9 [1:9.18.49] (1:9.16.50 Debian:11/oldstable [amd64])\n`,
    ['install bind9 1:9.16.50'],
  ],
  ['the wanted version, by its beginning: nothing to do', 'bind9', { version: '1:9.18.*' }, bind, []],
  [
    'a version that nobody has: refused',
    'bind9',
    { version: '1:9.20' },
    `${bind}${fresh}# simulation\nE: Version '1:9.20' for 'bind9' was not found\n# offers\n${policy('bind9', '1:9.18.49', '1:9.18.1')}# near\n`,
    'refused: no package source of this host has bind9 1:9.20',
  ],
  [
    'another version of a package on hold: refused',
    'bind9',
    { version: '2' },
    'bind9|amd64|hold ok installed|1\n',
    'refused: bind9 is on hold at 1',
  ],
  [
    'dependencies that cannot be met: refused',
    'curl',
    {},
    `${fresh}# simulation\n curl : Depends: libcurl4 but it is not going to be installed\nE: Unable to correct problems\n# offers\n${policy('curl', '7.88')}# near\n`,
    'refused: curl cannot be installed',
  ],
  [
    'there, and not wanted: remove it with what leans on it',
    'bind9',
    { state: 'absent' },
    `${bind}${fresh}# simulation\nRemv bind9-doc [1]\nRemv bind9 [1:9.18.49]\n`,
    ['remove bind9, and 1 more with it'],
  ],
]
for (const [says, names, options, have, then] of apt) {
  test(`apt: ${says}`, () =>
    assert.equal(words(pkg(names, options).evaluate(reply(have), debian, new Prediction())), then))
}

const hello = '= hello|noarch|0:2.0-1.el9\n'
const rpm: readonly Row[] = [
  ['installed: nothing to do', 'hello', {}, hello, []],
  ['missing: install it', 'hello', {}, '? hello\n', ['install hello']],
  ['provided by another: nothing to do', 'vim', {}, '? vim\n= vim-enhanced|x86_64|2:9.0-1.el9\n', []],
  ['a version without its release: nothing to do', 'hello', { version: '2.0' }, hello, []],
  ['a version with its release: nothing to do', 'hello', { version: '2.0-1.el9' }, hello, []],
  ['the beginning of a version: nothing to do', 'hello', { version: '2.*' }, hello, []],
  ['another version: install it', 'hello', { version: '1.0' }, hello, ['install hello 1.0']],
  ['an epoch is part of the version', 'vim', { version: '2:9.0-1.el9' }, '= vim|x86_64|2:9.0-1.el9\n', []],
  ['there, and not wanted: remove it', 'hello', { state: 'absent' }, hello, ['remove hello']],
]
const dnfRows: readonly Row[] = [
  [
    'missing: install it, with the version that comes and what comes along',
    'bind',
    {},
    cached +
      table(
        'Installing:',
        bindRow,
        'Installing dependencies:',
        ' bind-license-of-a-long-name',
        '    noarch 32:9.16 baseos 1 k',
      ),
    ['install bind 32:9.16.23-1.el9, and 1 more with it'],
  ],
  [
    'there, and not wanted: remove it with what leans on it',
    'bind',
    { state: 'absent' },
    `= bind|x86_64|32:9.16.23-1.el9\n# lists fresh\n# simulation\n${table('Removing:', bindRow, 'Removing dependent packages:', ' bind-chroot x86_64 32:9.16 @baseos 0')}`,
    ['remove bind, and 1 more with it'],
  ],
  [
    'excluded: refused, however old the metadata is',
    'bind',
    {},
    '! bind\n# lists stale\n# simulation\nAll matches were filtered out by exclude filtering for argument: bind\nError: Unable to find a match: bind\n# offers\n# near\n',
    "refused: bind cannot be installed: this host's package manager is told to leave it out",
  ],
  [
    'a name that no source has: refused, with one that is like it',
    'bindd',
    {},
    '! bindd\n# lists fresh\n# simulation\nNo match for argument: bindd\nError: Unable to find a match: bindd\n# offers\n# near\nbind\n',
    'refused: no package source of this host has bindd',
  ],
  [
    'a version that no source has: refused',
    'bind',
    { version: '1.0' },
    `${cached}No match for argument: bind-1.0\nError: Unable to find a match: bind-1.0\n# offers\nbind|32:9.16.23-1.el9\n# near\n`,
    'refused: no package source of this host has bind 1.0',
  ],
  [
    'what it leans on cannot be had: refused',
    'bind',
    {},
    `${cached}Error: \n Problem: conflicting requests\n  - nothing provides libuv\n# offers\nbind|32:9.16.23-1.el9\n# near\n`,
    'refused: bind cannot be installed',
  ],
  [
    'old metadata has no say in what there is',
    'bindd',
    {},
    '! bindd\n# lists stale\n# simulation\nNo match for argument: bindd\nError: Unable to find a match: bindd\n# offers\n# near\n',
    ['install bindd'],
  ],
  [
    'nor has metadata that is not of every source',
    'bindd',
    {},
    "! bindd\n# lists fresh\n# simulation\nError: Cache-only enabled but no cache for 'epel'\n# offers\n# near\n",
    ['install bindd'],
  ],
  ['no metadata: nothing is known, and it is tried', 'bind', {}, '! bind\n# lists none\n', ['install bind']],
  [
    'to be held: lock its version',
    'bind',
    { hold: true },
    '= bind|x86_64|32:9.16.23-1.el9\n+ versionlock\n+ lock bind-utils-32:9.16.23-1.el9.*\n',
    ['hold bind'],
  ],
  [
    'locked as wanted: nothing to do',
    'bind',
    { hold: true },
    '= bind|x86_64|32:9.16.23-1.el9\n+ versionlock\n+ lock bind-32:9.16.23-1.el9.*\n',
    [],
  ],
  [
    'locked, and not to be: let it go',
    'bind',
    { hold: false },
    '= bind|x86_64|32:9.16.23-1.el9\n+ versionlock\n+ lock bind-32:9.16.*-1.el9.x86_64\n',
    ['unhold bind'],
  ],
  [
    'to be held, without the plugin: refused',
    'bind',
    { hold: true },
    '= bind|x86_64|32:9.16.23-1.el9\n',
    'refused: bind cannot be held back: dnf has no plugin versionlock here, or it is switched off',
  ],
  [
    'a repository of its own for this transaction',
    'bind',
    { enableRepositories: ['crb'], disableRepositories: ['*-testing'] },
    cached + table('Installing:', bindRow),
    ['install bind 32:9.16.23-1.el9'],
  ],
  ['dnf says nothing of use: as if it had not been asked', 'bind', {}, `${cached}Terminated\n`, ['install bind']],
]
for (const [says, names, options, have, then] of dnfRows) {
  test(`dnf: ${says}`, () =>
    assert.equal(words(pkg(names, options).evaluate(reply(have), rocky, new Prediction())), then))
}

test('dnf: repositories of the call, and no lock that it changes itself, are in what is asked and done', () => {
  const bind = pkg('bind', { hold: true, enableRepositories: ['crb'], disableRepositories: ['*-testing'] })
  const words = /--disablerepo='?\*-testing'? --enablerepo=crb --disableplugin=versionlock/
  assert.match(bind.probe(rocky).text, words)
  const [step] = stepsOf(bind.evaluate(reply(cached), rocky, new Prediction()))
  assert.is(step, undefined, 'it cannot be held')
  const later = new Prediction()
  later.record('pkg:x', [{ type: 'package', name: 'python3-dnf-plugin-versionlock', installed: true }])
  const [install, hold] = stepsOf(bind.evaluate(reply(cached), rocky, later))
  assert.match(install?.sh.text ?? '', words)
  assert.is(hold?.summary, 'hold bind')
  const onDebian = pkg('bind9', { enableRepositories: ['crb'] }).evaluate(reply(''), debian, new Prediction())
  assert.is('refused' in onDebian && onDebian.refused, 'apt knows no repositories by name')
})

test('dnf: a package that is to bring a source makes nothing that is missing a refusal', () => {
  const missing =
    '! extra\n# lists fresh\n# simulation\nNo match for argument: extra\nError: Unable to find a match: extra\n# offers\n# near\n'
  const prediction = new Prediction()
  prediction.record('pkg:epel-release', [{ type: 'package', name: 'epel-release', installed: true }])
  assert.equal(words(pkg('extra').evaluate(reply(missing), rocky, prediction)), ['install extra'])
  const other = new Prediction()
  other.record('pkg:htop', [{ type: 'package', name: 'htop', installed: true }])
  assert.match(String(words(pkg('extra').evaluate(reply(missing), rocky, other))), 'unless pkg:htop brings it')
})

test('A package that is only configured, or is there already, is told apart from one that comes in another version', () => {
  const have = `bind9|amd64|install ok unpacked|1:9.18.49\n# lists fresh\n# provides\n# simulation\n${inst('curl', '7.88')}`
  const evaluation = pkg(['bind9', 'curl']).evaluate(reply(have), debian, new Prediction())
  const about = (name: string) => ({ type: 'package', name, installed: true }) as const
  assert.equal(
    ('effects' in evaluation ? evaluation.effects : []).filter((each) => each.type === 'package'),
    [{ ...about('bind9'), kept: true }, about('curl')],
  )
})

test('dnf: what comes along is foreseen', () => {
  const have = cached + table('Installing:', bindRow, 'Installing dependencies:', ' libuv x86_64 1.42 baseos 1 k')
  const evaluation = pkg('bind').evaluate(reply(have), rocky, new Prediction())
  const coming =
    'effects' in evaluation ? evaluation.effects.flatMap((each) => ('name' in each ? [each.name] : [])) : []
  assert.equal(coming, ['bind', 'libuv'])
})

for (const [says, names, options, have, then] of rpm) {
  test(`dnf: ${says}`, () =>
    assert.equal(words(pkg(names, options).evaluate(reply(have), rocky, new Prediction())), then))
}

test('A refusal names a near miss, the packages behind a virtual name, or the versions that there are', () => {
  const hint = (names: string, have: string, options: PkgOptions = {}) => {
    const evaluation = after(names, options, have)
    return 'refused' in evaluation ? evaluation.hint : undefined
  }
  assert.is(hint('bindd9', `${fresh}# simulation\nE: no\n# offers\n# near\nbind9\n`), 'did you mean "bind9"?')
  assert.is(
    hint(
      'mta',
      `${fresh}# simulation\nPackage mta is a virtual package provided by:\n  exim4 4.96\n\nE: no\n# offers\n# near\n`,
    ),
    'Package mta is a virtual package provided by:\n  exim4 4.96',
  )
  assert.is(
    hint('a', `${fresh}# simulation\nE: no\n# offers\n${policy('a', '1', '2')}`, { version: '3' }),
    'there is 1, 2',
  )
})

test('Another version, a repair and a removal show as versions before and after', () => {
  const changes = (names: string[], options: PkgOptions, have: string) => {
    const evaluation = pkg(names, options).evaluate(reply(have), debian, new Prediction())
    return 'plan' in evaluation ? evaluation.plan.changes : undefined
  }
  const simulated = `${fresh}# simulation\n`
  assert.equal(
    changes(
      ['bind9'],
      { version: '1:9.18.50' },
      `${bind}${simulated}Inst bind9 [1:9.18.49] (1:9.18.50 Debian:12/stable [amd64])\n`,
    ),
    [{ label: 'bind9', before: 'bind9 1:9.18.49\n', after: 'bind9 1:9.18.50\n' }],
  )
  assert.equal(changes(['bind9'], {}, `${bind.replace('ok installed', 'ok unpacked')}${simulated}`), [
    { label: 'bind9', before: 'bind9 1:9.18.49 (interrupted)\n', after: 'bind9 1:9.18.49\n' },
  ])
  assert.equal(changes(['bind9'], { state: 'absent' }, `${bind}${simulated}Remv bind9 [1:9.18.49]\n`), [
    { label: 'bind9', before: 'bind9 1:9.18.49\n', after: '' },
  ])
})

test('What is installed shows as versions before and after', () => {
  const evaluation = after('curl', {}, `${fresh}# simulation\n${inst('curl', '7.88')}`)
  assert.equal('plan' in evaluation ? evaluation.plan.changes : [], [
    { label: 'curl', before: '', after: 'curl 7.88\n' },
  ])
  assert.equal('effects' in evaluation ? evaluation.effects : [], [coming('curl'), configured, reread])
})

test('A host without a package manager that is known is refused', () => {
  const bare: Facts = { ...debian, packageManager: 'none' }
  const evaluation = pkg('curl').evaluate(reply(''), bare, new Prediction())
  assert.match(String(words(evaluation)), 'it has none of apt, dnf and yum')
})

test('A name that could be taken for something else is refused before any host is touched', () => {
  for (const name of ['', 'curl-', '-y', 'a b', 'a;b', '$(x)', '/usr/bin/dig'])
    assert.throws(
      () => pkg(name),
      (error: unknown) => error instanceof RolecallError,
    )
  assert.throws(() => pkg([]), /at least one/)
  assert.throws(() => pkg(['a', 'b'], { version: '1' }), /single package/)
  assert.throws(() => pkg('a', { version: '1 2' }), /one version/)
  for (const name of ['g++', 'libstdc++6', 'python3.11', 'a', 'libc6:amd64']) assert.is(pkg(name).name, name)
})

test('Edited configuration files are kept, nothing is asked, and no recommended packages come', () => {
  const evaluation = after('curl', {}, `${fresh}# simulation\n${inst('curl', '7.88')}`)
  const text = 'plan' in evaluation ? (evaluation.plan.steps[0]?.sh.text ?? '') : ''
  for (const part of [
    'DEBIAN_FRONTEND=noninteractive',
    '--force-confold',
    '--no-install-recommends',
    'DPkg::Lock::Timeout=120',
  ]) {
    assert.match(text, part)
  }
})

test('A name with a dot, which apt-get would take for a pattern, is looked up before', () => {
  const textOf = (name: string) => {
    const evaluation = after(name, {}, fresh)
    return 'plan' in evaluation ? (evaluation.plan.steps[0]?.sh.text ?? '') : ''
  }
  assert.match(textOf('docker.io'), /^known docker\.io \|\| unknown=docker\.io$/m)
  assert.not.match(textOf('docker'), 'known docker')
  assert.match(pkg('docker.io').probe(debian).text, /^known docker\.io \|\| unknown=docker\.io$/m)
})

test('Apply tells of a transaction what check has told, from what the transaction prints', () => {
  const curl = pkg('curl')
  const evaluation = after('curl', {}, fresh)
  const plan = 'plan' in evaluation ? evaluation.plan : { steps: [] }
  assert.equal(
    plan.steps.map(({ summary: say }) => say),
    ['install curl'],
  )
  const said = [
    'The following NEW packages will be installed:',
    '  curl libcurl4',
    'Selecting previously unselected package libcurl4:amd64.',
    'Unpacking libcurl4:amd64 (7.88.1-10+deb12u15) ...',
    'Unpacking curl (7.88.1-10+deb12u15) over (7.88.1-10) ...',
    'Setting up curl (7.88.1-10+deb12u15) ...',
    '',
  ].join('\n')
  const done = curl.quickProbe?.describeDone({ plan, effects: [] }, reply(fresh), debian, said, undefined)
  const told = done?.plan
  assert.ok(done?.effects.some((effect) => effect.type === 'package' && effect.name === 'libcurl4'))
  assert.equal(
    told?.steps.map(({ summary: say }) => say),
    ['install curl 7.88.1-10+deb12u15, and 1 more with it'],
  )
  assert.equal(told?.changes, [{ label: 'curl', before: '', after: 'curl 7.88.1-10+deb12u15\n' }])
})

test.run()

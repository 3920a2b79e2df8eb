import { createHash } from 'node:crypto'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Facts } from '../../../lib/facts.ts'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { aptPin } from '../../../lib/resources/packages/apt-pin.ts'
import { debconf } from '../../../lib/resources/packages/debconf.ts'
import { packageFile } from '../../../lib/resources/packages/file/package-file.ts'
import { upgrade } from '../../../lib/resources/packages/upgrade.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { secret } from '../../../lib/secret.ts'
import { sh } from '../../../lib/sh/quote.ts'
import { debian, probe, reply, rocky, run, shells, stepsOf, words } from '../../support/converge-locally.ts'

const libc = 'Inst libc6 [2.36-9] (2.36-10 Debian-Security:12/stable-security [amd64])\n'
const tree = 'Inst tree [1] (2 Debian:12.8/stable [amd64])\n'
const source = '/var/cache/app.deb'
const unmet = ` web : Depends: more but it is not installed
E: Unmet dependencies. Try 'apt --fix-broken install' with no packages (or specify a solution).
`
const app = packageFile('app', { source })
const SUM = 'a'.repeat(64)
const url = 'https://example.com/app_1.2_amd64.deb'
const fetched = packageFile('app', { source: url, sha256: SUM })
const named = packageFile('app', { source: url, sha256: SUM, version: '1.2' })
const answer = debconf('tzdata', 'tzdata/Areas', { type: 'select', value: 'Asia' })
const digest = (text: string) => createHash('sha256').update(text).digest('hex')

const table: readonly (readonly [
  says: string,
  resource: Resource,
  have: string,
  then: readonly string[] | string,
  facts?: Facts,
])[] = [
  ['nothing newer: nothing to do', upgrade('all'), '# lists fresh\n', []],
  ['what comes is named', upgrade('all'), `# lists fresh\n${libc}${tree}`, ['upgrade 2 packages: libc6, tree']],
  [
    'only security updates',
    upgrade('all', { security: true }),
    `# lists fresh\n${libc}${tree}`,
    ['upgrade 1 security updates: libc6'],
  ],
  [
    'old lists are fetched first',
    upgrade('all'),
    '# lists stale\n',
    [
      'fetch package lists (older than a day or than the sources, or fetched in part)',
      'upgrade packages as the package lists then are',
    ],
  ],
  [
    'what nothing needs is named',
    upgrade('all', { autoremove: true }),
    '# lists fresh\nRemv less [1]\n',
    ['remove what nothing needs: less'],
  ],
  [
    'what cannot be is refused',
    upgrade('all'),
    '# lists fresh\n# refused\nE: Unmet dependencies\n',
    'refused: the packages of this host cannot be upgraded',
  ],
  ['with dnf', upgrade('all'), '# lists fresh\ncoming bash 5.1.8-9.el9\n', ['upgrade 1 packages: bash'], rocky],
  ['a package from its file: installed', app, 'installed 1.2\nfile app 1.2\n', []],
  ['another version: install it', app, 'installed 1.1\nfile app 1.2\n', [`install app 1.2 from ${source} (was 1.1)`]],
  ['no file: refused', app, 'installed 1.1\n', `refused: there is no file ${source} to install app from`],
  ['another package: refused', app, 'file web 1\n', `refused: ${source} contains the package web, not app`],
  ['no package: refused', app, 'file  \n', `refused: ${source} is not a package`],
  [
    'a package that lacks another comes from the sources first',
    app,
    `file app 1.2\n# lists fresh\n# refused\n${unmet}# mend\nInst more (1 Debian:12/stable [all])\n`,
    ['mend broken dependencies: install more (apt-get -f install)', `install app 1.2 from ${source}`],
  ],
  [
    'a package that is there lacks what no source has: refused',
    app,
    `file app 1.2\n# lists fresh\n# refused\n${unmet}`,
    'refused: app cannot be installed: apt does nothing while web lacks more',
  ],
  [
    'its own dependencies cannot be met: refused',
    app,
    'file app 1.2\n# lists fresh\n# refused\nE: Unable to correct problems, you have held broken packages.\n',
    `refused: app cannot be installed from ${source}`,
  ],
  [
    'lists of yesterday may not have what it needs: fetch them',
    app,
    'file app 1.2\n# lists none\n# refused\nE: Unable to correct problems, you have held broken packages.\n',
    ['fetch package lists (there are none)', `install app 1.2 from ${source}`],
  ],
  [
    'dpkg was interrupted: that is finished first',
    app,
    `file app 1.2\n# interrupted\n# lists fresh\n# simulation\nInst app (1.2 local-deb [all])\n`,
    ['finish an interrupted installation (dpkg --configure -a)', `install app 1.2 from ${source}`],
  ],
  [
    'it is unpacked in this version: that is finished, and no more',
    app,
    'unpacked 1.2\nfile app 1.2\n# lists fresh\n# simulation\nInst app (1.2 local-deb [all])\n',
    ['finish an interrupted installation of app (dpkg --configure -a)'],
  ],
  [
    'another version is unpacked: that is finished first',
    app,
    'unpacked 1.1\nfile app 1.2\n# lists fresh\n# simulation\nInst app (1.2 local-deb [all])\n',
    ['finish an interrupted installation of app (dpkg --configure -a)', `install app 1.2 from ${source}`],
  ],
  [
    'what is fetched waits for the same',
    fetched,
    `# lists fresh\n# refused\n${unmet}# mend\nInst more (1 Debian:12/stable [all])\n`,
    ['mend broken dependencies: install more (apt-get -f install)', `fetch and install app from ${url}`],
  ],
  ['fetched before, and installed', fetched, `installed 1.2\nrecord ${SUM} 1.2\n`, []],
  ['never fetched', fetched, '', [`fetch and install app from ${url}`]],
  [
    'installed by somebody else: fetched to be known',
    fetched,
    'installed 1.2\n',
    [`fetch and install app from ${url} (was 1.2)`],
  ],
  [
    'another version than was fetched',
    fetched,
    `installed 1.3\nrecord ${SUM} 1.2\n`,
    [`fetch and install app 1.2 from ${url} (was 1.3)`],
  ],
  [
    'another file than was fetched',
    fetched,
    `installed 1.1\nrecord ${'b'.repeat(64)} 1.1\n`,
    [`fetch and install app from ${url} (was 1.1)`],
  ],
  ['its version is named, and is there', named, 'installed 1.2\n', []],
  [
    'its version is named, and is another',
    named,
    'installed 1.1\n',
    [`fetch and install app 1.2 from ${url} (was 1.1)`],
  ],
  ['nothing that fetches', fetched, 'without curl\n', `refused: ${url} cannot be fetched: the host has no curl`],
  ['nothing that fetches, and nothing to fetch', fetched, `installed 1.2\nrecord ${SUM} 1.2\nwithout curl\n`, []],
  ['a question is answered', answer, `there\n${digest('Asia')}  -\n`, []],
  ['a question has another answer', answer, `there\n${digest('Europe')}  -\n`, ['answer tzdata/Areas with "Asia"']],
  ['a question has no answer', answer, 'there\n', ['answer tzdata/Areas with "Asia"']],
  ['no debconf: refused', answer, '', 'refused: tzdata/Areas cannot be answered: this host has no debconf'],
]
for (const [says, resource, have, then, facts = debian] of table) {
  test(says, () => assert.equal(words(resource.evaluate(reply(have), facts, new Prediction())), then))
}

test('what is fetched waits for what fetches, and follows what comes and goes before it', () => {
  const after = (...effects: readonly Effect[]) => {
    const prediction = new Prediction()
    prediction.record('pkg:x', effects)
    return prediction
  }
  const told = (have: string, ...effects: readonly Effect[]) =>
    words(fetched.evaluate(reply(have), debian, after(...effects)))
  const install = [`fetch and install app from ${url}`]
  assert.equal(told('without curl\n', { type: 'package', name: 'curl', installed: true }), install)
  assert.match(String(told('without curl\n', { type: 'anything' })), /^unknown: the host has nothing that fetches/)
  const removed: Effect = { type: 'package', name: 'app', installed: false }
  assert.equal(told(`installed 1.2\nrecord ${SUM} 1.2\n`, removed), [`fetch and install app 1.2 from ${url}`])
  assert.match(String(told('', { type: 'package', name: 'app', installed: true })), /^unknown: which version of app/)
})

test('a URL needs a checksum, and a file on the host takes none', () => {
  const message = (options: Parameters<typeof packageFile>[1]) => {
    try {
      packageFile('app', options)
    } catch (error) {
      return error instanceof Error ? error.message : ''
    }
    return ''
  }
  assert.match(message({ source: url }), /sha256/)
  assert.match(message({ source, sha256: SUM }), /sha256/)
  assert.match(message({ source: 'app.deb' }), /an http, https or ftp URL, or an absolute path/)
})

test('what apt has against a file holds until something pending may change that', () => {
  const held = 'file app 1.2\n# lists fresh\n# refused\nE: Unable to correct problems, you have held broken packages.\n'
  const lacking = `file app 1.2\n# lists fresh\n# refused\n${unmet}# mend\nInst more (1 Debian:12/stable [all])\n`
  const told = (have: string, from: string, ...effects: readonly Effect[]) => {
    const prediction = new Prediction()
    prediction.record(from, effects)
    return words(app.evaluate(reply(have), debian, prediction))
  }
  assert.is(
    told(held, 'file:x', { type: 'path', path: '/etc/x', state: { type: 'file' } }),
    `refused: app cannot be installed from ${source}`,
  )
  assert.is(
    told(held, 'pkg:more', { type: 'package', name: 'more', installed: true }),
    'unknown: whether app can be installed after pkg:more: today it cannot be',
  )
  assert.is(
    told(held, 'file:x', { type: 'path', path: '/etc/apt/sources.list.d/x.list', state: { type: 'file' } }),
    'unknown: whether app can be installed after file:x: today it cannot be',
  )
  assert.equal(told(lacking, 'pkg:z', { type: 'packages', configured: true }), [`install app 1.2 from ${source}`])
  const unpacked = 'unpacked 1.2\nfile app 1.2\n# lists fresh\n# simulation\nInst app (1.2 local-deb [all])\n'
  assert.equal(told(unpacked, 'pkg:z', { type: 'packages', configured: true }), [])
  assert.equal(told(unpacked, 'pkg:app', { type: 'package', name: 'app', installed: false }), [
    `install app 1.2 from ${source}`,
  ])
})

test('an upgrade that broken dependencies are against today is unknown after what mends them', () => {
  const refused = '# lists fresh\n# refused\nE: Unmet dependencies\n'
  const prediction = new Prediction()
  prediction.record('pkg:x', [{ type: 'packages', configured: true }])
  assert.match(String(words(upgrade('all').evaluate(reply(refused), debian, prediction))), /^unknown: .* after pkg:x/)
})

test('what comes and goes with a file is foreseen', () => {
  const look =
    'file app 1.2\n# lists fresh\n# simulation\nRemv foe [1]\nInst more (1 x [all])\nInst app (1.2 local-deb [all])\n'
  const evaluation = app.evaluate(reply(look), debian, new Prediction())
  const effects = 'effects' in evaluation ? evaluation.effects : []
  const named = effects.flatMap((effect) => (effect.type === 'package' ? [`${effect.name} ${effect.installed}`] : []))
  assert.equal(named, ['foe false', 'more true', 'app true'])
})

test('a file that is to come is installed where no version is there', () => {
  const prediction = new Prediction()
  const file: Effect = { type: 'path', path: source, state: { type: 'file' } }
  prediction.record('download:x', [file])
  assert.equal(words(app.evaluate(reply(''), debian, prediction)), [`install app from ${source}`])
  assert.is(
    words(app.evaluate(reply('installed 1.1\n'), debian, prediction)),
    'unknown: which version of app comes with download:x',
  )
})

test('a secret answer is in no command line and no summary', () => {
  const hidden = debconf('slapd', 'slapd/password1', { type: 'password', value: secret('correct horse') })
  const [step] = stepsOf(hidden.evaluate(reply('there\n'), debian, new Prediction()))
  assert.not.match(`${step?.summary ?? ''}${step?.sh.text ?? ''}`, /correct horse/)
  assert.match(Buffer.from(step?.stdin ?? []).toString(), /^slapd slapd\/password1 password correct horse\n$/)
})

test('a pin is a file of apt', () => {
  const pin = aptPin('backports', { packages: ['a', 'b'], release: 'bookworm-backports', priority: 100 })
  assert.is(pin.id, 'file:/etc/apt/preferences.d/backports.pref')
  assert.is(
    (pin.want as { content: string }).content,
    'Package: a b\nPin: release bookworm-backports\nPin-Priority: 100\n',
  )
  assert.throws(() => aptPin('a.b', { release: 'x', priority: 1 }), /letters, digits, _ and -/)
  assert.throws(() => aptPin('a', { release: 'x', version: '1', priority: 1 }), /given one of/)
})

for (const shell of shells()) {
  test(`${shell.name}: the probes print no more than is asked`, async () => {
    if (process.getuid?.() !== 0) return void process.stdout.write('skipped: apt takes its lock for root only\n')
    for (const resource of [answer, app, fetched]) {
      const { code, text } = await probe(shell, resource)
      assert.is(code, 0, text)
      assert.match(
        text,
        /^(there\n|[0-9a-f]{64} {2}-\n|installed .*\n|without curl\n|# (lists (fresh|stale|none)|simulation)\n)*$/,
        text,
      )
    }
    for (const facts of [debian, rocky])
      for (const step of stepsOf(named.evaluate(reply(''), facts, new Prediction())))
        assert.is((await run(shell, sh`sh -n -c ${step.sh.text}`)).stderr, '')
  })
}

test('a package of a file that the same words install before is as wanted', () => {
  const have = 'file app 1.2\n'
  const prediction = new Prediction()
  const first = app.evaluate(reply(have), debian, prediction)
  prediction.record(app.id, 'effects' in first ? first.effects : [])
  prediction.repeats.keep(app.id, app.want, 0)
  assert.equal(words(app.evaluate(reply(have), debian, prediction)), [])
  prediction.record('pkg:app', [{ type: 'package', name: 'app', installed: true }])
  assert.is(words(app.evaluate(reply(have), debian, prediction)), 'unknown: which version of app comes with pkg:app')
})

test.run()

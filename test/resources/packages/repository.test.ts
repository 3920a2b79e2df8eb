import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../../lib/errors.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { repository, type RepositoryOptions } from '../../../lib/resources/packages/repository/repository.ts'
import { readBesideOthers } from '../../../lib/resources/packages/repository/apt-sources.ts'
import { bytesA, keyA } from '../../support/sample-keys.ts'
import { ask, debian, findTool, reply, rocky, run, scratch, shells, words } from '../../support/converge-locally.ts'

const apt = { uris: 'https://example.org/debian', suites: 'bookworm', components: ['main', 'extra'] } as const
const yum = { baseurl: 'https://example.org/el/$releasever', gpgcheck: false } as const
const key = keyA

const source = `Types: deb
URIs: https://example.org/debian
Suites: bookworm
Components: main extra
Signed-By: /etc/apt/keyrings/app.asc
`
const repo = `[app]
name=app
baseurl=https://example.org/el/$releasever
enabled=1
gpgcheck=0
`

/** What the probe prints: the answers about the files that make it up. */
const told = (...answers: readonly string[]) =>
  reply(answers.map((answer) => `${Buffer.from(answer).toString('base64')}\n.\n`).join(''))
const none = 'none 0 8 dir\n'
const there = (content: string) => `have 0 81a4 ${Buffer.byteLength(content)} 0 0 root:root\ncontent\n${content}`
const same = 'have 0 81a4 9 0 0 root:root\nsame\n'

const table: readonly (readonly [
  says: string,
  want: RepositoryOptions,
  answers: readonly string[],
  then: readonly string[] | string,
  facts?: typeof debian,
])[] = [
  [
    'apt: the key comes before the source',
    { apt: { ...apt, key } },
    [none, none],
    ['create /etc/apt/keyrings/app.asc', 'create /etc/apt/sources.list.d/app.sources'],
  ],
  ['apt: as wanted', { apt: { ...apt, key } }, [same, same], []],
  [
    'apt: another source',
    { apt: { ...apt, key } },
    [same, there('Types: deb\n')],
    ['write /etc/apt/sources.list.d/app.sources'],
  ],
  [
    'apt: a key from elsewhere is fetched',
    { apt: { ...apt, key: { source: 'https://example.org/key.asc', sha256: 'a'.repeat(64) } } },
    [`${none}tool\n`, same],
    ['download /etc/apt/keyrings/app.asc from https://example.org/key.asc'],
  ],
  [
    'apt: nowhere to put the key',
    { apt: { ...apt, key } },
    ['none 0 8 absent\n', none],
    'refused: /etc/apt/keyrings/app.asc cannot be made: there is no directory /etc/apt/keyrings',
  ],
  [
    'apt: without a key, said so',
    { apt: { ...apt, trusted: true } },
    [none],
    ['create /etc/apt/sources.list.d/app.sources'],
  ],
  [
    'apt: to be absent',
    { state: 'absent' },
    ['have 0 81a4 9 0 0 root:root\n', none],
    ['remove the file /etc/apt/sources.list.d/app.sources'],
  ],
  ['dnf: create', { yum }, [none], ['create /etc/yum.repos.d/app.repo'], rocky],
  ['dnf: as wanted', { yum }, [same], [], rocky],
  ['dnf: only apt is described', { apt: { ...apt, key } }, [], 'refused: repository app has no source for dnf', rocky],
]

for (const [says, want, answers, then, facts = debian] of table) {
  test(says, () =>
    assert.equal(words(repository('app', want).evaluate(told(...answers), facts, new Prediction())), then),
  )
}

test('the texts are those of sources.list(5) and dnf.conf(5)', () => {
  const contents = (want: RepositoryOptions, facts = debian, ...answers: readonly string[]) => {
    const evaluation = repository('app', want).evaluate(told(...answers), facts, new Prediction())
    return 'plan' in evaluation
      ? evaluation.plan.steps.map(({ write }) => Buffer.from(write?.bytes ?? []).toString())
      : []
  }
  assert.equal(contents({ apt: { ...apt, key } }, debian, none, none), [key, source])
  assert.equal(contents({ yum }, rocky, none), [repo])
  const signed = contents({ yum: { ...yum, gpgcheck: true, gpgkey: key } }, rocky, none, none)
  assert.match(signed[1] ?? '', 'gpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-app\n')
  const { baseurl } = yum
  const left = contents({ yum: { baseurl, gpgkey: { source: 'https://example.org/key' } } }, rocky, none)
  assert.equal(left.length, 1, 'no key is put there: dnf fetches it')
  assert.match(left[0] ?? '', 'gpgcheck=1\ngpgkey=https://example.org/key\n')
  const quiet = { types: ['deb', 'deb-src'], enabled: false, fields: { 'Check-Valid-Until': 'no' } } as const
  assert.equal(contents({ apt: { ...apt, key, ...quiet } }, debian, same, none), [
    `Enabled: no\n${source.replace('Types: deb', 'Types: deb deb-src')}Check-Valid-Until: no\n`,
  ])
  const many = {
    metalink: 'https://example.org/metalink',
    gpgcheck: false,
    enabled: false,
    repoGpgcheck: true,
    exclude: ['kernel*', 'nginx'],
    includepkgs: ['app*'],
    priority: 10,
    settings: { module_hotfixes: '1' },
  }
  assert.equal(contents({ yum: many }, rocky, none), [
    '[app]\nname=app\nmetalink=https://example.org/metalink\nenabled=0\ngpgcheck=0\nrepo_gpgcheck=1\n' +
      'exclude=kernel* nginx\nincludepkgs=app*\npriority=10\nmodule_hotfixes=1\n',
  ])
  const mirrors = contents(
    { yum: { gpgcheck: false, baseurl: ['https://a.example', 'https://b.example'] } },
    rocky,
    none,
  )
  assert.match(mirrors[0] ?? '', 'baseurl=https://a.example https://b.example\n')
})

test('a key is stored as one block of armour, whatever it was', () => {
  for (const given of [keyA, keyA.replaceAll('\n', '\r\n'), bytesA])
    for (const [want, facts] of [
      [{ apt: { ...apt, key: given } }, debian],
      [{ yum: { ...yum, gpgcheck: true, gpgkey: given } }, rocky],
    ] as const) {
      const evaluation = repository('app', want).evaluate(told(none, none), facts, new Prediction())
      assert.is('plan' in evaluation && Buffer.from(evaluation.plan.steps[0]?.write?.bytes ?? []).toString(), keyA)
    }
})

test('the lists are old for a package behind it: its path is in the effects', () => {
  const evaluation = repository('app', { apt: { ...apt, key } }).evaluate(told(same, none), debian, new Prediction())
  assert.equal('plan' in evaluation && evaluation.effects.map((effect) => effect.type === 'path' && effect.path), [
    '/etc/apt/sources.list.d/app.sources',
  ])
})

const mistakes: readonly (readonly [says: string, name: string, want: RepositoryOptions, expected: RegExp])[] = [
  ['nothing described', 'app', {}, /apt, yum, or both/],
  ['apt without a key', 'app', { apt }, /a key, or trusted: true/],
  ['nowhere to take packages from', 'app', { yum: { gpgcheck: false } }, /one of baseurl, metalink and mirrorlist/],
  [
    'two places to take packages from',
    'app',
    { yum: { ...yum, metalink: 'https://example.org/metalink' } },
    /one of baseurl, metalink and mirrorlist[^]*baseurl and metalink/,
  ],
  ['a field that has an option', 'app', { apt: { ...apt, key, fields: { types: 'deb' } } }, /option of its own/],
  ['a setting that has an option', 'app', { yum: { ...yum, settings: { enabled: '0' } } }, /option of its own/],
  ['a setting of two lines', 'app', { yum: { ...yum, settings: { sslverify: '0\nenabled=1' } } }, /one line/],
  ['yum without a key', 'app', { yum: { baseurl: 'https://example.org' } }, /a gpgkey, or gpgcheck: false/],
  [
    'a key that anybody in between may have changed',
    'app',
    { yum: { baseurl: 'https://example.org', gpgkey: { source: 'http://example.org/key' } } },
    /a sha256 beside a source that is not https/,
  ],
  [
    'a key that is none',
    'app',
    { apt: { ...apt, key: 'abc' } },
    /apt\.key of repository:app .* a text that holds no key/,
  ],
  [
    'a private key',
    'app',
    { yum: { ...yum, gpgkey: keyA.replaceAll('PUBLIC', 'PRIVATE') } },
    /yum\.gpgkey of repository:app .* a private key/,
  ],
  ['a URL in the place of a key', 'app', { apt: { ...apt, key: 'https://example.org/key' } }, /got a URL/],
  ['a name that is a path', '../app', { yum }, /letters, digits/],
  ['a second line in a value', 'app', { yum: { ...yum, baseurl: 'https://a\nenabled=0' } }, /one line/],
  ['a blank in a word', 'app', { apt: { ...apt, uris: 'https://a b', key } }, /without blanks/],
]
for (const [says, name, want, expected] of mistakes) {
  test(`${says} is refused before any host is touched`, () => {
    assert.throws(
      () => repository(name, want),
      (error: unknown) => error instanceof RolecallError && expected.test(error.message),
    )
  })
}

for (const shell of shells()) {
  test(`${shell.name}: the probe looks at each file, whatever they hold`, async () => {
    const apt = await ask(
      shell,
      repository('rolecall-test', { apt: { uris: 'file:/srv', suites: './', trusted: true } }),
    )
    const yum = await ask(shell, repository('rolecall-test', { state: 'absent' }), { facts: rocky })
    // This machine may have no such directory; that is an answer too, and the probe of the second one is read as well.
    assert.match(String(words(apt)), /^(create |refused: .* there is no directory )/)
    assert.equal(words(yum), [])
  })
}

test('apt reads a source among the others before it goes live, in check mode too', () => {
  const evaluation = repository('app', { apt: { ...apt, key } }).evaluate(told(none, none), debian, new Prediction())
  assert.match('plan' in evaluation ? (evaluation.plan.validation?.sh.text ?? '') : '', /apt-get indextargets/)
})

if (findTool('apt-get') === undefined) process.stdout.write('skipped: there is no apt here\n')
else
  for (const shell of shells())
    test(`${shell.name}: a source that another file names with another key is refused with what apt says`, async () => {
      const root = scratch()
      const others = join(root, "the others'")
      mkdirSync(others)
      const candidate = join(root, 'app.sources')
      writeFileSync(candidate, source)
      const said = async (...files: readonly (readonly [name: string, text: string])[]) => {
        for (const name of readdirSync(others)) rmSync(join(others, name))
        for (const [name, text] of files) writeFileSync(join(others, name), text)
        const { code, stderr } = await run(shell, readBesideOthers('app.sources', others), undefined, { candidate })
        return code === 0 ? 'taken' : stderr.trim()
      }
      const old = (key: string) => `deb ${key}https://example.org/debian bookworm main extra\n`
      assert.is(await said(), 'taken')
      assert.is(await said(['a.list', old('[signed-by=/etc/apt/keyrings/app.asc] ')]), 'taken')
      assert.match(
        await said(['a.list', old('[signed-by=/usr/share/keyrings/app.gpg] ')]),
        /^E: Conflicting values set for option Signed-By regarding source https:\/\/example.org\/debian\/ bookworm: /,
      )
      // Its own file is the one that is replaced, and what was broken before is no fault of this one.
      assert.is(await said(['app.sources', source.replace('app.asc', 'b.asc')]), 'taken')
      assert.is(await said(['a.list', 'broken\n'], ['b.list', old('[signed-by=/b.gpg] ')]), 'taken')
    })

test.run()

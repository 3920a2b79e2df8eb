import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Facts } from '../../../lib/facts.ts'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { packageGroup, type PackageGroupOptions } from '../../../lib/resources/packages/dnf/package-group.ts'
import { pkg } from '../../../lib/resources/packages/pkg.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { debian, reply, rocky, stepsOf, words } from '../../support/converge-locally.ts'
import { problemsOf } from '../../support/problems.ts'

const fresh = '# lists fresh\n'
const head = `Dependencies resolved.
================================================================================
 Package         Architecture     Version                Repository        Size
================================================================================
`
const foot = '\nTransaction Summary\n================================================================================\n'
const marks = 'Installing Groups:\n RPM Development Tools                                                         \n'
const rows = `Installing group/module packages:
 nginx           x86_64           1.22.1-1.el9           baseos           632 k
 a-name-that-needs-a-line-of-its-own
                 noarch           2-1.el9                baseos           1.0 k
Installing dependencies:
 libpcre         x86_64           2:8-1.el9              baseos           100 k
`
const coming = `${fresh}${head}${rows}${marks}${foot}Install  3 Packages\n\nTotal size: 632 k\nOperation aborted.\n`
const there = `${fresh}${head}${marks}${foot}\nOperation aborted.\n`
const unheard = "Module or Group 'web' is not available.\nError: Nothing to do.\n"
const leaving = `${fresh}${head}Removing:\n nginx  x86_64  1.22.1-1.el9  @baseos  1.2 M\nRemoving Groups:\n Web Tools  \n${foot}Remove  1 Package\n`
const gone = `${fresh}Warning: Module or Group 'web' is not installed.\nDependencies resolved.\nNothing to do.\nComplete!\n`
const web = (options: PackageGroupOptions = {}) => packageGroup('web', options)

const table: readonly (readonly [
  says: string,
  resource: Resource,
  have: string,
  then: readonly string[] | string,
  facts?: Facts,
])[] = [
  [
    'what comes is named, and names of groups are none of packages',
    web(),
    coming,
    ['install the group web: nginx, a-name-that-needs-a-line-of-its-own, libpcre'],
  ],
  ['all of its packages are there', web(), there, []],
  ['dnf has nothing to do', web(), `${fresh}${head}Nothing to do.\n`, []],
  ['no repository has it', web(), `${fresh}${unheard}`, 'refused: no package source of this host has the group web'],
  ['old lists do not have it: they are fetched', web(), `# lists stale\n${unheard}`, ['install the group web']],
  ['there are no lists', web(), '# lists none\n', ['install the group web']],
  ['it is to go', web({ state: 'absent' }), leaving, ['remove the group web: nginx']],
  [
    'only the mark of it is to go',
    web({ state: 'absent' }),
    `${fresh}${head}Removing Groups:\n Web\n${foot}`,
    ['remove the group web'],
  ],
  ['it is not there', web({ state: 'absent' }), gone, []],
  [
    'dnf refuses it',
    web(),
    `${fresh}Error: \n Problem: nothing provides libx needed by nginx\n`,
    'refused: the group web cannot be installed',
  ],
  [
    'a host without dnf',
    web(),
    '',
    'refused: Debian GNU/Linux 12 (bookworm) has no groups of packages: it has no dnf',
    debian,
  ],
]

for (const [says, resource, have, then, facts = rocky] of table)
  test(says, () => assert.equal(words(resource.evaluate(reply(have), facts, new Prediction())), then))

const predicted: readonly (readonly [
  says: string,
  resource: Resource,
  have: string,
  from: string,
  effect: Effect,
  then: readonly string[] | string,
])[] = [
  [
    'what an earlier package brings does not come again',
    web(),
    coming,
    'pkg:nginx',
    { type: 'package', name: 'nginx', installed: true },
    ['install the group web: a-name-that-needs-a-line-of-its-own, libpcre'],
  ],
  [
    'a repository that is to come may have it',
    web(),
    `${fresh}${unheard}`,
    'repository:app',
    { type: 'path', path: '/etc/yum.repos.d/app.repo', state: { type: 'file' } },
    'unknown: what is in the group web is known only after repository:app',
  ],
  [
    'a package that goes may be one of it',
    web(),
    there,
    'pkg:nginx',
    { type: 'package', name: 'nginx', installed: false },
    'unknown: what of the group web is there is known only after pkg:nginx',
  ],
]

for (const [says, resource, have, from, effect, then] of predicted)
  test(says, () => {
    const prediction = new Prediction()
    prediction.record(from, [effect])
    assert.equal(words(resource.evaluate(reply(have), rocky, prediction)), then)
  })

test('dnf is given the group, and no more than was asked for', () => {
  const script = (resource: Resource, have: string) =>
    (stepsOf(resource.evaluate(reply(have), rocky, new Prediction()))[0]?.sh.text ?? '')
      .replaceAll("'", '')
      .replaceAll(/ +/g, ' ')
  const plain = '--setopt=install_weak_deps=False group install web'
  assert.match(script(web(), coming), `dnf -y ${plain} || dnf -y --refresh ${plain} || exit`)
  assert.match(
    script(web({ optional: true, recommends: true }), coming),
    '--setopt=install_weak_deps=True group install --with-optional web',
  )
  assert.match(script(web({ state: 'absent' }), leaving), 'dnf -y group remove web || exit')
})

const told = (make: () => unknown) => JSON.stringify(problemsOf(make))

test('a group in the place of a package, and the sign of one in the place of an id, are told', () => {
  assert.match(
    told(() => pkg('@development')),
    "a group is packageGroup('development')",
  )
  assert.match(
    told(() => packageGroup('@development')),
    "write 'development'",
  )
  assert.match(
    told(() => packageGroup('Web Tools')),
    'the id of a group',
  )
  assert.match(
    told(() => packageGroup('web', { state: 'absent', optional: true })),
    'optional',
  )
})

test.run()

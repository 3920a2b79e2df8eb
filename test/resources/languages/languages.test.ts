import { mkdirSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { gem } from '../../../lib/resources/languages/gem.ts'
import { npm, npmProject } from '../../../lib/resources/languages/npm.ts'
import { forecast } from '../../../lib/converge/forecast.ts'
import { pip, pipRequirements } from '../../../lib/resources/languages/pip.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { ask, debian, findTool, reply, scratch, shells, words } from '../../support/converge-locally.ts'

const venv = '/srv/venv'
const flask = pip('flask', { venv })
const table: readonly (readonly [says: string, resource: Resource, have: string, then: readonly string[] | string])[] =
  [
    ['pip: met', flask, 'file\nvenv\nmet\n', []],
    ['pip: missing', flask, 'file\nvenv\n', ['install flask in /srv/venv']],
    ['pip: no environment', flask, 'file\n', ['make the environment /srv/venv', 'install flask in /srv/venv']],
    [
      'pip: latest, and newer ones',
      pip('flask', { venv, state: 'latest' }),
      'file\nvenv\nmet\nnewer flask-3.1 jinja2-3.2\n',
      ['upgrade flask-3.1, jinja2-3.2 in /srv/venv'],
    ],
    ['pip: latest, and none newer', pip('flask', { venv, state: 'latest' }), 'file\nvenv\nmet\n', []],
    [
      'pip: to go',
      pip(['Flask', 'x'], { venv, state: 'absent' }),
      'file\nvenv\ninstalled flask\n',
      ['uninstall flask in /srv/venv'],
    ],
    [
      'pip: no file of requirements',
      pipRequirements('/srv/r.txt', { venv }),
      'venv\n',
      'refused: there is no file /srv/r.txt',
    ],
    ['pip: no python', flask, '# none\n', 'refused: this host has no python3'],
    ['npm: missing', npm('pm2'), 'project\n', ['install pm2']],
    [
      'npm: another version',
      npm('pm2', { version: '5.4.2' }),
      'project\nversion 5.0.0\n',
      ['install pm2@5.4.2 (was 5.0.0)'],
    ],
    ['npm: to go', npm('pm2', { state: 'absent' }), 'project\nversion 5.0.0\n', ['uninstall pm2']],
    ['npm: a project', npmProject('/srv/app'), 'project\n', ['install dependencies in /srv/app']],
    ['npm: a project as wanted', npmProject('/srv/app'), 'project\nmet\n', []],
    [
      'npm: a package that the lock file has in another version',
      npmProject('/srv/app'),
      'project\nlocked\nmet\nstale a 1.0.0, locked 1.0.1\n',
      ['install dependencies in /srv/app (a 1.0.0, locked 1.0.1)'],
    ],
    [
      'npm: a lock file that does not fit',
      npmProject('/srv/app'),
      `project\nlocked\nlock {"dependencies":{"a":{"version":"1.0.0"},"b":{"missing":true},"c":{"invalid":"^2"}}}\n`,
      'refused: package-lock.json of /srv/app does not fit package.json: b, c',
    ],
    [
      'npm: a lock file that does not fit, and npm install',
      npmProject('/srv/app', { ci: false }),
      `project\nlocked\nlock {"dependencies":{"b":{"missing":true}}}\n`,
      ['install dependencies in /srv/app'],
    ],
    [
      'npm: ci without a lock file',
      npmProject('/srv/app', { ci: true }),
      'project\n',
      'refused: there is no /srv/app/package-lock.json for npm ci',
    ],
    ['npm: no project', npmProject('/srv/app'), '', 'refused: there is no /srv/app/package.json'],
    ['gem: there', gem('bundler'), 'bundler (2.5.6, default: 2.4.1)\n', []],
    [
      'gem: another version',
      gem('bundler', { version: '2.6.0' }),
      'bundler (2.5.6, default: 2.4.1)\n',
      ['install gem bundler 2.6.0'],
    ],
    [
      'gem: a version that comes with Ruby',
      gem('bundler', { version: '2.4.1' }),
      'bundler (2.5.6, default: 2.4.1)\n',
      [],
    ],
    ['gem: to go', gem('bundler', { state: 'absent' }), 'bundler (2.5.6)\n', ['uninstall gem bundler']],
  ]
for (const [says, resource, have, then] of table) {
  test(says, () => assert.equal(words(resource.evaluate(reply(have), debian, new Prediction())), then))
}

const wanted: readonly (readonly [
  says: string,
  resource: Resource,
  have: string,
  effect: Effect,
  then: readonly string[] | string,
])[] = [
  [
    'pip: python is to come',
    flask,
    '# none\n',
    { type: 'package', name: 'python3-venv', installed: true },
    ['make the environment /srv/venv', 'install flask in /srv/venv'],
  ],
  [
    'pip: requirements are to come',
    pipRequirements('/srv/r.txt', { venv }),
    'venv\n',
    { type: 'path', path: '/srv/r.txt', state: { type: 'file' } },
    ['install /srv/r.txt in /srv/venv'],
  ],
  [
    'pip: requirements change',
    pipRequirements('/srv/r.txt', { venv }),
    'file\nvenv\nmet\n',
    { type: 'path', path: '/srv/r.txt', state: { type: 'file' } },
    'unknown: whether its requirements are met once x:y has written them',
  ],
]
for (const [says, resource, have, effect, then] of wanted) {
  test(says, () => {
    const prediction = new Prediction()
    prediction.record('x:y', [effect])
    assert.equal(words(resource.evaluate(reply(have), debian, prediction)), then)
  })
}

test('invalid options are refused', () => {
  assert.throws(() => pip('-e .'), /a name or a requirement/)
  assert.throws(() => pip(['a', 'b'], { version: '1' }), /given with one name/)
  assert.throws(() => npm('pm2@5'), /without its version/)
})

const [shell] = shells()
if (shell !== undefined && findTool('npm') !== undefined)
  test('an npm project whose lock file asks for nothing is as wanted', async () => {
    const dir = scratch()
    writeFileSync(`${dir}/package.json`, '{ "name": "a", "version": "1.0.0" }')
    assert.equal(words(await ask(shell, npmProject(dir), { env: { HOME: dir } })), [])
    writeFileSync(`${dir}/package.json`, '{ "name": "a", "version": "1.0.0", "dependencies": { "left-pad": "1.3.0" } }')
    assert.equal(words(await ask(shell, npmProject(dir), { env: { HOME: dir } })), [`install dependencies in ${dir}`])
  })

if (shell !== undefined)
  test('pip: an environment that was killed while it was made is made once more', async () => {
    const made = scratch()
    mkdirSync(`${made}/bin`)
    // It has pip, and all that is asked for.
    writeFileSync(`${made}/bin/python`, '#!/bin/sh\nexit 0\n', { mode: 0o755 })
    const said = async () => words(await ask(shell, pip('flask', { venv: made, python: `${made}/bin/python` })))
    assert.equal(await said(), [], 'that of a program without pyvenv.cfg')
    writeFileSync(`${made}/pyvenv.cfg`, '')
    for (const name of ['activate', 'activate.csh', 'activate.fish']) {
      assert.equal(await said(), [`make the environment ${made}`, `install flask in ${made}`], `without ${name}`)
      writeFileSync(`${made}/bin/${name}`, '')
    }
    assert.equal(await said(), [])
  })

test('pip: what one before it installs in the same environment is there then, and so is the environment', () => {
  const asked = [flask, flask, pip('gunicorn', { venv })]
  const planned = forecast(
    asked,
    asked.map(() => reply('file\n')),
    debian,
    new Prediction(),
  )
  assert.equal(
    planned.map(({ evaluation }) => words(evaluation)),
    [['make the environment /srv/venv', 'install flask in /srv/venv'], [], ['install gunicorn in /srv/venv']],
  )
})

test.run()

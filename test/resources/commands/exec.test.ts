import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { exec } from '../../../lib/resources/commands/exec.ts'
import type { ExecOptions } from '../../../lib/resources/commands/exec-options.ts'
import { Prediction, type Effect, type PathState } from '../../../lib/resources/prediction/prediction.ts'
import { secret } from '../../../lib/secret.ts'
import { sh, type Sh } from '../../../lib/sh/quote.ts'
import { ask, converge, debian, reply, run, scratch, shells, stepsOf, words } from '../../support/converge-locally.ts'

const makes: ExecOptions = { run: 'make', creates: '/srv/out' }
const until: ExecOptions = { run: 'docker network create x', unless: 'docker network inspect x' }
const both: ExecOptions = { run: 'make', creates: '/srv/out', unless: 'grep -q 2 /srv/out' }

type Row = readonly [says: string, want: ExecOptions, have: string, then: readonly string[] | string]
const table: readonly Row[] = [
  ['its product is there: nothing to do', makes, 'creates 1\n', []],
  ['its product is missing: run', makes, 'creates 0\n', ['run make (/srv/out is missing)']],
  ['unless says yes: nothing to do', until, 'unless 0\n', []],
  ['unless says no: run', until, 'unless 1\n', ['run docker network create x (unless says 1)']],
  ['unless has no command yet: run', until, 'unless 127\n', ['run docker network create x (unless says 127)']],
  ['with both, both must hold', both, 'creates 1\nunless 1\n', ['run make (unless says 1)']],
  ['with both, the missing product is told first', both, 'creates 0\nunless 2\n', ['run make (/srv/out is missing)']],
  [
    'onlyIf cannot be asked, because its account is missing: refused',
    { ...makes, onlyIf: 'true', user: 'app' },
    'creates 0\nunasked no account\nonlyIf 1\n',
    'refused: onlyIf cannot be asked as app: there is no such account',
  ],
  [
    'onlyIf cannot be asked as another account without root: refused',
    { ...makes, onlyIf: 'true', user: 'app' },
    'creates 0\nunasked not root\nonlyIf 1\n',
    'refused: onlyIf cannot be asked as app: only root can become app',
  ],
  [
    'onlyIf cannot be asked, and the product is there: nothing to do',
    { ...makes, onlyIf: 'true', user: 'app' },
    'creates 1\nunasked no account\nonlyIf 1\n',
    [],
  ],
  ['onlyIf says no: nothing to do', { ...makes, onlyIf: 'false' }, 'creates 0\nonlyIf 1\n', []],
  [
    'onlyIf says yes: as ever',
    { ...makes, onlyIf: 'true' },
    'creates 0\nonlyIf 0\n',
    ['run make (/srv/out is missing)'],
  ],
  [
    'no directory to run in: refused',
    { ...makes, cwd: '/srv/src' },
    'creates 0\ncwd 0\n',
    'refused: there is no directory /srv/src to run in',
  ],
  ['no directory, but the product is there: nothing to do', { ...makes, cwd: '/srv/src' }, 'creates 1\ncwd 0\n', []],
  [
    'words are quoted',
    { run: ['echo', "it's"], creates: '/x' },
    'creates 0\n',
    [`run echo 'it'"'"'s' (/x is missing)`],
  ],
  ['of many lines the first is shown', { run: 'a\nb', creates: '/x' }, 'creates 0\n', ['run a… (/x is missing)']],
  [
    'the text of an Sh is not shown: it may hold a secret',
    { run: sh`login ${'x'}`, creates: '/x' },
    'creates 0\n',
    ['run it (/x is missing)'],
  ],
]
const migrate: ExecOptions = { run: './migrate up', changedBy: [3] }
const resultTable: readonly Row[] = [
  ['it says itself what it did: run it', migrate, '', ['run ./migrate up (once in every run)']],
  ['it ran in this run: nothing to do', migrate, 'ran 3 over\n', []],
  ['it failed in this run: run it', migrate, 'ran 1 failed\n', ['run ./migrate up (it failed before)']],
  [
    'check mode cannot know what it will say',
    migrate,
    'looks 1\n',
    'unknown: it runs, and says itself whether it has changed anything',
  ],
  ['it never changes anything: as wanted in check mode', { ...migrate, changedBy: [] }, 'looks 1\n', []],
  ['what it creates is there: nothing to do', { ...makes, changedBy: [3] }, 'creates 1\nlooks 1\n', []],
  [
    'it may fail: as ever, in check mode too',
    { ...makes, allowFailure: true },
    'creates 0\nlooks 1\n',
    ['run make (/srv/out is missing)'],
  ],
  ['it may fail, and did: nothing more to do', { ...makes, allowFailure: true }, 'creates 0\nran 7 over\n', []],
]
for (const [says, want, have, then] of resultTable) {
  test(says, () => assert.equal(words(exec('it', want).evaluate(reply(have), debian, new Prediction())), then))
}

for (const shell of shells()) {
  test(`${shell.name}: an exit code is a change, an allowed failure or a failure, and nothing is added to what the command says`, async () => {
    const HOME = scratch()
    const outcome = async (code: number, more: Partial<ExecOptions>) => {
      const want = { run: `echo out; exit ${code}`, changedBy: [3], ...more } as ExecOptions
      // A name of its own: the next shell may begin in the same hundredth of a second.
      const name = `${HOME} ${JSON.stringify([code, more])}`
      const resource = exec(name, want)
      const [step] = stepsOf(resource.evaluate(reply(''), debian, new Prediction()))
      const again = resource.quickProbe?.probe(debian) ?? sh`:`
      const ran = await run(shell, sh`( ${step?.sh ?? sh``}\n) || exit $?; ${again}`, step?.stdin, { HOME })
      return [ran.code, ran.stdout.toString()]
    }
    assert.equal(await outcome(0, {}), [0, 'out\nran 0 over\n'])
    assert.equal(await outcome(3, {}), [0, 'out\nran 3 over\n'])
    assert.equal(await outcome(4, {}), [4, 'out\n'])
    assert.equal(await outcome(4, { allowFailure: true }), [0, 'out\nran 4 over\n'])
    assert.equal(await outcome(4, { allowFailure: [4, 5] }), [0, 'out\nran 4 over\n'])
    assert.equal(await outcome(6, { allowFailure: [4, 5] }), [6, 'out\n'])
    assert.equal(await outcome(4, { changedBy: /o/, allowFailure: [4] }), [0, 'out\nran 4 over\n'])
  })
}

for (const [says, want, have, then] of table) {
  test(says, () => assert.equal(words(exec('it', want).evaluate(reply(have), debian, new Prediction())), then))
}

const at = (path: string, state: PathState, from = 'file:x'): [string, Effect] => [from, { type: 'path', path, state }]
const pkg: [string, Effect] = ['pkg:cfssl', { type: 'package', name: 'cfssl', installed: true }]
const gone: [string, Effect] = ['pkg:cfssl', { type: 'package', name: 'cfssl', installed: false }]
const command: [string, Effect] = ['exec:x', { type: 'anything' }]
const started: [string, Effect] = ['service:x', { type: 'unit', name: 'x.service', running: true }]
const foretold: readonly (readonly [
  says: string,
  want: ExecOptions,
  have: string,
  pending: [string, Effect][],
  then: readonly string[] | string,
])[] = [
  ['its product is to come: nothing to do', makes, 'creates 0\n', [at('/srv/out', { type: 'file' })], []],
  ['its product is to be a directory: nothing to do', makes, 'creates 0\n', [at('/srv/out/x', { type: 'file' })], []],
  [
    'its product is to go: run',
    makes,
    'creates 1\n',
    [at('/srv/out', { type: 'absent' })],
    ['run make (/srv/out is missing)'],
  ],
  [
    'its product goes with its directory: run',
    makes,
    'creates 1\n',
    [at('/srv', { type: 'absent' })],
    ['run make (/srv/out is missing)'],
  ],
  [
    'its product is missing, and a package is to come: run',
    makes,
    'creates 0\n',
    [pkg],
    ['run make (/srv/out is missing)'],
  ],
  ['unless says yes, and a package is to come: nothing to do', until, 'unless 0\n', [pkg], []],
  [
    'unless says no, and a package is to come: run',
    until,
    'unless 1\n',
    [pkg],
    ['run docker network create x (unless says 1)'],
  ],
  [
    'unless has no command, and run uses the same: that has made nothing yet, so run',
    until,
    'unless 127\n',
    [pkg],
    ['run docker network create x (unless says 127)'],
  ],
  [
    'unless has no command, and a package may bring just that: unknown',
    { run: './install.sh', unless: 'cfssl version' },
    'unless 127\n',
    [pkg],
    'unknown: unless finds no command, and pkg:cfssl may bring it',
  ],
  [
    'unless asks for a command, whatever its status: unknown',
    { run: './install.sh', unless: 'command -v cfssl' },
    'unless 1\n',
    [command],
    'unknown: unless finds no command, and exec:x may bring it',
  ],
  [
    'unless looks for what a package may bring: unknown',
    { run: 'touch /srv/w', unless: 'test -e /usr/share/x || test -e /srv/w' },
    'unless 1\n',
    [pkg],
    'unknown: unless says no, and pkg:cfssl may change that',
  ],
  [
    'unless asks for an account that a package may bring: unknown',
    { run: './setup', unless: 'getent passwd app' },
    'unless 2\n',
    [pkg],
    'unknown: unless says no, and pkg:cfssl may change that',
  ],
  [
    'unless looks where packages put nothing: run',
    { run: './install', unless: 'test -e /opt/app/bin' },
    'unless 1\n',
    [pkg],
    ['run ./install (unless says 1)'],
  ],
  [
    'a command may put something there: unknown',
    { run: './install', unless: 'test -e /opt/app/bin' },
    'unless 1\n',
    [command],
    'unknown: unless says no, and exec:x may change that',
  ],
  [
    'unless looks for what run makes: run',
    { run: 'mount -t tmpfs none /mnt/two', unless: 'findmnt -rn /mnt/two' },
    'unless 1\n',
    [command, pkg],
    ['run mount -t tmpfs none /mnt/two (unless says 1)'],
  ],
  [
    'unless asks for a word that run has: run',
    { run: ['useradd', 'app'], unless: 'getent passwd app' },
    'unless 2\n',
    [pkg],
    ['run useradd app (unless says 2)'],
  ],
  [
    'unless says yes, and a package goes: unknown',
    { run: './setup', unless: 'test -e /usr/share/x' },
    'unless 0\n',
    [gone],
    'unknown: unless says yes, and pkg:cfssl may change that',
  ],
  [
    'onlyIf says yes, and a package goes: unknown',
    { ...makes, onlyIf: 'test -e /usr/share/x' },
    'creates 0\nonlyIf 0\n',
    [gone],
    'unknown: onlyIf says yes, and pkg:cfssl may change that',
  ],
  [
    'what it creates is there, and a package goes: unknown, unless packages have nothing there',
    { run: 'make', creates: '/usr/share/x' },
    'creates 1\n',
    [gone],
    'unknown: /usr/share/x is there, and pkg:cfssl may take it along',
  ],
  [
    "what stands in a package's own directory of state may come with it",
    { run: 'initdb', creates: '/var/lib/cfssl/15/VERSION' },
    'creates 0\n',
    [pkg],
    'unknown: whether there will be a /var/lib/cfssl/15/VERSION is known only after pkg:cfssl',
  ],
  [
    'another package has no say there',
    { run: 'initdb', creates: '/var/lib/app/VERSION' },
    'creates 0\n',
    [pkg],
    ['run initdb (/var/lib/app/VERSION is missing)'],
  ],
  ['what it creates is there, where packages have nothing: nothing to do', makes, 'creates 1\n', [gone], []],
  [
    'unless has no command, and nothing that may bring it is to come: run',
    { run: 'x', unless: 'y' },
    'unless 127\n',
    [at('/etc/z', { type: 'file' })],
    ['run x (unless says 127)'],
  ],
  [
    'unless says yes, but of a path that is to change: unknown',
    { run: 'newaliases', unless: 'test /etc/aliases.db -nt /etc/aliases' },
    'unless 0\n',
    [at('/etc/aliases', { type: 'file' })],
    'unknown: unless looks at /etc/aliases, which file:x changes first',
  ],
  [
    'unless says no of a path that is to change: unknown',
    {
      run: 'until curl --key /etc/x.key https://localhost; do sleep 1; done',
      unless: 'curl --key /etc/x.key https://localhost',
    },
    'unless 1\n',
    [at('/etc/x.key', { type: 'file' })],
    'unknown: unless says no, and file:x may change that',
  ],
  [
    'unless asks a server of what was made once, and a service is to start: unknown',
    { run: 'until curl https://localhost; do sleep 1; done', creates: '/etc/x', unless: 'curl https://localhost' },
    'creates 1\nunless 7\n',
    [started],
    'unknown: unless says no, and service:x may change that',
  ],
  [
    'unless asks a server of what was never made: run',
    { run: 'until curl https://localhost; do sleep 1; done', creates: '/etc/x', unless: 'curl https://localhost' },
    'creates 0\nunless 7\n',
    [started],
    ['run until curl https://localhost; do sleep 1; done (/etc/x is missing)'],
  ],
  [
    'unless asks no server, and a service is to start: run',
    { run: 'make', creates: '/etc/x', unless: 'grep -q x /etc/x' },
    'creates 1\nunless 1\n',
    [started],
    ['run make (unless says 1)'],
  ],
  [
    'unless says that something is not newer than a path that is to change: run',
    { run: 'newaliases', unless: 'test /etc/aliases.db -nt /etc/aliases' },
    'unless 1\n',
    [at('/etc/aliases', { type: 'file' })],
    ['run newaliases (unless says 1)'],
  ],
  [
    'onlyIf looks at a path that is to change: unknown',
    { ...makes, onlyIf: '[ -e /etc/x ]' },
    'creates 0\nonlyIf 1\n',
    [at('/etc/x', { type: 'file' })],
    'unknown: onlyIf looks at /etc/x, which file:x changes first',
  ],
  [
    'onlyIf says no, and a package is to come: unknown',
    { ...makes, onlyIf: 'x' },
    'creates 0\nonlyIf 127\n',
    [pkg],
    'unknown: onlyIf says no, and pkg:cfssl comes first',
  ],
  [
    'onlyIf is asked as an account that is to come: unknown',
    { ...makes, onlyIf: 'true', user: 'app' },
    'creates 0\nunasked no account\nonlyIf 1\n',
    [['user:app', { type: 'user', name: 'app', exists: true }]],
    'unknown: onlyIf is asked as app, and user:app may make this account first',
  ],
  [
    'onlyIf is asked as an account that a package may bring: unknown',
    { ...makes, onlyIf: 'true', user: 'app' },
    'creates 0\nunasked no account\nonlyIf 1\n',
    [pkg],
    'unknown: onlyIf is asked as app, and pkg:cfssl may make this account first',
  ],
  [
    'its directory is to come: run',
    { ...makes, cwd: '/srv/src' },
    'creates 0\ncwd 0\n',
    [at('/srv/src', { type: 'dir' })],
    ['run make (/srv/out is missing)'],
  ],
  [
    'its directory is to go: refused',
    { ...makes, cwd: '/srv/src', unless: 'test -e /srv/out' },
    'creates 0\nunless 1\n',
    [at('/srv/src', { type: 'absent' })],
    'refused: there is no directory /srv/src to run in',
  ],
  [
    'a file is to come where its directory should be: refused',
    { ...makes, cwd: '/srv/src' },
    'creates 0\ncwd 0\n',
    [at('/srv/src', { type: 'file' })],
    'refused: there is no directory /srv/src to run in',
  ],
  [
    'its directory may come with a command: unknown',
    { ...makes, cwd: '/srv/src' },
    'creates 0\ncwd 0\n',
    [command],
    'unknown: there is no directory /srv/src to run in, unless exec:x makes it',
  ],
  [
    'its directory is taken to come with a package: run',
    { ...makes, cwd: '/usr/src/app' },
    'creates 0\ncwd 0\n',
    [pkg],
    ['run make (/srv/out is missing)'],
  ],
  [
    'its directory and its product are to come: nothing to do',
    { ...makes, cwd: '/srv' },
    'creates 0\ncwd 0\n',
    [at('/srv/out', { type: 'file' })],
    [],
  ],
  [
    'unless cannot be asked before its directory comes: run',
    { ...until, cwd: '/srv/src' },
    'cwd 0\n',
    [at('/srv/src', { type: 'dir' })],
    ['run docker network create x (/srv/src is missing)'],
  ],
]
for (const [says, want, have, pending, then] of foretold) {
  test(`foreseen: ${says}`, () => {
    const prediction = new Prediction()
    for (const [from, effect] of pending) prediction.record(from, [effect])
    assert.equal(words(exec('it', want).evaluate(reply(have), debian, prediction)), then)
  })
}

test('A plan that a pending change decides says so, and one that none decides does not', () => {
  const rests = (...pending: [string, Effect][]) => {
    const prediction = new Prediction()
    for (const [from, effect] of pending) prediction.record(from, [effect])
    const evaluation = exec('it', makes).evaluate(reply('creates 1\n'), debian, prediction)
    return 'plan' in evaluation ? evaluation.dependsOn : []
  }
  assert.equal(rests(at('/srv/out', { type: 'absent' })), ['file:x'])
  assert.equal(rests(pkg, command), [])
})

test('It may do anything, unless its effects are given; what it creates and its paths it changes in any case', () => {
  const effects = (options: Partial<ExecOptions>) => {
    const evaluation = exec('it', { ...makes, ...options }).evaluate(reply('creates 0\n'), debian, new Prediction())
    return 'plan' in evaluation ? evaluation.effects : []
  }
  const path = (name: string) => ({ type: 'path', path: name, state: { type: 'file' } })
  assert.equal(effects({}), [path('/srv/out'), { type: 'anything' }])
  assert.equal(effects({ paths: ['/etc/a'], effects: [] }), [path('/srv/out'), path('/etc/a')])
  assert.equal(exec('it', { ...makes, paths: ['/etc/a'] }).paths, ['/srv/out', '/etc/a'])
})

test('Invalid options are refused before any host is touched', () => {
  assert.throws(() => exec('it', { run: 'x' } as unknown as ExecOptions), /given creates, unless or changedBy/)
  assert.throws(() => exec(' ', makes), /name of exec to be a text, got none/)
  assert.throws(() => exec('it', { ...makes, run: '' }), /a command/)
  assert.throws(() => exec('it', { ...makes, cwd: 'srv' }), /absolute path/)
  assert.throws(() => exec('it', { ...makes, env: { 'A B': '' } }), /names of variables/)
})

test('A variable that is too long for any program of the host is refused: a question with it would count as answered with no', () => {
  const long = 'x'.repeat(131_072)
  for (const value of [long, secret(long)])
    assert.throws(
      () => exec('it', { ...makes, env: { A: value } }),
      /at most 130000 bytes in each variable, got 131072 in A/,
    )
  exec('it', { ...makes, run: `: ${long}`, stdin: long })
})

const user = userInfo().uid === 0 ? 'nobody' : undefined
for (const shell of shells()) {
  test(`${shell.name}: a command of any length is asked and run`, async () => {
    const long = "it's ".repeat(40_000)
    for (const as of user === undefined ? [{}] : [{}, { user }]) {
      const probe = (text: Sh) => exec('it', { run: 'true', onlyIf: text, unless: text, ...as }).probe(debian)
      const asked = async (text: Sh) => (await run(shell, probe(text))).stdout.toString()
      assert.is(await asked(sh`a=${long}; [ "\${#a}" = 200000 ]`), 'onlyIf 0\nunless 0\n')
      assert.is(await asked(sh`: ${secret(long)}; exit 3`), 'onlyIf 3\nunless 3\n')
      const want = { run: sh`a=${long}; echo "\${#a}"; cat; exit 3`, changedBy: [3], stdin: 'read', ...as }
      const [step] = stepsOf(exec(`it ${scratch()}`, want).evaluate(reply(''), debian, new Prediction()))
      const ran = await run(shell, step?.sh ?? sh``, step?.stdin, { HOME: scratch() })
      assert.equal([ran.code, ran.stdout.toString()], [0, '200000\nread'])
    }
  })
}

test('A secret never stands on the command line', () => {
  const it = exec('it', { run: 'true', creates: '/x', env: { TOKEN: secret('s3cr3t') }, stdin: secret('pa55word') })
  const [step] = stepsOf(it.evaluate(reply('creates 0\n'), debian, new Prediction()))
  assert.not.match(`${step?.sh.text ?? ''}${step?.summary ?? ''}${it.probe(debian).text}`, /s3cr3t|pa55word/)
  assert.match(Buffer.from(step?.stdin ?? []).toString(), /s3cr3t[^]*pa55word/)
})

for (const shell of shells()) {
  test(`${shell.name}: a command runs where it should, with what it should, and once`, async () => {
    const cwd = join(scratch(), "it's here")
    mkdirSync(cwd)
    const it = exec('it', {
      run: 'cat >out; printf "%s|%s|%s" "$A" "$B" "$PWD" >>out; exit 0',
      cwd,
      creates: 'out',
      env: { A: 'a "b" $c', B: secret("p'w\nd") },
      stdin: 'read ',
    })
    const done = await converge(shell, it)
    assert.equal(done.did, [`run cat >out; printf "%s|%s|%s" "$A" "$B" "$PWD" >>out; exit 0 (${cwd}/out is missing)`])
    assert.equal(words(done.again), [])
    assert.is(readFileSync(join(cwd, 'out'), 'utf8'), `read a "b" $c|p'w\nd|${cwd}`)
  })

  test(`${shell.name}: bytes on standard input arrive as they are`, async () => {
    const out = join(scratch(), 'out')
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256)
    await converge(shell, exec('it', { run: `cat >${out}`, creates: out, stdin: bytes, env: { A: secret('abcd') } }))
    assert.equal(new Uint8Array(readFileSync(out)), bytes)
  })

  test(`${shell.name}: unless and onlyIf see the directory and the environment, and no standard input`, async () => {
    const cwd = scratch()
    writeFileSync(join(cwd, 'here'), '')
    const seen = { unless: '[ "$A" = 1 ] && [ -e here ] && [ -z "$(cat)" ]', cwd, env: { A: '1' } }
    assert.equal(words(await ask(shell, exec('it', { run: 'false', ...seen }))), [])
    assert.equal(words(await ask(shell, exec('it', { run: 'x', unless: 'false', cwd, onlyIf: '! [ -e here ]' }))), [])
  })

  test(`${shell.name}: a command that ends well without its product fails, and one that fails tells its status`, async () => {
    const dir = scratch()
    const lazy = await converge(shell, exec('it', { run: 'true', creates: join(dir, 'never') }))
    assert.match(lazy.failed?.stderr ?? '', `it ended well, but did not create ${dir}/never`)
    const bad = await converge(shell, exec('it', { run: 'echo why >&2; exit 3', creates: join(dir, 'never') }))
    assert.is(bad.failed?.code, 3)
    assert.is(bad.failed?.stderr, 'why\n')
  })

  test(`${shell.name}: the syntax errors of a command are its own`, async () => {
    const out = join(scratch(), 'out')
    const done = await converge(shell, exec('it', { run: `if (`, unless: `[ -e ${out} ]`, onlyIf: 'true' }))
    assert.ok((done.failed?.code ?? 0) > 0)
    assert.equal(words(await ask(shell, exec('it', { run: 'x', unless: 'fi )' }))), ['run x (unless says 2)'])
    assert.not(existsSync(out))
  })

  test(`${shell.name}: a link to nothing counts as created`, async () => {
    const link = join(scratch(), 'link')
    const done = await converge(shell, exec('it', { run: ['ln', '-s', '/nowhere/at/all', link], creates: link }))
    assert.equal(words(done.again), [])
  })
}

test('a guard that an earlier command shares says yes by then, unless something comes between', () => {
  const first = exec('make it', { run: './make', unless: './is-made', cwd: '/srv' })
  const told = (second: ExecOptions, ...between: [string, Effect][]) => {
    const prediction = new Prediction()
    prediction.repeats.keep(first.id, first.want, prediction.turn)
    prediction.record(first.id, [{ type: 'anything' }])
    for (const [from, effect] of between) prediction.record(from, [effect])
    return words(exec('and this', second).evaluate(reply('unless 1\n'), debian, prediction))
  }
  const same: ExecOptions = { run: './finish', unless: './is-made', cwd: '/srv' }
  const unknown = (from: string) => `unknown: unless says no, and ${from} may change that`
  assert.equal(told(same), [])
  assert.equal(told(same, ['file:x', { type: 'path', path: '/etc/x', state: { type: 'file' } }]), [])
  assert.equal(told(same, ['exec:x', { type: 'anything' }]), unknown('exec:x'))
  assert.equal(told({ ...same, cwd: '/opt' }), unknown('exec:make it'))
  assert.equal(told({ ...same, env: { A: '1' } }), unknown('exec:make it'))
  assert.equal(told({ ...same, unless: './is-made twice' }), unknown('exec:make it'))
})

test.run()

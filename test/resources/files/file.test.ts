import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../../lib/errors.ts'
import { file, type Content, type FileOptions, type FileWant } from '../../../lib/resources/files/file.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { PendingSecret } from '../../../lib/resources/prediction/pending-secret.ts'
import { VALIDATOR_MISSING } from '../../../lib/resources/files/writing/validate.ts'
import { CANDIDATE_REFUSED } from '../../../lib/resources/files/writing/write.ts'
import { secret } from '../../../lib/secret.ts'
import { sh } from '../../../lib/sh/quote.ts'
import {
  ask,
  converge,
  debian,
  probe,
  reply,
  run,
  scratch,
  shells,
  start,
  stepsOf,
  words,
} from '../../support/converge-locally.ts'
import { shown } from '../../support/shown.ts'

const root = process.getuid?.() === 0
if (!root) process.stdout.write('skipped: owners and a full disk, because the tests do not run as root\n')

// What is wanted, what the host says, what is to be done.

const absentHere = 'none 0 4 dir\n'
const asWanted = 'have 0 81a4 3 0 0 root:root\nsame\n'
const other = 'have 0 81a4 3 0 0 root:root\ncontent\nold'

const table: readonly (readonly [says: string, want: FileOptions, have: string, then: readonly string[] | string])[] = [
  ['nothing there: create it', { content: 'new' }, absentHere, ['create /etc/motd']],
  ['as wanted: nothing to do', { content: 'new' }, asWanted, []],
  ['another content: write it', { content: 'new' }, other, ['write /etc/motd']],
  [
    'another content, not sent: write it',
    { content: 'new' },
    'have 0 81a4 9 0 0 root:root\nother\n',
    ['write /etc/motd'],
  ],
  ['another mode: chmod alone', { content: 'new', mode: '600' }, asWanted, ['set mode 0600 of /etc/motd (was 0644)']],
  [
    'another owner: chown alone',
    { content: 'new', owner: 'bind', group: 'adm' },
    asWanted,
    ['set owner and group bind:adm of /etc/motd (was root:root)'],
  ],
  ['another group: chown alone', { content: 'new', group: 'adm' }, asWanted, ['set group adm of /etc/motd (was root)']],
  ['an owner by number: as wanted', { content: 'new', owner: '0', group: '0' }, asWanted, []],
  [
    'a candidate left behind: remove it',
    { content: 'new' },
    'have 1 81a4 3 0 0 root:root\nsame\n',
    ['remove a candidate of /etc/motd left by an interrupted run'],
  ],
  [
    'a symbolic link in the way: replace it',
    { content: 'new' },
    'have 0 a1ff 3 0 0 root:root\n',
    ['replace the symbolic link /etc/motd with a file'],
  ],
  [
    'a directory in the way: refused',
    { content: 'new' },
    'have 0 41ed 9 0 0 root:root\n',
    'refused: /etc/motd is a directory, not a file',
  ],
  [
    'a device in the way: refused',
    { content: 'new' },
    'have 0 21b6 0 0 0 root:root\n',
    'refused: /etc/motd is a device, socket or pipe, not a file',
  ],
  [
    'no directory above: refused',
    { content: 'new' },
    'none 0 1 absent\n',
    'refused: /etc/motd cannot be made: there is no directory /etc',
  ],
  [
    'a file above: refused',
    { content: 'new' },
    'none 0 4 blocked\n',
    'refused: /etc/motd cannot be made: /etc is not a directory',
  ],
  [
    'not allowed to look: refused',
    { content: 'new' },
    'none 0 4 denied\n',
    'refused: /etc/motd cannot be looked at: permission denied',
  ],
  [
    'an owner nobody knows: refused',
    { content: 'new', owner: 'bind' },
    'none 0 4 dir\nlacks user bind\n',
    'refused: /etc/motd is to belong to user bind, which the host does not know',
  ],
  [
    'an owner nobody knows, with a line separator of Unicode in the name: refused',
    { content: 'new', owner: 'a\u2028b' },
    'none 0 4 dir\nlacks user a\u2028b\n',
    'refused: /etc/motd is to belong to user a\u2028b, which the host does not know',
  ],
  ['an edit that changes nothing: nothing to do', { content: (live) => live ?? '' }, other, []],
  ['an edit: write it', { content: (live) => `${live ?? ''}er` }, other, ['write /etc/motd']],
  [
    'an edit of binary: refused',
    { content: (live) => live ?? '' },
    'have 0 81a4 3 0 0 root:root\ncontent\na\0b',
    'refused: /etc/motd cannot be edited: it is not text: byte 2 is NUL',
  ],
]

for (const [says, want, have, then] of table) {
  test(says, () => {
    assert.equal(words(file('/etc/motd', want).evaluate(reply(have), debian, new Prediction())), then)
  })
}

function laid(from: string, ...effects: Effect[]): Prediction {
  const prediction = new Prediction()
  prediction.record(from, effects)
  return prediction
}

test('Tidying up beside a file changes nothing for those after it: no service is restarted for that', () => {
  const left = file('/etc/motd', { content: 'new' }).evaluate(
    reply('have 1 81a4 3 0 0 root:root\nsame\n'),
    debian,
    new Prediction(),
  )
  assert.equal('effects' in left && left.effects, [])
})

test('A directory that will be made makes place for the file', () => {
  const prediction = laid('dir:/etc', { type: 'path', path: '/etc', state: { type: 'dir' } })
  const evaluation = file('/etc/motd', { content: 'new' }).evaluate(reply('none 0 1 absent\n'), debian, prediction)
  assert.equal(words(evaluation), ['create /etc/motd'])
  assert.equal('dependsOn' in evaluation && evaluation.dependsOn, ['dir:/etc'])
})

test('A package that comes before makes place for the file and knows its owner', () => {
  const prediction = laid('pkg:bind9', { type: 'package', name: 'bind9', installed: true })
  const evaluation = file('/etc/bind/named.conf', { content: 'new', owner: 'bind' }).evaluate(
    reply('none 0 4 absent\nlacks user bind\n'),
    debian,
    prediction,
  )
  assert.equal(words(evaluation), ['create /etc/bind/named.conf'])
})

test("A number that is nobody's is that of the account which a pending package brings again, when its turn is next", () => {
  const prediction = () => laid('pkg:bind9', { type: 'package', name: 'bind9', installed: true })
  const after = (lacks: string) =>
    words(
      file('/etc/zone', { content: 'same', mode: '0644', group: 'bind' }).evaluate(
        reply(`have 0 81a4 4 0 104 root:UNKNOWN\n${lacks}\nsame\n`),
        debian,
        prediction(),
      ),
    )
  assert.equal(after('lacks group bind 104'), [])
  assert.equal(after('lacks group bind'), ['set group bind of /etc/zone (was UNKNOWN)'])
})

test('A user that comes before is known', () => {
  const prediction = laid('user:bind', { type: 'user', name: 'bind', exists: true })
  const evaluation = file('/etc/motd', { content: 'new', owner: 'bind' }).evaluate(
    reply('none 0 4 dir\nlacks user bind\n'),
    debian,
    prediction,
  )
  assert.equal(words(evaluation), ['create /etc/motd'])
})

test('What concerns other paths leaves the answer as it is', () => {
  const prediction = laid('file:/etc/hosts', { type: 'path', path: '/etc/hosts', state: { type: 'file' } })
  const evaluation = file('/etc/motd', { content: 'new' }).evaluate(reply(other), debian, prediction)
  assert.equal('dependsOn' in evaluation && evaluation.dependsOn, [])
})

test('A file that an earlier resource will have written is as wanted', () => {
  const want = { content: 'new', owner: 'root' }
  const first = file('/etc/motd', want).evaluate(reply(absentHere), debian, new Prediction())
  const prediction = laid('file:/etc/motd', ...('effects' in first ? first.effects : []))
  assert.equal(words(file('/etc/motd', want).evaluate(reply(absentHere), debian, prediction)), [])
})

test('Of a secret file that only gets another owner it is said that its content stays, and never what that is', () => {
  const want = { content: secret('hunter2'), owner: 'root', mode: '0600' }
  const effectsAfter = (have: string) => {
    const evaluation = file('/etc/key', want).evaluate(reply(have), debian, new Prediction())
    return 'effects' in evaluation ? evaluation.effects : []
  }
  const state = { type: 'file', mode: '0600', owner: 'root', group: 'root' } as const
  const path = '/etc/key'
  assert.equal(effectsAfter('have 0 8180 7 65534 0 nobody:root\nsame\n'), [
    { type: 'path', path, state: { ...state, kept: true } },
  ])
  assert.equal(effectsAfter('have 0 8180 7 65534 0 nobody:root\nother\n'), [
    { type: 'path', path, state: { ...state, sealed: new PendingSecret(Buffer.from('hunter2')) } },
  ])
  assert.not.match(inspect(effectsAfter('none 0 4 dir\n'), { depth: null, showHidden: true }), /hunter2|104, 117/)
  assert.not.match(JSON.stringify(effectsAfter('none 0 4 dir\n')), /hunter2|104,117/)
  // What stays can still be compared.
  const prediction = laid('file:/etc/key', { type: 'path', path, state: { ...state, kept: true } })
  const again = file(path, want).evaluate(reply('have 0 8180 7 65534 0 nobody:root\nsame\n'), debian, prediction)
  assert.equal(words(again), [])
})

test('A secret content that an earlier resource will have written is compared, and shown to nobody', () => {
  const after = (earlier: Content, later: Content) => {
    const mode = '0600'
    const first = file('/etc/key', { content: earlier, mode }).evaluate(reply(absentHere), debian, new Prediction())
    const prediction = laid('file:/etc/key', ...('effects' in first ? first.effects : []))
    const evaluation = file('/etc/key', { content: later, mode }).evaluate(reply(absentHere), debian, prediction)
    return [words(evaluation), 'plan' in evaluation ? evaluation.plan.changes : undefined]
  }
  const key = secret('hunter2')
  assert.equal(after(key, secret('hunter2')), [[], undefined])
  assert.equal(after(key, 'hunter2'), [[], undefined])
  assert.equal(after(key, Buffer.from('hunter2')), [[], undefined])
  assert.equal(after('hunter2', key), [[], undefined])
  assert.equal(after(key, secret('hunter3')), [['write /etc/key'], [{ hidden: 'secret content' }]])
  assert.equal(after(key, 'open'), [['write /etc/key'], [{ hidden: 'content known only after file:/etc/key' }]])
  assert.equal(
    after(key, (live) => `${live ?? ''}more`),
    ['unknown: what /etc/key will be is known only after file:/etc/key', undefined],
  )
})

test('A file that will be there with unknown content is written over', () => {
  const prediction = laid('pkg:base-files', { type: 'path', path: '/etc/motd', state: { type: 'file' } })
  const evaluation = file('/etc/motd', { content: 'new' }).evaluate(reply(absentHere), debian, prediction)
  assert.equal(words(evaluation), ['write /etc/motd'])
  assert.equal('plan' in evaluation && evaluation.plan.changes, [{ hidden: 'content known only after pkg:base-files' }])
})

test('An edit of a file that will be there with unknown content is unknown', () => {
  const prediction = laid('pkg:base-files', { type: 'path', path: '/etc/motd', state: { type: 'file' } })
  const edit = file('/etc/motd', { content: (live) => live ?? '' })
  assert.equal(
    words(edit.evaluate(reply(absentHere), debian, prediction)),
    'unknown: what /etc/motd will be is known only after pkg:base-files',
  )
})

test('A path through a link that an earlier resource makes is unknown', () => {
  const prediction = laid('link:/etc', { type: 'path', path: '/etc', state: { type: 'link', target: '/usr/etc' } })
  const evaluation = file('/etc/motd', { content: 'new' }).evaluate(reply(other), debian, prediction)
  assert.equal(words(evaluation), 'unknown: /etc/motd will lead through /etc, which comes with link:/etc')
})

test('Text shows before and after; binary only its size; a secret nothing', () => {
  const changes = (content: NonNullable<FileOptions['content']>, have: string) => {
    const evaluation = file('/etc/motd', { content }).evaluate(reply(have), debian, new Prediction())
    return 'plan' in evaluation ? evaluation.plan.changes : evaluation
  }
  assert.equal(changes('new', other), [{ before: 'old', after: 'new', label: '/etc/motd' }])
  assert.equal(changes(new Uint8Array([0, 1]), other), [{ hidden: 'binary, 3 -> 2 bytes' }])
  assert.equal(changes('new', 'have 0 81a4 2000000 0 0 root:root\nother\n'), [{ hidden: 'large, 2000000 -> 3 bytes' }])
  assert.equal(changes(secret('new'), 'have 0 81a4 3 0 0 root:root\nother\n'), [{ hidden: 'secret content' }])
})

test('A secret is nowhere in the scripts, and its file is for its owner alone', () => {
  const resource = file('/etc/token', { content: secret('hunter2') })
  const evaluation = resource.evaluate(reply(absentHere), debian, new Prediction())
  assert.equal((resource.want as FileWant).mode, '0600')
  assert.not.match(
    shown([resource, evaluation, resource.probe(debian).text, stepsOf(evaluation)[0]?.sh.text]),
    'hunter2',
  )
  assert.ok(
    'effects' in evaluation &&
      !evaluation.effects.some((effect) => effect.type === 'path' && 'content' in effect.state),
  )
})

test('Invalid options are refused before any host is touched', () => {
  const wrong: readonly (() => unknown)[] = [
    () => file('etc/motd', { content: '' }),
    () => file('/etc/../motd', { content: '' }),
    () => file('/etc/motd', { content: '', mode: '888' }),
    () => file('/etc/motd', { content: '', owner: 'a:b' }),
    () => file('/etc/motd', { content: '', validate: 'named-checkconf' }),
  ]
  for (const make of wrong)
    assert.throws(make, (error: unknown) => error instanceof RolecallError && /Expected /.test(error.message))
})

// The same on a real file system, by each shell.

for (const shell of shells()) {
  const fresh = () => scratch()
  const it = (says: string, what: () => Promise<void>) => test(`${shell.name}: ${says}`, what)

  it('a file is made from nothing, and is then as wanted', async () => {
    const path = join(fresh(), 'motd')
    const { did, again } = await converge(shell, file(path, { content: 'Hello\n' }))
    assert.equal(did, [`create ${path}`])
    assert.equal(words(again), [])
    assert.is(readFileSync(path, 'utf8'), 'Hello\n')
    assert.is(statSync(path).mode & 0o7777, 0o644)
  })

  it('a drift of content, mode and owner is set right, and nothing else is', async () => {
    const path = join(fresh(), 'motd')
    const want = file(path, { content: 'Hello\n', mode: '0640', ...(root ? { owner: 'daemon', group: 'adm' } : {}) })
    await converge(shell, want)
    writeFileSync(path, 'Goodbye\n')
    assert.equal((await converge(shell, want)).did, [`write ${path}`])
    const { ino } = statSync(path)
    chmodSync(path, 0o4777)
    const moded = await converge(shell, want)
    assert.equal([moded.did, words(moded.again)], [[`set mode 0640 of ${path} (was 4777)`], []])
    if (root) {
      chownSync(path, 0, 0)
      const owned = await converge(shell, want)
      assert.equal([owned.did, words(owned.again)], [[`set owner and group daemon:adm of ${path} (was root:root)`], []])
    }
    assert.is(statSync(path).ino, ino)
  })

  it('a number that nobody has is told when the next system account will have it', async () => {
    if (!root) return
    const taken = new Set(
      readFileSync('/etc/group', 'utf8')
        .split('\n')
        .map((line) => Number(line.split(':')[2])),
    )
    let next = 100
    while (taken.has(next)) next++
    const path = join(fresh(), 'zone')
    writeFileSync(path, '')
    const told = async (gid: number) => {
      chownSync(path, 0, gid)
      return (await probe(shell, file(path, { content: '', group: 'no-such' }))).lines[1]
    }
    assert.is(await told(next), `lacks group no-such ${next}`)
    assert.is(await told(59_999), 'lacks group no-such')
  })

  it('a file keeps the owner it has when none is wanted', async () => {
    if (!root) return
    const path = join(fresh(), 'motd')
    writeFileSync(path, 'old')
    chownSync(path, 1, 4)
    await converge(shell, file(path, { content: 'new' }))
    assert.equal([statSync(path).uid, statSync(path).gid, readFileSync(path, 'utf8')], [1, 4, 'new'])
  })

  it('odd names and contents arrive as they are', async () => {
    const dir = fresh()
    const names = [
      'with space',
      `q'u"o$te\`s`,
      'two\nlines',
      '-rf',
      'Zürich 東京',
      'a[b]*?',
      '\\n',
      '.hidden',
      `${'n'.repeat(254)}!`,
    ]
    const contents = [
      '',
      '\n',
      'no newline',
      'ümlaut',
      new Uint8Array([0, 255, 10, 13, 0]),
      Buffer.alloc(5_000_000, 'x'),
    ]
    for (const name of names) {
      const { did, again, failed } = await converge(shell, file(join(dir, name), { content: name }))
      assert.equal([did.length, words(again), failed?.stderr], [1, [], undefined], name)
      assert.is(readFileSync(join(dir, name), 'utf8'), name)
    }
    for (const content of contents) {
      const { did, again } = await converge(shell, file(join(dir, 'content'), { content }))
      assert.equal([did.length, words(again)], [1, []])
      assert.ok(Buffer.from(content).equals(readFileSync(join(dir, 'content'))))
    }
    assert.is(readdirSync(dir).length, names.length + 1)
  })

  it('a symbolic link is replaced, also one to a directory or to nothing; what it led to stays', async () => {
    const dir = fresh()
    mkdirSync(join(dir, 'behind'))
    writeFileSync(join(dir, 'target'), 'precious')
    for (const target of ['target', 'behind', 'nowhere']) {
      const path = join(dir, `to-${target}`)
      symlinkSync(target, path)
      const { did, again } = await converge(shell, file(path, { content: 'new' }))
      assert.equal([did, words(again)], [[`replace the symbolic link ${path} with a file`], []])
      assert.ok(lstatSync(path).isFile())
    }
    assert.is(readFileSync(join(dir, 'target'), 'utf8'), 'precious')
    assert.equal(readdirSync(join(dir, 'behind')), [])
  })

  it('a directory in the way and a missing directory above are refused', async () => {
    const dir = fresh()
    writeFileSync(join(dir, 'plain'), '')
    assert.is(words(await ask(shell, file(dir, { content: '' }))), `refused: ${dir} is a directory, not a file`)
    const lost = file(join(dir, 'a/b/c'), { content: '' })
    assert.is(words(await ask(shell, lost)), `refused: ${dir}/a/b/c cannot be made: there is no directory ${dir}/a/b`)
    const below = file(join(dir, 'plain/b/c'), { content: '' })
    assert.is(
      words(await ask(shell, below)),
      `refused: ${dir}/plain/b/c cannot be made: ${dir}/plain is not a directory`,
    )
  })

  it('an account that the host does not know is found out beforehand', async () => {
    const path = join(fresh(), 'motd')
    const strange = file(path, { content: '', owner: 'no-such-user' })
    assert.match(String(words(await ask(shell, strange))), 'is to belong to user no-such-user')
    const group = file(path, { content: '', owner: '4711', group: 'no-such-group' })
    assert.match(String(words(await ask(shell, group))), 'is to belong to group no-such-group')
    assert.equal(words(await ask(shell, file(path, { content: '', owner: 'root', group: 'adm' }))), [`create ${path}`])
  })

  it('a candidate that its validator refuses never goes live, and the validator has its say', async () => {
    const path = join(fresh(), 'motd')
    writeFileSync(path, 'good')
    const refused = await converge(shell, file(path, { content: 'bad', validate: 'grep -n good {} /dev/null' }))
    assert.is(refused.failed?.code, CANDIDATE_REFUSED)
    const said = await converge(
      shell,
      file(path, { content: 'bad', validate: sh`cat "$candidate"; echo ' is not good'; exit 3` }),
    )
    assert.is(said.failed?.code, CANDIDATE_REFUSED)
    assert.match(said.failed?.stderr ?? '', 'bad is not good')
    const missing = await converge(shell, file(path, { content: 'bad', validate: 'no-such-checker {}' }))
    assert.is(missing.failed?.code, VALIDATOR_MISSING)
    assert.match(missing.failed?.stderr ?? '', 'command not found: no-such-checker')
    assert.is(readFileSync(path, 'utf8'), 'good')
    assert.equal(readdirSync(join(path, '..')), ['motd'])
    const passed = await converge(shell, file(path, { content: 'e=good', validate: 'grep -q -ee=good {} {}' }))
    assert.equal([passed.did, passed.failed], [[`write ${path}`], undefined])
  })

  it('a validator is given words, never code', async () => {
    const dir = fresh()
    const path = join(dir, `it's $(touch pwned)`)
    const checked = file(path, { content: 'x', validate: `test {} != $(touch\t${dir}/pwned) -a -f {}` })
    await converge(shell, checked)
    assert.ok(!readdirSync(dir).includes('pwned'))
  })

  it('a validation shows the candidate to its validator and leaves nothing', async () => {
    const path = join(fresh(), 'zone.db')
    const validation = async (validate: FileOptions['validate']) => {
      const evaluation = await ask(
        shell,
        file(path, { content: 'bad', ...(validate === undefined ? {} : { validate }) }),
      )
      const script = 'plan' in evaluation ? evaluation.plan.validation : undefined
      return script && (await run(shell, script.sh, script.stdin))
    }
    const before = readdirSync('/tmp').filter((name) => name.startsWith('rolecall.'))
    assert.is(await validation(undefined), undefined)
    assert.is((await validation('grep -q bad {}'))?.code, 0)
    assert.is((await validation('grep -q good {}'))?.code, 1)
    assert.is((await validation('no-such-checker {}'))?.code, VALIDATOR_MISSING)
    assert.is((await validation(sh`no-such-checker "$candidate"`))?.code, VALIDATOR_MISSING)
    assert.match((await validation(sh`echo "no $candidate"; exit 4`))?.stderr ?? '', /no .*\/zone.db\n/)
    assert.equal(
      readdirSync('/tmp').filter((name) => name.startsWith('rolecall.')),
      before,
    )
    assert.equal(readdirSync(join(path, '..')), [])
  })

  it('the old file is kept on request, under the time it was written', async () => {
    const dir = fresh()
    const path = join(dir, 'motd')
    writeFileSync(path, 'old')
    execFileSync('touch', ['-d', '2026-01-31T12:01:07Z', path])
    await converge(shell, file(path, { content: 'new', backup: true }))
    assert.is(readFileSync(`${path}.20260131T120107~`, 'utf8'), 'old')
    assert.equal(readdirSync(dir).sort(), ['motd', 'motd.20260131T120107~'])
  })

  it('content can be derived from what is there', async () => {
    const path = join(fresh(), 'zone')
    const serial = file(path, { content: (live) => (live === undefined ? '1' : live.replace(/^1$/, '2')) })
    assert.equal((await converge(shell, serial)).did, [`create ${path}`])
    assert.equal((await converge(shell, serial)).did, [`write ${path}`])
    assert.equal((await converge(shell, serial)).did, [])
  })

  it('an edit of a file that somebody else changed meanwhile is given up', async () => {
    const path = join(fresh(), 'motd')
    writeFileSync(path, 'one')
    const [step] = stepsOf(await ask(shell, file(path, { content: (live) => `${(live ?? '').slice(0, 3)} two` })))
    assert.ok(step)
    writeFileSync(path, 'three')
    const ran = await run(shell, step.sh, step.stdin)
    assert.match(ran.stderr, 'was changed by somebody else')
    assert.equal([ran.code, readFileSync(path, 'utf8'), readdirSync(join(path, '..'))], [1, 'three', ['motd']])
  })

  it('a stream that breaks off leaves the live file and no candidate', async () => {
    const path = join(fresh(), 'motd')
    writeFileSync(path, 'old')
    const [step] = stepsOf(await ask(shell, file(path, { content: secret('a longer content') })))
    assert.ok(step)
    const ran = await run(shell, step.sh, Buffer.from('a longer'))
    assert.match(ran.stderr, 'received 8 of 16 bytes')
    assert.equal([ran.code, readFileSync(path, 'utf8'), readdirSync(join(path, '..'))], [1, 'old', ['motd']])
  })

  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    it(`${signal} in the middle of writing leaves the live file, and the next run arrives`, async () => {
      const dir = fresh()
      const path = join(dir, 'motd')
      writeFileSync(path, 'old')
      const want = file(path, { content: secret('new content') })
      const [step] = stepsOf(await ask(shell, want))
      assert.ok(step)
      const child = start(shell, ['-c', step.sh.text])
      child.stdin.write('new ')
      while (readdirSync(dir).length < 2) await new Promise((resolve) => setTimeout(resolve, 10))
      const ended = new Promise((resolve) => child.on('close', resolve))
      process.kill(-(child.pid ?? 0), signal)
      // A signal that comes between the fork of what reads and its exec is lost: then the end of the input ends it.
      child.stdin.on('error', () => undefined).end()
      await ended
      assert.is(readFileSync(path, 'utf8'), 'old')
      assert.is(readdirSync(dir).length, signal === 'SIGKILL' ? 2 : 1)
      const { did, again } = await converge(shell, want)
      const tidy = signal === 'SIGKILL' ? [`remove a candidate of ${path} left by an interrupted run`] : []
      assert.equal([did, words(again), readdirSync(dir)], [[...tidy, `write ${path}`], [], ['motd']])
    })
  }

  it('a full disk is an error in its own words, and leaves the live file', async () => {
    if (!root) return
    const dir = fresh()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir])
    try {
      const path = join(dir, 'motd')
      writeFileSync(path, 'old')
      const { did, failed } = await converge(shell, file(path, { content: Buffer.alloc(200_000, 'x') }))
      assert.equal([did, failed?.summary], [[], `write ${path}`])
      assert.match(failed?.stderr ?? '', /No space left on device/)
      assert.equal([readFileSync(path, 'utf8'), readdirSync(dir)], ['old', ['motd']])
    } finally {
      execFileSync('umount', ['-l', dir])
    }
  })

  it('a file as wanted answers with few bytes', async () => {
    const path = join(fresh(), 'motd')
    const content = Buffer.alloc(900_000, 'x')
    writeFileSync(path, content)
    const { bytes } = await probe(shell, file(path, { content }))
    assert.ok(bytes.length < 100, `${bytes.length} bytes`)
    const token = await probe(shell, file(path, { content: secret('other') }))
    assert.ok(token.bytes.length < 100, 'secret content is never fetched')
  })
}

test.run()

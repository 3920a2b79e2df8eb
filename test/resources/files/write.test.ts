import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { file } from '../../../lib/resources/files/file.ts'
import { CANDIDATE_REFUSED, inputOf, writeAll, type Write } from '../../../lib/resources/files/writing/write.ts'
import { lines, raw, type Sh } from '../../../lib/sh/quote.ts'
import { converge, run, scratch, shells, type Shell } from '../../support/converge-locally.ts'

function write(path: string, content: string | Uint8Array, more: Partial<Write> = {}): Write {
  return { path, bytes: Buffer.from(content), mode: '0644', ...more }
}

for (const shell of shells()) {
  const it = (says: string, work: () => Promise<void>) => test(`${shell.name}: ${says}`, work)
  /** Writes, and tells which were begun and how they ended. */
  const put = async (...writes: readonly Write[]) => {
    const script = lines(raw('m() { echo "$@"; }'), writeAll(writes))
    const { code, stdout, stderr } = await run(
      shell,
      script,
      Buffer.concat(writes.map((each) => inputOf(each) ?? Buffer.of())),
    )
    return { code, stderr, told: stdout.toString().trim().split('\n') }
  }

  /** A tool in front of the real one: `does` sees its arguments, and `$real` is the real one. */
  const inFront = (dir: string, tool: string, does: string) => {
    const real =
      shell.path
        .split(':')
        .map((each) => join(each, tool))
        .find(existsSync) ?? ''
    writeFileSync(join(dir, tool), `#!/bin/sh\nreal=${real}\n${does}\n`, { mode: 0o755 })
    return { ...shell, path: `${dir}:${shell.path}` }
  }
  const fresh = (dir: string, names: readonly string[], more: Partial<Write> = {}) =>
    names.map((name) => write(join(dir, name), `this is ${name}`, { fresh: true, ...more }))
  const told = (script: Sh, where: Shell) => run(where, lines(raw('m() { echo "$@"; }'), script))
  const contents = (dir: string) =>
    readdirSync(dir)
      .sort()
      .map((name) => [name, readFileSync(join(dir, name), 'utf8')])
  const five = ['a', "b's", '-c', '.d', 'e f']
  const fiveThere = [...five].sort().map((name) => [name, `this is ${name}`])
  const allToldOf = (count: number) => Array.from({ length: count }, (_, at) => `s ${at}\ne ${at} 0\n`).join('')

  it('files of all sorts are written together: text, bytes, secrets, empty and large ones', async () => {
    const dir = scratch()
    const large = Buffer.alloc(200_001, 'x')
    const contents = [
      Buffer.from("it's $HOME\\n\u0101\u20ac\n"),
      Buffer.of(0, 255, 10),
      Buffer.from('hidden'),
      Buffer.of(),
      large,
    ]
    const names = ['text', 'bytes', 'secret', 'empty', 'large']
    const writes = contents.map((bytes, at) =>
      write(join(dir, names[at] ?? ''), bytes, { mode: at === 2 ? '0600' : '0640', secret: at === 2 }),
    )
    const { code, told, stderr } = await put(...writes)
    assert.equal([code, stderr], [0, ''])
    assert.equal(
      told,
      [0, 1, 2, 3, 4].flatMap((at) => [`s ${at}`, `e ${at} 0`]),
    )
    assert.equal(
      names.map((name) => readFileSync(join(dir, name)).equals(contents[names.indexOf(name)] ?? Buffer.of())),
      [true, true, true, true, true],
    )
    assert.equal(
      names.map((name) => (statSync(join(dir, name)).mode & 0o7777).toString(8)),
      ['640', '640', '600', '640', '640'],
    )
    assert.equal(readdirSync(dir).sort(), [...names].sort())
  })

  it('a secret stands in no script', () => {
    assert.not.match(writeAll([write('/etc/token', 'hunter2-hunter2', { secret: true })]).text, 'hunter2')
    return Promise.resolve()
  })

  it('the files before one that cannot be written are there, it and those after it are not, and it is said why', async () => {
    const dir = scratch()
    const { code, told, stderr } = await put(
      write(join(dir, 'a'), 'one'),
      write(join(dir, 'lost/b'), 'two'),
      write(join(dir, 'c'), 'three'),
    )
    assert.equal([code, told], [1, ['s 0', 'e 0 0', 's 1', 'e 1 1']])
    assert.match(stderr, /cannot write .*lost\/b: .*No such file or directory/)
    assert.equal(readdirSync(dir), ['a'])
  })

  it('the owner that one of them cannot have is the failure of that one', async () => {
    const dir = scratch()
    const { code, told, stderr } = await put(
      write(join(dir, 'a'), 'one', { mode: '4750' }),
      write(join(dir, 'b'), 'two', { owner: 'nobody-knows-me' }),
      write(join(dir, 'c'), 'three'),
    )
    assert.equal([code, told], [1, ['s 0', 'e 0 0', 's 1', 'e 1 1']])
    assert.match(stderr, 'nobody-knows-me')
    assert.equal([readdirSync(dir), statSync(join(dir, 'a')).mode & 0o7777], [['a'], 0o4750])
  })

  it('a validator sees the files before its own under their names, and may refuse its own', async () => {
    const dir = scratch()
    const seen = join(dir, 'seen')
    const validate = raw(`cat ${join(dir, 'a')} "$candidate" >${seen}; exit 3`)
    const { code, told } = await put(
      write(join(dir, 'a'), 'one '),
      write(join(dir, 'b'), 'two', { validate }),
      write(join(dir, 'c'), 'three'),
    )
    assert.equal([code, told], [CANDIDATE_REFUSED, ['s 0', 'e 0 0', 's 1', `e 1 ${CANDIDATE_REFUSED}`]])
    assert.equal(
      [readFileSync(seen, 'utf8'), existsSync(join(dir, 'b')), existsSync(join(dir, 'c'))],
      ['one two', false, false],
    )
  })

  it('a file that somebody put where a directory has come is left, and so are those after it', async () => {
    const dir = scratch()
    mkdirSync(join(dir, 'b'))
    const { code, told, stderr } = await put(
      write(join(dir, 'a'), 'one'),
      write(join(dir, 'b'), 'two'),
      write(join(dir, 'c'), 'three'),
    )
    assert.equal([code, told], [1, ['s 0', 'e 0 0', 's 1', 'e 1 1']])
    assert.match(stderr, 'has become a directory')
    assert.equal(readdirSync(dir).sort(), ['a', 'b'])
  })

  it('what stands in the place of a candidate is neither followed nor removed', async () => {
    const dir = scratch()
    const [tools, victim] = [join(dir, 'bin'), join(dir, 'victim')]
    mkdirSync(tools)
    // The real one cannot be made to give a name that is taken.
    writeFileSync(
      join(tools, 'mktemp'),
      '#!/bin/sh\ncase $1 in -u) echo AAAAAA;; *) exec /usr/bin/mktemp "$@";; esac\n',
      { mode: 0o755 },
    )
    writeFileSync(victim, 'untouched')
    symlinkSync(victim, join(dir, '.b.rolecall.AAAAAA'))
    const script = lines(
      raw('m() { echo "$@"; }'),
      writeAll([write(join(dir, 'a'), 'one'), write(join(dir, 'b'), 'two')]),
    )
    const { code, stderr } = await run({ ...shell, path: `${tools}:${shell.path}` }, script)
    assert.equal([code, readFileSync(victim, 'utf8')], [1, 'untouched'])
    assert.match(stderr, 'is there already')
    assert.equal(readdirSync(dir).sort(), ['.b.rolecall.AAAAAA', 'a', 'bin', 'victim'])
  })

  it('what stands in the place of the directory of new files is neither used nor removed', async () => {
    const [dir, tools] = [scratch(), scratch()]
    const taken = inFront(tools, 'mktemp', 'case $1 in -u) echo AAAAAA;; *) exec "$real" "$@";; esac')
    mkdirSync(join(dir, '.a.rolecall.AAAAAA'))
    writeFileSync(join(dir, '.a.rolecall.AAAAAA/theirs'), 'untouched')
    const { code, stdout, stderr } = await told(writeAll(fresh(dir, five)), taken)
    assert.equal([code, stdout.toString()], [1, 's 0\ne 0 1\n'])
    assert.match(stderr, /^cannot write \S*a: mkdir: .*File exists$/m)
    assert.equal(readdirSync(dir), ['.a.rolecall.AAAAAA'])
    assert.equal(contents(join(dir, '.a.rolecall.AAAAAA')), [['theirs', 'untouched']])
  })

  it('a hundred files and more than nine candidates are told apart', async () => {
    const dir = scratch()
    const writes = Array.from({ length: 100 }, (_, at) => write(join(dir, String(at)), `content ${at}`))
    assert.is((await put(...writes)).code, 0)
    assert.equal(
      writes.filter(({ path }, at) => readFileSync(path, 'utf8') !== `content ${at}`),
      [],
    )
  })

  it('new files of one directory get their names from one mv', async () => {
    const [dir, tools] = [scratch(), scratch()]
    const counting = inFront(tools, 'mv', `echo "$#" >>${tools}/calls; exec "$real" "$@"`)
    const { code, stdout, stderr } = await told(writeAll(fresh(dir, five, { mode: '0640' })), counting)
    assert.equal([code, stderr, stdout.toString()], [0, '', allToldOf(5)])
    assert.equal(contents(dir), fiveThere)
    assert.equal(new Set(five.map((name) => statSync(join(dir, name)).mode & 0o7777)), new Set([0o640]))
    assert.is(readFileSync(join(tools, 'calls'), 'utf8'), '9\n')
  })

  it('files that are there already, in other directories or with something to look at are renamed by themselves', async () => {
    const [dir, other, tools] = [scratch(), scratch(), scratch()]
    const counting = inFront(tools, 'mv', `echo "$#" >>${tools}/calls; exec "$real" "$@"`)
    const mixed = [
      ...fresh(dir, five.slice(0, 2)),
      ...fresh(other, ['x']),
      ...fresh(dir, five.slice(2, 4)),
      write(join(dir, 'e f'), 'new'),
      ...fresh(dir, ['y'], { validate: raw('true') }),
    ]
    const { code, stdout, stderr } = await told(writeAll(mixed), counting)
    assert.equal([code, stderr, stdout.toString()], [0, '', allToldOf(7)])
    assert.equal([contents(dir).length, contents(other)], [6, [['x', 'this is x']]])
    assert.is(readFileSync(join(tools, 'calls'), 'utf8'), '4\n'.repeat(7))
  })

  it('an mv without -t brings new files to their names one by one', async () => {
    const [dir, tools] = [scratch(), scratch()]
    const old = inFront(
      tools,
      'mv',
      'case $2 in -t) echo "mv: invalid option -- t" >&2; exit 1;; esac; exec "$real" "$@"',
    )
    const { code, stdout, stderr } = await told(writeAll(fresh(dir, five)), old)
    assert.equal([code, stderr, stdout.toString()], [0, '', allToldOf(5)])
    assert.equal(contents(dir), fiveThere)
  })

  it('where mv ends half-way, those that have arrived have, and the others follow', async () => {
    const [dir, tools] = [scratch(), scratch()]
    const half = inFront(tools, 'mv', 'case $2 in -t) "$real" -f -- "$5" "$6" "$3/"; exit 1;; esac; exec "$real" "$@"')
    const { code, stdout, stderr } = await told(writeAll(fresh(dir, five)), half)
    assert.equal([code, stderr, stdout.toString()], [0, '', allToldOf(5)])
    assert.equal(contents(dir), fiveThere)
  })

  it('of new files, a name that somebody has made a directory meanwhile is left, and so are those after it', async () => {
    const dir = scratch()
    mkdirSync(join(dir, '-c'))
    const { code, stdout, stderr } = await told(writeAll(fresh(dir, five)), shell)
    assert.equal([code, stdout.toString()], [1, `${allToldOf(2)}s 2\ne 2 1\n`])
    assert.match(stderr, 'has become a directory')
    assert.equal(readdirSync(dir).sort(), ['-c', 'a', "b's"])
  })

  it('new files in a directory that is not there are not written, and it is said why', async () => {
    const dir = scratch()
    const writes = [...fresh(dir, ['a']), ...fresh(join(dir, 'lost'), five), ...fresh(dir, ['z'])]
    const { code, stdout, stderr } = await told(writeAll(writes), shell)
    assert.equal([code, stdout.toString()], [1, `${allToldOf(1)}s 1\ne 1 1\n`])
    assert.match(stderr, /^cannot write \S*lost\/a: mkdir: .*No such file or directory$/m)
    assert.equal(readdirSync(dir), ['a'])
  })

  it('of new files, the owner that one cannot have is the failure of that one', async () => {
    const dir = scratch()
    const writes = [...fresh(dir, ['a', 'b']), ...fresh(dir, ['c'], { owner: 'nobody-knows-me' }), ...fresh(dir, ['d'])]
    const { code, stdout, stderr } = await told(writeAll(writes), shell)
    assert.equal([code, stdout.toString()], [1, `${allToldOf(2)}s 2\ne 2 1\n`])
    assert.match(stderr, 'nobody-knows-me')
    assert.equal(readdirSync(dir).sort(), ['a', 'b'])
    assert.is(statSync(join(dir, 'a')).mode & 0o7777, 0o644)
  })

  it('a signal leaves nothing of new files, and a kill what the next probe of the first one finds', async () => {
    for (const [signal, left] of [
      ['TERM', false],
      ['KILL', true],
    ] as const) {
      const [dir, tools] = [scratch(), scratch()]
      const struck = inFront(tools, 'sync', `kill -${signal} $PPID; sleep 0.1`)
      await told(writeAll(fresh(dir, five)), struck)
      assert.equal(readdirSync(dir).length > 0, left)
      const again = await converge(shell, file(join(dir, 'a'), { content: 'this is a' }))
      assert.equal(again.did, [
        ...(left ? [`remove a candidate of ${join(dir, 'a')} left by an interrupted run`] : []),
        `create ${join(dir, 'a')}`,
      ])
      assert.equal(readdirSync(dir), ['a'])
    }
  })

  it('the old mode of a live file does not matter, and the old file may be kept', async () => {
    const dir = scratch()
    writeFileSync(join(dir, 'a'), 'old')
    chmodSync(join(dir, 'a'), 0o400)
    assert.is((await put(write(join(dir, 'a'), 'new', { backup: true }))).code, 0)
    const kept = readdirSync(dir).find((name) => name !== 'a')
    assert.equal([readFileSync(join(dir, 'a'), 'utf8'), readFileSync(join(dir, kept ?? ''), 'utf8')], ['new', 'old'])
  })

  it('the old file is not kept where the new one does not get its name', async () => {
    const [dir, tools] = [scratch(), scratch()]
    writeFileSync(join(dir, 'a'), 'old')
    const refusing = inFront(tools, 'mv', 'echo busy >&2; exit 1')
    const { code } = await told(writeAll([write(join(dir, 'a'), 'new', { backup: true })]), refusing)
    assert.equal([code, contents(dir)], [1, [['a', 'old']]])
  })
}

test.run()

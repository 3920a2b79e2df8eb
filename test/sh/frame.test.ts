import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { frame, type Part, type Section } from '../../lib/sh/frame.ts'
import { FrameReader, type FrameEvent } from '../../lib/sh/frame-reader.ts'
import { shellFunction, raw, sh, type Sh } from '../../lib/sh/quote.ts'

function readInPieces(bytes: Uint8Array, mark: string, parts: readonly Part[], size: number): FrameEvent[] {
  const events: FrameEvent[] = []
  const reader = new FrameReader(mark, parts, (event) => events.push(event))
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size))
  return events.filter((event) => event.type === 'end')
}

for (const shell of [['dash'], ['busybox', 'sh']]) {
  const [program = '', ...args] = shell

  test(`answers are read the same wherever the stream is cut (${program})`, () => {
    const sections: Section[] = [
      { name: 'text', sh: raw('echo one; echo two') },
      { name: 'open end', sh: raw('printf "no newline"; exit 3') },
      { name: 'nothing', sh: raw('true') },
      { name: 'bytes', sh: raw('printf "\\000\\377\\n\\n"') },
    ]
    const { script, mark } = frame(sections)
    const { stdout } = spawnSync(program, [...args, '-c', script.text])
    for (const size of [1, 7, 64, 100_000]) {
      const ends = readInPieces(stdout, mark, sections, size)
      assert.equal(
        ends.map((end) => (end.type === 'end' ? [end.name, end.code, Buffer.from(end.bytes).toString('latin1')] : [])),
        [
          ['text', 0, 'one\ntwo\n'],
          ['open end', 3, 'no newline'],
          ['nothing', 0, ''],
          ['bytes', 0, '\0\xff\n\n'],
        ],
      )
    }
  })

  test(`a step longer than one variable of the environment runs whole, with its input (${program})`, () => {
    const long = "it's long ".repeat(40_000)
    const sections: Section[] = [
      { name: 'long', sh: sh`a=${long}; echo "\${#a}"; cat; exit 3`, deadline: 20, stdinBytes: 5 },
      { name: 'next', sh: raw('cat'), deadline: 20, stdinBytes: 4 },
    ]
    const { script, mark } = frame(sections)
    const directory = mkdtempSync(join(tmpdir(), 'frame-'))
    writeFileSync(join(directory, 'script'), script.text)
    const { stdout } = spawnSync(program, [...args, join(directory, 'script')], { input: 'firstnext' })
    rmSync(directory, { recursive: true })
    const ends = readInPieces(stdout, mark, sections, 512)
    assert.equal(
      ends.map((end) => (end.type === 'end' ? [end.code, Buffer.from(end.bytes).toString()] : [])),
      [
        [3, '400000\nfirst'],
        [0, 'next'],
      ],
    )
  })

  test(`an inline question takes no process, and leaves nothing behind for those after it (${program})`, () => {
    const pid = raw(`sh -c 'echo $PPID'; echo "\${a-unset}"`)
    const sections: Section[] = [
      { name: 'main', sh: raw('echo $$'), question: 'sequential' },
      { name: 'inline', sh: shellFunction(['a'], sh`a=1; ${pid}; return 4`), question: 'sequential' },
      { name: 'own', sh: sh`a=2; ${pid}; exit 5`, question: 'sequential' },
      { name: 'after', sh: shellFunction(['b'], sh`${pid}`), question: 'sequential' },
    ]
    const { script, mark } = frame(sections)
    const { stdout } = spawnSync(program, [...args, '-c', script.text])
    const ends = readInPieces(stdout, mark, sections, 512)
    const said = ends.map((end) => (end.type === 'end' ? Buffer.from(end.bytes).toString().trim().split('\n') : []))
    const [[main] = [], , [own] = []] = said
    assert.equal(said, [[main], [main, '1'], [own, '2'], [main, 'unset']])
    assert.is.not(own, main)
    assert.equal(
      ends.map((end) => end.type === 'end' && end.code),
      [0, 4, 5, 0],
    )
  })

  test(`text for the long-lived shell is sent once, apart from the script (${program})`, () => {
    const known = sh`known=1`
    const asks = (name: string, own?: Sh): Section => {
      return { name, sh: shellFunction([], sh`echo "$known"`, own), question: 'sequential' }
    }
    const framed = frame([asks('a', known), asks('b', known)], [asks('c', sh`more=1`)])
    assert.is(framed.own, 'known=1\nmore=1')
    assert.not.match(framed.script.text, /known=1|more=1/)
    assert.is(frame([asks('a')]).own, undefined)
    const { stdout } = spawnSync(program, [...args, '-c', `${framed.own}\n${framed.script.text}`])
    const ends = readInPieces(stdout, framed.mark, framed.parts, 512)
    assert.equal(
      ends.map((end) => (end.type === 'end' ? Buffer.from(end.bytes).toString() : '')),
      ['1\n', '1\n', '1\n'],
    )
  })

  test(`each section reads only its own bytes of the shared input (${program})`, () => {
    const sections: Section[] = [
      { name: 'a', sh: raw('wc -c'), stdinBytes: 70_000 },
      { name: 'leaves some', sh: raw('head -c 1 >/dev/null; true'), stdinBytes: 10 },
      { name: 'b', sh: raw('cat'), stdinBytes: 5 },
      { name: 'none', sh: raw('cat') },
    ]
    const input = Buffer.concat([Buffer.alloc(70_000, 'x'), Buffer.alloc(10, 'y'), Buffer.from('hello')])
    const { script, mark } = frame(sections)
    const { stdout } = spawnSync(program, [...args, '-c', script.text], { input })
    const ends = readInPieces(stdout, mark, sections, 512)
    assert.equal(
      ends.map((end) => (end.type === 'end' ? Buffer.from(end.bytes).toString().trim() : '')),
      ['70000', '', 'hello', ''],
    )
  })

  test(`parallel sections run at the same time, and answer last; all see the shared functions (${program})`, () => {
    const room = mkdtempSync(join(tmpdir(), 'frame-'))
    try {
      // Each waits for the other.
      const meet = (mine: string, theirs: string) =>
        raw(`echo $all >${room}/${mine}; read -r w <${room}/${theirs}; echo "$w"`)
      spawnSync('mkfifo', [`${room}/a`, `${room}/b`])
      const sections: Section[] = [
        {
          name: 'slow',
          sh: raw(`read -r w <${room}/a; echo "slow $w" >${room}/b; echo "$w" "$all"; exit 4`),
          question: 'parallel',
        },
        { name: 'plain', sh: meet('a', 'b'), shared: raw('all=shared'), question: 'sequential' },
        { name: 'much', sh: raw('head -c 200000 /dev/zero; echo unheard >&2'), question: 'parallel' },
        { name: 'last', sh: raw('cat; echo unheard >&2; echo last'), question: 'sequential' },
      ]
      for (const [asked, then] of [
        [sections, []],
        [[{ name: 'acts', sh: raw(':') }], sections],
      ] as const) {
        const { script, mark, parts } = frame(asked, then)
        const { stdout, stderr } = spawnSync(program, [...args, '-c', script.text], {
          input: 'unread',
          timeout: 20_000,
        })
        assert.equal(
          readInPieces(stdout, mark, parts, 4096)
            .slice(-4)
            .map((end) =>
              end.type === 'end'
                ? [end.name, end.code, end.bytes.length > 99 ? end.bytes.length : Buffer.from(end.bytes).toString()]
                : [],
            ),
          [
            ['plain', 0, 'slow shared\n'],
            ['last', 0, 'last\n'],
            ['slow', 4, 'shared shared\n'],
            ['much', 0, 200_000],
          ],
        )
        assert.not.match(String(stderr), /unheard/)
      }
    } finally {
      rmSync(room, { recursive: true })
    }
  })

  test(`a section that must succeed ends the rest, except for sections that always run (${program})`, () => {
    const first: Section[] = [
      { name: 'fails', sh: raw('exit 9'), stopOnFailure: true },
      { name: 'never', sh: raw('echo never'), stopOnFailure: true },
    ]
    const then: Section[] = [{ name: 'always', sh: raw('echo still here') }]
    const { script, mark, parts } = frame(first, then)
    const { stdout } = spawnSync(program, [...args, '-c', script.text])
    const ends = readInPieces(stdout, mark, parts, 4096)
    assert.equal(
      ends.map((end) => (end.type === 'end' ? [end.name, end.code] : [])),
      [
        ['fails', 9],
        ['always', 0],
      ],
    )
  })

  test(`a background process with its streams at /dev/null is not waited for (${program})`, () => {
    const daemon = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' })
    try {
      const { script } = frame(
        [{ name: 'fails', sh: raw('exit 9'), stopOnFailure: true }],
        [{ name: 'b', sh: raw(':') }],
      )
      assert.is(spawnSync(program, [...args, '-c', script.text], { timeout: 20_000 }).status, 0)
    } finally {
      daemon.kill()
    }
  })

  test(`output left by a failed section is not read as an answer (${program})`, () => {
    const noise = 'for n in 1 2 3 4 5 6 7 8; do echo stray; echo stray >&2; sleep 0.1; done'
    const fails: Section = {
      name: 'fails',
      sh: raw(`sh -c '(${noise}) & kill -KILL $$'`),
      stopOnFailure: true,
      deadline: 20,
    }
    const asked: Section[] = [{ name: 'asked', sh: raw('echo one; sleep 0.4; echo two'), question: 'sequential' }]
    const { script, mark, parts } = frame([fails], asked)
    const { stdout } = spawnSync(program, [...args, '-c', script.text])
    assert.equal(
      readInPieces(stdout, mark, parts, 4096).map((end) =>
        end.type === 'end'
          ? [
              end.name,
              end.code,
              Buffer.from(end.bytes)
                .toString()
                .replace(/^(stray\n)+$/, ''),
            ]
          : [],
      ),
      [
        ['fails', 137, ''],
        ['asked', 0, 'one\ntwo\n'],
      ],
    )
  })
}

for (const [says, script, ends] of [
  [
    'parts done together end one after the other',
    'm s 0; echo one; m e 0 0; m s 1; echo two; m e 1 0',
    [
      ['a', 0, 'one'],
      ['b', 0, 'two'],
      ['after', 0, 'here'],
    ],
  ],
  [
    'one of them that fails ends those after it',
    'm s 0; echo one; m e 0 7; exit 7',
    [
      ['a', 7, 'one'],
      ['after', 0, 'here'],
    ],
  ],
  [
    'the one at which they were cut off has failed, with its last words',
    'm s 0; m e 0 0; m s 1; echo half; kill -TERM $$',
    [
      ['a', 0, ''],
      ['b', 143, 'half'],
      ['after', 0, 'here'],
    ],
  ],
  [
    'cut off between two of them, the one to come has failed, and has said nothing',
    'm s 0; echo one; m e 0 0; exit 9',
    [
      ['a', 0, 'one'],
      ['b', 9, ''],
      ['after', 0, 'here'],
    ],
  ],
  [
    'cut off before the first of them, the first has failed',
    'exit 9',
    [
      ['a', 9, ''],
      ['after', 0, 'here'],
    ],
  ],
] as const) {
  test(says, () => {
    const both: Part[] = ['a', 'b'].map((name) => ({ name }))
    const first: Section = { name: 'never', sh: raw('echo never'), stopOnFailure: true }
    const isWhole = ends.length === 3 && ends[1][1] === 0
    const framed = frame(
      [{ parts: both, sh: raw(script), deadline: 5 }, ...(isWhole ? [] : [first])],
      [{ name: 'after', sh: raw('echo here') }],
    )
    const { stdout } = spawnSync('dash', ['-c', framed.script.text])
    assert.equal(
      readInPieces(stdout, framed.mark, framed.parts, 7).map((end) =>
        end.type === 'end' ? [end.name, end.code, Buffer.from(end.bytes).toString('latin1').trim()] : [],
      ),
      ends,
    )
  })
}

test('output that cannot be the beginning of a mark is passed on at once', () => {
  const told: string[] = []
  const { mark, parts } = frame([{ name: 'a', sh: raw('true') }])
  const reader = new FrameReader(mark, parts, (event) => {
    told.push(event.type === 'data' ? Buffer.from(event.bytes).toString('latin1') : event.type)
  })
  for (const piece of [`\n${mark} s 0\n`, 'one', '\n', 'two', `\n${mark}`, ' e 0 0\n']) reader.push(Buffer.from(piece))
  assert.equal(told, ['start', 'one', '\ntwo', 'end'])
})

const MOST = 8 * 1024 * 1024

/** A reader of one part that has begun, and how many bytes its watcher has seen. */
function begun(more: Partial<Part> = {}) {
  const part: Part = { name: 'a', ...more }
  let watched = 0
  const reader = new FrameReader('m', [part], (event) => {
    if (event.type === 'data') watched += event.bytes.length
  })
  reader.push(Buffer.from('\nm s 0\n'))
  return { reader, watched: () => watched }
}

test('an answer of 8 MiB is kept whole, and one byte more is refused', () => {
  const { reader } = begun()
  reader.push(Buffer.alloc(MOST, 'x'))
  assert.throws(() => reader.push(Buffer.from('x')), /the answer of a has more than 8388608 bytes/)
})

test('a mark that no short word follows is refused before its line ends', () => {
  const { reader } = begun()
  reader.push(Buffer.from(`\nm ${'x'.repeat(64)}`))
  assert.throws(() => reader.push(Buffer.from('x')), /a mark is followed by no known word/)
})

test('of a part that keeps only its last bytes a watcher sees 8 MiB, and no byte more', () => {
  const { reader, watched } = begun({ keepLast: 100 })
  reader.push(Buffer.alloc(MOST, 'x'))
  assert.is(watched(), MOST)
  reader.push(Buffer.from('x'))
  assert.is(watched(), MOST)
})

test.run()

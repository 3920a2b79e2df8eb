// Own process: promises that nobody awaits are told for the whole process
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  exec,
  file,
  play,
  RolecallError,
  role,
  type ApplyContext,
  type Mode,
  type VerifyContext,
} from '../../lib/index.ts'
import { runRoles, type RanRole } from '../support/run-role.ts'

type Context = ApplyContext<Record<string, never>>

let room = ''
test.before.each(() => {
  room = mkdtempSync(join(tmpdir(), 'calls-'))
})
test.after.each(() => rmSync(room, { recursive: true }))

const at = (name: string) => join(room, name)
const some = (name: string, content = name) => file(at(name), { content })
const failing = (name: string) => exec(name, { run: 'echo broken >&2; exit 7', creates: at('never') })
/** What stands in it is called, and not awaited. */
const forget = (...calls: readonly unknown[]) => calls.length
const forEach = (names: readonly string[], work: (name: string) => unknown) => {
  names.forEach(work)
}
const forgetful = (work: (context: Context) => unknown) =>
  role({
    name: 'forgetful',
    async apply(context) {
      await work(context)
    },
  })
const apply = (work: (context: Context) => unknown, mode: Mode = 'apply') => runRoles(mode, [forgetful(work)])

/** Each problem as `line: message`, the line counted from `start`. */
const found = ({ problems }: RanRole, start: number) =>
  problems.map(({ place, message }) => `${(place?.line ?? 0) - start}: ${message.replaceAll(room, '')}`)
const here = () => Number(/calls\.test\.ts:(\d+)/.exec(new Error().stack?.split('\n')[2] ?? '')?.[1])

for (const mode of ['check', 'apply'] as const) {
  test(`${mode}: ensure without await fails the role, with the place of the call`, async () => {
    const start = here()
    const ran = await apply(({ ensure }) => {
      forget(ensure(some('a')))
    }, mode)
    assert.equal(found(ran, start), ['2: ensure(file:/a) was not awaited'])
    assert.is(ran.problems[0]?.code, 'not-awaited')
    assert.match(ran.problems[0]?.place?.file ?? '', /calls\.test\.ts$/)
    assert.is(ran.problems[0]?.place?.column, 14)
    assert.not.ok(ran.ok)
  })

  test(`${mode}: the same when a later call is awaited; calls run in their order`, async () => {
    const start = here()
    const ran = await apply(async ({ ensure }) => {
      forget(ensure(some('a', 'first')))
      await ensure(some('a', 'second'))
    }, mode)
    assert.equal(found(ran, start), ['2: ensure(file:/a) was not awaited'])
    if (mode === 'apply') assert.is(readFileSync(at('a'), 'utf8'), 'second')
  })

  test(`${mode}: the same for $, $.read, exists and read`, async () => {
    const start = here()
    const ran = await apply(({ $, exists, read }) => {
      forget($({ creates: at('made') })`touch ${at('made')}`)
      forget($.read`true`)
      forget($.read({ nothrow: true })`false`)
      forget(exists('/etc'))
      forget(read('/etc/passwd'))
    }, mode)
    assert.equal(found(ran, start), [
      '2: $({ ... }) was not awaited',
      '3: $ was not awaited',
      '4: $ was not awaited',
      "5: exists('/etc') was not awaited",
      "6: read('/etc/passwd') was not awaited",
    ])
  })

  test(`${mode}: a resource that is made and never given to ensure fails the role`, async () => {
    const start = here()
    const ran = await apply(async ({ ensure }) => {
      const conf = file(at('conf'), { content: '' })
      await ensure(exec('x', { run: 'true', unless: 'true', paths: conf.paths }))
    }, mode)
    assert.equal(found(ran, start), ['2: file:/conf was made and never given to ensure'])
    assert.is(ran.problems[0]?.code, 'not-ensured')
  })
}

test('a call without await that fails is reported with its error, and ends nothing else', async () => {
  const start = here()
  const ran = await apply(async ({ ensure }) => {
    forget(ensure(exec('bad', { run: 'exit 7', creates: at('never') })))
    await delay(300)
  })
  assert.equal(found(ran, start), [
    '2: could not run exit 7 (/never is missing): it ended with status 7',
    '2: ensure(exec:bad) was not awaited',
  ])
})

test('nothing begins after a failed call without await', async () => {
  const ran = await apply(async ({ ensure }) => {
    forget(ensure(failing('bad')))
    await ensure(some('after'))
  })
  assert.not.ok(existsSync(at('after')))
  assert.equal(
    ran.told.map((one) => one.replace(room, '')),
    ['exec:bad failed', 'file:/after skipped'],
  )
})

test('a failed command without await is reported, and does not end the process', async () => {
  const ran = await apply(async ({ $ }) => {
    forget($.read`exit 3`)
    await delay(300)
  })
  assert.ok(ran.problems.some(({ message }) => message === '$ was not awaited'))
  assert.ok(ran.problems.length === 2)
})

test('forEach with an async function: unfinished calls are reported with their place', async () => {
  const start = here()
  const ran = await apply(({ ensure }) => {
    forEach(['a', 'b'], async (name) => {
      await ensure(some(name))
    })
  })
  assert.equal(found(ran, start), [
    '3: ensure(file:/a) was not awaited to its end',
    '3: ensure(file:/b) was not awaited to its end',
  ])
})

type Pattern = (context: Context, one: (name: string) => Promise<unknown>) => unknown
const later = async ({ ensure }: Context) => {
  await ensure(some('z'))
}

/** Functions that nobody waits for; their calls end before the role does, because a later call waits for its turn. */
const forgotten: Readonly<Record<string, readonly [calls: number, work: Pattern]>> = {
  'forEach with an async function': [
    2,
    (_, one) =>
      forEach(['a', 'b'], async (name) => {
        await one(name)
      }),
  ],
  'forEach with an async function that returns the call': [
    2,
    (_, one) => forEach(['a', 'b'], async (name) => one(name)),
  ],
  'forEach whose function awaits something else first': [
    2,
    (_, one) =>
      forEach(['a', 'b'], async (name) => {
        await delay(1)
        await one(name)
      }),
  ],
  'map whose promises are dropped': [
    2,
    (_, one) =>
      forget(
        ['a', 'b'].map(async (name) => {
          await one(name)
        }),
      ),
  ],
  'a function that is called without await': [
    1,
    (_, one) => {
      const both = async () => {
        await one('a')
        await one('b')
      }
      forget(both())
    },
  ],
}
/** The same functions, and somebody waits for them. */
const waitedFor: Readonly<Record<string, Pattern>> = {
  'Promise.all over map': (_, one) => Promise.all(['a', 'b'].map(async (name) => one(name))),
  'Promise.all over promises that forEach has gathered': async (_, one) => {
    const all: Promise<unknown>[] = []
    forEach(['a', 'b'], (name) => all.push(one(name)))
    await Promise.all(all)
  },
  'allSettled, any and race': async (_, one) => {
    await Promise.allSettled(['a'].map(async (name) => one(name)))
    await Promise.any(
      ['a'].map(async (name) => {
        await one(name)
      }),
    )
    await Promise.race(
      ['a'].map(async (name) => {
        await one(name)
      }),
    )
  },
  'a function that is awaited later than it was called': async (context, one) => {
    const both = async () => {
      await one('a')
    }
    const begun = both()
    await later(context)
    await begun
  },
  'functions within functions': async (_, one) => {
    const inner = async () => {
      await one('a')
    }
    const middle = async () => inner()
    const outer = async () => {
      await middle()
    }
    await outer()
  },
  'then, catch and finally': async (_, one) => {
    await one('a').then(async () => one('b'))
    await one('a').catch(() => undefined)
    await one('a').finally(() => undefined)
    const inner = async () => one('b')
    await inner().finally(() => undefined)
  },
  'a promise of the role itself': (_, one) => new Promise((resolve) => resolve(one('a'))),
  'a generator': async (_, one) => {
    async function* all() {
      for (const name of ['a', 'b']) yield await one(name)
    }
    for await (const each of all()) forget(each)
  },
}
const kindsOfCall: Readonly<Record<string, (context: Context, name: string) => Promise<unknown>>> = {
  ensure: ({ ensure }, name) => ensure(some(name)),
  exists: ({ exists }, name) => exists(at(name)),
  '$.read': ({ $ }, name) => $.read`echo ${name}`,
}
for (const [kind, call] of Object.entries(kindsOfCall)) {
  const [told, fine] = [Object.entries(forgotten), Object.entries(waitedFor)]
  const most = kind === 'ensure' ? undefined : 2
  for (const [what, [calls, work]] of told.slice(0, most))
    test(`${what}, with ${kind}: told, although all has ended`, async () => {
      const ran = await apply(async (context) => {
        let ended = 0
        work(context, (name) => {
          const made = call(context, name)
          void made.then(() => ended++)
          return made
        })
        while (ended < 2) await delay(1)
        await later(context)
      })
      const messages = ran.problems.map(({ code, message }) => `${code} ${message.replaceAll(/\(.*\)/g, '')}`)
      const each = kind === '$.read' ? '$' : kind
      assert.equal(
        messages,
        Array.from({ length: calls }, () => `not-awaited the function around ${each} was not awaited`),
      )
      assert.match(ran.problems[0]?.place?.file ?? '', /calls\.test\.ts$/)
    })
  for (const [what, work] of fine.slice(0, most))
    test(`${what}, with ${kind}: as it should be`, async () => {
      const ran = await apply((context) => work(context, (name) => call(context, name)))
      assert.equal([ran.problems, ran.ok], [[], true])
    })
}

test('forEach with an async function that fails: its error is reported once, and the run goes on', async () => {
  const ran = await apply(async ({ ensure }) => {
    forEach(['a'], async (name) => {
      await ensure(failing(name))
    })
    await delay(500)
  })
  assert.equal(
    ran.problems.map(({ code }) => code),
    ['step-failed', 'not-awaited'],
  )
})

test('an error in a function that is not awaited fails the role, with its place', async () => {
  const start = here()
  const ran = await apply(async ({ ensure }) => {
    void (async () => {
      await ensure(some('a'))
      throw new Error('nobody hears this')
    })()
    await delay(500)
  })
  assert.equal(
    found(ran, start)[0],
    '4: a function that the role does not await ended with an error: nobody hears this',
  )
})

test('a call after the end of the role does not begin, and fails the run', async () => {
  const slow = role({ name: 'slow', apply: () => delay(600) })
  const hasty = role({
    name: 'hasty',
    apply({ ensure }) {
      setTimeout(() => void ensure(some('late')), 100)
      return Promise.resolve()
    },
  })
  const ran = await runRoles('apply', [hasty, slow])
  assert.equal(
    ran.problems.map(({ code, role: name }) => `${name} ${code}`),
    ['hasty not-awaited'],
  )
  assert.not.ok(existsSync(at('late')))
  assert.not.ok(ran.ok)
})

for (const [what, work] of [
  ['Promise.all', ({ ensure, $, exists }) => Promise.all([ensure(some('a')), $.read`true`, exists('/etc')])],
  ['Promise.all of async functions', ({ ensure }) => Promise.all(['a', 'b'].map(async (name) => ensure(some(name))))],
  ['a promise that is returned', ({ ensure }) => ensure(some('a'))],
  [
    'a promise that is awaited later',
    async ({ ensure }) => {
      const first = ensure(some('a'))
      await ensure(some('b'))
      await first
    },
  ],
  [
    'text, lines and pipes of a command',
    async ({ $ }) => {
      await $.read`echo a`.text()
      await $.read`echo a`.pipe($.read`cat`)
      await $.read`echo a`.pipe`cat`
      for await (const each of $.read`echo a`) assert.is(each, 'a')
    },
  ],
  ['a copy of a resource', ({ ensure }) => ensure({ ...some('a') })],
  [
    'a failure that is caught',
    async ({ ensure }) => {
      await ensure(failing('x')).catch(() => undefined)
      await ensure(some('b'))
    },
  ],
] satisfies readonly (readonly [string, (context: Context) => unknown])[]) {
  test(`no message for ${what}`, async () => {
    assert.equal((await apply(work)).problems, [])
  })
}

test('resources of a unit are not asked of another that runs at the same time', async () => {
  const one = role({
    name: 'one',
    async apply({ ensure }) {
      const mine = some('one')
      await delay(50)
      await ensure(mine)
    },
  })
  const ran = await runRoles('apply', [
    one,
    role({ name: 'two', apply: ({ ensure }) => ensure(some('two')).then(() => undefined) }),
  ])
  assert.equal(ran.problems, [])
})

test('a promise that is used as a text is refused', async () => {
  const start = here()
  const ran = await apply(async ({ read }) => {
    const name = read('/etc/hostname')
    await delay(1)
    throw new Error(`its name: ${name as unknown as string}`)
  })
  assert.is(found(ran, start)[0], "2: the promise of read('/etc/hostname') was used as a value")
})

test('an incomplete call is reported', async () => {
  const start = here()
  const ran = await apply(({ $ }) => {
    forget($({ creates: '/x' }))
  })
  assert.equal(found(ran, start), ['2: $({ ... }) does nothing by itself'])
})

const verify = (work: (context: VerifyContext<Record<string, never>>) => Promise<void>) =>
  runRoles('verify', [role({ name: 'checked', apply: () => Promise.resolve(), verify: work })])

test('verify: a command without await, an expect of a promise, and one that expects nothing', async () => {
  const start = here()
  const ran = await verify(async ({ $, expect }) => {
    forget($.read`true`)
    expect($.read`echo a`).toEqual('a')
    expect(1)
    expect(await $.read`exit 3`.exitCode).toBe(3)
  })
  assert.equal(
    found(ran, start).map((line) => line.replace(/\S*calls\.test\.ts:\d+/, 'it')),
    [
      '3: it is not as it should be',
      '2: $ was not awaited',
      '3: $ was not awaited',
      '4: expect(...) does nothing by itself',
    ],
  )
  assert.is(ran.problems[0]?.got, 'a promise: write await before it')
})

test('$ means the same in apply and in verify: alone it is refused, and the hint says what to write', async () => {
  const bare = ({ $ }: { readonly $: unknown }) => {
    forget(($ as (pieces: TemplateStringsArray) => unknown)`true`)
    return Promise.resolve()
  }
  for (const [ran, hint] of [
    [await verify(bare), 'write $.read`command`: verify only looks'],
    [
      await apply(bare),
      'write $.read`command` for what only looks, $({ creates })`command` for what changes something',
    ],
  ] as const) {
    assert.match(ran.problems[0]?.message ?? '', /^Expected \$.* before a command, got \$ alone$/)
    assert.is(ran.problems[0]?.hint, hint)
    assert.match(ran.problems[0]?.place?.file ?? '', /calls\.test\.ts$/)
  }
})

test('a value that is not a resource is refused with the place of the call', async () => {
  const start = here()
  const ran = await apply(async ({ ensure }) => {
    await ensure(null as never)
  })
  assert.equal(found(ran, start), ['2: ensure got a value that is not a resource'])
})

test('lists of resources may stand in lists', async () => {
  const ran = await apply(async ({ ensure }) => {
    await ensure([some('a'), [[some('b')], some('c')]], [], some('d'))
  })
  assert.equal(ran.problems, [])
  assert.equal(
    ran.events.flatMap((event) => (event.type === 'resource' ? [event.resource.at(-1)] : [])),
    ['a', 'b', 'c', 'd'],
  )
})

test('the same rules hold for a role played without a host', async () => {
  const role = forgetful(({ ensure }) => forget(ensure(some('a'))))
  const error: unknown = await play(role).catch((thrown: unknown) => thrown)
  assert.ok(error instanceof RolecallError)
  assert.is(error.problems[0]?.message, 'ensure was not awaited')
})

test('a command that fails without output is reported with its command line, status and place', async () => {
  const start = here()
  const ran = await apply(async ({ $ }) => {
    await $.read`false`
  })
  assert.equal(found(ran, start), ['2: the command false ended with status 1'])
})

test('verify of a role without checks does not say that it is verified', async () => {
  const ran = await runRoles('verify', [role({ name: 'unseen', apply: () => Promise.resolve() })])
  assert.ok(ran.events.some((event) => event.type === 'unit-end' && event.unverified === true))
})

test.run()

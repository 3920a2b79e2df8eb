import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ensure } from '../../lib/converge/ensure.ts'
import { dir, exec, file, kind, line, link, secret, sh } from '../../lib/index.ts'
import { kind as ownKind } from '../../lib/resources/kit/kind.ts'
import { events, forget, ground, onThisMachine, refusal, room, statuses, told, trips } from '../support/ensure-here.ts'

onThisMachine(test)

test('a hundred files cost one trip to ask and one to write and confirm; the second time one in all', async () => {
  const files = Array.from({ length: 100 }, (_, index) => file(`${room}/f${index}`, { content: `${index}\n` }))
  assert.is(await trips(() => ensure(ground('apply'), files)), 2)
  assert.is(readFileSync(`${room}/f99`, 'utf8'), '99\n')
  assert.ok(statuses().every((status) => status === 'changed'))
  forget()
  assert.is(await trips(() => ensure(ground('apply'), files)), 1)
  assert.ok(statuses().every((status) => status === 'ok'))
})

test('check says what apply then does, and touches nothing', async () => {
  const resources = () => [
    dir(`${room}/d`),
    file(`${room}/d/f`, { content: 'x' }),
    exec('mark', { run: 'touch m', cwd: `${room}/d`, creates: 'm' }),
  ]
  await ensure(ground('check'), resources())
  const predicted = told().map(({ resource, status }) => [resource, status])
  assert.equal(
    predicted.map(([, status]) => status),
    ['changed', 'changed', 'changed'],
  )
  assert.throws(() => readFileSync(`${room}/d/f`))
  forget()
  await ensure(ground('apply'), resources())
  assert.equal(
    told().map(({ resource, status }) => [resource, status]),
    predicted,
  )
})

test('a step without effect is reported as not converged', async () => {
  const stubborn = kind<{ path: string }, { there: boolean }>({
    name: 'stubborn',
    probe: (want) => sh`[ -e ${want.path} ]`,
    read: (_, reply) => ({ there: reply.code === 0 }),
    plan: (_, have) => (have.there ? [] : [{ summary: 'do nothing', sh: sh`true` }]),
  })
  const { problems } = await refusal(() => ensure(ground('apply'), [stubborn('x', { path: `${room}/never` })]))
  assert.is(problems[0]?.code, 'not-converged')
  assert.equal(statuses(), ['failed'])
})

test('a resource that a later one undoes is an error that names the later one', async () => {
  const { problems } = await refusal(() =>
    ensure(ground('apply'), [
      file(`${room}/f`, { content: 'mine' }),
      exec('spoiler', { run: `echo theirs > ${room}/f; touch ${room}/done`, creates: `${room}/done` }),
    ]),
  )
  assert.is(problems[0]?.code, 'not-converged')
  assert.match(problems[0]?.message ?? '', /exec:spoiler, which comes later, undid it/)
})

test('a plan is made again when an earlier step changed its ground', async () => {
  writeFileSync(`${room}/conf`, 'old')
  await ensure(ground('apply'), [
    exec('brings a file', { run: `echo brought > ${room}/conf; touch ${room}/done`, creates: `${room}/done` }),
    file(`${room}/conf`, {
      content: (live) =>
        live?.includes('brought') === true || live?.includes('kept') === true ? 'kept brought\n' : 'lost\n',
    }),
  ])
  assert.is(readFileSync(`${room}/conf`, 'utf8'), 'kept brought\n')
})

test('what confirms a change comes in the next trip: nothing else is asked before that', async () => {
  const settings = kind<{ path: string }, { there: boolean }>({
    name: 'settings',
    probe: (want) => sh`[ -e ${want.path} ]`,
    read: (_, reply) => ({ there: reply.code === 0 }),
    plan: (_, have) =>
      have.there ? [] : [{ summary: 'set', sh: sh`echo set >${`${room}/set`}; echo set >>${`${room}/said`}` }],
    effects: () => [{ type: 'object', of: 'settings', name: 'x', exists: true }],
  })
  const confirmation = ownKind<object, { waits: boolean }>({
    name: 'confirmation',
    probe: () => sh`[ -e ${`${room}/set`} ] && [ ! -e ${`${room}/confirmed`} ] && echo waits`,
    read: (_, reply) => ({ waits: reply.text.includes('waits') }),
    plan: (_, have) =>
      have.waits ? [{ summary: 'confirm', sh: sh`: >${`${room}/confirmed`}; echo confirmed >>${`${room}/said`}` }] : [],
    predict: (_, have, prediction) => (prediction.objects.get('settings', 'x') === undefined ? have : { waits: true }),
    advanced: { confirms: true },
  })
  const resources = [
    settings('x', { path: `${room}/set` }),
    confirmation('x', {}),
    exec('slow', { run: 'false', unless: `echo asked >>${room}/said` }),
  ]
  // Asked, acted, confirmed and asked again.
  assert.is(await trips(() => ensure(ground('apply'), resources)), 3)
  assert.is(readFileSync(`${room}/said`, 'utf8'), 'asked\nset\nconfirmed\nasked\n')
  assert.equal(statuses(), ['changed', 'changed', 'ok'])
})

test('steps with exact effects share one trip: a directory, the file in it, and the resource that reads the file', async () => {
  const looks = exec('copy', { run: ['cp', 'd/f', 'copy'], cwd: room, creates: 'copy', effects: [] })
  const made = await trips(() =>
    ensure(ground('apply'), [
      dir(`${room}/d`),
      line(`${room}/d/f`, { line: 'one', create: true }),
      line(`${room}/d/f`, { line: 'two' }),
      link(`${room}/l`, { to: 'd/f' }),
      looks,
    ]),
  )
  assert.is(made, 2)
  assert.equal([readFileSync(`${room}/l`, 'utf8'), statuses()], ['one\ntwo\n', Array(5).fill('changed')])
})

test('of several later resources, the error names the one that changed it', async () => {
  const { problems } = await refusal(() =>
    ensure(ground('apply'), [
      file(`${room}/f`, { content: 'mine\n' }),
      line(`${room}/f`, { line: 'theirs' }),
      file(`${room}/other`, { content: '' }),
    ]),
  )
  assert.match(problems[0]?.message ?? '', /line:.*, which comes later, undid it/)
})

test('a slow probe answers last, and every resource is still planned in order from its own answer', async () => {
  const seen: string[] = []
  const made = (name: string, slow: boolean) =>
    kind<object, string>({
      name,
      probe: () => sh`echo ${name}`,
      read: (_, { lines }) => lines.join(),
      plan: () => [{ summary: 'make', sh: sh`:` }],
      predict(_, have, prediction) {
        seen.push(`${name} hears ${have} ${prediction.paths.get(room) === undefined ? 'first' : 'later'}`)
        return have
      },
      effects: () => [{ type: 'path', path: room, state: { type: 'dir' } }],
      advanced: { parallelProbe: slow },
    })('it', {})
  await ensure(ground('check'), [made('slow', true), made('quick', false), made('another', false)])
  assert.equal(seen, ['slow hears slow first', 'quick hears quick later', 'another hears another later'])
})

test('an unforeseen edit of a file is not overwritten; the next run edits the file', async () => {
  const resources = [
    exec('brings more than it says', {
      run: 'mkdir d; echo theirs > d/f',
      cwd: room,
      creates: 'd',
      effects: [{ type: 'path', path: `${room}/d`, state: { type: 'dir' } }],
    }),
    line(`${room}/d/f`, { line: 'ours', create: true }),
  ]
  const { problems } = await refusal(() => ensure(ground('apply'), resources))
  assert.match(problems[0]?.output ?? '', /was not there, and somebody else has made it since: run again/)
  assert.is(readFileSync(`${room}/d/f`, 'utf8'), 'theirs\n')
  await ensure(ground('apply'), resources)
  assert.is(readFileSync(`${room}/d/f`, 'utf8'), 'theirs\nours\n')
})

test('a kind that predicts but cannot act on predictions is probed again first', async () => {
  const copy = kind<object, 'there' | 'foreseen' | 'missing'>({
    name: 'copy',
    probe: () => sh`if [ -e ${room}/copy ]; then echo there; elif [ -e ${room}/f ]; then echo foreseen; fi`,
    read: (_, { lines }) => (lines[0] === 'there' ? 'there' : 'missing'),
    // What it takes can only be seen when the file is there.
    plan: (_, have) =>
      have === 'there'
        ? []
        : [{ summary: 'copy', sh: have === 'foreseen' ? sh`false` : sh`cp ${room}/f ${room}/copy` }],
    predict: (_, have, prediction) => (prediction.paths.get(`${room}/f`) === undefined ? have : 'foreseen'),
  })
  await ensure(ground('apply'), [file(`${room}/f`, { content: 'x' }), copy('it', {})])
  assert.equal([readFileSync(`${room}/copy`, 'utf8'), statuses()], ['x', ['changed', 'changed']])
})

test('a change based on a wrong prediction is planned again from the real state', async () => {
  const lines = kind<{ path: string; after: string }, number>({
    name: 'lines',
    probe: ({ path }) => sh`cat ${path} 2>/dev/null; :`,
    read: (_, reply) => reply.lines.length,
    plan: ({ path }, have) => (have === 2 ? [] : [{ summary: 'add a line', sh: sh`echo x >>${path}` }]),
    // Wrong: nobody else adds one.
    predict: ({ after }, have, prediction) => (prediction.paths.get(after) === undefined ? have : have + 1),
    advanced: { batchable: true },
  })
  await ensure(ground('apply'), [
    file(`${room}/before`, { content: '' }),
    lines('two', { path: `${room}/f`, after: `${room}/before` }),
  ])
  assert.is(readFileSync(`${room}/f`, 'utf8'), 'x\nx\n')
})

test('a resource that a command disturbs is repaired in the same run', async () => {
  writeFileSync(`${room}/a`, 'right')
  await ensure(ground('apply'), [
    exec('spoils a', { run: `echo wrong > ${room}/a; touch ${room}/done`, creates: `${room}/done` }),
    file(`${room}/a`, { content: 'right' }),
    file(`${room}/b`, { content: 'b' }),
  ])
  assert.is(readFileSync(`${room}/a`, 'utf8'), 'right')
  assert.equal(statuses(), ['changed', 'changed', 'changed'])
})

test('of a step that prints 100 MB, the last lines are kept', async () => {
  const flood = exec('flood', { run: 'yes x | head -c 100000000; echo last words >&2; exit 1', creates: `${room}/no` })
  const { problems } = await refusal(() => ensure(ground('apply'), [flood]))
  assert.match(problems[0]?.output ?? '', /last words/)
})

test('a failed step ends the role, with the output of the host', async () => {
  const { problems } = await refusal(() =>
    ensure(ground('apply'), [
      exec('bad', { run: 'echo the reason >&2; exit 7', creates: `${room}/x` }),
      file(`${room}/after`, { content: '' }),
    ]),
  )
  assert.is(problems[0]?.code, 'step-failed')
  assert.match(problems[0]?.output ?? '', /the reason/)
  assert.throws(() => readFileSync(`${room}/after`))
})

test('check and apply say the same around a failure: what comes before it is done, what comes after is skipped', async () => {
  const resources = () => [
    file(`${room}/before`, { content: 'x' }),
    file(`${room}/no/such/directory`, { content: '' }),
    file(`${room}/after`, { content: '' }),
  ]
  for (const mode of ['check', 'apply'] as const) {
    forget()
    await refusal(() => ensure(ground(mode), resources()))
    assert.equal(statuses(), ['changed', 'failed', 'skipped'], mode)
    assert.match(told()[2]?.reason ?? '', /no\/such\/directory failed before it/)
  }
})

test('an answer that a kind cannot read is an error with the resource, its place and the place of the throw; no role is blamed', async () => {
  const strange = kind<object, { there: boolean }>({
    name: 'strange',
    probe: () => sh`echo nonsense`,
    read: (_, reply) => {
      throw new Error(`expected yes or no, got ${reply.text.trim()}`)
    },
    plan: () => [],
  })
  for (const mode of ['check', 'apply'] as const) {
    forget()
    const made = [file(`${room}/before`, { content: 'x' }), strange('x', {})]
    const { problems } = await refusal(() => ensure(ground(mode), made))
    assert.equal(statuses(), ['changed', 'failed'], mode)
    assert.match(
      problems[0]?.message ?? '',
      /^strange:x cannot be planned from the answer of the host: expected yes or no, got nonsense, thrown at .*ensure.test.ts:\d+:\d+$/,
    )
    assert.match(problems[0]?.place?.file ?? '', 'ensure.test.ts')
  }
})

test('resources after a refusal are not predicted: a later role finds the state that apply leaves', async () => {
  const resources = () => [file(`${room}/a`, { content: 'x' }), dir('/dev/null'), file(`${room}/b`, { content: 'x' })]
  const check = ground('check')
  await refusal(() => ensure(check, resources()))
  assert.is(check.prediction.paths.get(`${room}/a`)?.state.type, 'file')
  assert.is(check.prediction.paths.get(`${room}/b`), undefined)
  await refusal(() => ensure(ground('apply'), resources()))
  assert.is(readFileSync(`${room}/a`, 'utf8'), 'x')
  assert.throws(() => readFileSync(`${room}/b`))
})

test('changes made before a step failed are reported as done', async () => {
  await refusal(() =>
    ensure(ground('apply'), [
      file(`${room}/before`, { content: 'x' }),
      exec('bad', { run: 'exit 7', creates: `${room}/x` }),
      file(`${room}/after`, { content: '' }),
    ]),
  )
  assert.equal(statuses(), ['changed', 'failed', 'skipped'])
})

for (const mode of ['check', 'apply'] as const) {
  test(`${mode}: a refused candidate is reported in the validator's words, and the live file stays`, async () => {
    writeFileSync(`${room}/f`, 'good')
    const refusing = file(`${room}/f`, { content: 'bad', validate: sh`echo "line 1: no good" >&2; exit 1` })
    const { problems } = await refusal(() => ensure(ground(mode), [refusing]))
    assert.is(problems[0]?.code, 'candidate-refused')
    assert.match(problems[0]?.output ?? '', /line 1: no good/)
    assert.is(readFileSync(`${room}/f`, 'utf8'), 'good')
  })
}

test('a secret is in no event, whatever happens to it', async () => {
  const token = secret('s3cr3t-token')
  await ensure(ground('apply'), [file(`${room}/t`, { content: token })])
  await refusal(() =>
    ensure(ground('apply'), [
      exec('leaks', { run: `cat ${room}/t; cat ${room}/t >&2; exit 1`, creates: `${room}/no` }),
    ]),
  )
  assert.not.match(JSON.stringify(events), /s3cr3t-token/)
  assert.is(readFileSync(`${room}/t`, 'utf8'), 's3cr3t-token')
})

test('check shows what would change: a unified diff of each file, and nothing of a secret', async () => {
  writeFileSync(`${room}/f`, 'one\ntwo\n')
  writeFileSync(`${room}/t`, 'old-t0ken')
  const token = secret('s3cr3t-diff')
  await ensure(ground('check'), [
    file(`${room}/f`, { content: 'one\nthree\n' }),
    file(`${room}/t`, { content: token }),
    file(`${room}/g`, { content: 'password s3cr3t-diff\n' }),
  ])
  const [plain = '', hidden = '', masked = ''] = told().map((event) => event.diff ?? '')
  assert.match(plain, /^-two$/m)
  assert.match(plain, /^\+three$/m)
  assert.match(hidden, /secret content/)
  assert.not.match(hidden, /old-t0ken/)
  assert.match(masked, /content with a secret in it is not shown/)
  assert.not.match(JSON.stringify(events), /s3cr3t-diff/)
})

test('steps are reported when they ran, and the error names the resource that may have undone them, not the last one', async () => {
  const { problems } = await refusal(() =>
    ensure(ground('apply'), [
      dir(`${room}/two`, { mode: '0755' }),
      exec('mount', { run: `chmod 700 ${room}/two; touch ${room}/done`, creates: `${room}/done` }),
      file(`${room}/x`, { content: 'x\n' }),
    ]),
  )
  assert.match(problems[0]?.message ?? '', /exec:mount, which comes later, undid it/)
  assert.match(problems[0]?.place?.file ?? '', /ensure\.test\.ts$/)
  assert.equal(statuses(), ['failed', 'changed', 'changed'])
  assert.equal(told()[0]?.steps.length, 1)
})

test('after a failed step, earlier changes are reported as done, in part or as a whole', async () => {
  const two = kind<{ path: string }, { there: boolean }>({
    name: 'two',
    probe: (want) => sh`[ -e ${want.path} ]`,
    read: (_, reply) => ({ there: reply.code === 0 }),
    plan: () => [
      { summary: 'do the first', sh: sh`true` },
      { summary: 'do the second', sh: sh`echo out; echo err >&2; exit 3` },
      { summary: 'do the third', sh: sh`true` },
    ],
  })
  const { problems } = await refusal(() =>
    ensure(ground('apply'), [
      file(`${room}/a`, { content: 'a' }),
      two('x', { path: `${room}/never` }),
      file(`${room}/b`, { content: 'b' }),
    ]),
  )
  assert.equal(statuses(), ['changed', 'failed', 'skipped'])
  assert.equal(told()[1]?.steps, ['do the first'])
  assert.is(problems[0]?.output, 'stderr:\nerr\nstdout:\nout')
})

test.run()

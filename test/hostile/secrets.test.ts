import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { inspect } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { RunEvent } from '../../lib/events.ts'
import {
  asked,
  block,
  exec,
  file,
  iniFile,
  jsonFile,
  line,
  play,
  playbook,
  raw,
  RolecallError,
  role,
  run,
  secret,
  secretText,
  sh,
  user,
  yamlFile,
  z,
  type AnyRole,
  type Playbook,
  type RunOptions as AllOptions,
  type Secret,
} from '../../lib/index.ts'
import type { ApplyContext, VerifyContext } from '../../lib/playbook/context.ts'
import { hostHistory } from '../../lib/cli/history/host-history.ts'
import { endOf, resumeCommand, runLines, runsData } from '../../lib/cli/history/run-rows.ts'
import { indexPath } from '../../lib/runner/run-index/entry.ts'
import { listedRun } from '../../lib/runner/run-index/run-index.ts'
import { headFacts, showLines } from '../../lib/cli/history/show.ts'
import { githubAnnotations, githubSummary } from '../../lib/report/github.ts'
import { reportPage } from '../../lib/report/html/page.ts'
import { junitXml } from '../../lib/report/junit.ts'
import { recordedRun } from '../../lib/runner/journal/journal-events.ts'
import { jsonView } from '../../lib/report/views/json-view.ts'
import { liveLines } from '../../lib/report/views/live.ts'
import { plainPaint } from '../../lib/report/text/paint.ts'
import { plainView } from '../../lib/report/views/plain-view.ts'
import { emptyProgress, take } from '../../lib/report/run-progress.ts'
import { Random } from '../support/random.ts'

/** What a role does that throws something that is no error. */
const rejected = async (reason: unknown): Promise<never> => {
  await Promise.resolve()
  throw reason as Error
}

const SEED = Number(process.env['ROLECALL_SEED'] ?? 20261128)
const random = new Random(SEED)
const room = realpathSync(mkdtempSync(join(tmpdir(), 'rolecall-secrets-')))
process.on('exit', () => rmSync(room, { recursive: true, force: true }))

const ODD = Array.from('abcXYZ0189\'"\\$`&<>%+/=:@# !*~é漢')
const newSecret = (): string => `k${Array.from({ length: 18 }, () => random.pick(ODD)).join('')}z`

interface Given {
  readonly hidden: Secret
  readonly at: string
}
type Apply = (given: Given, context: ApplyContext<unknown>) => unknown

class DeployError extends Error {
  override readonly name = 'DeployError'
  readonly token: string

  constructor(token: string) {
    super(`deploy with ${token}`)
    this.token = token
  }
}

/** Commands show in a file what every user can see of processes while they run. */
const PS = sh`cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '`

const SOURCES: Readonly<Record<string, Apply>> = {
  'content of a file': ({ hidden, at }, { ensure }) => ensure(file(at, { content: hidden })),
  'content by secretText': ({ hidden, at }, { ensure }) => ensure(file(at, { content: secretText`key=${hidden}\n` })),
  'content by secretText of secretText': ({ hidden, at }, { ensure }) =>
    ensure(file(at, { content: secretText`[${secretText`key=${hidden}`}]\n` })),
  'JSON by secretText.json': ({ hidden, at }, { ensure }) => ensure(file(at, { content: secretText.json({ hidden }) })),
  'content of a revealed secret': ({ hidden, at }, { ensure }) =>
    ensure(file(at, { content: `x=${hidden.reveal()}\n` })),
  'content that a function makes': ({ hidden, at }, { ensure }) => ensure(file(at, { content: () => hidden.reveal() })),
  'a rotated secret in a diff': ({ hidden, at }, { ensure }) => {
    writeFileSync(at, `password = ${hidden.reveal()}-old\n`)
    return ensure(file(at, { content: secretText`password = ${hidden}\n` }))
  },
  'an old value in a diff': ({ hidden, at }, { ensure }) => {
    writeFileSync(at, `name = x\napi_token = ${hidden.reveal()}\n`)
    return ensure(file(at, { content: 'name = x\n' }))
  },
  'a line': ({ hidden, at }, { ensure }) =>
    ensure(line(at, { line: secretText`key=${hidden}`, match: /^key=/, create: true })),
  'a block': ({ hidden, at }, { ensure }) => ensure(block(at, { name: 'b', content: hidden, create: true })),
  'a value in JSON': ({ hidden, at }, { ensure }) => ensure(jsonFile(at, { set: { a: { token: hidden } } })),
  'a value in YAML': ({ hidden, at }, { ensure }) => ensure(yamlFile(at, { set: { a: { token: hidden } } })),
  'a value in an INI file': ({ hidden, at }, { ensure }) => ensure(iniFile(at, { set: { a: { token: hidden } } })),
  'a word of sh': ({ hidden, at }, { ensure }) =>
    ensure(
      exec('word', {
        run: sh`printf %s ${hidden} | { cat; ${PS} >${`${at}.ps`}; }`,
        unless: sh`test -e ${`${at}.ps`} -a ${hidden}`,
      }),
    ),
  'a word of $': async ({ hidden, at }, { $ }) => {
    await $({ creates: at })`printf %s ${hidden} | cat > ${at}; cat /proc/[0-9]*/cmdline > ${`${at}.ps`}`
  },
  'a word of $.read': async ({ hidden, at }, { $ }) => {
    await $.read`printf %s ${hidden}; cat /proc/[0-9]*/cmdline > ${`${at}.ps`}`
  },
  'the input of $.read': async ({ hidden }, { $, note }) => note((await $.read({ input: hidden })`cat`).stdout),
  'the environment of a command': ({ hidden, at }, { ensure }) =>
    ensure(
      exec('env', {
        run: `echo "$TOKEN"; cat /proc/[0-9]*/cmdline > ${at}.ps; touch ${at}`,
        env: { TOKEN: hidden },
        creates: at,
      }),
    ),
  'the input of a command': ({ hidden, at }, { ensure }) =>
    ensure(exec('stdin', { run: `cat; cat /proc/[0-9]*/cmdline > ${at}.ps; touch ${at}`, stdin: hidden, creates: at })),
  'what a command prints, letter by letter': ({ hidden, at }, { ensure }) =>
    ensure(
      exec('slow', {
        run: `fold -w 3 | while IFS= read -r x; do printf %s "$x"; sleep 0.01; done; touch ${at}`,
        stdin: hidden,
        creates: at,
      }),
    ),
  'what a command prints on standard error': ({ hidden, at }, { ensure }) =>
    ensure(exec('err', { run: `cat >&2; touch ${at}`, stdin: hidden, creates: at })),
  'what a failed command says': ({ hidden, at }, { ensure }) =>
    ensure(exec('fails', { run: 'cat >&2; exit 3', stdin: hidden, creates: at })),
  'what a failed command says in base64': ({ hidden, at }, { ensure }) =>
    ensure(exec('fails', { run: 'base64; exit 3', stdin: hidden, creates: at })),
  'what a failed command says in hexadecimal digits': ({ hidden, at }, { ensure }) =>
    ensure(exec('fails', { run: "od -An -v -tx1 | tr -d ' \\n'; exit 3", stdin: hidden, creates: at })),
  'a failed $.read': async ({ hidden }, { $ }) => {
    await $.read`printf %s ${hidden} >&2; false`
  },
  'the name of a resource': ({ hidden, at }, { ensure }) =>
    ensure(exec(`deploy ${hidden.reveal()}`, { run: 'true', creates: at })),
  'the text of a command': ({ hidden, at }, { ensure }) =>
    ensure(exec('text', { run: `echo ${hidden.reveal().replaceAll(/[^a-z]/gi, '')}; false`, creates: at })),
  'a path': ({ hidden }, { ensure }) =>
    ensure(file(`${room}/${hidden.reveal().replaceAll('/', '_')}`, { content: '' })),
  'a file name of the host': async ({ hidden, at }, { $, note }) =>
    note((await $.read`cd ${room}; : > ${`n${hidden.reveal().replaceAll('/', '')}`}; ls; echo ${at}`).stdout),
  'a note': ({ hidden }, { note }) => note(`token ${hidden.reveal()}`),
  'a Secret in a note': ({ hidden }, { note }) => note({ hidden } as unknown as string),
  'an error': ({ hidden }) => Promise.reject(new Error(`no ${hidden.reveal()}`)),
  'an error of several lines': ({ hidden }) => Promise.reject(new Error(`no\n${hidden.reveal()}\nthere`)),
  'an error of its own class': ({ hidden }) => Promise.reject(new DeployError(hidden.reveal())),
  'the cause of an error': ({ hidden }) =>
    Promise.reject(new Error('outer', { cause: new DeployError(hidden.reveal()) })),
  'errors in an error': ({ hidden }) => Promise.reject(new AggregateError([new DeployError(hidden.reveal())], 'all')),
  'a refusal of its own': ({ hidden }) =>
    Promise.reject(
      new RolecallError({ code: 'vars', message: hidden.reveal(), got: hidden.reveal(), output: hidden.reveal() }),
    ),
  'a thrown Secret': ({ hidden }) => rejected(hidden),
  'a thrown object': ({ hidden }) => rejected({ hidden, text: hidden.reveal() }),
  'a template': ({ hidden, at }, { ensure }) => ensure(file(at, { content: `x=${hidden as unknown as string}` })),
  'an environment in a template': ({ hidden, at }, { ensure }) =>
    ensure(exec('env', { run: 'true', env: { A: `x${hidden as unknown as string}` }, creates: at })),
  'JSON of a record': ({ hidden, at }, { ensure }) => ensure(file(at, { content: JSON.stringify({ hidden }) })),
  'a Secret among the words of a command': ({ hidden, at }, { ensure }) =>
    ensure(exec('words', { run: ['true', hidden as unknown as string], creates: at })),
  'a Secret as a name': ({ hidden, at }, { ensure }) =>
    ensure(exec(hidden as unknown as string, { run: 'true', creates: at })),
  'a Secret as a path': ({ hidden }, { ensure }) => ensure(file(hidden as unknown as string, { content: '' })),
  'a Secret as a mode': ({ hidden, at }, { ensure }) =>
    ensure(file(at, { content: '', mode: hidden as unknown as string })),
  'a URL with a password': ({ hidden, at }, { ensure }) =>
    ensure(exec(`fetch https://app:${encodeURIComponent(hidden.reveal())}@example.com`, { run: 'true', creates: at })),
}

const VERIFIED: Readonly<Record<string, (given: Given, context: VerifyContext<unknown>) => unknown>> = {
  'an expectation of a Secret': ({ hidden }, { expect }) => expect('other').toBe(hidden),
  'an expectation of a text': ({ hidden }, { expect }) => expect(hidden.reveal(), hidden.reveal()).toBe('other'),
  'the output that an expectation is about': async ({ hidden }, { $, expect }) =>
    expect((await $.read`printf '%s\\n' a ${hidden}`).stdout).toContain('never'),
  'a command of verify that fails': async ({ hidden }, { $ }) => {
    await $.read`printf %s ${hidden} >&2; exit 4`
  },
}

writeFileSync(join(room, 'hosts.yml'), 'all:\n  hosts:\n    here: { ansible_connection: local }\n')

const figures = { sources: 0, sinks: new Set<string>(), looks: 0 }
const losses: string[] = []

for (const [name, apply] of Object.entries(SOURCES)) {
  test(`nothing is lost: ${name}`, async () => {
    figures.sources++
    for (const mode of ['check', 'apply'] as const) await tried(name, mode, (given, context) => apply(given, context))
    assert.equal(losses, [])
  })
}

for (const [name, verify] of Object.entries(VERIFIED)) {
  test(`nothing is lost: ${name}`, async () => {
    figures.sources++
    await tried(name, 'verify', () => undefined, verify)
    assert.equal(losses, [])
  })
}

type RunOptions = Partial<AllOptions>

/** Roles that get their secret in another way than as a variable. */
const others: Readonly<Record<string, (text: string) => { readonly role: AnyRole; readonly options?: RunOptions }>> = {
  'an answer to a question': (text) => ({
    role: role({
      name: 'asks',
      vars: z.object({ token: asked(z.string().transform(secret), 'Token?', { hidden: true }) }),
      apply: ({ vars, note }) => {
        note(vars.token.reveal())
        return Promise.reject(new Error(vars.token.reveal()))
      },
    }),
    options: { ask: () => Promise.resolve(text) },
  }),
  'an answer that is refused': (text) => ({
    role: role({
      name: 'asks',
      vars: z.object({ token: asked(z.string().max(3), 'Token?', { hidden: true }) }),
      apply: () => Promise.resolve(),
    }),
    options: { ask: () => Promise.resolve(text) },
  }),
  'a problem of the site': (text) => ({
    role: role({
      name: 'judges',
      vars: z.object({ token: z.string().transform(secret) }),
      validateSite: ({ hosts }) =>
        hosts.map(({ name, vars }) => {
          const shown = vars.token.reveal()
          return { hosts: [name], message: shown, expected: shown, got: shown, hint: shown }
        }),
      apply: () => Promise.resolve(),
    }),
    options: { extra: [`judges.token=${JSON.stringify(text)}`] },
  }),
  'a fact of the host': (text) => ({
    role: role({
      name: 'facts',
      apply: async ({ $, host, note }) => {
        // The host says it before anybody knows that it is a secret.
        const said = (await $.read`printf %s ${raw(`'${text.replaceAll("'", `'\\''`)}'`)}`).stdout
        secret(said)
        note(`${host.os.name} ${said}`)
        throw new Error(said)
      },
    }),
  }),
  'the hash of a password': (text) => ({
    role: role({
      name: 'users',
      async apply({ ensure }) {
        await ensure(user('nobody-has-this', { password: secret(`$6$s$${text.replaceAll(/[^a-z0-9]/gi, 'x')}`) }))
      },
    }),
  }),
}

for (const [name, make] of Object.entries(others))
  test(`nothing is lost: ${name}`, async () => {
    figures.sources++
    const text = newSecret().replaceAll(/[^a-z0-9]/gi, 'x')
    const { role, options = {} } = make(text)
    await shownBy(
      name,
      'check',
      playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [role] }] }),
      options,
      text,
    )
    assert.equal(losses, [])
  })

test('a secret that is too short to be masked everywhere is named in a note, once', async () => {
  const pin = role({
    name: 'pin',
    vars: z.object({ codes: z.record(z.string(), z.string().transform(secret)) }),
    apply: () => Promise.resolve(),
  })
  const site = playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [pin] }] })
  const extra = [`pin.codes=${JSON.stringify({ short: '12', none: '', long: '1234' })}`]
  const notes: string[] = []
  for await (const event of run(site, { mode: 'check', inventory: join(room, 'hosts.yml'), journal: false, extra }))
    if (event.type === 'note') notes.push(event.message)
  assert.is(notes.length, 1)
  assert.match(notes[0] ?? '', /^pin\.codes\.short is a secret of fewer than 4 characters/)
})

test('the figures', () => {
  const { sources, sinks, looks } = figures
  process.stdout.write(
    `      ${sources} sources of secrets, ${sinks.size} sinks (${[...sinks].join(', ')}), ${looks} looks in five encodings, ${losses.length} losses; seed ${SEED}\n`,
  )
  assert.ok(sources > 40)
})

let count = 0

async function tried(
  name: string,
  mode: 'check' | 'apply' | 'verify',
  apply: Apply,
  verify?: (typeof VERIFIED)[string],
): Promise<void> {
  const text = newSecret()
  const at = join(room, `f${count++}`)
  const leaky = role({
    name: 'leaky',
    vars: z.object({ settings: z.record(z.string(), z.string().transform(secret)) }),
    apply: async (context) => {
      await apply({ hidden: context.vars.settings['key'] ?? secret(text), at }, context)
    },
    verify: async (context) => {
      await verify?.({ hidden: context.vars.settings['key'] ?? secret(text), at }, context)
    },
  })
  const site = playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [leaky] }] })
  const extra = [`leaky.settings=${JSON.stringify({ key: text })}`]
  await shownBy(name, mode, site, { extra }, text)
  const more: Record<string, string> = {}
  if (readdirSync(room).includes(`f${count - 1}.ps`)) more['process list'] = readFileSync(`${at}.ps`, 'utf8')
  if (mode === 'apply') {
    const played = await play(leaky, { vars: { settings: { key: text } } }).catch((error: unknown) => {
      if (error instanceof RolecallError) return error.problems.map(({ hint }) => hint)
      return 'an error of the role itself'
    })
    more['play()'] = inspect(played, { depth: 0 })
  }
  for (const [sink, shown] of Object.entries(more)) look(`${name} in ${mode}`, sink, shown, text)
}

let journals = 0

/** Runs it, and looks at all that is shown of the run, while it runs and afterwards. */
async function shownBy(
  name: string,
  mode: 'check' | 'apply' | 'verify',
  site: Playbook,
  more: RunOptions,
  text: string,
): Promise<void> {
  const journal = join(room, `journal-${journals++}`)
  const events: RunEvent[] = []
  const told: Record<string, string> = {}
  const options = {
    mode,
    inventory: join(room, 'hosts.yml'),
    journal,
    diff: true,
    ...more,
  }
  try {
    for await (const event of run(site, options)) events.push(event)
  } catch (error) {
    told['thrown'] = inspect(error)
  }
  told['events'] = inspect(events, { depth: 20, maxStringLength: null })
  told['plain report'] = printed((stream) => plainView(stream, { json: false, diff: true, verbosity: 2 }), events)
  told['JSON lines'] = printed((stream) => jsonView(stream), events)
  told['live view'] = live(events)
  for (const [sink, shown] of Object.entries(afterwards(journal))) told[sink] = shown
  // What is refused before it begins has no journal.
  if (existsSync(journal))
    told['journal'] = readdirSync(journal)
      .map((each) => readFileSync(join(journal, each), 'utf8'))
      .join('')
  for (const [sink, shown] of Object.entries(told)) look(`${name} in ${mode}`, sink, shown, text)
  assert.ok(events.length > 0 || told['thrown'] !== undefined)
}

/** What other commands show of a run that is over. */
function afterwards(journal: string): Record<string, string> {
  if (!existsSync(journal)) return {}
  const recorded = recordedRun(undefined, journal)
  const { past, events } = recorded
  const head = { run: past.run, facts: headFacts(recorded), end: endOf(listedRun(past)), ok: past.end === 'done' }
  return {
    'runs show': showLines(recorded, 2, plainPaint).join('\n'),
    runs: inspect([runLines([listedRun(past)], 400), runsData([past])], { depth: 20 }),
    history: inspect(hostHistory('here', journal), { depth: 20 }),
    index: existsSync(indexPath(journal)) ? readFileSync(indexPath(journal), 'utf8') : '',
    resume: resumeCommand(past),
    'report HTML': reportPage(head, events),
    JUnit: junitXml(events),
    'GitHub annotations': [...githubAnnotations(events), githubSummary(events)].join('\n'),
  }
}

function look(source: string, sink: string, shown: string, text: string): void {
  figures.sinks.add(sink)
  const bytes = Buffer.from(text)
  for (const form of [
    text,
    JSON.stringify(text).slice(1, -1),
    bytes.toString('base64').slice(0, 22),
    bytes.toString('hex'),
    encodeURIComponent(text),
  ]) {
    figures.looks++
    if (shown.includes(form)) losses.push(`${source}: ${sink} shows ${inspect(form)}`)
  }
}

function printed(
  tellerOn: (stream: PassThrough) => { tell(event: RunEvent): void; end(): void },
  events: readonly RunEvent[],
): string {
  const stream = new PassThrough()
  const teller = tellerOn(stream)
  for (const event of events) teller.tell(event)
  teller.end()
  return String(stream.read() ?? '')
}

function live(events: readonly RunEvent[]): string {
  const tally = emptyProgress()
  const screen = { columns: 400, rows: 40, now: 0, frame: 0, paint: plainPaint, isStopping: false }
  return events
    .map((event) => {
      take(tally, event)
      return liveLines(tally, screen).join('\n')
    })
    .join('\n')
}

test('a secret that is written has a mode that lets nobody else read it, and stands there as it is', async () => {
  const hidden = secret(newSecret())
  const at = join(room, 'mode')
  await tried('a mode', 'apply', (_, { ensure }) => ensure(file(at, { content: secretText`key=${hidden}\n` })))
  assert.is(readFileSync(at, 'utf8'), `key=${hidden.reveal()}\n`)
  assert.is(statSync(at).mode & 0o777, 0o600)
})

test.run()

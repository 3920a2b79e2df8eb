import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { projectOf } from '../support/project.ts'

const test = suite('the test runner')
const jobs = resolve(import.meta.dirname, '../../scripts/jobs.js')
const uvu = resolve(import.meta.dirname, '../../node_modules/uvu/dist/index.mjs')
const support = resolve(import.meta.dirname, '../support/prepare.ts')
const head = `import { suite } from ${JSON.stringify(uvu)}\nconst test = suite('x')\n`

interface Outcome {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly reasons: readonly string[]
  readonly why?: string
  readonly note?: string
  readonly output?: string
}

/** What becomes of these files, one after the other. */
function outcomesOf(texts: readonly string[], how: { longestMs?: number } = {}): Outcome[] {
  const names = texts.map((_, at) => `${String.fromCharCode(97 + at)}.test.ts`)
  const files = Object.fromEntries(names.map((name, at) => [name, texts[at] ?? '']))
  const directory = projectOf({ ...files, 'package.json': '{ "type": "module" }' })
  const script = `import { testFile } from ${JSON.stringify(jobs)}
const outcomes = []
for (const file of ${JSON.stringify(names.map((name) => join(directory, name)))}) {
  const { passed, failed, skipped, reasons, why, note, output } = await testFile(file, ${JSON.stringify(how)})
  outcomes.push({ passed, failed, skipped, reasons, why, note, output })
}
process.stdout.write(JSON.stringify(outcomes))`
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  return JSON.parse(said) as Outcome[]
}

function essential({ passed, failed, skipped, reasons, why }: Outcome): Outcome {
  return { passed, failed, skipped, reasons, ...(why === undefined ? {} : { why }) }
}

/** What fails in a shared process runs once more in its own: here that would be the same twice. */
const own = '// Own process: it says so\n'

const rows: readonly [what: string, body: string, expected: Outcome][] = [
  [
    'what passes and what is skipped',
    `test('a', () => {})\ntest.skip('b', () => {})\nconsole.log('skipped: no such tool')\ntest.run()`,
    { passed: 1, failed: 0, skipped: 1, reasons: ['no such tool'] },
  ],
  [
    'what fails',
    `${own}test('a', () => {})\ntest('b', () => { throw new Error('no') })\ntest.run()`,
    { passed: 1, failed: 1, skipped: 0, reasons: [], why: 'ended with 1' },
  ],
  [
    'a suite that is never run',
    `${own}test('a', () => {})`,
    { passed: 0, failed: 1, skipped: 0, reasons: [], why: 'printed no totals: did it end before its suite ran?' },
  ],
  [
    'a suite without tests',
    `${own}test.run()`,
    {
      passed: 0,
      failed: 1,
      skipped: 0,
      reasons: [],
      why: 'ran no test at all: is a .run() missing, or did a before hook throw?',
    },
  ],
  [
    'a suite without tests that says why',
    `console.log('skipped: only root')\ntest.run()`,
    { passed: 0, failed: 0, skipped: 1, reasons: ['only root'] },
  ],
  [
    'a process that ends with another status than its tests',
    `${own}test('a', () => {})\ntest.run()\nprocess.on('exit', () => { process.exitCode = 3 })`,
    { passed: 1, failed: 1, skipped: 0, reasons: [], why: 'ended with 3' },
  ],
]
const inOneRun = outcomesOf([
  ...rows.map(([, body]) => head + body),
  `${own}${head}test('a', () => {})\ntest.run()\nconst other = suite('y')\nother('b', () => {})\n`,
  `${own}${head}test.before(() => { throw new Error('no') })\ntest('a', () => {})\ntest.run()`,
  `${own}import './nowhere.ts'\n${head}test('a', () => {})\ntest.run()`,
  `${own}import { prepare } from ${JSON.stringify(support)}\n${head}prepare(test, () => { throw new Error('no lab') })\ntest('a', () => {})\ntest.run()`,
])
for (const [at, [what, , expected]] of rows.entries())
  test(what, () => {
    const outcome = inOneRun[at]
    assert.equal(outcome && essential(outcome), expected)
  })
const [secondSuite, hook, importing, prepared] = inOneRun.slice(rows.length)

test('a second suite that is never run is a failure too', () => {
  assert.equal([secondSuite?.failed, secondSuite?.why], [1, 'never runs other: write other.run()'])
})

test('a before hook that throws is a failure, though uvu ends with 0', () => {
  assert.ok((hook?.failed ?? 0) > 0)
})

test('what comes before the tests fails with its error, and the process with it', () => {
  assert.ok((prepared?.failed ?? 0) > 0)
  assert.match(prepared?.output ?? '', /What comes before the tests failed: Error: no lab/)
})

test('no file uses the hook of uvu, which drops its error', () => {
  const found = execFileSync('grep', ['-rlE', String.raw`\w\.before\(`, resolve(import.meta.dirname, '..')], {
    encoding: 'utf8',
  })
  const names = found.split('\n').flatMap((file) => /[^/]+$/.exec(file) ?? [])
  assert.equal(names.toSorted(), ['jobs.test.ts', 'prepare.ts'])
})

test('another test of the same file that fails to import is a failure', () => {
  assert.is(importing?.failed, 1)
})

const pidOf = ({ output = '' }: Outcome) => /^pid (\d+)$/m.exec(output)?.[1]
const saysPid = `${head}console.log('\\npid ' + process.pid)\ntest('a', () => {})\ntest.run()`

test('files share a process, unless one says that it needs its own', () => {
  const [one, two, apart, three] = outcomesOf([saysPid, saysPid, own + saysPid, saysPid]).map(pidOf)
  assert.equal([one === two, one === three, one === apart, one === undefined], [true, true, false, false])
})

test('the next file finds the environment, the directory and the listeners as the first one did', () => {
  const changes = `${head}test('a', () => {})
process.env.LEFT = '1'
delete process.env.PATH
process.chdir('/')
process.on('SIGUSR2', () => {})
test.run()`
  const looks = `${head}test('a', () => {
  const left = [process.env.LEFT, process.env.PATH === undefined, process.cwd() === '/', process.listenerCount('SIGUSR2')]
  if (left.join() !== ',false,false,0') throw new Error(left.join())
})
test.run()`
  const [, second] = outcomesOf([changes, looks])
  assert.equal([second?.failed, second?.note], [0, undefined])
})

test('a secret of one file masks no word of the next one', () => {
  const gate = JSON.stringify(resolve(import.meta.dirname, '../../lib/gate/gate.ts'))
  const secrets = JSON.stringify(resolve(import.meta.dirname, '../../lib/secret.ts'))
  const using = `import { shownName, shownText } from ${gate}\nimport { secret } from ${secrets}\n${head}`
  const expectsShown = (text: string) =>
    `if (shownText('the second line') !== '${text}' || shownName('the second line') !== '${text}')
      throw new Error(shownText('the second line'))`
  const declares = `${using}secret('second')\ntest('a', () => { ${expectsShown('the *** line')} })\ntest.run()`
  const shows = `${using}secret('minute')\ntest('a', () => { ${expectsShown('the second line')} })\ntest.run()`
  const outcomes = outcomesOf([declares, shows, declares])
  assert.equal(
    outcomes.map(({ failed, note }) => [failed, note]),
    outcomes.map(() => [0, undefined]),
  )
})

test('a file that fails in a shared process and passes alone is reported, but not as a failure', () => {
  const leaves = `${head}globalThis.left = true\ntest('a', () => {})\ntest.run()`
  const finds = `${head}test('a', () => { if (globalThis.left) throw new Error('left') })\ntest.run()`
  const [, second] = outcomesOf([leaves, finds])
  assert.equal([second?.failed, second?.passed], [0, 1])
  assert.match(second?.note ?? '', 'Own process')
  assert.match(second?.note ?? '', /^ *Error: left|FAIL .*"a"[^]*left/m, 'what failed there is told')
})

test('a test that waits for ever is a failure, and so is one that never ends', () => {
  const passes = `${head}test('a', () => {})\ntest.run()`
  const waits = `${head}test('a', () => new Promise(() => {}))\ntest.run()`
  const goesOn = `${head}test('a', () => new Promise(() => setInterval(() => {}, 50)))\ntest.run()`
  const [first, waiting, third] = outcomesOf([passes, waits, passes])
  assert.equal([first?.failed, waiting?.failed, third?.failed], [0, 1, 0])
  assert.match(waiting?.why ?? '', 'printed no totals')
  const [endless] = outcomesOf([goesOn], { longestMs: 1500 })
  assert.is(endless?.failed, 1)
  assert.match(endless?.why ?? '', 'does one of its tests hang')
})

test.run()

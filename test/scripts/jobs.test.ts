import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { projectOf } from '../support/project.ts'

const test = suite('the test runner')
const jobs = resolve(import.meta.dirname, '../../scripts/jobs.js')
const uvu = resolve(import.meta.dirname, '../../node_modules/uvu/dist/index.mjs')
const head = `import { suite } from ${JSON.stringify(uvu)}\nconst test = suite('x')\n`

interface Outcome {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly reasons: readonly string[]
  readonly why?: string
}

function outcomeOf(text: string): Outcome {
  const directory = projectOf({ 'x.test.ts': text, 'package.json': '{ "type": "module" }' })
  const script = `import { testFile } from ${JSON.stringify(jobs)}
const { passed, failed, skipped, reasons, why } = await testFile(${JSON.stringify(join(directory, 'x.test.ts'))})
process.stdout.write(JSON.stringify({ passed, failed, skipped, reasons, why }))`
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }),
  ) as Outcome
}

const rows: readonly [what: string, body: string, expected: Outcome][] = [
  [
    'what passes and what is skipped',
    `test('a', () => {})\ntest.skip('b', () => {})\nconsole.log('skipped: no such tool')\ntest.run()`,
    { passed: 1, failed: 0, skipped: 1, reasons: ['no such tool'] },
  ],
  [
    'what fails',
    `test('a', () => {})\ntest('b', () => { throw new Error('no') })\ntest.run()`,
    { passed: 1, failed: 1, skipped: 0, reasons: [], why: 'ended with 1' },
  ],
  [
    'a suite that is never run',
    `test('a', () => {})`,
    { passed: 0, failed: 1, skipped: 0, reasons: [], why: 'printed no totals: did it end before its suite ran?' },
  ],
  [
    'a suite without tests',
    `test.run()`,
    {
      passed: 0,
      failed: 1,
      skipped: 0,
      reasons: [],
      why: 'ran no test at all: is a .run() missing, or did a before hook throw?',
    },
  ],
  [
    'a process that ends with another status than its tests',
    `test('a', () => {})\ntest.run()\nprocess.on('exit', () => { process.exitCode = 3 })`,
    { passed: 1, failed: 1, skipped: 0, reasons: [], why: 'ended with 3' },
  ],
]
for (const [what, body, expected] of rows) test(what, () => assert.equal(outcomeOf(head + body), expected))

test('a second suite that is never run is a failure too', () => {
  const { failed, why } = outcomeOf(
    `${head}test('a', () => {})\ntest.run()\nconst other = suite('y')\nother('b', () => {})\n`,
  )
  assert.equal([failed, why], [1, 'never runs other: write other.run()'])
})

test('a before hook that throws is a failure, though uvu ends with 0', () => {
  const { failed } = outcomeOf(`${head}test.before(() => { throw new Error('no') })\ntest('a', () => {})\ntest.run()`)
  assert.ok(failed > 0)
})

test('another test of the same file that fails to import is a failure', () => {
  assert.is(outcomeOf(`import './nowhere.ts'\n${head}test('a', () => {})\ntest.run()`).failed, 1)
})

test.run()

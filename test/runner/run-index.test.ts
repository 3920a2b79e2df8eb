import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { lastUnfinished, pastRuns } from '../../lib/runner/journal/run-history.ts'
import { indexPath } from '../../lib/runner/run-index/entry.ts'
import { readIndexFile } from '../../lib/runner/run-index/index-file.ts'
import { listedRun, listRuns, momentsOn, tidyIndex } from '../../lib/runner/run-index/run-index.ts'
import { localProject, rolecall } from '../support/project.ts'
import { writeYear } from '../support/year-of-runs.ts'

const test = suite('The index of runs')
const ground = mkdtempSync(join(tmpdir(), 'rolecall-index-'))
process.on('exit', () => rmSync(ground, { recursive: true, force: true }))

const until = Date.UTC(2026, 10, 28, 12)
const SMALL = { runs: 12, hosts: 3, resources: 4, until }
let made = 0
const yearOf = (options: Parameters<typeof writeYear>[1]) => {
  const directory = join(ground, `project-${++made}`, '.rolecall/runs')
  return { directory, truth: writeYear(directory, options), index: indexPath(directory) }
}
const told = (directory: string, host: string) =>
  momentsOn(host, directory, () => true).flatMap(({ run, moments }) =>
    moments.map((each) =>
      each.what === 'unreachable' ? `${run} unreachable` : `${run} ${each.what} ${each.resource}`,
    ),
  )
/** What lists of runs and the history of a host must be, by the journals alone. */
const isRight = (directory: string, truth: ReturnType<typeof writeYear>, what = '') => {
  assert.equal(listRuns(directory).runs, pastRuns(directory).map(listedRun), what)
  assert.equal(told(directory, 'node-001'), truth.moments.get('node-001') ?? [], what)
}

test('runs and the history of each host are those of the journals, without an index, with one, and with half of one', () => {
  const { directory, truth, index } = yearOf({ runs: 120, hosts: 4, resources: 8, until })
  for (const host of [...truth.moments.keys(), 'node-00', 'nobody'])
    assert.equal(told(directory, host), truth.moments.get(host) ?? [])
  isRight(directory, truth)
  const size = statSync(index).size
  isRight(directory, truth)
  assert.is(statSync(index).size, size, 'an index with everything in it stays as it is')
  truncateSync(index, Math.floor(size / 2))
  isRight(directory, truth)
  assert.is(statSync(index).mode & 0o077, 0)
  assert.is(lastUnfinished(listRuns(directory).runs)?.run, lastUnfinished(pastRuns(directory))?.run)
})

test('an index that was cut off at any byte, and appended to since, gives the same answers', () => {
  const { directory, truth, index } = yearOf({ ...SMALL, runs: 4 })
  listRuns(directory)
  const whole = readFileSync(index)
  const runs = pastRuns(directory).map(listedRun)
  const ends = [...whole.keys()].filter((at) => at % 17 === 0 || whole[at] === 0x0a || whole[at - 1] === 0x0a)
  for (const at of [...ends, whole.length]) {
    writeFileSync(index, whole.subarray(0, at))
    assert.equal(listRuns(directory).runs, runs, `cut off at byte ${at}`)
    assert.equal(told(directory, 'node-001'), truth.moments.get('node-001'), `cut off at byte ${at}`)
  }
})

const damages: Readonly<Record<string, (index: string, text: string) => void>> = {
  'is empty': (index) => writeFileSync(index, ''),
  'is no JSON': (index) => writeFileSync(index, 'x\n'.repeat(2000)),
  'holds zeros in the middle': (index, text) => {
    const bytes = Buffer.from(text)
    writeFileSync(index, bytes.fill(0, Math.floor(bytes.length / 3), Math.floor(bytes.length / 2)))
  },
  'lost the moments of a host': (index, text) =>
    writeFileSync(
      index,
      text
        .split('\n')
        .filter((line) => !line.includes('"host":"node-001"'))
        .join('\n'),
    ),
  'is of another version': (index, text) => writeFileSync(index, text.replaceAll('"version":1', '"version":2')),
  'says that everything is done': (index, text) =>
    writeFileSync(index, text.replaceAll(/"size":\d+/g, '"size":7').replaceAll(/"left":\d+/g, '"left":0')),
  'has what no run says': (index, text) =>
    writeFileSync(index, text.replaceAll('"units":12', '"units":-1').replaceAll('"what":"changed"', '"what":"erased"')),
  'has everything twice': (index, text) => writeFileSync(index, `${text}${text}`),
  'can be written by everybody': (index, text) => {
    writeFileSync(index, text.replaceAll('write /etc', 'rm /etc'))
    chmodSync(index, 0o666)
  },
  'is a link to elsewhere': (index) => {
    unlinkSync(index)
    symlinkSync(join(ground, 'elsewhere'), index)
  },
}
for (const [name, damage] of Object.entries(damages))
  test(`an index that ${name} gives the same answers`, () => {
    const { directory, truth, index } = yearOf(SMALL)
    listRuns(directory)
    damage(index, readFileSync(index, 'utf8'))
    isRight(directory, truth)
    isRight(directory, truth)
    assert.not(existsSync(join(ground, 'elsewhere')))
  })

test('the entry of a journal that was changed, replaced, cut or removed is not used', () => {
  const { directory, truth } = yearOf(SMALL)
  isRight(directory, truth)
  const [first = '', second = '', third = ''] = truth.names.slice(4)
  const of = (run: string) => join(directory, `${run}.jsonl`)
  const text = readFileSync(of(first), 'utf8')
  // Of the same length, and with the same time of change.
  const { atime, mtime } = statSync(of(first))
  writeFileSync(of(first), text.replaceAll('"user":"anna"', '"user":"emma"'))
  utimesSync(of(first), atime, mtime)
  truncateSync(of(second), 700)
  rmSync(of(third))
  const runs = listRuns(directory).runs
  assert.equal(runs, pastRuns(directory).map(listedRun))
  assert.is(runs.find(({ run }) => run === first)?.by.user, 'emma')
  assert.is(runs.find(({ run }) => run === second)?.end, 'crashed')
  assert.is(
    runs.find(({ run }) => run === third),
    undefined,
  )
  assert.not(told(directory, 'node-001').some((line) => line.startsWith(third)))
})

test('the rest of a run is computed again when the run that it resumes has changed', () => {
  const { directory, truth } = yearOf({ ...SMALL, runs: 2 })
  isRight(directory, truth)
  const [first = '', second = ''] = truth.names
  const left = () => listRuns(directory).runs.find(({ run }) => run === second)?.left
  const before = left()
  truncateSync(join(directory, `${second}.jsonl`), 700)
  truncateSync(join(directory, `${first}.jsonl`), 700)
  assert.is.not(left(), before)
  isRight(directory, { ...truth, moments: new Map() })
})

test('prune removes the lines of deleted runs from the index, and keeps the others', () => {
  const { directory, truth, index } = yearOf(SMALL)
  isRight(directory, truth)
  const [first = '', second = ''] = truth.names
  for (const run of [first, second]) rmSync(join(directory, `${run}.jsonl`))
  tidyIndex(directory)
  assert.not.match(readFileSync(index, 'utf8'), first)
  assert.is(readIndexFile(directory).runs.size, truth.names.length - 2)
})

test('an index in which most lines were replaced is rewritten', () => {
  const { directory, truth, index } = yearOf(SMALL)
  listRuns(directory)
  const text = readFileSync(index, 'utf8')
  for (let time = 0; time < 30; time++) appendFileSync(index, text.replaceAll('"entry":"', `"entry":"${time}`))
  isRight(directory, truth)
  assert.is(readIndexFile(directory).replaced, 0)
  assert.ok(statSync(index).size <= text.length + 1000)
  isRight(directory, truth)
})

test('a run appends its summary to the index at its end', async () => {
  const project = localProject()
  const directory = join(project, '.rolecall/runs')
  for (const command of ['check', 'apply', 'apply']) await rolecall(project, [command, 'site', '--no-types'])
  const appended = readIndexFile(directory)
  const [check, apply, again] = [...appended.runs.values()]
  assert.equal(
    [check, apply, again].map((line) => line?.about()?.ended?.changed),
    [1, 1, 0],
  )
  assert.equal(
    [check, apply, again].map((line) => line?.tellsOf('here')),
    [false, true, false],
  )
  const moments = momentsOn('here', directory, () => true)
  rmSync(indexPath(directory))
  assert.equal(
    momentsOn('here', directory, () => true),
    moments,
    'the journals tell the same',
  )
  const rebuilt = readIndexFile(directory)
  const plain = (index: typeof appended) =>
    [...index.runs.values()].map((line) => ({ about: line.about(), journal: line.journal, file: line.file }))
  assert.equal(plain(rebuilt), plain(appended))
})

test('a run whose journal or index cannot be written goes on', async () => {
  const project = localProject()
  await rolecall(project, ['apply', 'site', '--no-types'])
  const index = indexPath(join(project, '.rolecall/runs'))
  rmSync(index)
  // No file can be made of it.
  symlinkSync('/nowhere/at/all', index)
  const { code, err } = await rolecall(project, ['apply', 'site', '--no-types'])
  assert.equal([code, err], [0, ''])
  assert.match((await rolecall(project, ['history', 'here'])).out, /changed/)
})

test.run()

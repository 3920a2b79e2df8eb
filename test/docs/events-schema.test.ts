import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { eventsIn, eventsSchema } from '../../lib/runner/journal/journal-events.ts'
import { localProject, rolecall } from '../support/project.ts'
import { project as repository } from './blocks.ts'

test('the published schema of events is the one that journals are read by', () => {
  const published: unknown = JSON.parse(readFileSync(join(repository, 'docs/events.schema.json'), 'utf8'))
  assert.equal(
    published,
    JSON.parse(JSON.stringify(eventsSchema())),
    'node --import tsx scripts/events-schema.js writes it anew',
  )
})

for (const args of [
  ['check', 'site'],
  ['apply', 'site'],
  ['verify', 'site'],
  ['run', 'echo hello; exit 3', '-l', 'here'],
] as const)
  test(`every line of "rolecall ${args.join(' ')} --json" is as the schema says, with nothing besides`, async () => {
    const types = args[0] === 'run' ? [] : ['--no-types']
    const { out } = await rolecall(localProject(), [...args, '--json', ...types])
    const values = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    assert.ok(values.length > 4)
    assert.equal(eventsIn(values), values)
  })

test.run()

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { forecast } from '../../lib/converge/forecast.ts'
import { undoneParts } from '../../lib/converge/contradictions/undone-parts.ts'
import { block } from '../../lib/resources/files/block.ts'
import { line } from '../../lib/resources/files/line.ts'
import { replace } from '../../lib/resources/files/replace.ts'
import type { Resource } from '../../lib/resources/kit/kind.ts'
import { Prediction } from '../../lib/resources/prediction/prediction.ts'
import { probe } from '../../lib/testing/converge.ts'
import { debian, scratch, shells } from '../support/converge-locally.ts'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [shell] = shells()
const path = join(scratch(), 'hosts')
const app = block(path, { name: 'app', content: '10.0.0.9 app' })

type Row = readonly [says: string, there: string, asked: readonly Resource[], undone: readonly string[]]
const rows: readonly Row[] = [
  [
    'a block of which a later edit changes a line',
    'first\n',
    [app, replace(path, { match: /app$/m, by: 'app.example.com' })],
    ['block undone by replace'],
  ],
  [
    'a line that a later one with the same expression writes otherwise',
    'port 22\n',
    [line(path, { match: /^port /, line: 'port 23' }), replace(path, { match: /^port 23$/m, by: 'port 24' })],
    ['line undone by replace'],
  ],
  [
    'a line that a third one puts back',
    'a\n',
    [line(path, { line: 'b' }), replace(path, { match: /^b$/m, by: 'c' }), line(path, { match: /^c$/, line: 'b' })],
    ['replace undone by line'],
  ],
  ['parts beside each other', 'first\n', [app, line(path, { line: 'second' })], []],
  ['what is as wanted already', '# BEGIN app\n10.0.0.9 app\n# END app\n', [app, line(path, { line: 'second' })], []],
]

if (shell !== undefined)
  for (const [says, there, asked, undone] of rows)
    test(says, async () => {
      writeFileSync(path, there)
      const replies = await Promise.all(asked.map((resource) => probe(shell, resource)))
      const changes = forecast(asked, replies, debian, new Prediction()).map(({ resource, evaluation }) => ({
        resource,
        effects: 'plan' in evaluation ? evaluation.effects : [],
      }))
      const found = undoneParts(changes, (each) => each)
      assert.equal(
        found.map(({ resource, later }) => `${resource.kind} undone by ${later.kind}`),
        undone,
      )
    })

test.run()

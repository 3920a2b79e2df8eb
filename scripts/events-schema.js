// Writes docs/events.schema.json: the JSON schema of the output of `--json`. Run with `node --import tsx`.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'oxfmt'
import { eventsSchema } from '../lib/runner/journal/journal-events.ts'
import { project } from './freshness.js'

const { code } = await format('events.schema.json', JSON.stringify(eventsSchema()), { printWidth: 120 })
writeFileSync(join(project, 'docs/events.schema.json'), code)

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Die } from '../support/die.ts'
import { answersOfAnsible, differences, PYTHON, type Answer } from './compare.ts'
import { randomCall } from './random-call.ts'
import { randomTemplate } from './random-template.ts'

interface Recorded {
  readonly templates: readonly string[]
  readonly answers: readonly Answer[]
}

const { templates, answers } = JSON.parse(readFileSync(join(import.meta.dirname, 'table.json'), 'utf8')) as Recorded

const ROUNDS = Number(process.env['ROLECALL_TEMPLATES'] ?? 400)
const SEED = Number(process.env['ROLECALL_SEED'] ?? 16)

test(`${templates.length} templates give what ansible-core 2.14 gave`, () => {
  process.env['ROLECALL_PROBE'] = 'probed'
  assert.equal(differences(templates, answers), [])
})

test(`${ROUNDS} random templates give what Ansible gives`, () => {
  if (PYTHON === undefined) {
    process.stdout.write('      not compared with Ansible: it is not installed (Debian: ansible-core)\n')
    return
  }
  const die = new Die(SEED)
  const random = Array.from({ length: ROUNDS }, () => randomTemplate(die))
  assert.equal(differences(random, answersOfAnsible(PYTHON, random)), [])
})

/** What a value here leaves out, with a sentence that says so. Where Ansible has a value and the sentence is another one, that is a difference. */
const LEFT_OUT =
  /is not supported|too big to be exact|needs the type f|in the text of a list or dict is not known|cannot be the key of a dict|more values than there are|it needs a number/

test(`${ROUNDS * 2} random calls of filters, methods and tests, with arguments by place and by name, give what Ansible gives`, () => {
  if (PYTHON === undefined) {
    process.stdout.write('      not compared with Ansible: it is not installed (Debian: ansible-core)\n')
    return
  }
  const die = new Die(SEED)
  const random = [...new Set(Array.from({ length: ROUNDS * 2 }, () => randomCall(die)))]
  const found = differences(random, answersOfAnsible(PYTHON, random))
  assert.equal(
    found.filter((line) => !LEFT_OUT.test(line.slice(line.lastIndexOf(', here {"error"')))),
    [],
  )
})

test.run()

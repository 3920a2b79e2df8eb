import { basename } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { z } from 'zod'
import * as rolecall from '../../lib/index.ts'
import { problemsOf } from '../support/problems.ts'

const test = suite('definitions')
const { playbook, role, using } = rolecall as unknown as Readonly<Record<string, (...given: unknown[]) => unknown>>

const web = role?.({ name: 'web', vars: z.object({ port: z.number() }), apply: () => Promise.resolve() })
const one = { name: 'web', hosts: 'all', roles: [web] }
const site = (play: object) => () => playbook?.({ name: 'site', plays: [{ ...one, ...play }] })

/** A definition, and all that is wrong with it: the message, and the hint behind an arrow. */
const wrong: readonly (readonly [says: string, define: () => unknown, ...problems: string[]])[] = [
  ['serail: 1', site({ serail: 1 }), 'unknown option "serail" of play "web" -> did you mean "serial"?'],
  [
    'a share of more than all',
    site({ serial: '130%' }),
    "Expected serial of play \"web\" to be a whole number from 1, a share such as '30%', or a list of them: [1, '10%', '100%'], got \"130%\"",
  ],
  [
    'a negative number',
    site({ maxFailures: -1 }),
    'Expected maxFailures of play "web" to be a whole number from 0, or a share such as \'30%\', got -1',
  ],
  [
    'half a second and no number',
    site({ deadline: 0.5, concurrency: NaN }),
    'Expected concurrency of play "web" to be a whole number from 1, got NaN',
    'Expected deadline of play "web" to be whole seconds, at least 1, got 0.5',
  ],
  [
    'one name for a list',
    site({ after: 'base', tags: 'x' }),
    'Expected after of play "web" to be a list of plays, got "base" -> write ["base"]',
    'Expected tags of play "web" to be a list of tags, got "x" -> write ["x"]',
  ],
  [
    'a list of hosts',
    site({ hosts: ['a', 'b'] }),
    'Expected hosts of play "web" to be an inventory pattern, such as all or web:!web-1, got a list of 2 -> join several with a colon: web:db',
  ],
  [
    'a misspelt word further down',
    site({ after: [{ play: 'base', endet: true }] }),
    'unknown option "after[0].endet" of play "web" -> did you mean "ended"?',
  ],
  [
    'the name of a role',
    site({ roles: ['web'] }),
    'Expected roles[0] of play "web" to be what role() or using() gives, got "web"',
  ],
  [
    'no play',
    () => playbook?.({ name: 'site', plays: [null] }),
    'Expected plays[0] of playbook "site" to be a play: { name, hosts, roles }, got null',
  ],
  [
    'no plays',
    () => playbook?.({ name: 'site', play: [] }),
    'unknown option "play" of playbook "site" -> did you mean "plays"?',
  ],
  [
    'a role without apply',
    () => role?.({ name: 'web', aply: () => undefined }),
    'unknown option "aply" of role web -> did you mean "apply"?',
  ],
  [
    'variables that are no schema',
    () => role?.({ name: 'web', vars: { port: 80 }, apply: () => undefined }),
    'Expected vars of role web to be z.object({ ... }), got an object: { port }',
  ],
  [
    'a variable that the role does not have',
    () => using?.(web, { prot: 80 }),
    'unknown option "prot" of the variables of role web -> did you mean "port"?',
  ],
  ['no role to use', () => using?.('web', {}), 'Expected the role of using to be what role() gives, got "web"'],
]

for (const [says, define, ...expected] of wrong) {
  test(`refused with its place: ${says}`, () => {
    const problems = problemsOf(define)
    assert.equal(
      problems.map(({ message, hint }) => (hint === undefined ? message : `${message} -> ${hint}`)),
      expected,
    )
    for (const { place } of problems) assert.is(basename(place?.file ?? ''), 'definitions.test.ts')
  })
}

test('an option that is undefined is left out', () => {
  assert.not.throws(site({ serial: undefined, after: undefined }))
})

test.run()

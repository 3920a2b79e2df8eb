import { inspect } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadInventory } from '../../lib/inventory/load.ts'
import { syntaxWords } from '../../lib/inventory/syntax/syntax-words.ts'
import { Secret } from '../../lib/secret.ts'
import { RolecallError, type Problem } from '../../lib/errors.ts'
import { doubtsIn } from '../../lib/inventory/variables/doubts.ts'
import { directoryOf, hostIn, inventoryOf } from './support.ts'

test('no password is visible in a loaded inventory, however it is printed', () => {
  const inventory = inventoryOf(
    {
      'hosts.yml':
        'all:\n  hosts:\n    a: { ansible_password: hunter2, ansible_become: true, ansible_become_password: hunter2 }\n',
    },
    ['ansible_become_password=hunter2'],
  )
  assert.not.match(inspect(inventory, { depth: 20, showHidden: true }), 'hunter2')
  assert.throws(() => JSON.stringify(inventory), 'a secret would become plain text here')
  const level = hostIn(inventory, 'a').layers[0]?.levels.get('ansible_password')
  assert.instance(level?.value, Secret)
})

const leaks: Record<string, string> = {
  'a password that is no text': 'ansible_password: 4242',
  'an ambiguous password': 'ansible_password: 04242',
  'a password with a template': 'ansible_password: "4242{{ x }}"',
  'a password that breaks the YAML': 'ansible_password: "4242" 4242',
  'a password after =': 'app:\nansible_password=4242:',
  'a password in a list': 'app: { passwords: [04242] }',
}

for (const [name, line] of Object.entries(leaks)) {
  test(`no error repeats ${name}`, () => {
    const directory = directoryOf({ 'hosts.yml': 'all:\n  hosts:\n    a:\n', 'group_vars/all.yml': `${line}\n` })
    for (const problem of everyProblem(directory)) {
      assert.not.match(JSON.stringify({ ...problem, place: undefined }), '4242')
    }
  })
}

/** What loading refuses with, or what would be refused to a role that reads the variables. */
function everyProblem(directory: string, extra: readonly string[] = []): readonly Problem[] {
  try {
    const levels = loadInventory(directory, { extra }).layers.flatMap((layer) => [...layer.levels.values()])
    return levels.flatMap(({ name, node }) => (node === undefined ? [] : doubtsIn(node, name)))
  } catch (error) {
    if (error instanceof RolecallError) return error.problems
    throw error
  }
}

test('text that the YAML library quotes from a file is not repeated', () => {
  const words = syntaxWords({ code: 'UNEXPECTED_TOKEN', message: 'Unexpected scalar: "hunter2"', pos: [0, 1] }, '')
  assert.is(words.message, 'this is not valid YAML: unexpected scalar')
})

test('no error repeats a password from the command line', () => {
  for (const arg of [
    'ansible_password=04242',
    'ansible_password=[4242]',
    'app.token="4242',
    'app.token={{4242}}',
    'token=4242',
    'app.token.a=4242',
  ]) {
    const problems = everyProblem(directoryOf({ 'hosts.yml': 'all:\n  hosts:\n    a:\n' }), [arg])
    assert.not.match(JSON.stringify(problems), '4242', arg)
  }
})

test.run()

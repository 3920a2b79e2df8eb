import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { contradictions } from '../../lib/converge/contradictions.ts'
import {
  absent,
  dir,
  exec,
  file,
  hostname,
  iniFile,
  jsonFile,
  line,
  link,
  pkg,
  secret,
  service,
  sysctl,
  waitFor,
  type Resource,
} from '../../lib/index.ts'

const content = 'x\n'

const twice: readonly (readonly [string, Resource, Resource, string])[] = [
  ['two files', file('/a', { content }), file('/a', { content: 'y\n' }), 'path /a is asked for twice'],
  ['another mode', file('/a', { content }), file('/a', { content, mode: '0600' }), 'path /a'],
  ['two spellings', file('/a//b', { content }), file('/a/./b/', { content: '' }), 'path /a/b'],
  ['two secrets', file('/a', { content: secret('first!') }), file('/a', { content: secret('second') }), 'path /a'],
  ['a file and nothing', file('/a', { content }), absent('/a'), 'path /a'],
  ['a directory and a link', dir('/a'), link('/a', { to: '/b' }), 'path /a'],
  ['a file in what is removed', absent('/opt/app'), file('/opt/app/x', { content }), 'file:/opt/app/x stands in what'],
  [
    'two spellings of a unit',
    service('a', { running: true }),
    service('a.service', { running: false }),
    'unit a.service',
  ],
  ['a package of two lists', pkg(['a', 'b']), pkg('b', { state: 'absent' }), 'package b'],
  ['two names of a host', hostname('a'), hostname('b'), 'hostname'],
  [
    'two spellings of a parameter',
    sysctl('net.ipv4.ip_forward', 1),
    sysctl('net/ipv4/ip_forward', 0),
    'sysctl net/ipv4',
  ],
  ['two values of a key', jsonFile('/a', { set: { a: { b: 1 } } }), jsonFile('/a', { set: { a: { b: 2 } } }), 'key'],
  [
    'a key that is set and removed',
    iniFile('/a', { set: { s: { k: '1' } } }),
    iniFile('/a', { remove: [['s', 'k']] }),
    'key',
  ],
  [
    'two commands of one name',
    exec('a', { run: 'x', creates: '/x' }),
    exec('a', { run: 'y', creates: '/y' }),
    'exec:a',
  ],
]
for (const [what, one, other, words] of twice)
  test(`${what} are refused, whichever comes first, with both places`, () => {
    for (const [first, second] of [
      [one, other],
      [other, one],
    ] as const) {
      const [problem, ...more] = contradictions([first, second])
      assert.equal(more, [])
      assert.ok(problem?.message.startsWith(words), problem?.message)
      assert.match(problem?.expected ?? '', /contradictions\.test\.ts:\d+:\d+/)
      assert.match(problem?.place?.file ?? '', /contradictions\.test\.ts$/)
    }
  })

const fine: readonly (readonly [string, readonly Resource[]])[] = [
  ['the very same', [file('/a', { content }), file('/a', { content })]],
  ['one resource twice', Array<Resource>(2).fill(service('a', { running: true }))],
  ['the same secret', [file('/a', { content: secret('token!') }), file('/a', { content: secret('token!') })]],
  ['different keys', [jsonFile('/a', { set: { a: { b: 1 } } }), jsonFile('/a', { set: { a: { c: 1 } } })]],
  ['different lines of a file', [file('/a', { content }), line('/a', { line: 'b' }), line('/a', { line: 'c' })]],
  ['a package of two lists', [pkg(['a', 'b']), pkg('b')]],
  ['a neighbour of what is removed', [absent('/opt/app'), file('/opt/app2', { content })]],
  ['what is waited for twice', [waitFor('up', { port: 80 }), waitFor('up', { port: 80, deadline: 5 })]],
]
for (const [what, resources] of fine)
  test(`${what}: nothing is said`, () => assert.equal(contradictions(resources), []))

test.run()

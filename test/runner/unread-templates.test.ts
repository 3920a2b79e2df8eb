import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { file, iniFile, role, secret, z, type Resource } from '../../lib/index.ts'
import { namesOf, unreadTemplates } from '../../lib/runner/units/role/unread-templates.ts'
import { runRoles } from '../support/run-role.ts'

const names = namesOf({ port: 80, name: 'x' }, { port: 'nginx_port' })
const found = (...resources: readonly Resource[]) =>
  unreadTemplates(resources, names).map((note) => note.replace(/ \(.*?\)/, '').replace(/ as it stands.*, write/, ':'))

for (const [content, expected] of [
  ['listen {{ port }};', ['file:/etc/x has {{ port }}: ${vars.port}']],
  ['listen {{ nginx_port | default(80) }};', ['file:/etc/x has {{ nginx_port | default(80) }}: ${vars.port}']],
  ['{{ ansible_hostname }}', ['file:/etc/x has {{ ansible_hostname }}: the value']],
  ["{{ hostvars['a'].b }}", ["file:/etc/x has {{ hostvars['a'].b }}: the value"]],
  // Templates of others: Go, Mustache with a name that nobody has here.
  ['{{ .port }} {{ $port }} {{ range .Items }}{{ end }} {{ other }}', []],
  ['${{ secrets.port }} {{/* port */}}', []],
  ['{ port } {{port', []],
] as const)
  test(`a text ${content}: ${expected.length === 0 ? 'nothing is said' : 'a note'}`, () => {
    assert.equal(found(file('/etc/x', { content })), [...expected])
    assert.equal(found(file('/etc/x', { content: Buffer.from(content) })), [...expected])
  })

test('paths and keys of files count, Secrets and functions do not', () => {
  assert.equal(found(file('/etc/{{ name }}', { content: 'a' })), ['file:/etc/{{ name }} has {{ name }}: ${vars.name}'])
  assert.equal(found(iniFile('/etc/x.ini', { set: { a: { b: '{{ port }}' } } })), [
    'iniFile:/etc/x.ini has {{ port }}: ${vars.port}',
  ])
  assert.equal(
    found(
      file('/etc/x', { content: secret('{{ name }} of a secret') }),
      file('/etc/y', { content: () => '{{ port }}' }),
    ),
    [],
  )
})

test('check and apply say so with the place, and do the work', async () => {
  const web = role({
    name: 'web',
    vars: z.object({ port: z.int().default(80) }),
    async apply({ ensure }) {
      await ensure(file('/tmp/rolecall-unread', { content: 'port {{ port }}\n' }))
    },
  })
  const { events, ok } = await runRoles('check', [web])
  assert.ok(ok)
  const notes = events.flatMap((event) => (event.type === 'note' ? [event.message] : []))
  assert.match(notes.join('\n'), /unread-templates\.test\.ts:\d+:\d+\) has \{\{ port \}\} as it stands/)
})

test.run()

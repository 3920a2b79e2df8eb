import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type * as library from '../../lib/index.ts'

// What a project imports: the build puts the question into what it exports.
const built = pathToFileURL(resolve(import.meta.dirname, '../../dist/index.js')).href
const kinds = (await import(built)) as Readonly<Record<string, (...given: unknown[]) => { readonly id: string }>>

const calls: readonly (readonly [name: string, given: readonly unknown[], said: RegExp])[] = [
  ['service', ['cron', { running: true }, { enabled: true }], /service\(\).*2 arguments at most, got 3/],
  ['mount', ['/srv', { source: '/dev/sdb1', type: 'ext4' }, { persistent: false }], /mount\(\).*\{ persistent \}/],
  ['timezone', ['UTC', { zone: 'x' }], /timezone\(\).*one argument, got 2/],
  ['hostname', ['web', 'example.com'], /hostname\(\).*one argument, got 2/],
  ['user', ['anna', { uid: 1001 }, 'web'], /user\(\)/],
  ['dockerContainer', ['web', { image: 'nginx' }, { restart: 'always' }], /dockerContainer\(\)/],
  ['postgresDatabase', ['app', {}, { owner: 'app' }], /postgresDatabase\(\)/],
  ['dropIn', ['nginx', 'x', { sections: { Service: { Nice: 5 } } }, true], /dropIn\(\).*3 arguments at most, got 4/],
  ['file', ['/x', { content: '' }, { mode: '0644' }], /file\(\)/],
  ['exec', ['x', { run: 'x', creates: '/x' }, []], /exec\(\)/],
]

for (const [name, given, said] of calls)
  test(`${name}: what stands behind its options is refused with its place`, () => {
    try {
      kinds[name]?.(...given)
    } catch (error) {
      const { problems } = error as library.RolecallError
      assert.match(problems[0]?.message ?? '', said)
      assert.match(problems[0]?.place?.file ?? '', /extra-arguments\.test\.ts$/)
      return
    }
    assert.unreachable('it was taken')
  })

test('an argument that is undefined is none', () => {
  assert.is(kinds['hostname']?.('web', undefined).id, 'hostname:web')
})

test.run()

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { obstacle, placesAfter, type Places } from '../../../lib/resources/prediction/obstacles.ts'

const touched = { path: '/srv/l/x', state: { type: 'file' } } as const
const places: Places = {
  mounts: [{ id: '1', parent: '0', point: '/', type: 'ext4', readOnly: false }],
  flags: new Map(),
  places: [{ dir: '/srv', path: '/srv/l/x', writable: true, isThere: false }],
}

test('what is to be mounted read-only, at a directory that is still to come, keeps files from being made below it', () => {
  const after = (at: string, state: 'read-only' | 'read-write' | 'unmounted') =>
    obstacle(placesAfter(places, [{ type: 'mount', path: at, state }]), touched, 0)?.refused
  assert.is(after('/srv/l', 'read-only'), '/srv/l/x cannot be changed: /srv/l is a read-only file system')
  assert.is(after('/srv/l', 'read-write'), undefined)
  assert.is(after('/srv/l', 'unmounted'), undefined)
  assert.is(after('/srv/k', 'read-only'), undefined)
})

test.run()

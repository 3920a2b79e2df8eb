import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { PathState } from '../../../lib/resources/prediction/effect.ts'
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

test('an archive takes the place of a directory, so not that of a mount point', () => {
  const mounted: Places = {
    mounts: [...places.mounts, { id: '2', parent: '1', point: '/srv/l', type: 'ext4', readOnly: false }],
    flags: new Map(),
    places: [{ dir: '/srv', path: '/srv/l', writable: true, isThere: true }],
  }
  const at = (state: PathState) => obstacle(mounted, { path: '/srv/l', state }, 0)?.refused
  const unpacked = { source: 'https://example.com/a.tgz', sha256: '', part: '' }
  assert.is(at({ type: 'dir', filled: true, unpacked }), '/srv/l cannot be replaced: it is a mount point')
  assert.is(at({ type: 'dir', unpacked, mode: '0700' }), undefined)
  assert.is(at({ type: 'dir', mode: '0700' }), undefined)
})

test.run()

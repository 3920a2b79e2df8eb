// Hosts: node-04
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { rootOn } from '../hostile/eve-part.ts'
import { springTraps } from '../hostile/foreign-places.ts'
import { lab, onLab } from '../support/lab.ts'

onLab('what another account has prepared is neither run nor followed by any kind', async () => {
  const host = await rootOn(await lab(), 'node-04')
  try {
    assert.equal(await springTraps(host), [])
  } finally {
    host.close()
  }
})

test.run()

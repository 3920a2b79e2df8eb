// Hosts: node-04
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { rootOn } from '../hostile/eve-part.ts'
import { springTraps } from '../hostile/foreign-places.ts'
import { lab, onLab } from '../support/lab.ts'

onLab('no kind runs or follows anything that another account has prepared', async () => {
  const host = await rootOn(await lab(), 'node-04')
  try {
    assert.equal(await springTraps(host), [])
  } finally {
    host.close()
  }
})

test.run()

import type { DriverName } from '../model.ts'
import { nspawn } from '../nspawn/driver.ts'
import type { LabDriver } from './driver.ts'

/** The driver of a lab, by the name in the lab's record. Older records have none. */
export function driverOf(name: DriverName = 'nspawn'): LabDriver {
  switch (name) {
    case 'nspawn':
    case 'podman':
    case 'docker':
      return nspawn
  }
}

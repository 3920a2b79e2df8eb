import type { DriverName } from '../model.ts'
import { nspawn } from '../nspawn/driver.ts'
import { containers } from '../containers/driver.ts'
import type { LabDriver } from './driver.ts'

const podman = containers('podman')
const docker = containers('docker')

/** The driver of a lab, by the name in the lab's record. Older records name no driver. */
export function driverOf(name: DriverName = 'nspawn'): LabDriver {
  switch (name) {
    case 'nspawn':
      return nspawn
    case 'podman':
      return podman
    case 'docker':
      return docker
  }
}

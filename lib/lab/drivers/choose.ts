import { didYouMean } from '../../text/nearest.ts'
import { driverNames, labError, type DriverName, type Say } from '../model.ts'
import { isRecord, nameOption } from '../ownership/requester.ts'
import type { Entry, LabRecord } from '../ownership/registry.ts'
import { isUsable } from '../containers/engine.ts'
import { whyNotNspawn } from '../machine/requirements.ts'
import type { LabDriver } from './driver.ts'
import { driverOf } from './drivers.ts'

/** The environment variable that names the driver. */
const variable = 'ROLECALL_LAB_DRIVER'

/**
 * The driver to boot a lab with: the requested one, the one that the lab already has, or the best one for this machine.
 *
 * @throws {RolecallError} for an unknown name, and for a lab that is up with another driver.
 */
export async function chooseDriver(
  asked: string | undefined,
  before: LabRecord | undefined,
  say: Say,
): Promise<LabDriver> {
  const fromEnvironment = process.env[variable]
  const word = asked ?? (fromEnvironment === '' ? undefined : fromEnvironment)
  const name = word === undefined ? undefined : checkedDriver(word, asked === undefined ? variable : '--driver')
  if (before !== undefined) {
    const has = before.driver ?? 'nspawn'
    if (asked !== undefined && name !== has)
      throw labError(`lab ${before.name} is up with ${has}`, {
        expected: has,
        got: asked,
        hint: `rolecall lab down${nameOption(before.name)}, then up again`,
      })
    return driverOf(has)
  }
  return name === undefined ? await fittingDriver(say) : driverOf(name)
}

/** The driver that can take a lab down; undefined when no driver was ever used here. */
export async function usedDriver(entry: Entry): Promise<LabDriver | undefined> {
  if (isRecord(entry)) return driverOf(entry.driver)
  for (const name of driverNames) {
    const driver = driverOf(name)
    if (await driver.wasEverUsed()) return driver
  }
  return undefined
}

/** The best driver for this machine. Says so in a line when it is not the first choice. */
async function fittingDriver(say: Say): Promise<LabDriver> {
  const reason = await whyNotNspawn()
  if (reason === undefined) return driverOf('nspawn')
  for (const name of ['podman', 'docker'] as const) {
    if (!(await isUsable(name))) continue
    say({ step: 'requirements', detail: `${reason}: here they are containers of ${name}` })
    return driverOf(name)
  }
  return driverOf('nspawn')
}

/** @throws {RolecallError} for an unknown driver, with the nearest known name. */
export function checkedDriver(word: string, where: string): DriverName {
  const found = driverNames.find((name) => name === word)
  if (found !== undefined) return found
  const hint = didYouMean(word, driverNames)
  throw labError(`there is no driver "${word}" for the lab, which ${where} names`, {
    expected: driverNames.join(', '),
    got: word,
    ...(hint === undefined ? {} : { hint }),
  })
}

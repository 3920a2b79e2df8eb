import { defaultLab, labError } from '../model.ts'

interface SubnetQuestion {
  readonly name: string
  /** The third octet this lab had before, if any. */
  readonly before: number | undefined
  /** Third octets of other labs. */
  readonly labs: ReadonlySet<number>
  /** Third octets used by anything else on the machine. */
  readonly machine: ReadonlySet<number>
}

/**
 * The third octet of a lab's 10.10.x.0/24: 50 for the default lab, always; for any other the one it had before while
 * that is free, otherwise the lowest free one from 51 on.
 *
 * @throws {RolecallError} when no octet is free.
 */
export function chooseSubnet({ name, before, labs, machine }: SubnetQuestion): number {
  const isFree = (third: number): boolean => !labs.has(third) && !machine.has(third)
  if (name === defaultLab.name) {
    if (isFree(defaultLab.subnet)) return defaultLab.subnet
    throw labError(
      `lab ${name} needs the network 10.10.${defaultLab.subnet}.0/24, which this machine uses for something else`,
      {
        hint: 'see `ip route`; or choose another lab with --name, which gets a network of its own',
      },
    )
  }
  if (before !== undefined && before !== defaultLab.subnet && isFree(before)) return before
  for (let third = defaultLab.subnet + 1; third < 255; third++) if (isFree(third)) return third
  throw labError('no network of 10.10.51.0/24 to 10.10.254.0/24 is free on this machine', {
    hint: 'take down a lab that is no longer needed',
  })
}

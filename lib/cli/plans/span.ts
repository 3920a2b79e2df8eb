import { InvalidArgumentError } from 'commander'

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/** `30m`, `12h`, `7d`, `2w` as milliseconds. */
export function span(value: string): number {
  const [, amount = '', unit = ''] = /^([1-9]\d{0,4})([mhdw])$/.exec(value) ?? []
  if (!isUnit(unit)) throw new InvalidArgumentError('It must be a span of time: 30m, 12h, 7d, 2w.')
  return Number(amount) * UNITS[unit]
}

function isUnit(unit: string): unit is keyof typeof UNITS {
  return unit in UNITS
}

import type { Percent } from '../../playbook/playbook.ts'

/** The number of hosts for a number or a percentage; a percentage is rounded down. */
export function share(amount: number | Percent, of: number): number {
  if (typeof amount === 'number') return amount
  return Math.floor((Number(amount.slice(0, -1)) / 100) * of)
}

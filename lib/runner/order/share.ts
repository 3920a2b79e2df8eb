import type { Percent } from '../../playbook/playbook.ts'

/** The number of hosts that a number or a percentage stands for; a percentage is rounded down. */
export function share(amount: number | Percent, of: number): number {
  if (typeof amount === 'number') return amount
  return Math.floor((Number(amount.slice(0, -1)) / 100) * of)
}

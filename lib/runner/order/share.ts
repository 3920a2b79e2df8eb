import type { Percent } from '../../playbook/playbook.ts'

/** How many hosts a number or a share of them means; a share is rounded down. */
export function share(amount: number | Percent, of: number): number {
  if (typeof amount === 'number') return amount
  return Math.floor((Number(amount.slice(0, -1)) / 100) * of)
}

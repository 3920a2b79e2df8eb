import type { Random } from '../support/random.ts'
import type { PlaceUses } from './place-uses.ts'
import type { Data, ResourceSpec } from './spec.ts'

/** What is mounted at a directory of which nobody has said anything yet: what comes later stands in it. `source`: a directory to be mounted there. */
export function mount(random: Random, uses: PlaceUses, path: string, source: string): ResourceSpec | undefined {
  const use = uses.at(path)
  if (use?.args !== undefined && use.kind === 'mount') return { make: 'mount', args: use.args }
  const isApart = !`${path}/`.startsWith(`${source}/`) && !`${source}/`.startsWith(`${path}/`)
  if (use !== undefined || !uses.isBare(path) || !isApart || !uses.holdsAbove(path)) return undefined
  const chance = random.next()
  const options = chance < 0.15 ? { state: random.pick(['absent', 'unmounted']) } : mounted(random, source)
  const args = [path, options]
  uses.set(path, { type: options['state'] === undefined ? 'dir' : 'own', kind: 'mount', attributes: {}, args })
  return { make: 'mount', args }
}

function mounted(random: Random, source: string): { readonly [name: string]: Data } {
  const often = (share: number) => random.next() < share
  const how: { readonly [name: string]: Data } = often(0.6)
    ? { source, type: 'none', options: ['bind'] }
    : { source: 'tmpfs', type: 'tmpfs', options: ['size=256k', 'mode=0755', ...(often(0.1) ? ['ro'] : [])] }
  return { ...how, ...(often(0.4) ? { persistent: false } : often(0.1) ? { state: 'present' } : {}) }
}

import type { Random } from '../support/random.ts'
import type { PlaceUses } from './place-uses.ts'
import type { Data, ResourceSpec } from './spec.ts'

/** A wait for a file that the role makes, or for one that it takes away. It gives up after a second: nobody else brings anything. */
export function wait(random: Random, uses: PlaceUses): ResourceSpec | undefined {
  const there = uses.paths((use) => ['file', 'download', 'exec', 'command'].includes(use.kind))
  const gone = uses.paths((use) => use.type === 'absent')
  const isGone = there.length === 0 || (gone.length > 0 && random.next() < 0.25)
  const paths = isGone ? gone : there
  if (paths.length === 0) return undefined
  const file = random.pick(paths)
  const contains: Data =
    !isGone && random.next() < 0.5 ? { contains: { $re: random.pick(['^one', 'o', '.', '^$']) } } : {}
  const absent: Data = isGone ? { state: 'absent' } : {}
  return { make: 'waitFor', args: [`for ${file}`, { file, deadline: 1, ...contains, ...absent }] }
}

/** Kinds that need Docker, on a host that has none: what is to be gone is ok, all else is refused, whatever a command before it may bring. */
export function dockerResource(random: Random, uses: PlaceUses): ResourceSpec {
  const [make, name, options] = random.pick<readonly [string, string, Data]>([
    ['dockerImage', 'trial/app:1', {}],
    ['dockerImage', 'trial/app:2', { state: 'absent' }],
    ['dockerImage', 'trial/app:3', { source: '/srv/w/a/f' }],
    ['dockerContainer', 'trial-a', { image: 'trial/app:1' }],
    ['dockerContainer', 'trial-b', { image: 'trial/app:1', state: 'absent' }],
    ['dockerContainer', 'trial-c', { image: 'trial/app:1', state: 'stopped' }],
    ['dockerCompose', '/srv/w/a', { state: 'absent' }],
    ['dockerCompose', '/srv/w/b', {}],
  ])
  const key = `/${make}/${name}`
  uses.set(key, { type: 'own', kind: make, attributes: {}, args: [name, options] })
  return { make, args: [name, options] }
}

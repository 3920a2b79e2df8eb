import { isDeepStrictEqual } from 'node:util'
import type { Place, Problem } from '../errors.ts'
import { claimedPath, type Claim } from '../resources/kit/claims.ts'
import type { Resource } from '../resources/kit/kind.ts'

/** What resources of one `ensure` say against one another: each would undo the other, at every run. */
export function contradictions(resources: readonly Resource[]): Problem[] {
  const first = new Map<string, { readonly resource: Resource; readonly claim: Claim }>()
  const problems: Problem[] = []
  for (const resource of resources) {
    for (const claim of resource.claims()) {
      const [thing, wanted] = claim
      const before = first.get(thing)
      if (before === undefined) first.set(thing, { resource, claim })
      else if (!isDeepStrictEqual(before.claim[1], wanted)) {
        problems.push(against(resource, before.resource, `${thing} is asked for twice, and not the same of it`))
        break
      }
    }
  }
  return [...problems, ...below(resources)]
}

/** Something that is to be at a path, and something above it that is to be gone. */
function below(resources: readonly Resource[]): Problem[] {
  const gone = resources.filter(({ kind }) => kind === 'absent')
  if (gone.length === 0) return []
  const there = resources.filter(({ kind }) => kind !== 'absent')
  return gone.flatMap((absent) => {
    const path = claimedPath(absent.claims()[0] ?? ['', undefined])
    const inside = there.find((one) => one.claims().some((claim) => path && claimedPath(claim)?.startsWith(`${path}/`)))
    return inside === undefined ? [] : [against(inside, absent, `${inside.id} stands in what ${absent.id} removes`)]
  })
}

function against(resource: Resource, other: Resource, message: string): Problem {
  const { place } = resource.madeAt
  return {
    code: 'playbook',
    message,
    ...(place === undefined ? {} : { place }),
    expected: `the same as ${other.id}${at(other.madeAt.place)}, or only one of them`,
    got: resource.id === other.id ? `another ${resource.id}` : resource.id,
    hint: 'make one resource of the two, or take one away; one after the other belongs into two ensure calls',
  }
}

function at(place: Place | undefined): string {
  return place === undefined ? '' : ` at ${[place.file, place.line ?? 1, place.column ?? 1].join(':')}`
}

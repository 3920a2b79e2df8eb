import { CallSite } from '../../place.ts'
import { asPlan, evaluate } from './evaluate.ts'
import type { Kind, QuickProbe } from './kind-definition.ts'
import type { BoundQuickProbe, Resource } from './resource.ts'
import { made } from './role-watch.ts'
import { withTrustProbe } from './trusted-place.ts'

export type { AdvancedKind, Guards, Kind, PathsChange } from './kind-definition.ts'
export type { Reply, Step, Reconnect, StepFailure, Change, Validation, Plan, Refused, Unknown } from './plan.ts'
export type { Evaluation, Resource, Resources } from './resource.ts'

/** Makes a resource constructor of a kind. @see Kind for an example */
export function kind<Want, Have>(definition: Kind<Want, Have>): (name: string, want: Want) => Resource<Want> {
  const { advanced = {} } = definition
  const make = (name: string, want: Want): Resource<Want> => {
    const trusts = () => advanced.trusts?.(want) ?? []
    return made({
      kind: definition.name,
      name,
      want,
      id: `${definition.name}:${name}`,
      madeAt: new CallSite(make),
      pathsChange: advanced.pathsChange,
      declarations: () => advanced.declarations?.(want) ?? [[`${definition.name}:${name}`, want]],
      get whole() {
        return advanced.whole?.(want)
      },
      get access() {
        return advanced.access?.(want) ?? []
      },
      get contents() {
        return advanced.contents?.(want)
      },
      get part() {
        return advanced.part?.(want)
      },
      get guards() {
        return advanced.guards?.(want)
      },
      get afterStart() {
        return advanced.afterStart?.(want)
      },
      paths: definition.paths?.(want) ?? [],
      get follows() {
        return advanced.follows?.(want) ?? []
      },
      statPaths: advanced.statPaths?.(want) ?? [],
      parallelProbe: advanced.parallelProbe ?? false,
      confirms: advanced.confirms ?? false,
      probe: (facts) => withTrustProbe(trusts(), definition.probe(want, facts)),
      ...(advanced.quickProbe && { quickProbe: bindQuickProbe(definition, advanced.quickProbe, want) }),
      evaluate: (reply, facts, prediction) =>
        evaluate({ kind: definition, want, trusted: trusts() }, reply, facts, prediction),
    })
  }
  return make
}

function bindQuickProbe<Want, Have>(
  kind: Kind<Want, Have>,
  quickProbe: QuickProbe<Want, Have>,
  want: Want,
): BoundQuickProbe {
  return {
    isComplete: quickProbe.isComplete ?? false,
    probe: (facts) => quickProbe.probe(want, facts),
    describeDone(expected, reply, facts, said, after) {
      const then = after === undefined ? undefined : kind.read(want, after, facts)
      const have = quickProbe.parseOutput(want, kind.read(want, reply, facts), said, facts, then)
      const planned = kind.plan(want, have, facts)
      if ('refused' in planned) return expected
      return { plan: asPlan(planned), effects: kind.effects?.(want, have, facts) ?? [] }
    },
  }
}

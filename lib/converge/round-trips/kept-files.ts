import type { Resource } from '../../resources/kit/kind.ts'
import { keepOld } from '../../resources/systemd/old-files.ts'
import { lines, type Sh } from '../../sh/quote.ts'
import type { BatchItem } from '../forecast.ts'

/**
 * A script that keeps copies of the files which a trip changes and a service tests before its restart (`test`), so that they can be put back;
 * undefined where there are none.
 */
export function keptBefore(batch: readonly BatchItem[], resources: readonly Resource[]): Sh | undefined {
  const scripts = resources.flatMap((guard, index) => {
    const { unit, paths = [] } = guard.guards ?? {}
    if (unit === undefined) return []
    const kept = batch.flatMap((item) =>
      item.index < index && item.plan.steps.length > 0
        ? item.resource.paths
            .filter((path) => paths.includes(path))
            .map((path) => ({ path, isDirectory: item.resource.kind === 'dir' }))
        : [],
    )
    return kept.length === 0 ? [] : [keepOld(unit, kept)]
  })
  return scripts.length === 0 ? undefined : lines(...scripts)
}

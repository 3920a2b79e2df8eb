import type { Resource } from '../../resources/kit/kind.ts'
import { keepPaths } from '../../resources/rollback/keep.ts'
import { keepOld } from '../../resources/systemd/old-files.ts'
import { lines, type Sh } from '../../sh/quote.ts'
import type { BatchItem } from '../forecast.ts'

/**
 * A script that keeps copies of the files that a trip changes and that a service tests before its restart (`test`), so that they can be restored;
 * undefined if there are none. `rollback`: the name under which copies of all changed files are kept as well.
 */
export function keptBefore(
  batch: readonly BatchItem[],
  resources: readonly Resource[],
  rollback?: string,
): Sh | undefined {
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
  const touched = rollback === undefined ? [] : touchedPaths(batch)
  if (rollback !== undefined && touched.length > 0) scripts.push(keepPaths(rollback, touched))
  return scripts.length === 0 ? undefined : lines(...scripts)
}

/** Kinds whose paths cannot be restored as files: homes, devices, mount points. */
const NO_FILES = ['user', 'group', 'pkg', 'mount', 'swap', 'filesystem', 'volumeGroup', 'logicalVolume']

/** The files that a trip may change, directories before their content. */
function touchedPaths(batch: readonly BatchItem[]) {
  const paths = batch.flatMap(({ resource, plan }) => {
    const acts = plan.steps.some((step) => step.cleanupOnly !== true)
    if (!acts || NO_FILES.includes(resource.kind)) return []
    return resource.paths.map((path) => ({ path, isDirectory: resource.kind === 'dir' }))
  })
  return [...new Map(paths.map((each) => [each.path, each])).values()]
}

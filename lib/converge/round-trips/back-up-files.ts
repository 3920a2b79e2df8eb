import type { Resource } from '../../resources/kit/kind.ts'
import { backUpPaths } from '../../resources/rollback/backup.ts'
import { backUpBeforeTest } from '../../resources/systemd/service/backup-before-test.ts'
import { lines, type Sh } from '../../sh/quote.ts'
import type { BatchItem } from '../forecast.ts'

/**
 * The script that copies files before a batch changes them: those that a service tests before its restart (`test`), and with `rollback`, the name of a backup,
 * all that the batch may change. Undefined if there is nothing to copy.
 */
export function backUpFiles(
  batch: readonly BatchItem[],
  resources: readonly Resource[],
  rollback?: string,
): Sh | undefined {
  const scripts = resources.flatMap((guard, index) => {
    const { unit, paths = [] } = guard.guards ?? {}
    if (unit === undefined) return []
    const tested = batch.flatMap((item) =>
      item.index < index && item.plan.steps.length > 0
        ? item.resource.paths
            .filter((path) => paths.includes(path))
            .map((path) => ({ path, isDirectory: item.resource.kind === 'dir' }))
        : [],
    )
    return tested.length === 0 ? [] : [backUpBeforeTest(unit, tested)]
  })
  const touched = rollback === undefined ? [] : touchedPaths(batch)
  if (rollback !== undefined && touched.length > 0) scripts.push(backUpPaths(rollback, touched))
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

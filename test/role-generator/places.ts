import { posix } from 'node:path'
import type { Snapshot } from './snapshot.ts'
import { isMap, optionsOf, resourcesOf, type Case, type ResourceSpec } from './spec.ts'

/** Where a path may lead: through every link that was there before, is there afterwards, or is laid in between, and every mount. */
export class Places {
  readonly #links = new Map<string, Set<string>>()

  constructor(spec: Case, ...snapshots: readonly Snapshot[]) {
    for (const snapshot of snapshots) for (const [path, { to }] of snapshot) if (to !== undefined) this.#lay(path, to)
    for (const line of spec.setup) {
      const [, from, at] = /mount --bind (\S+) ('[^']*'|\S+)$/.exec(line) ?? []
      if (from === undefined || at === undefined) continue
      this.#lay(from, at.replaceAll("'", ''))
      this.#lay(at.replaceAll("'", ''), from)
    }
    for (const resource of resourcesOf(spec)) {
      const { to, source, options } = optionsOf(resource)
      const [path] = resource.args
      const isBind =
        resource.make === 'mount' && Array.isArray(options) && (options as readonly unknown[]).includes('bind')
      if (isBind && typeof path === 'string' && typeof source === 'string') {
        this.#lay(path, source)
        this.#lay(source, path)
      }
      if (resource.make === 'link' && typeof path === 'string' && typeof to === 'string') this.#lay(path, to)
    }
  }

  /** Every path that `path` may stand for, itself too. */
  of(path: string): ReadonlySet<string> {
    const found = new Set<string>()
    const open = [posix.normalize(path)]
    for (let each = open.pop(); each !== undefined && found.size < 200; each = open.pop()) {
      if (found.has(each)) continue
      found.add(each)
      for (const [link, targets] of this.#links)
        if (each === link || each.startsWith(`${link}/`))
          for (const target of targets) open.push(posix.normalize(target + each.slice(link.length)))
    }
    return found
  }

  #lay(path: string, to: string): void {
    const target = posix.resolve(posix.dirname(path), to)
    this.#links.set(path, (this.#links.get(path) ?? new Set()).add(target))
  }
}

/** Paths that a resource names, or of which it is known that it works there. */
export function pathsOf(resource: ResourceSpec): string[] {
  const [name = ''] = resource.args
  const options = optionsOf(resource)
  const own = typeof name === 'string' && name.startsWith('/') ? [name] : []
  const { creates, home, file, source } = options
  const homes = resource.make === 'user' ? [`/home/${typeof name === 'string' ? name : ''}`] : []
  const more = [creates, home, file, resource.make === 'mount' ? undefined : source, ...homes].flatMap((path) =>
    typeof path === 'string' ? [path] : [],
  )
  return [...own, ...more, ...(resource.touches ?? [])]
}

/** Kinds that own what is below their path as well. */
export function ownsTree({ make, args }: ResourceSpec): boolean {
  const last = args.at(-1)
  return (
    ['archive', 'exec', 'user', 'tree', 'ownership', 'git', 'mount'].includes(make) ||
    (make === 'absent' && isMap(last) && last['recursive'] === true)
  )
}

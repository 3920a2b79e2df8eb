import type { LocalTree } from './local-tree.ts'

export interface TreeWant {
  readonly path: string
  readonly mode?: string | undefined
  readonly directoryMode: string
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly prune: boolean
  readonly excluded: (path: string) => boolean
  readonly tree: LocalTree
}

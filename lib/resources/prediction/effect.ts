import type { PendingSecret } from './pending-secret.ts'

/** The state of a path after a pending step. A missing field is not known. */
export type PathState =
  | { readonly type: 'absent' }
  | {
      readonly type: 'file'
      readonly content?: Uint8Array
      /** The content on the host stays, known or not; only owner, group and mode change. */
      readonly kept?: true
      /** The content is certain, but secret; `true` if it cannot be compared either. */
      readonly sealed?: true | PendingSecret
      /** The content is not known yet, only its SHA-256. */
      readonly fetched?: string
      readonly mode?: string
      readonly owner?: string
      readonly group?: string
      /** A tool of the host makes the file by its own rules, so the host must be asked again before anything depends on it. */
      readonly confirm?: true
      /** The file exists, and gets a content that nobody declared. */
      readonly rewritten?: true
      /** The file exists and is written in place: its name and its directory stay as they are. */
      readonly inPlace?: true
    }
  | {
      readonly type: 'dir'
      readonly mode?: string
      readonly owner?: string
      readonly group?: string
      readonly confirm?: true
      /** The directory comes with content that nobody declared, as from an archive. */
      readonly filled?: true
      /** What was unpacked into it: the source, its checksum, and which part of it. */
      readonly unpacked?: { readonly source: string; readonly sha256: string; readonly part: string }
    }
  | { readonly type: 'link'; readonly target: string }

/** Something that will be true after a pending step. This list is closed. */
export type Effect =
  | { readonly type: 'path'; readonly path: string; readonly state: PathState }
  /** `kept`: the version on the host stays; at most it is configured. `asIs`: the package is installed and configured, and stays unchanged. */
  | {
      readonly type: 'package'
      readonly name: string
      readonly installed: boolean
      readonly kept?: true
      readonly asIs?: true
      /** The package is on hold afterwards, or no longer. */
      readonly held?: boolean
    }
  /** Every package that was unpacked but not configured is configured too. */
  | { readonly type: 'packages'; readonly configured: true }
  /** The host has booted again, and has started every enabled unit. */
  | { readonly type: 'boot' }
  /** A file system is mounted there, or unmounted. */
  | {
      readonly type: 'mount'
      readonly path: string
      readonly state: 'read-write' | 'read-only' | 'unmounted'
      readonly holds?: MountContent | undefined
      /** Options that hold then, as far as they are known. */
      readonly options?: readonly string[] | undefined
    }
  /** Attributes of a path, by the letters of chattr(1): those that are set, and those that are cleared. */
  | { readonly type: 'attributes'; readonly path: string; readonly has: string; readonly hasNot: string }
  /** systemd has reloaded all unit files. */
  | { readonly type: 'units'; readonly reloaded: true }
  | { readonly type: 'user'; readonly name: string; readonly exists: boolean; readonly entry?: UserEntry }
  | { readonly type: 'group'; readonly name: string; readonly exists: boolean; readonly entry?: GroupEntry }
  /** `stays`: the unit is neither started nor stopped, but for instance only enabled. */
  | { readonly type: 'unit'; readonly name: string; readonly running: boolean; readonly stays?: boolean }
  /** The state of a unit's files: whether it has its links from being enabled, or is masked. */
  | {
      readonly type: 'unit-file'
      readonly name: string
      readonly state: 'enabled' | 'disabled' | 'masked' | 'unmasked'
    }
  /** Another name of a unit, which appears or disappears when the unit is enabled or disabled. Without a name: unknown ones. */
  | { readonly type: 'unit-alias'; readonly name?: string; readonly of: string; readonly exists: boolean }
  /** A Docker image by name, a container, or a compose project. */
  | { readonly type: 'image'; readonly name: string; readonly exists: boolean }
  | { readonly type: 'container'; readonly name: string; readonly exists: boolean }
  | { readonly type: 'project'; readonly name: string; readonly exists: boolean }
  /** Something that a program of the host manages, such as a database or a network. `of` is its type. */
  | { readonly type: 'object'; readonly of: string; readonly name: string; readonly exists: boolean }
  /** It is not known what will be at the path: a running program may change it. */
  | { readonly type: 'doubt'; readonly path: string }
  /** A command of the user, with undeclared effects. */
  | { readonly type: 'anything' }

/** The origin of a state that is still pending. */
export interface PendingChange {
  /** The id of the resource that brings it, as `kind:name`. */
  readonly from: string
  /** Its number in the order of all pending changes of the host: a change with a lower number comes first. */
  readonly turn: number
}

/** An effect that a pending step will have. */
export type Recorded<E extends Effect = Effect> = E & PendingChange

/** All effects of one type. */
export type EffectOf<Type extends Effect['type']> = Extract<Effect, { type: Type }>

/** An effect that decides what may be changed at a place. */
export type PlaceEffect = EffectOf<'mount' | 'attributes'>

/**
 * What is below a mount point afterwards. `same`: what was there before, with other mount options. `nothing`: an empty file system. `of`: the content
 * of this directory, which is mounted there too; `isNew`: it was not mounted before. Otherwise it is unknown.
 */
export type MountContent = 'same' | 'nothing' | { readonly of: string; readonly isNew?: true }

/** The state of a group. A missing part is not known. */
export interface GroupEntry {
  readonly id?: string | undefined
}

/** The state of a user. A missing part is not known. */
export interface UserEntry extends GroupEntry {
  /** The primary group's name. */
  readonly primary?: string | undefined
  /** All groups, including the primary one. */
  readonly groups?: readonly string[] | undefined
  readonly home?: string | undefined
  readonly shell?: string | undefined
  readonly comment?: string | undefined
  /** SHA-256 of the password field; empty if it allows no login. */
  readonly passwordDigest?: string | undefined
  /** For a new user: how long the password is valid, by the host's rules for new users or without limits, and whether it is locked. */
  readonly aging?: { readonly limits: 'of the host' | 'none'; readonly isLocked: boolean } | undefined
}

/** Whether a path that has this state implies that every directory above it is there. */
export function impliesDirectories(state: PathState): boolean {
  return state.type !== 'absent' && !(state.type === 'file' && state.rewritten === true)
}

/** The state is declared in full, so that the host need not be asked first. */
export function isExact(state: PathState): boolean {
  switch (state.type) {
    case 'absent':
    case 'link':
      return true
    case 'dir':
      return state.filled !== true && state.confirm !== true
    case 'file':
      if (state.confirm === true) return false
      return state.content !== undefined || state.kept === true || state.sealed !== undefined
  }
}

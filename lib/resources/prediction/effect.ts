import type { Sealed } from './sealed.ts'

/** How a path will be once a pending step is made. A field that is left out is not known. */
export type PathState =
  | { readonly type: 'absent' }
  | {
      readonly type: 'file'
      readonly content?: Uint8Array
      /** What it holds stays as it is on the host, known or not: only who may do what with it changes. */
      readonly kept?: true
      /** What it will hold is certain, and shown to nobody; `true` where nobody can compare it either. */
      readonly sealed?: true | Sealed
      /** Nobody has what it will hold yet, only the SHA-256 of that. */
      readonly fetched?: string
      readonly mode?: string
      readonly owner?: string
      readonly group?: string
      /** A tool of the host makes it, by its own rules: it is looked at again before anything is done upon it. */
      readonly confirm?: true
      /** It is there already, and gets a content that nobody wrote down. */
      readonly rewritten?: true
      /** It is there already, and is written into: its name and its directory stay as they are. */
      readonly inPlace?: true
    }
  | {
      readonly type: 'dir'
      readonly mode?: string
      readonly owner?: string
      readonly group?: string
      readonly confirm?: true
      /** It comes with things in it that nobody wrote down, as an archive does. */
      readonly filled?: true
      /** What was unpacked into it: where it came from, its checksum, and which part of it. */
      readonly unpacked?: { readonly source: string; readonly sha256: string; readonly part: string }
    }
  | { readonly type: 'link'; readonly target: string }

/** Something that will be true after a pending step. The list is closed. */
export type Effect =
  | { readonly type: 'path'; readonly path: string; readonly state: PathState }
  /** `kept`: the version that is on the host stays; at most it is configured. `asIs`: not even that, it is there and finished. */
  | {
      readonly type: 'package'
      readonly name: string
      readonly installed: boolean
      readonly kept?: true
      readonly asIs?: true
      /** It is on hold from then on, or not any more. */
      readonly held?: boolean
    }
  /** Whatever was unpacked and not configured, of all packages, is configured as well. */
  | { readonly type: 'packages'; readonly configured: true }
  /** The host has started anew, and every unit that is enabled with it. */
  | { readonly type: 'boot' }
  /** A file system is mounted there, or what was mounted there is not any more. */
  | {
      readonly type: 'mount'
      readonly path: string
      readonly state: 'read-write' | 'read-only' | 'unmounted'
      readonly holds?: MountContent | undefined
    }
  /** Attributes of a path, by the letters of chattr(1): those that it has then, and those that it has no more. */
  | { readonly type: 'attributes'; readonly path: string; readonly has: string; readonly hasNot: string }
  /** systemd has read all unit files anew. */
  | { readonly type: 'units'; readonly reloaded: true }
  | { readonly type: 'user'; readonly name: string; readonly exists: boolean; readonly entry?: UserEntry }
  | { readonly type: 'group'; readonly name: string; readonly exists: boolean; readonly entry?: GroupEntry }
  /** `stays`: it is neither started nor stopped, only enabled, say. */
  | { readonly type: 'unit'; readonly name: string; readonly running: boolean; readonly stays?: boolean }
  /** How a unit's files will be: its links from when it was enabled are there, or not, or it is masked. */
  | {
      readonly type: 'unit-file'
      readonly name: string
      readonly state: 'enabled' | 'disabled' | 'masked' | 'unmasked'
    }
  /** Another name of a unit that is there, or gone, once it is enabled or disabled. Without a name: nobody knows which. */
  | { readonly type: 'unit-alias'; readonly name?: string; readonly of: string; readonly exists: boolean }
  /** An image of Docker by its name, a container, a compose project. */
  | { readonly type: 'image'; readonly name: string; readonly exists: boolean }
  | { readonly type: 'container'; readonly name: string; readonly exists: boolean }
  | { readonly type: 'project'; readonly name: string; readonly exists: boolean }
  /** Something that a program of the host keeps, such as a database or a network. `of` says what it is. */
  | { readonly type: 'object'; readonly of: string; readonly name: string; readonly exists: boolean }
  /** Nobody knows beforehand what will be at the path by then: something goes on that may change it. */
  | { readonly type: 'doubt'; readonly path: string }
  /** A command of the user's own: nobody wrote down what it does. */
  | { readonly type: 'anything' }

/**
 * What is below a mount point afterwards. `same`: what was there before, only other options hold. `nothing`: an empty file system. `of`: what is in this
 * directory, which is mounted there too; `isNew`: nobody had it before. Without it nobody knows.
 */
export type MountContent = 'same' | 'nothing' | { readonly of: string; readonly isNew?: true }

/** A group as it will be. A part that is left out is not known. */
export interface GroupEntry {
  readonly id?: string | undefined
}

/** A user as it will be. A part that is left out is not known. */
export interface UserEntry extends GroupEntry {
  /** The primary group's name. */
  readonly primary?: string | undefined
  /** All its groups, the primary one too. */
  readonly groups?: readonly string[] | undefined
  readonly home?: string | undefined
  readonly shell?: string | undefined
  readonly comment?: string | undefined
  /** SHA-256 of the password field; empty where it lets nobody in. */
  readonly passwordDigest?: string | undefined
  /** Of a new user: how long the password holds, by the host's rules for new users or without limits, and whether the password is locked. */
  readonly aging?: { readonly limits: 'of the host' | 'none'; readonly isLocked: boolean } | undefined
}

/** What a pending effect on one path says about another: nothing, mostly. */
export function afterwards(path: string, effect: Extract<Effect, { type: 'path' }>): PathState | undefined {
  if (effect.path === path) return effect.state
  const isAbsent = effect.state.type === 'absent'
  if (isAbsent && path.startsWith(`${effect.path}/`)) return { type: 'absent' }
  // Whatever will stand below a directory makes the directory stand as well.
  const isNew = !isAbsent && !(effect.state.type === 'file' && effect.state.rewritten === true)
  return isNew && effect.path.startsWith(`${path}/`) ? { type: 'dir' } : undefined
}

/** It is written down what there will be, so that nobody has to see it first. */
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

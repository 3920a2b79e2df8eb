import type { HostTime, Input } from '../../kit/host-time.ts'
import type { Install } from '../unit-install.ts'

/** What systemd says of a unit, and when its inputs last changed. */
export interface SystemdUnit {
  /** The host's init when it is not systemd; nothing else is known then. */
  readonly init?: string
  /** systemctl did not answer. */
  readonly silent?: boolean
  readonly id: string
  /** All its names: it reads the drop-ins of each. */
  readonly names: readonly string[]
  readonly load: string
  readonly active: string
  readonly sub: string
  /** `UnitFileState`. */
  readonly file: string
  readonly type: string
  readonly remains: boolean
  /** Its unit files that are there, of a unit that is loaded from one. */
  readonly files: readonly string[]
  /** The unit file changed since systemd read it. */
  readonly outdated: boolean
  /** Some other unit starts it. */
  readonly wanted: boolean
  /** Its init script is set to start at boot; undefined when it has none. */
  readonly initScript: boolean | undefined
  readonly started: HostTime | undefined
  /** The clock was set back since it started, so its start time says nothing. */
  readonly clockWentBack: boolean
  /** When it last reloaded; only asked where a reload may be due, and undefined when it has not reloaded since its start. */
  readonly reloaded?: HostTime | undefined
  /** The clock was set back since it last read its settings. */
  readonly clockWentBackSinceReload?: boolean
  /** Its last reload failed. */
  readonly reloadFailed?: boolean
  /** It can read its settings again only by a restart. */
  readonly cannotReload?: boolean
  readonly inputs: readonly Input[]
  /** Minutes that the host's local time is ahead of UTC. */
  readonly ahead: number
  /** Every unit of the host, only asked when there is none of this name. */
  readonly others: readonly string[]
  /** Those of them that are masked. */
  readonly maskedOthers?: readonly string[]
  /** The host forbids packages to start services (policy-rc.d(8)). */
  readonly startsDenied: boolean
  /** systemd has no such unit, or cannot read it, and a link that was made when it was enabled is left: it will be enabled when it is there. */
  readonly linked: boolean
  /** A generator of systemd wants it, at this boot and at the next: what is said to be enabled until the next boot is enabled. */
  readonly hasGeneratedLink?: boolean
  /** Somebody has disabled it before its package was removed: that stays so when a package brings it again. */
  readonly wasDisabled?: boolean
  /** What enabling it brings along; only asked where it is not enabled and should be, or the other way round. */
  readonly install?: Install | undefined
  /** Names that enabling gives it, at whose place there is something else. */
  readonly takenAliases?: readonly TakenAlias[]
  /** Of a unit that is enabled only through others: how these are. */
  readonly also?: readonly (readonly [unit: string, state: string])[] | undefined
  /** What is in /etc/systemd/system at the place of a mask's link; only asked where it is to be masked. */
  readonly inMasksPlace?: 'file' | 'link' | undefined
  /** Nothing of it is there but its mask; only asked where it is to start or to be enabled. */
  readonly maskAlone?: boolean | undefined
  /** Units that it needs to start; only asked where it is to start. */
  readonly needs: readonly Needed[]
  /** What it starts in turn, of a socket, timer or path unit. */
  readonly triggers: readonly string[]
  /** Services that are not down; only asked where a socket is to start. */
  readonly busy: readonly string[]
  /** Prediction: the pending change after which it must restart. */
  readonly after?: string
  /** Prediction: the pending change after which it must reload. */
  readonly reloadAfter?: string
}

/** Another unit without which systemd does not start this one: it requires that, or it is a socket, timer or path unit and starts that. */
export interface Needed {
  readonly unit: string
  /** Its `LoadState`. */
  readonly load: string
}

/** Another name of a unit, whose place in /etc/systemd/system has the link of a mask, or something else. */
export interface TakenAlias {
  readonly name: string
  readonly by: 'mask' | 'other'
}

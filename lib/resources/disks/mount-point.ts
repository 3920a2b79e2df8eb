import { posix } from 'node:path'
import { sh, type Sh } from '../../sh/quote.ts'
import type { Refused, Unknown } from '../kit/plan.ts'
import { leadsOf, makerBehind } from '../files/path/path-prediction.ts'
import type { Prediction } from '../prediction/prediction.ts'

/** What is at the path where something is to be mounted. */
export interface MountPoint {
  /** `nothing`: the directory can be made. `link`: one that leads to no directory. `linked`: one that leads to a directory. */
  readonly is: 'directory' | 'nothing' | 'link' | 'linked' | 'other'
  /** Where such a link leads, as far as that can be said. */
  readonly leads?: string
  /** Something above it that is no directory. */
  readonly blocked?: string
}

/** Prints `directory`, `other`, `link TARGET`, `linked TARGET`, or `blocked PATH`; nothing where the directory is only missing. */
export function askMountPoint(at: string): Sh {
  return sh`p=${at}
while [ ! -e "$p" ] && [ ! -L "$p" ] && [ "$p" != "\${p%/*}" ]; do p=\${p%/*}; done
if [ -L ${at} ] && [ -d ${at} ]; then echo "linked $(${leadsOf(sh`"$p"`)})"
elif [ -d ${at} ]; then echo directory
elif [ "$p" != ${at} ]; then [ -d "\${p:-/}" ] || echo "blocked $p"
elif [ -L "$p" ]; then echo "link $(${leadsOf(sh`"$p"`)})"
else echo other; fi`
}

export function readMountPoint(said: readonly string[]): MountPoint {
  if (said.includes('directory')) return { is: 'directory' }
  if (said.includes('other')) return { is: 'other' }
  const linked = said.find((line) => line.startsWith('linked '))?.slice('linked '.length)
  if (linked !== undefined) return { is: 'linked', leads: linked }
  const link = said.find((line) => line.startsWith('link '))?.slice('link '.length)
  if (link !== undefined) return { is: 'link', ...(link === '' ? {} : { leads: link }) }
  const blocked = said.find((line) => line.startsWith('blocked '))?.slice('blocked '.length)
  return { is: 'nothing', ...(blocked === undefined ? {} : { blocked }) }
}

/** The same after pending changes. The very same object comes back where none matters. */
export function predictMountPoint(at: string, point: MountPoint, prediction: Prediction): MountPoint | Unknown {
  const pending = prediction.paths.get(at)
  switch (pending?.state.type) {
    case 'dir':
      return point.is === 'directory' || point.is === 'linked' ? point : { is: 'directory' }
    case 'file':
      return { is: 'other' }
    case 'link':
      return { unknown: `what ${at} will lead to is known only after ${pending.from}` }
    case 'absent':
    case undefined:
      break
  }
  const maker = pending === undefined && point.is === 'link' ? makerBehind(point.leads, prediction) : undefined
  if (maker !== undefined) return { unknown: `where ${at} leads is known only after ${maker.from}` }
  if (pending === undefined && point.is !== 'nothing') return point
  return predictAbove(at, pending === undefined ? point : { is: 'nothing' }, prediction)
}

/** A missing directory is made with those above it: whatever comes there first decides. */
function predictAbove(at: string, point: MountPoint, prediction: Prediction): MountPoint | Unknown {
  for (let above = posix.dirname(at); above !== '/'; above = posix.dirname(above)) {
    const pending = prediction.paths.get(above)
    switch (pending?.state.type) {
      case 'dir':
        return point.blocked === undefined ? point : { is: 'nothing' }
      case 'file':
        return { is: 'nothing', blocked: above }
      case 'link':
        return { unknown: `${at} will lead through ${above}, which comes with ${pending.from}` }
      case undefined:
        if (above === point.blocked) return point
        break
      case 'absent':
        if (above === point.blocked) return { is: 'nothing' }
        break
    }
  }
  return point
}

/** Why nothing can be mounted there. */
export function blockedMountPoint(at: string, { is, leads, blocked }: MountPoint): Refused | undefined {
  if (blocked !== undefined)
    return {
      refused: `${at} cannot be made: ${blocked} is not a directory`,
      hint: `remove ${blocked}, or choose another path`,
    }
  const hint = `put absent('${at}') before this resource if it may be removed`
  switch (is) {
    case 'link':
      return { refused: `${at} is a symbolic link to no directory, so nothing can be mounted there`, hint }
    case 'linked':
      return {
        refused: `${at} is a symbolic link, and a mount there would be one at ${leads ?? 'the directory that it leads to'}`,
        hint: `name ${leads ?? 'that directory'}`,
      }
    case 'other':
      return { refused: `${at} is not a directory, so nothing can be mounted there`, hint }
    case 'directory':
    case 'nothing':
      return undefined
  }
}

import { reveal } from '../../files/edit.ts'
import type { Refused } from '../../kit/kind.ts'
import type { MixedLevel } from './levels.ts'
import { markerOf, type ArchiveWant, type HaveArchive } from './want.ts'

/** Why nothing can be unpacked. */
export function unpackRefusal(want: ArchiveWant, { missing, mixedLevel, fault }: HaveArchive): Refused | undefined {
  const [absent] = missing
  if (absent === want.from)
    return { refused: `there is no archive ${absent} on the host`, hint: 'put what brings it before this resource' }
  if (absent !== undefined)
    return {
      refused: `${want.path} cannot be unpacked: the host has no ${absent}`,
      hint: `put pkg('${absent}') before this resource`,
    }
  if (fault !== undefined) return { refused: `${want.path} cannot be unpacked: ${fault.message}`, hint: fault.hint }
  return mixedLevel === undefined ? undefined : stripRefusal(want, mixedLevel)
}

export function occupiedRefusal(want: ArchiveWant, marker: HaveArchive['marker']): Refused {
  const { path } = want
  const hint = `unpack it into another directory, or put absent('${path}', { recursive: true }) before this resource if all of it may go`
  if (marker === undefined) return { refused: `${path} exists, is not empty, and did not come from an archive`, hint }
  if (typeof want.sha256 === 'string' ? marker.sha256 === want.sha256 : marker.source === markerOf(want).source)
    return { refused: `${path} contains another part of this archive: ${saidPart(marker.part)}`, hint }
  return { refused: `${path} contains another archive: ${marker.source}, sha256 ${marker.sha256}`, hint }
}

function stripRefusal({ path, from, strip }: ArchiveWant, { level, names }: MixedLevel): Refused {
  return {
    refused: `${path} cannot be unpacked with strip: ${strip}: level ${level} of ${reveal(from)} is not one directory alone: ${names || 'nothing is there'}`,
    hint: `set strip: ${level - 1} or less`,
  }
}

function saidPart(part: string): string {
  return part === '' ? 'all of it' : part
}

import type { Bundle, Part, Section } from '../../sh/frame.ts'
import { scriptBytes, writeAll, type Write } from '../../resources/files/writing/write.ts'

/** A file to be written. It has its own answer but no script of its own: neighbouring writes share one. */
export interface FileWrite {
  readonly part: Part
  readonly write: Write
  readonly deadline: number
}

/** The largest script: it reaches its shell as one environment variable, which is limited to 128 KiB. */
const LARGEST_SCRIPT = 64 * 1024
/** A larger file has a deadline of its own. */
const LARGEST_INPUT = 1024 * 1024

/** Bundles neighbouring writes, but never two writes of the same file. Other sections stay as they are. */
export function bundleWrites(all: readonly (Section | FileWrite)[]): (Section | Bundle)[] {
  const groups: (Section | FileWrite[])[] = []
  let room = { script: 0, input: 0 }
  for (const each of all) {
    if (!('part' in each)) {
      groups.push(each)
      continue
    }
    const [script, input] = [scriptBytes(each.write), each.part.stdinBytes ?? 0]
    const last = groups.at(-1)
    const fits = Array.isArray(last) && script <= room.script && input <= room.input && !writesSame(last, each.write)
    if (fits) last.push(each)
    else groups.push([each])
    const before = fits ? room : { script: LARGEST_SCRIPT, input: LARGEST_INPUT }
    room = { script: before.script - script, input: before.input - input }
  }
  return groups.map((group) => (Array.isArray(group) ? bundleOf(group) : group))
}

function writesSame(some: readonly FileWrite[], other: Write): boolean {
  const placeOf = ({ path, place = path }: Write) => place
  return some.some(({ write }) => placeOf(write) === placeOf(other))
}

function bundleOf(some: readonly FileWrite[]): Bundle {
  return {
    parts: some.map(({ part }) => part),
    sh: writeAll(some.map(({ write }) => write)),
    deadline: Math.max(...some.map(({ deadline }) => deadline)),
  }
}

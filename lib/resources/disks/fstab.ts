import { insert, join, split, type Line } from '../kit/text.ts'

/** One line of fstab(5). */
export interface FstabEntry {
  readonly source: string
  readonly path: string
  readonly type: string
  readonly options: string
  readonly dump: number
  readonly passno: number
}

/** fstab writes blanks and backslashes as three octal digits. */
export function escaped(text: string): string {
  return text.replaceAll(/[ \t\n\\#]/g, (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

export function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}

/** What a line says; undefined: nothing, or nothing that can be read. */
export function readFstab({ text }: Line): FstabEntry | undefined {
  const [, source, path, type, options = 'defaults', dump = '0', passno = '0'] =
    /^\s*([^\s#]\S*)\s+(\S+)\s+(\S+)(?:\s+(\S+))?(?:\s+(\d+))?(?:\s+(\d+))?\s*(?:#.*)?$/.exec(text) ?? []
  if (source === undefined || path === undefined || type === undefined) return undefined
  return { source: unescaped(source), path: unescaped(path), type, options, dump: Number(dump), passno: Number(passno) }
}

function lineOf({ source, path, type, options, dump, passno }: FstabEntry): string {
  return [escaped(source), escaped(path), type, options, dump, passno].join(' ')
}

/** The table with one entry for what `isIt` names, or none. What it gave, it gives again. */
export function editFstab(live: string, entry: FstabEntry | undefined, isIt: (entry: FstabEntry) => boolean): string {
  let left = entry
  const kept = split(live).flatMap((line): Line[] => {
    const there = readFstab(line)
    if (there === undefined || !isIt(there)) return [line]
    if (left === undefined) return []
    const text = same(there, left) ? line.text : lineOf(left)
    left = undefined
    return [{ ...line, text }]
  })
  return join(left === undefined ? kept : insert(kept, [lineOf(left)], {}))
}

function same(a: FstabEntry, b: FstabEntry): boolean {
  return lineOf(a) === lineOf(b)
}

import { readFileSync } from 'node:fs'
import { RolecallError } from '../../errors.ts'
import type { Host, Inventory } from '../inventory.ts'
import { parsePattern } from './pattern.ts'
import type { Part } from './pattern.ts'
import { selectByParts } from './select.ts'

/**
 * The hosts that `--limit` selects, or another word of the command line (`place`). A part of the pattern may be `@FILE`: a file with a pattern on each line.
 *
 * Throws a RolecallError as `selectHosts` does, and for a file that cannot be read.
 *
 * @example
 * selectLimit(inventory, '@failed.txt,!node-03')
 */
export function selectLimit(inventory: Inventory, limit: string, place = '--limit'): Host[] {
  return selectByParts(
    inventory,
    limit,
    parsePattern(limit).flatMap((part) => partsOf(part, place)),
    () => ({ file: place }),
  )
}

function partsOf(part: Part, place: string): Part[] {
  return part.text.startsWith('@') ? linesOf(part.text.slice(1), place).flatMap(parsePattern) : [part]
}

function linesOf(file: string, place: string): string[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n')
    return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
  } catch {
    throw new RolecallError({
      code: 'pattern',
      message: `the file ${file} of ${place} cannot be read`,
      place: { file: place },
      expected: 'a file with a host or a pattern on each line',
      hint: 'a retry file stands beside the playbook that made it',
    })
  }
}

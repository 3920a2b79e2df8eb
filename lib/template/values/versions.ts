import { TemplateError } from './value.ts'

/** Python's LooseVersion: numbers and words between dots. */
function loose(text: string): (number | string)[] {
  return Array.from(text.matchAll(/\d+|[a-z]+|[^\da-z.]+/g), ([part]) => (/^\d/.test(part) ? Number(part) : part))
}

function partOrder(a: number | string, b: number | string): number {
  if (typeof a !== typeof b)
    throw new TemplateError(`the versions cannot be compared: ${a} and ${b} are in the same place`)
  return a < b ? -1 : a > b ? 1 : 0
}

function listOrder(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (const [at, part] of a.entries()) {
    const other = b[at]
    if (other === undefined) return 1
    const difference = partOrder(part, other)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

const STRICT = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/
const SEMANTIC = /^(\d+)\.(\d+)\.(\d+)(?:-([\w.-]+))?(?:\+[\w.-]+)?$/

function strict(text: string): (number | string)[] {
  const [whole, major, minor, patch = '0', letter = 'z', number = '0'] = STRICT.exec(text) ?? []
  if (whole === undefined) throw new TemplateError(`"${text}" is not a strict version`, 'write it as in 1.2.3')
  return [Number(major), Number(minor), Number(patch), letter, Number(number)]
}

function semanticOrder(a: string, b: string): number {
  const [ours, theirs] = [a, b].map((text) => {
    const [whole, major, minor, patch, before] = SEMANTIC.exec(text) ?? []
    if (whole === undefined) throw new TemplateError(`"${text}" is not a semantic version`, 'write it as in 1.2.3')
    return { numbers: [Number(major), Number(minor), Number(patch)], before }
  })
  if (ours === undefined || theirs === undefined) return 0
  const difference = listOrder(ours.numbers, theirs.numbers)
  if (difference !== 0 || ours.before === theirs.before) return difference
  if (ours.before === undefined) return 1
  if (theirs.before === undefined) return -1
  const [left, right] = [ours.before.split('.'), theirs.before.split('.')]
  for (const [at, part] of left.entries()) {
    const other = right[at]
    if (other === undefined) return 1
    if (part === other) continue
    const [isNumber, isOtherNumber] = [/^\d+$/.test(part), /^\d+$/.test(other)]
    if (isNumber && isOtherNumber) return Number(part) - Number(other)
    if (isNumber !== isOtherNumber) return isNumber ? -1 : 1
    return part < other ? -1 : 1
  }
  return left.length - right.length
}

/** The order of two versions: below 0, 0 or above 0. */
export function versionOrder(a: string, b: string, type: string): number {
  if (a === '' || b === '') throw new TemplateError('a version is empty')
  switch (type) {
    case 'loose':
      return listOrder(loose(a), loose(b))
    case 'strict':
      return listOrder(strict(a), strict(b))
    case 'semver':
    case 'semantic':
      return semanticOrder(a, b)
    default:
      throw new TemplateError(`the type "${type}" of versions is not known`, 'it can be loose, strict or semver')
  }
}

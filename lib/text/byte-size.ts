const POWERS: ReadonlyMap<string, number> = new Map([
  ['', 0],
  ['K', 1],
  ['M', 2],
  ['G', 3],
  ['T', 4],
  ['P', 5],
])

/** The bytes of a size such as `10G`, `1.5T` or `512`. 0 for any other text. */
export function bytesOf(size: string): number {
  const [, number = '0', unit = ''] = /^([\d.]+)([KMGTP]?)$/.exec(size) ?? []
  return Math.round(Number(number) * 1024 ** (POWERS.get(unit) ?? 0))
}

/** A number of bytes as a person reads it: `1.5 GiB`. */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  const at = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1)
  return `${Number((bytes / 1024 ** at).toFixed(1))} ${units[at] ?? ''}`
}

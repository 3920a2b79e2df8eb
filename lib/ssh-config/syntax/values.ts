import { readFileSync } from 'node:fs'
import { once } from '../../once.ts'

const LARGEST = 2 ** 31 - 1
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/**
 * A whole number from 0 on. Undefined for anything else.
 *
 * Source: atoi_err of OpenSSH 9.2.
 */
export function numberOf(text: string, largest = LARGEST): number | undefined {
  const number = /^[ \t\n\v\f\r]*[+-]?\d+$/.test(text) ? Number(text) : -1
  return number >= 0 && number <= largest ? number : undefined
}

/**
 * Seconds of a time such as `90`, `2m` or `1h30m`. Undefined for anything else.
 *
 * Source: convtime of OpenSSH 9.2.
 */
export function secondsOf(text: string): number | undefined {
  if (!/^(?:\s*\+?\d+[smhdw]?)+$/i.test(text)) return undefined
  const sum = [...text.toLowerCase().matchAll(/(\d+)([smhdw]?)/g)].reduce(
    (total, [, count, unit = '']) => total + Number(count) * (SECONDS[unit] ?? 1),
    0,
  )
  return sum <= LARGEST ? sum : undefined
}

/** A port by its number or its name. Undefined for anything else. */
export function portOf(text: string): number | undefined {
  return numberOf(text, 65_535) ?? namedPorts().get(text) ?? (text === 'ssh' ? 22 : undefined)
}

/** The TCP ports of /etc/services. None where there is no such file. */
const namedPorts = once((): ReadonlyMap<string, number> => {
  const lines = readServices().split('\n')
  return new Map(
    lines.toReversed().flatMap((line) => {
      const [name, port = '', ...others] = line.replace(/#.*/, '').split(/\s+/)
      const number = /^(\d+)\/tcp$/.exec(port)?.[1]
      if (name === undefined || number === undefined) return []
      return [name, ...others].filter((each) => each !== '').map((each): [string, number] => [each, Number(number)])
    }),
  )
})

function readServices(): string {
  try {
    return readFileSync('/etc/services', 'utf8')
  } catch {
    return ''
  }
}

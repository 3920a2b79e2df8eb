/**
 * A plain YAML scalar as SOPS writes it for the checksum: numbers and times as Go prints them. Undefined for null (`~`),
 * which is left out.
 *
 * Source: gopkg.in/yaml.v3 (resolve), strconv.FormatFloat with 'f' and -1, time.MarshalText.
 */
export function goScalar(written: string): string | undefined {
  if (['', '~', 'null', 'Null', 'NULL'].includes(written)) return undefined
  if (['true', 'True', 'TRUE'].includes(written)) return 'True'
  if (['false', 'False', 'FALSE'].includes(written)) return 'False'
  return wholeNumber(written) ?? fraction(written) ?? time(written) ?? written
}

function wholeNumber(written: string): string | undefined {
  const [, sign = '', digits = ''] = /^([-+]?)([0-9][0-9a-fxob_]*)$/i.exec(written) ?? []
  const plain = digits.replaceAll('_', '')
  if (plain === '') return undefined
  const octal = /^0[0-7]+$/.test(plain) ? `0o${plain.slice(1)}` : plain
  if (!/^(?:0x[0-9a-f]+|0o[0-7]+|0b[01]+|[1-9][0-9]*|0)$/i.test(octal)) return undefined
  const value = BigInt(octal.toLowerCase())
  return String(sign === '-' ? -value : value)
}

function fraction(written: string): string | undefined {
  if (/^[-+]?\.inf$/i.test(written)) return written.startsWith('-') ? '-Inf' : '+Inf'
  if (/^\.nan$/i.test(written)) return 'NaN'
  if (!/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:e[-+]?[0-9]+)?$/i.test(written)) return undefined
  return goFloat(Number(written))
}

/** A number without an exponent, with the fewest digits that identify it. */
export function goFloat(value: number): string {
  const text = String(value)
  const [, sign = '', whole = '', rest = '', exponent] = /^(-?)(\d+)(?:\.(\d+))?e([-+]\d+)$/.exec(text) ?? []
  if (exponent === undefined) return Object.is(value, -0) ? '-0' : text
  const point = whole.length + Number(exponent)
  const digits = `${whole}${rest}`
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return `${sign}${digits.padEnd(point, '0')}`
}

/** A day, a day and a time, or both with a zone. Other ways to write a time are text to Go. */
const TIME =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?: +(\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d+)?|[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d+)?(Z|[-+]\d{2}:\d{2}))?$/

function time(written: string): string | undefined {
  const [whole, year = '', month = '', day = '', ...rest] = TIME.exec(written) ?? []
  if (whole === undefined) return undefined
  const [hour = '0', minute = '0', second = '0', part = ''] = rest[0] === undefined ? rest.slice(4) : rest
  const zone = rest[8] ?? 'Z'
  const two = (digits: string) => digits.padStart(2, '0')
  const plain = `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`
  if (!isTime(plain)) return undefined
  return `${plain}${part.replace(/\.?0+$/, '')}${/^[-+]00:00$/.test(zone) ? 'Z' : zone}`
}

/** Whether there is such a day and time. */
function isTime(text: string): boolean {
  const milliseconds = Date.parse(`${text}Z`)
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().startsWith(text)
}

import { z } from 'rolecall'

const label = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*$/i

export const Record = z.strictObject({
  name: z.string().regex(/^(@|\*|[\w*.-]+)$/, 'expected a name within the zone, such as "www"'),
  type: z.enum(['A', 'AAAA', 'CNAME', 'MX', 'TXT', 'NS', 'SRV']).default('A'),
  value: z.string().min(1),
})
export type Record = z.output<typeof Record>

export const Zone = z.strictObject({
  name: z.string().regex(label, 'expected a domain name such as "host.com"'),
  /** An inventory pattern: each of these hosts gets an A record with the address that the inventory has. */
  hosts: z.string().optional(),
  records: z.array(Record).default([]),
})

/** A zone with every record it is to have. */
export interface FullZone {
  readonly name: string
  readonly records: readonly Record[]
}

/**
 * The zone's file, with the serial that follows from the live one: the same while the records are the same,
 * else today's first (YYYYMMDD01) or one more than the live serial, whichever is later. A secondary never sees it go back (RFC 1912, 2.2).
 */
export function zoneFile(zone: FullZone, live: string | undefined, today: Date): string {
  const serial = live === undefined ? undefined : serialOf(live)
  if (live !== undefined && serial !== undefined && meaning(live) === meaning(write(zone, serial))) return write(zone, serial)
  return write(zone, Math.max((serial ?? 0) + 1, firstOf(today)))
}

/** The serial in a zone's text, or undefined when it has none that can be read. */
export function serialOf(text: string): number | undefined {
  const found = /\bSOA\b[^(]*\(\s*(\d+)/.exec(text.replace(/;.*$/gm, ''))
  return found?.[1] === undefined ? undefined : Number(found[1])
}

function firstOf(day: Date): number {
  return Number(`${day.toISOString().slice(0, 10).replaceAll('-', '')}01`)
}

/** What a zone file says, without comments, spacing and serial. */
function meaning(text: string): string {
  return text
    .replace(/;.*$/gm, '')
    .replace(/(\bSOA\b[^(]*\(\s*)\d+/, '$1')
    .split('\n')
    .map((row) => row.trim().replace(/\s+/g, ' '))
    .filter((row) => row !== '')
    .join('\n')
}

function write({ name, records }: FullZone, serial: number): string {
  const row = (record: Record) => `${record.name.padEnd(19)} ${record.type.padEnd(5)} ${record.value}`
  return `$ORIGIN ${name}.
$TTL 600    ; 10 minutes
@       IN SOA  dns.${name}. dnsadmin.${name}. (
                ${serial} ; serial
                10800      ; refresh (3 hours)
                900        ; retry (15 minutes)
                604800     ; expire (1 week)
                86400      ; minimum (1 day)
                )
            NS   dns.${name}.
$TTL 60 ; 1 minute
${records.map(row).join('\n')}
`
}

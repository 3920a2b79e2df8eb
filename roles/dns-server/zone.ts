import { isIP } from 'node:net'
import { z, type Site } from 'rolecall'

const domain = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/i

export const Zone = z.strictObject({
  name: z.string().regex(domain, 'expected a domain without a dot at its end, such as host.com'),
  /** An inventory pattern: each of these hosts has a record with the address that the inventory gives it. */
  hosts: z.string().optional(),
  /** More records; `value` as a zone file has it, such as `10 mail` for an MX. */
  records: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^(@|[\w*-]+(\.[\w-]+)*)$/, 'expected a name below the zone, such as www, or @ for the zone itself'),
        type: z.enum(['A', 'AAAA', 'CNAME', 'MX', 'NS', 'SRV', 'TXT']).default('A'),
        value: z.string().regex(/^[^\n\r]+$/, 'expected one line'),
      }),
    )
    .default([]),
})

export type Zone = z.output<typeof Zone>
export type ZoneRecord = Zone['records'][number]

/** All that a zone says: its name server `dns`, the hosts that it is for, and the records of the variables. */
export function recordsOf({ hosts, records }: Zone, server: string, site: Site): ZoneRecord[] {
  const address = (name: string, value: string): ZoneRecord => ({ name, type: isIP(value) === 6 ? 'AAAA' : 'A', value })
  // A host that the inventory reaches by a name has no address that could stand here.
  const known = hosts === undefined ? [] : site.hosts(hosts).filter((host) => isIP(host.address) !== 0)
  return [address('dns', server), ...known.map((host) => address(host.name, host.address)), ...records]
}

/**
 * A zone's file. While the live file says the same, its serial stays; else it moves forward. It never goes back: a secondary
 * server would not look again (RFC 1912, 2.2).
 *
 * @param live the file as it is, undefined when there is none
 */
export function zoneFile(zone: Zone, records: readonly ZoneRecord[], live: string | undefined, now: Date): string {
  const serial = live === undefined ? undefined : serialOf(live)
  const same = live !== undefined && serial !== undefined && meaning(live) === meaning(write(zone, records, serial))
  return write(zone, records, same ? serial : nextSerial(serial, now))
}

/** The serial in a zone's text; undefined when there is none that can be read. */
export function serialOf(text: string): number | undefined {
  const serial = /\bSOA\b[^(]*\(\s*(\d{1,10})\b/.exec(withoutComments(text))?.[1]
  return serial === undefined ? undefined : Number(serial)
}

/** The largest serial there is; after it numbers begin again (RFC 1982). */
const LAST_SERIAL = 2 ** 32 - 1

/** The tutorial's YYYYMMDDnn, or one more than the live serial where that is as far already. */
export function nextSerial(live: number | undefined, now: Date): number {
  const today = Number(`${now.toISOString().slice(0, 10).replaceAll('-', '')}01`)
  if (live === undefined || live < today) return today
  return live >= LAST_SERIAL ? 1 : live + 1
}

/** What a zone file says, without comments, spacing and the serial. */
function meaning(text: string): string {
  return withoutComments(text)
    .replace(/(\bSOA\b[^(]*\(\s*)\d+/, '$1')
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter((line) => line !== '')
    .join('\n')
}

/** A semicolon in quotes begins no comment. */
function withoutComments(text: string): string {
  return text.replace(/("(?:[^"\\\n]|\\.)*")|;.*$/gm, '$1')
}

function write({ name }: Zone, records: readonly ZoneRecord[], serial: number): string {
  const lines = records.map((record) => `${record.name.padEnd(18)} ${record.type.padEnd(5)} ${record.value}`)
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
${lines.join('\n')}
`
}

import { lines, raw, sh, type Sh } from '../../../sh/quote.ts'

/** What is wrong with an archive that is on the host: completes `PATH cannot be unpacked: ...`. */
export interface Fault {
  readonly message: string
  readonly hint: string
}

/**
 * Prints `sum DIGITS`, and `damaged` where that is no archive which its tool can read to the end. `$m` is the marker of one that was unpacked: then
 * nothing is read.
 *
 * Source: sha256sum(1), tar(1) (`-t`), unzip(1) (`-t`).
 */
export function askFault(form: string, from: string): Sh {
  const list = form === 'zip' ? sh`unzip -tqq ${from}` : sh`tar -t${raw(form)}f ${from}`
  return lines(
    sh`if [ -f ${from} ] && [ ! -f "$m" ]; then h=$(sha256sum <${from} 2>/dev/null); echo "sum \${h%% *}"
{ ${list}; } >/dev/null 2>&1 || echo damaged; fi`,
  )
}

export function readFault(said: readonly string[], from: string, sha256: string): Fault | undefined {
  const sum = said.find((line) => /^sum [0-9a-f]{64}$/.test(line))?.slice(4)
  if (sum === undefined) return undefined
  if (sum !== sha256)
    return {
      message: `${from}: expected sha256 ${sha256}, got ${sum}`,
      hint: 'correct the checksum, or put the right archive there',
    }
  if (!said.includes('damaged')) return undefined
  return { message: `${from} is damaged: it cannot be read to its end`, hint: 'put a whole archive there' }
}

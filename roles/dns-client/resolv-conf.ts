export interface Resolving {
  readonly servers: readonly string[]
  readonly search: readonly string[]
}

const OURS = "# The site's own name servers, written by Rolecall. Those below were here before."
const BEFORE = '# Before:'

/** How many name servers glibc asks (resolv.conf(5), MAXNS). */
const ASKED = 3

/**
 * resolv.conf with our servers first. What was there before stays: other name servers as a second choice, options and
 * comments. A file that says the same already, whoever wrote it, is left as it is.
 */
export function resolvConf(live: string | undefined, { servers, search }: Resolving): string {
  const lines = (live ?? '').split('\n').filter((line, at, all) => line !== '' || at < all.length - 1)
  const written = lines.indexOf(BEFORE)
  if (live !== undefined && written < 0 && says(lines, { servers, search })) return live
  const replaced = /^\s*(search|domain)\s/
  const kept = lines
    .slice(written + 1)
    .filter((line) => !replaced.test(line) && !servers.includes(serverIn(line) ?? ''))
  const ours = [OURS, `search ${search.join(' ')}`, ...servers.map((server) => `nameserver ${server}`)]
  return [...ours, ...(kept.length > 0 ? [BEFORE, ...kept] : []), ''].join('\n')
}

/** The name servers that a resolv.conf names, in its order. */
export function serversIn(text: string): string[] {
  return text.split('\n').flatMap((line) => serverIn(line) ?? [])
}

/** The servers to ask, ours first, as many as are asked at all. */
export function withFormer(servers: readonly string[], text: string): string[] {
  return [...new Set([...servers, ...serversIn(text)])].slice(0, ASKED)
}

function says(lines: readonly string[], { servers, search }: Resolving): boolean {
  const first = serversIn(lines.join('\n')).slice(0, servers.length)
  const where = lines.findLast((line) => /^\s*(search|domain)\s/.test(line)) ?? ''
  return first.join() === servers.join() && where.trim().split(/\s+/).join() === ['search', ...search].join()
}

function serverIn(line: string): string | undefined {
  return /^\s*nameserver\s+(\S+)/.exec(line)?.[1]
}

import { raw, sh, type Sh } from '../../../sh/quote.ts'
import { readLocks } from '../../accounts/account-locks.ts'
import type { Reply } from '../../kit/kind.ts'
import type { Installed, PkgHave, PkgSimulation, PkgWant } from '../package-manager.ts'
import { lackingIn } from '../broken-dependencies.ts'

/** Ends where no more is to be done than to install what is not there. */
export function isPlain(names: readonly string[]): Sh {
  return sh`set -f; IFS='
'
for l in $q; do case $l in *'|'*' ok installed|'* | *'|'*' ok not-installed|'* | *'|'*' ok config-files|'*) ;; *'|'*) lists=;; esac; done
for l in $provides; do for n in ${names}; do case ", \${l#*|*|*|}," in *", $n,"* | *", $n "*) lists=;; esac; done; done
unset IFS; set +f
[ "$lists$interrupted" != fresh ] || exit 0`
}

export function read(want: PkgWant, reply: Reply): PkgHave {
  const sections = sectionsOf(reply)
  const installed = new Map<string, Installed>()
  for (const line of sections.get('status') ?? []) {
    const [name = '', arch = '', status = '', version = ''] = line.split('|')
    const [wish, fault, state = ''] = status.split(' ')
    if (state === '' || state === 'not-installed') continue
    if (state === 'config-files' && want.purge !== true) continue
    const broken =
      state === 'config-files'
        ? undefined
        : fault !== 'ok' || state === 'half-installed'
          ? 'half-installed'
          : state === 'installed'
            ? undefined
            : 'unconfigured'
    for (const asked of [name, `${name}:${arch}`]) {
      if (want.names.includes(asked)) installed.set(asked, { version, broken, held: wish === 'hold' })
    }
  }
  const words = sections.get('simulation')
  const offered = sections.get('offers')
  const offers = offered && new Map(want.names.map((name) => [name, versionsOf(name, offered)]))
  for (const line of sections.get('provides') ?? []) {
    const [status = '', , version, provides = ''] = line.split('|')
    if (!status.endsWith(' ok installed')) continue
    for (const virtual of provides.split(', ').map((each) => each.replace(/ .*/, ''))) {
      const realOne =
        offers === undefined ? words?.some((word) => word.startsWith(`Inst ${virtual} `)) : offers.get(virtual)?.length
      if (want.names.includes(virtual) && !installed.has(virtual) && !realOne) installed.set(virtual, { version })
    }
  }
  return {
    installed,
    lists: listsOf(sections),
    interrupted: sections.has('interrupted'),
    locks: readLocks(sections.get('status') ?? []),
    nameless: sections.get('nameless'),
    ...(offers && words
      ? {
          offers,
          ...troubleOf(words, sections.get('mend') ?? []),
          excluded: want.names.filter((name) => isPinned(name, offered)),
          near: sections.get('near'),
        }
      : words && { simulation: simulationOf(words) }),
  }
}

/** Sections by their names, `# lists fresh`; what comes before the first of them is `status`. */
export function sectionsOf({ lines }: Reply): ReadonlyMap<string, readonly string[]> {
  const sections = new Map<string, string[]>([['status', []]])
  let at = 'status'
  for (const line of lines) {
    if (line.startsWith('# ')) sections.set((at = line.slice(2)), [])
    else sections.get(at)?.push(line)
  }
  return sections
}

export function listsOf(sections: ReadonlyMap<string, unknown>): PkgHave['lists'] {
  return (['fresh', 'stale', 'none'] as const).find((word) => sections.has(`lists ${word}`)) ?? 'unasked'
}

/** Why apt would do nothing, from its words and from what it says it would take to mend broken dependencies. */
export function troubleOf(
  words: readonly string[],
  mending: readonly string[],
): Pick<PkgHave, 'objection' | 'mend' | 'unmet'> {
  const mend = simulationOf(mending)
  return {
    objection: objectionOf(words),
    // What something else would have to go for is for a person to decide.
    ...(mend.leaving.length === 0 && mend.incoming.size > 0 ? { mend: [...mend.incoming.keys()] } : {}),
    ...(words.some((line) => line.includes('--fix-broken'))
      ? { unmet: { lacking: lackingIn(words), leaving: mend.leaving } }
      : {}),
  }
}

/** What apt-get is to do, as its arguments. */
export function action({ names, state, version, recommends, purge, autoremove, release, hold }: PkgWant): Sh {
  if (state === 'absent')
    return sh`${raw(autoremove === true ? '--auto-remove' : '')} ${raw(purge === true ? 'purge' : 'remove')} ${names}`
  const targets = names.map((name) => (version === undefined ? name : `${name}=${spelled(version)}`))
  const weak = raw(recommends ? '--install-recommends' : '--no-install-recommends')
  const from = release === undefined ? raw('') : sh`-t ${release}`
  const held = raw(hold === undefined ? '' : '--allow-change-held-packages')
  return sh`${weak} ${from} ${held} ${raw(version === undefined ? '' : '--allow-downgrades')} install ${targets}`
}

/** As apt has it: without an epoch of 0. */
export function spelled(version: string): string {
  return version.replace(/^0+:/, '')
}

/**
 * Lines like `Inst bind9 [1:9.16] (1:9.18 Debian:12/stable [amd64])`, `Conf bind9 (1:9.18 ...)` and `Remv exim4 [4.96]`; `Inst bind9 (1%3a9.18)`
 * of what would be fetched.
 */
export function simulationOf(words: readonly string[]): PkgSimulation {
  const incoming = new Map<string, string>()
  const leaving: string[] = []
  const configured = new Set<string>()
  for (const line of words) {
    const [, verb, name = '', version = ''] = /^(Inst|Remv|Conf) (\S+)(?: \[[^\]]*\])?(?: \((\S+))?/.exec(line) ?? []
    if (verb === 'Inst') incoming.set(name, unquoted(version.replace(/\)$/, '')))
    if (verb === 'Remv') leaving.push(name)
    if (verb === 'Conf') configured.add(name)
  }
  return { incoming, leaving, configured }
}

/** Lines like `Unpacking bind9:amd64 (1:9.18) over (1:9.16) ...`, `Setting up bind9 (1:9.18) ...` and `Removing exim4 (4.96) ...` of dpkg(1). */
export function parseOutput(said: string): PkgSimulation {
  const incoming = new Map<string, string>()
  const leaving: string[] = []
  const configured = new Set<string>()
  for (const [, verb, name = '', version = ''] of said.matchAll(
    /^(Unpacking|Setting up|Removing) ([^\s:]+)(?::\S+)? \(([^)]+)\)/gm,
  )) {
    if (verb === 'Unpacking') incoming.set(name, version)
    else if (verb === 'Removing') leaving.push(name)
    else configured.add(name)
  }
  return { incoming, leaving, configured }
}

/** apt puts `%3a` for the colon of a version into the name of a file. */
function unquoted(version: string): string {
  return version.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function objectionOf(words: readonly string[]): string {
  const virtual = words.findIndex((line) => line.includes('is a virtual package provided by:'))
  if (virtual !== -1) {
    const end = words.indexOf('', virtual)
    return words.slice(virtual, end === -1 ? undefined : end).join('\n')
  }
  return words.filter((line) => /^( \S|E: )/.test(line)).join('\n')
}

/** There are versions, and apt_preferences(5) lets none of them be a candidate. */
function isPinned(name: string, policy: readonly string[]): boolean {
  const start = policy.indexOf(`${name}:`)
  const candidate =
    start < 0 ? undefined : policy.slice(start, start + 3).find((line) => line.startsWith('  Candidate:'))
  return candidate?.endsWith('(none)') === true && versionsOf(name, policy).length > 0
}

/** The version table of one name: lines like ` *** 1:9.18 500` and `     1:9.16 100`. */
function versionsOf(name: string, policy: readonly string[]): readonly string[] {
  const start = policy.indexOf(`${name}:`)
  if (start < 0) return []
  const next = policy.findIndex((line, index) => index > start && /^\S/.test(line))
  const table = policy.slice(start, next < 0 ? undefined : next)
  return table.flatMap((line) => /^ (?:\*\*\*|   ) (\S+) -?\d+$/.exec(line)?.[1] ?? [])
}

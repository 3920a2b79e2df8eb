import type { Facts } from '../facts.ts'
import { raw, sh, type Sh } from '../sh/quote.ts'
import type { Plan, Reply } from './kind.ts'
import type { Installed, Manager, PkgHave, PkgWant } from './packages.ts'

const DEADLINE_SECONDS = 1800

/** Source: rpm(8), dnf(8), yum(8). */
export const dnf: Manager = { probe, read, plan, isVersion }

/**
 * One rpm for all names; one more for each that no package has as its own name, because another may provide it.
 * dnf itself is not asked: it would fetch metadata and write its cache.
 */
function probe({ names }: PkgWant): Sh {
  return sh`q() { rpm -q --qf '= %{NAME}|%{ARCH}|%{EPOCHNUM}:%{VERSION}-%{RELEASE}\\n' "$@" 2>/dev/null; }
if all=$(q ${names}); then printf '%s\\n' "$all" | grep '^= '
else for n in ${names}; do echo "? $n"; q "$n" | grep '^= ' || q --whatprovides "$n" | grep '^= '; done; fi
exit 0`
}

function read(want: PkgWant, reply: Reply): PkgHave {
  const installed = new Map<string, Installed>()
  let asked: string | undefined
  for (const line of reply.lines) {
    if (line.startsWith('? ')) asked = line.slice(2)
    const [, name = '', arch = '', version] = /^= ([^|]*)\|([^|]*)\|\d*?:?([^|]*)$/.exec(line) ?? []
    if (version === undefined) continue
    for (const each of asked === undefined ? [name, `${name}.${arch}`] : [asked]) {
      if (want.names.includes(each)) installed.set(each, { version: line.split('|')[2]?.replace(/^0:/, '') ?? version })
    }
  }
  return { installed, lists: 'unasked' }
}

function plan(want: PkgWant, have: PkgHave, names: readonly string[], facts: Facts): Plan {
  const { state, version } = want
  const words = names.map((name) => (version === undefined ? name : `${name} ${version}`)).join(', ')
  return {
    steps: [
      {
        say: `${state === 'absent' ? 'remove' : 'install'} ${words}`,
        sh: action(want, names, facts),
        deadline: DEADLINE_SECONDS,
      },
    ],
    changes: names.map((name) => {
      const there = have.installed.get(name)
      return {
        label: name,
        before: there === undefined ? '' : `${name} ${there.version ?? ''}\n`,
        after: state === 'absent' ? '' : `${name} ${version ?? ''}`.trimEnd() + '\n',
      }
    }),
  }
}

/** dnf and yum wait for each other's lock by themselves, as long as the deadline lets them. */
function action({ state, version, recommends }: PkgWant, names: readonly string[], facts: Facts): Sh {
  const tool = raw(facts.packageManager === 'yum' ? 'yum' : 'dnf')
  if (state === 'absent') return sh`export LC_ALL=C; ${tool} -y remove ${names}`
  const targets = names.map((name) => (version === undefined ? name : `${name}-${version}`))
  if (facts.packageManager === 'dnf') {
    const weak = raw(recommends ? 'True' : 'False')
    return sh`export LC_ALL=C
change() { dnf -y --setopt=install_weak_deps=${weak} "$@" install ${targets}; }
change || change --refresh`
  }
  const down = version === undefined ? sh`false` : sh`yum -y downgrade ${targets}`
  return sh`export LC_ALL=C
change() { yum -y --setopt=skip_missing_names_on_install=False install ${targets}; }
change || { yum -q -y clean expire-cache && change; } || ${down}`
}

/** `VERSION`, `VERSION-RELEASE` and `EPOCH:VERSION-RELEASE` all name a version. */
function isVersion(wanted: string, version: string): boolean {
  const release = version.replace(/^\d+:/, '')
  return [version, release, release.replace(/-[^-]*$/, '')].some((form) =>
    wanted.endsWith('*') ? form.startsWith(wanted.slice(0, -1)) : form === wanted,
  )
}

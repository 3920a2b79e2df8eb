import { posix } from 'node:path'
import type { Facts } from '../facts.ts'
import { nearest } from '../text/nearest.ts'
import type { Foreseen } from './foreseen.ts'
import type { Unknown } from './kind.ts'
import type { ServiceWant } from './service.ts'
import { UNIT_DIRS, type UnitHave } from './unit.ts'

/** Lays pending changes over what systemd said. The very same object comes back when none of them matters. */
export function foreseeUnit(want: ServiceWant, have: UnitHave, later: Foreseen, facts: Facts): UnitHave | Unknown {
  if (have.init !== undefined || have.silent === true || later.empty) return have
  const unit = have.load === 'not-found' ? arrival(want, have, later, facts) : moved(want, have, later, facts)
  if ('unknown' in unit) return unit
  const begins = have.load === 'not-found' || startedBy(want, have, later, facts) ? firstStart(want, later) : -1
  const after = want.inputs
    .map((path) => later.path(path) ?? beside(path, have, later))
    .find((pending) => pending !== undefined && pending.at > begins)
  return after !== undefined && unit.active === 'active' && want.running !== false
    ? { ...unit, after: after.from }
    : unit
}

/** When a unit that comes with its package is started for the first time. What stands there before, it has read then. */
function firstStart({ unit }: ServiceWant, later: Foreseen): number {
  const own = later.packages().filter(({ name, asIs }) => !asIs && isBroughtBy(unit, name))
  return Math.max(-1, ...own.map(({ at }) => at))
}

/** A missing input counts by its directory, and that changes with whatever is put beside it. */
function beside(
  path: string,
  have: UnitHave,
  later: Foreseen,
): { readonly from: string; readonly at: number } | undefined {
  return have.inputs.some((input) => input.path === path && input.gone) ? later.path(posix.dirname(path)) : undefined
}

/** A unit that is there: an earlier resource may have started it, or changed its file. */
function moved(want: ServiceWant, have: UnitHave, later: Foreseen, facts: Facts): UnitHave {
  const { unit } = want
  if (later.package(stemOf(unit))?.installed === false)
    return { ...have, load: 'not-found', active: 'inactive', file: '' }
  const pending = later.unit(unit)
  const starts = pending?.running ?? (startedBy(want, have, later, facts) ? true : undefined)
  const runs = starts === undefined ? have : { ...have, active: starts ? 'active' : 'inactive', inputs: [] }
  const names = have.id === '' || have.id === unit ? [unit] : [unit, have.id]
  const reloaded = later.reloaded()?.at ?? -1
  const changed = UNIT_DIRS.flatMap((dir) => names.flatMap((name) => [`${dir}/${name}`, `${dir}/${name}.d`])).some(
    (path) => {
      // systemd looks at when the content was written.
      const pending = later.path(path)
      const isKept = pending?.state.is === 'file' && pending.state.kept === true
      return pending !== undefined && !isKept && pending.at > reloaded
    },
  )
  const outdated = changed || (have.outdated && reloaded < 0)
  return outdated === runs.outdated ? runs : { ...runs, outdated }
}

/**
 * Its unit file may belong to another package than the one with its program. When that one comes, or is configured, it starts a unit that
 * starts at boot.
 *
 * Source: Debian policy 9.3.3; deb-systemd-invoke(1p).
 */
function startedBy({ unit }: ServiceWant, have: UnitHave, later: Foreseen, { os }: Facts): boolean {
  const canStart = os.family === 'debian' && !have.startsDenied && have.load === 'loaded' && have.file === 'enabled'
  if (!canStart || ['active', 'reloading', 'activating'].includes(have.active)) return false
  return later.packages().some(({ name, asIs }) => !asIs && isBroughtBy(unit, name))
}

/** A unit that is not there: who may bring it, and in which state. */
function arrival(want: ServiceWant, have: UnitHave, later: Foreseen, facts: Facts): UnitHave | Unknown {
  const come = (active: boolean, file: string): UnitHave => ({
    ...have,
    load: 'loaded',
    active: active ? 'active' : 'inactive',
    file,
  })
  const pending = later.unit(want.unit)
  if (pending !== undefined) return come(pending.running, 'enabled')

  const template = want.unit.replace(/@[^.]*\./, '@.')
  for (const path of UNIT_DIRS.flatMap((dir) => [`${dir}/${want.unit}`, `${dir}/${template}`])) {
    const state = later.path(path)?.state
    if (state?.is === 'link') return come(false, 'disabled')
    if (state?.is !== 'file') continue
    const text = state.content === undefined ? '[Install]' : Buffer.from(state.content).toString('utf8')
    return come(false, !/^\[Install\]/m.test(text) ? 'static' : have.linked ? 'enabled' : 'disabled')
  }

  const wantsIt = want.running === true || want.enabled === true
  const packages = later.packages()
  if (packages.some(({ name }) => isBroughtBy(want.unit, name))) {
    // Debian policy 9.3.3: a package starts and enables its service. Elsewhere presets say, and they mostly say no.
    const debian = facts.os.family === 'debian'
    return come(debian && !have.startsDenied, debian || have.linked ? 'enabled' : 'disabled')
  }
  if (wantsIt && packages.length > 0) {
    const [near] = nearest(
      stemOf(want.unit),
      packages.flatMap(({ name }) => unitsOf(name)),
    )
    const hint = near === undefined ? '' : `; did you mean "${near}"?`
    const [first] = packages
    return { unknown: `whether ${first?.from ?? 'a package'} brings the unit ${want.unit}${hint}` }
  }
  const opaque = wantsIt ? later.opaque() : undefined
  return opaque ? { unknown: `whether ${opaque.from} brings the unit ${want.unit}` } : have
}

/** Packages whose unit has another name, in Debian and in the EL family. No package list says which units a package has. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  bind: ['named'],
  bind9: ['named'],
  'exim4-daemon-heavy': ['exim4'],
  'iptables-persistent': ['netfilter-persistent'],
  'iptables-services': ['iptables', 'ip6tables'],
  'isc-dhcp-server': ['isc-dhcp-server', 'isc-dhcp-server6'],
  'kubernetes-node': ['kubelet', 'kube-proxy'],
  'libvirt-daemon-system': ['libvirtd'],
  'network-manager': ['NetworkManager'],
  'nfs-kernel-server': ['nfs-server'],
  'nfs-utils': ['nfs-server'],
  'openssh-server': ['ssh', 'sshd'],
  samba: ['smbd', 'nmbd', 'smb', 'nmb'],
}

/** The units that a package is known to bring, without their suffix. */
function unitsOf(name: string): readonly string[] {
  return [...(OTHER_NAMES[name] ?? []), name]
}

/** `docker` comes with docker.io, `redis` with redis-server, `postgresql@15-main` with postgresql-15, `containerd` with containerd.io. */
export function isBroughtBy(unit: string, name: string): boolean {
  const stem = stemOf(unit)
  const base = stem.replace(/@.*$/, '')
  return unitsOf(name).some((each) => {
    const next = each.slice(base.length, base.length + 1)
    return each === stem || each === base || (each.startsWith(base) && /^[.\d-]/.test(next))
  })
}

/** The name that a package of this unit alone mostly has. */
function stemOf(unit: string): string {
  return unit.replace(/\.[^.]*$/, '')
}

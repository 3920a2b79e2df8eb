import type { Facts } from '../../facts.ts'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import type { Refused, Step } from '../kit/kind.ts'
import type { Prediction } from '../prediction/prediction.ts'
import type { PkgHave, PkgWant } from './package-manager.ts'

/** The names whose hold is to be set or removed. A package that is reinstalled loses its hold. */
export function otherwiseHeld(
  { names, state, hold }: PkgWant,
  { installed }: PkgHave,
  wrongOnes: readonly string[],
): string[] {
  if (hold === undefined || state === 'absent') return []
  return names.filter((name) => (installed.get(name)?.held === true) !== hold || (hold && wrongOnes.includes(name)))
}

/** Why they cannot be held, or let go. */
export function unholdable(
  names: readonly string[],
  { canLock }: PkgHave,
  { packageManager }: Facts,
): Refused | undefined {
  if (names.length === 0 || packageManager === 'apt' || canLock === true) return undefined
  const refused = `${names.join(', ')} cannot be held back: `
  return packageManager === 'dnf'
    ? {
        refused: `${refused}dnf has no plugin versionlock here, or it is switched off`,
        hint: "put pkg('python3-dnf-plugin-versionlock') before this resource, or enabled=1 into /etc/dnf/plugins/versionlock.conf",
      }
    : { refused: `${refused}this is done with apt and dnf alone` }
}

export function holdSteps({ hold }: PkgWant, names: readonly string[], { packageManager }: Facts): Step[] {
  if (names.length === 0) return []
  const verb = hold === true ? 'hold' : 'unhold'
  const script = packageManager === 'dnf' ? lock(names, hold === true) : sh`apt-mark ${verb} ${names} >/dev/null`
  return [{ summary: `${verb} ${names.join(', ')}`, sh: script }]
}

/** Locks the version that is installed. Source: dnf-versionlock(8). */
function lock(names: readonly string[], isHeld: boolean): Sh {
  const away = sh`dnf -q versionlock delete ${names}`
  if (!isHeld) return sh`${away} >/dev/null`
  return lines(
    sh`${away} >/dev/null 2>&1`,
    raw('set -f'),
    sh`set -- $(rpm -q --qf '%{NAME}-%{EPOCHNUM}:%{VERSION}-%{RELEASE}.*\\n' ${names} | sort -u)
dnf -q versionlock add --raw "$@" >/dev/null`,
  )
}

/** Prints `+ versionlock` where dnf can lock versions, and `+ lock SPEC` for each lock that there is. */
export const probeVersionLocks: Sh =
  raw(`for f in /usr/lib/python3*/*-packages/dnf-plugins/versionlock.py; do [ ! -e "$f" ] || grep -qiE '^ *enabled *= *(0|no|false|off)' /etc/dnf/plugins/versionlock.conf 2>/dev/null || echo '+ versionlock'; done
sed -n 's/^[^#!]/+ lock &/p' /etc/dnf/plugins/versionlock.list 2>/dev/null`)

/** Whether what is pending brings the plugin, or switches it on. */
export function versionLocksLater(prediction: Prediction): boolean {
  const plugin =
    prediction.packages.get('python3-dnf-plugin-versionlock') ?? prediction.packages.get('dnf-plugins-core')
  return plugin?.installed === true || prediction.paths.get('/etc/dnf/plugins/versionlock.conf')?.state.type === 'file'
}

/** Whether a lock, `NAME-EPOCH:VERSION-RELEASE.ARCH` with patterns in it, is of this package. */
export function isLockOf(name: string, spec: string): boolean {
  return spec.startsWith(`${name}-`) && /^[^-]+-[^-]+$/.test(spec.slice(name.length + 1))
}

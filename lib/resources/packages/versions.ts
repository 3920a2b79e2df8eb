/** Whether two versions of Debian packages are the same: `0:1.0` is `1.0`, `1.0-0` is `1.0`, `1.01` is `1.1`. Source: deb-version(7). */
export function isSameDebian(a: string, b: string): boolean {
  const [one, other] = [debian(a), debian(b)]
  return one.epoch === other.epoch && same(one.upstream, other.upstream) && same(one.revision, other.revision)
}

function debian(version: string): { readonly epoch: number; readonly upstream: string; readonly revision: string } {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/s.exec(version) ?? []
  const [, upstream = rest, revision = '0'] = /^(.*)-([^-]*)$/s.exec(rest) ?? []
  return { epoch: Number(epoch), upstream, revision }
}

/** Runs of digits are numbers, one that is missing at the end is 0; the rest is compared to the letter. */
function same(a: string, b: string): boolean {
  const [one, other] = [partsOf(a), partsOf(b)]
  return Array.from({ length: Math.max(one.length, other.length) }, (_, at) => at).every((at) => {
    const [left, right] = [one[at], other[at]]
    const empty = at % 2 === 0 ? '' : '0'
    return (left ?? empty) === (right ?? empty)
  })
}

/** Text, number, text, number, ... */
function partsOf(version: string): readonly string[] {
  return version.split(/(\d+)/).map((part, at) => (at % 2 === 0 ? part : part.replace(/^0+(?=\d)/, '')))
}

/** dnf takes the architecture after the release too. */
const ARCHITECTURE = /\.(noarch|x86_64|aarch64|i[3-6]86|armv7hl|ppc64le|riscv64|s390x)$/

/**
 * Whether a version of an rpm package is the one that `VERSION`, `VERSION-RELEASE`, `EPOCH:VERSION` or `EPOCH:VERSION-RELEASE` names. An epoch that is
 * not said may be any, one that the package has not is 0, and what is between runs of letters or digits does not matter.
 *
 * Source: rpm-version(7).
 */
export function isNamedRpm(wanted: string, version: string): boolean {
  const [want, have] = [rpm(wanted.replace(ARCHITECTURE, '')), rpm(version)]
  const isEpoch = want.epoch === undefined || want.epoch === (have.epoch ?? 0)
  const isRelease = want.release === undefined || (have.release !== undefined && sameRpm(want.release, have.release))
  return isEpoch && isRelease && sameRpm(want.version, have.version)
}

function rpm(text: string): { readonly epoch?: number; readonly version: string; readonly release?: string } {
  const [, epoch, version = '', release] = /^(?:(\d+):)?([^-]*)(?:-(.*))?$/s.exec(text) ?? []
  return {
    version,
    ...(epoch === undefined ? {} : { epoch: Number(epoch) }),
    ...(release === undefined ? {} : { release }),
  }
}

function sameRpm(a: string, b: string): boolean {
  const [one, other] = [segments(a), segments(b)]
  return one.length === other.length && one.every((part, at) => part === other[at])
}

/** `~` sorts before everything and `^` after: they are parts of their own. */
function segments(version: string): readonly string[] {
  return (version.match(/[~^]|\d+|[A-Za-z]+/g) ?? []).map((part) => part.replace(/^0+(?=\d)/, ''))
}

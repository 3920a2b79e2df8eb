import type { Refused } from '../kit/kind.ts'
import type { PkgHave, PkgWant } from './package-manager.ts'

/**
 * apt does nothing while a package that is there lacks what it depends on, and what would mend that is not to be had, or costs another package. That
 * package is for a person to choose.
 */
export function unmended(want: PkgWant, have: PkgHave, names: readonly string[]): Refused | undefined {
  const { unmet, mend, lists } = have
  // Lists that are fetched first may have what is lacking.
  const isFetched = want.state !== 'absent' && (lists === 'stale' || lists === 'none')
  if (unmet === undefined || mend !== undefined || isFetched) return undefined
  const [first] = unmet.lacking
  const broken = first?.split(' ')[0]
  const byHand = 'run apt-get -f install by hand and choose'
  const cost = unmet.leaving.length === 0 ? '' : `; to mend that, ${unmet.leaving.join(', ')} would have to go`
  return {
    refused: `${names.join(', ')} cannot be ${want.state === 'absent' ? 'removed' : 'installed'}: apt does nothing while ${first ?? 'a package lacks what it depends on'}${cost}`,
    hint:
      broken === undefined ? byHand : `put pkg('${broken}', { state: 'absent' }) before this resource, or ${byHand}`,
  }
}

/** What `apt-get` says of broken dependencies, as ` bind9 : Depends: libuv1 (>= 1.4) but it is not going to be installed`. */
export function lackingIn(words: readonly string[]): readonly string[] {
  return words.flatMap((line) => {
    const [, name, needs] = /^ (\S+) : (?:Pre)?Depends: (.*?)(?: but .*)?$/s.exec(line) ?? []
    return name === undefined || needs === undefined ? [] : [`${name} lacks ${needs}`]
  })
}

// In which order the test files that need hosts begin.

/**
 * `site` makes all hosts from fresh, and those after it find them made; `el` and `kubernetes` have hosts of their own meanwhile. Then those that want all of them, as
 * nothing that wants a few would leave them all. Then what takes longest, beside what wants none of its hosts; `bench` wants all of them
 * again, as the site has left them.
 */
const FIRST = [
  ...['site', 'el', 'kubernetes', 'parity', 'repair', 'requests', 'roles', 'bastion', 'hostile'],
  ...['harbor', 'pkg', 'cases-packages', 'harbor-1', 'chaos', 'docker', 'misbehaving-login', 'docker-role'],
]
const LAST = ['bench']

/**
 * @template {{ file: string }} File
 * @param {readonly File[]} files
 */
export function hostOrder(files) {
  /** @param {File} file */
  const rank = ({ file }) => {
    const [, name = ''] = /^test\/hosts\/(.+)\.test\.ts$/.exec(file) ?? []
    if (LAST.includes(name)) return FIRST.length + 1
    return FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length
  }
  return files.toSorted((a, b) => rank(a) - rank(b))
}

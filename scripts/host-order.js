// The order in which test files that need hosts begin.

/**
 * `site` sets up all hosts from scratch, and later files use them as they are; `el` and `kubernetes` have hosts of their own and run beside it. Next
 * come the files that need all hosts, because files that need a few would never leave all of them free. Then the longest files, beside those that
 * need other hosts. `bench` needs all hosts again, as the site has left them.
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

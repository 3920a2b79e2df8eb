// In which order the test files that need hosts begin.

/**
 * `site` makes all hosts from fresh, and those after it find them made. Then what takes longest, so that nothing is left to wait for at the end;
 * `bench` wants all hosts for itself again, as the site has left them.
 */
const FIRST = [
  'site',
  'el',
  'parity',
  'repair',
  'requests',
  'harbor',
  'pkg',
  'docker-role',
  'chaos',
  'docker',
  'docker-repository',
  'harbor-1',
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

// In which order the test files that need hosts begin.

/** These take longest, and what takes longest begins first, so that nothing is left to wait for at the end. `site` makes the disk that others begin from. */
const FIRST = [
  'site',
  'el',
  'bench',
  'harbor',
  'pkg',
  'docker',
  'parity',
  'chaos',
  'docker-repository',
  'docker-role',
  'harbor-1',
]

/** @param {readonly { file: string }[]} files */
export function hostOrder(files) {
  const rank = ({ file }) => {
    const at = FIRST.findIndex((name) => file === `test/hosts/${name}.test.ts`)
    return at < 0 ? FIRST.length : at
  }
  return files.toSorted((a, b) => rank(a) - rank(b))
}

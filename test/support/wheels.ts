/**
 * Shell text that puts wheels of a package `rc-demo` into a directory, which it makes. A wheel is an archive of the package's files, and three about it.
 *
 * Source: packaging.python.org, Binary distribution format.
 */
export function makeWheels(directory: string, versions: readonly string[]): string {
  return `python3 - ${directory} ${versions.join(' ')} <<'END'
import os, sys, zipfile
directory = sys.argv[1]
os.makedirs(directory, exist_ok=True)
for version in sys.argv[2:]:
    z = zipfile.ZipFile('%s/rc_demo-%s-py3-none-any.whl' % (directory, version), 'w')
    d = 'rc_demo-%s.dist-info/' % version
    z.writestr('rc_demo.py', '')
    z.writestr(d + 'METADATA', 'Metadata-Version: 2.1\\nName: rc-demo\\nVersion: %s\\n' % version)
    z.writestr(d + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    z.writestr(d + 'RECORD', '')
    z.close()
END`
}

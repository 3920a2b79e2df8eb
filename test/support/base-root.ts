// Prints where the bare Debian root is that the lab's hosts are layered upon; makes one first when there is none.
import { homedir } from 'node:os'
import { join } from 'node:path'
import { RolecallError } from '../../lib/errors.ts'
import { baseRoot, ensureBase } from '../../lib/lab/bases/base.ts'
import { cacheDirectory } from '../../lib/lab/machine/files.ts'
import { requireMachine } from '../../lib/lab/machine/requirements.ts'

const quiet = () => undefined
const cache = cacheDirectory(process.env, homedir())
try {
  await requireMachine(quiet)
  process.stdout.write(join(cache, baseRoot(await ensureBase(cache, 'debian', quiet))))
} catch (error) {
  if (!(error instanceof RolecallError)) throw error
  process.stderr.write(error.problems.map(({ message, output = '' }) => `${message}\n${output}`).join('\n'))
  process.exitCode = 1
}

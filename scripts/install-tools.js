// Installs the system packages that the tests need, in the current root. The argument is the package that provides busybox.
import { installTools } from './tools.js'

if (!installTools(process.argv[2])) process.exitCode = 1

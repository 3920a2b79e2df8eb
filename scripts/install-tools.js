// Installs what the tests need from the system, in the root that this runs in. The argument is the package that busybox comes from.
import { installTools } from './tools.js'

if (!installTools(process.argv[2])) process.exitCode = 1

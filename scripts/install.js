// Installs the packages if they are missing or old, for commands of package.json that begin with one of them. Takes a few milliseconds otherwise.
import { install } from './bootstrap.js'

await install()

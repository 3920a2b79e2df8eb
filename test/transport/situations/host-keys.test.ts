import { test } from 'uvu'
import { hostKeys } from './situations.ts'
import { trySituations } from './try-situations.ts'

await trySituations(hostKeys)

test.run()

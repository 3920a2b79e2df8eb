import { test } from 'uvu'
import { ways } from './situations.ts'
import { trySituations } from './try-situations.ts'

await trySituations(ways)

test.run()

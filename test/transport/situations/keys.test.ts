import { test } from 'uvu'
import { keys } from './situations.ts'
import { trySituations } from './try-situations.ts'

await trySituations(keys)

test.run()

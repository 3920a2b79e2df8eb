import { test } from 'uvu'
import { rotations } from './rotation-situations.ts'
import { hostKeys } from './situations.ts'
import { trySituations } from './try-situations.ts'

await trySituations([...hostKeys, ...rotations])

test.run()

import { test } from 'uvu'
import { furtherHostKeys } from './further-host-keys.ts'
import { rotations } from './rotation-situations.ts'
import { hostKeys } from './situations.ts'
import { trySituations } from './try-situations.ts'

await trySituations([...hostKeys, ...rotations, ...furtherHostKeys])

test.run()

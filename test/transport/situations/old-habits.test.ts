import { test } from 'uvu'
import { moreSituations } from './more-situations.ts'
import { trySituations } from './try-situations.ts'

await trySituations(moreSituations)

test.run()

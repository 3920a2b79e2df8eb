import { test } from 'uvu'
import { furtherWays } from './further-ways.ts'
import { ways } from './situations.ts'
import { trySituations } from './try-situations.ts'

await trySituations([...ways, ...furtherWays])

test.run()

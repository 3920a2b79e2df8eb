import { test } from 'uvu'
import { furtherKeys } from './further-keys.ts'
import { keys } from './situations.ts'
import { trySituations } from './try-situations.ts'

await trySituations([...keys, ...furtherKeys])

test.run()

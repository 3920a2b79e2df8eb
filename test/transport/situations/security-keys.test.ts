import { test } from 'uvu'
import { whyNoAuthenticator } from '../../support/authenticator.ts'
import { securityKeys } from './security-key-situations.ts'
import { trySituations } from './try-situations.ts'

if (whyNoAuthenticator === undefined) await trySituations(securityKeys)
else {
  process.stdout.write(`skipped: ${whyNoAuthenticator}\n`)
  test.skip('security keys end as ssh ends, by both transports')
}

test.run()

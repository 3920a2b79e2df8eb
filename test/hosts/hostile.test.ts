import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { eve } from '../hostile/eve-part.ts'
import { shown } from '../hostile/part.ts'
import { lab, onLab } from '../support/lab.ts'

// The long form is `npm run test:hostile`.
onLab(
  'an unprivileged user who renames and links in her directories gains nothing by what root does there',
  async () => {
    for await (const figure of eve(await lab(), 8)) assert.equal(figure.losses, [], shown(figure))
  },
)

test.run()

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readDiagnostics } from '../../lib/playbook/type-check/output.ts'

test('an error has its place, its code, and the lines that explain it', () => {
  const output = `srv/p/roles/a (1).ts(2,85): error TS2322: Type 'x' is not assignable to type 'y'.
  Property 'z' is missing in type 'x'.
error TS5083: Cannot read file '/srv/p/base.json'.
/usr/lib/node_modules/typescript/lib/lib.es5.d.ts
srv/p/roles/a (1).ts
`
  assert.equal(readDiagnostics(output, '/srv/p'), {
    errors: [
      {
        place: { file: 'roles/a (1).ts', line: 2, column: 85 },
        code: 'TS2322',
        message: "Type 'x' is not assignable to type 'y'.",
        details: "  Property 'z' is missing in type 'x'.",
      },
      { code: 'TS5083', message: "Cannot read file '/srv/p/base.json'." },
    ],
    files: ['/usr/lib/node_modules/typescript/lib/lib.es5.d.ts', '/srv/p/roles/a (1).ts'],
  })
})

test.run()

import { test } from 'uvu'
import * as assert from 'uvu/assert'
// Brings all kinds.
import '../../lib/index.ts'
import { hintFor } from '../../lib/playbook/type-check/misspelt.ts'

const unknown = (name: string, type: string) =>
  `Object literal may only specify known properties, and '${name}' does not exist in type '${type}'.`

for (const [message, hint] of [
  [unknown('contents', 'AbsentState | FileOptions'), 'did you mean "content"?'],
  [unknown('device', 'MountOptions'), 'write source'],
  [unknown('notify', 'AbsentState | FileOptions'), 'restartedAfter of service names what it is restarted after'],
  [unknown('when', 'PkgOptions'), 'write if (...) in the role'],
  [unknown('become', 'RoleDefinition<ZodObject<{}, $strip>>'), 'set it in the inventory: ansible_become: true'],
  [unknown('when', 'MyOwnSettings'), undefined],
  [unknown('command', 'CronOptions'), 'write job'],
  [unknown('nonsense', 'ServiceOptions'), undefined],
  [unknown('state', 'MyOwnSettings'), undefined],
  [
    "Relative import paths need explicit file extensions in ECMAScript imports when '--moduleResolution' is 'node16' or 'nodenext'. Did you mean '../roles/web.js'?",
    "write the file's own ending: .ts",
  ],
  ["Cannot find name 'file'. Did you mean 'File'?", "import it: import { file } from 'rolecall'"],
  ["Cannot find name 'secretText'.", "import it: import { secretText } from 'rolecall'"],
  [
    "Property 'port' does not exist on type 'NoVariables'.",
    'this role declares no variables: add vars: z.object({ port: z.string() }) to it, with the type that you mean',
  ],
  [
    "Property 'read' does not exist on type 'VerifyContext<{ [x: string]: never; }>'.",
    'verify reads with $: (await $.read`cat /etc/motd`).stdout',
  ],
  [
    "Property 'ensure' does not exist on type 'VerifyContext<{ [x: string]: never; }>'.",
    'ensure is given to apply: async apply({ ensure }); verify only looks, and has none',
  ],
  [
    "Property 'expect' does not exist on type 'ApplyContext<{ [x: string]: never; }>'.",
    'expect is given to verify alone: write async verify({ expect }) in the role',
  ],
  ["Property 'constructor' does not exist on type 'VerifyContext<{ [x: string]: never; }>'.", undefined],
  ["Property 'port' does not exist on type '{ prot: number; }'.", undefined],
  ["Cannot find name 'frobnicate'.", undefined],
  ["Type 'number' is not assignable to type 'string'.", undefined],
] as const)
  test(`${message} is answered with ${hint ?? 'nothing'}`, () => assert.is(hintFor(message), hint))

test.run()

// Answers of the probe of `pkg`, and pending effects, for its tests.
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { pkg, type PkgOptions } from '../../../lib/resources/packages/pkg.ts'
import { debian, reply } from '../../support/converge-locally.ts'

export const bind = 'bind9|amd64|install ok installed|1:9.18.49\n'
export const unmet = ` ca-certificates : Depends: openssl (>= 3) but it is not going to be installed
                   Depends: more but it is not going to be installed
E: Unmet dependencies. Try 'apt --fix-broken install' with no packages (or specify a solution).
`
export const fresh = '# lists fresh\n# provides\n'
export const policy = (name: string, ...versions: string[]) =>
  `${name}:\n  Installed: (none)\n  Candidate: ${versions[0] ?? '(none)'}\n  Version table:\n${versions.map((each) => `     ${each} 500\n        500 http://archive.example/debian bookworm/main\n`).join('')}`
export const inst = (name: string, version: string) => `Inst ${name} (${version} Debian:12/stable [amd64])\n`

export function after(names: string, options: PkgOptions, have: string, ...effects: [from: string, effect: Effect][]) {
  const prediction = new Prediction()
  for (const [from, effect] of effects) prediction.record(from, [effect])
  return pkg(names, options).evaluate(reply(have), debian, prediction)
}
export const coming = (name: string, installed = true) => ({ type: 'package', name, installed }) as const
export const configured = { type: 'packages', configured: true } as const
export const reread = { type: 'units', reloaded: true } as const
export const nowhere = `${fresh}# simulation\nE: Unable to locate package foo\n# offers\n# near\n`
export const table = (...rows: string[]) =>
  [
    'Dependencies resolved.',
    '='.repeat(80),
    ' Package  Architecture  Version  Repository  Size',
    '='.repeat(80),
    ...rows,
  ]
    .concat('', 'Transaction Summary', '='.repeat(80), 'Operation aborted.', '')
    .join('\n')
export const cached = '! bind\n# lists fresh\n# simulation\n'
export const bindRow = ' bind            x86_64    32:9.16.23-1.el9     baseos        489 k'

import { sh, type Sh } from '../../sh/quote.ts'
import { absent } from '../files/absent.ts'
import { file } from '../files/file.ts'
import { ofRoot } from '../files/generated-file.ts'
import type { Resource } from '../kit/kind.ts'
import { oneOf, text } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { unitNamed } from './service.ts'
import { sectionsOption, unitText, type Sections } from './unit-text.ts'

export interface UnitOptions {
  /** `{ Service: { ExecStart: '/usr/bin/app', Restart: 'always' } }`. A list is a key that occurs several times. */
  readonly sections?: Sections
  /** The whole text, in place of `sections`. */
  readonly content?: string
  /** Whose manager reads it: that of the system (default), or that of every user, in /etc/systemd/user. */
  readonly scope?: 'system' | 'user'
  readonly state?: 'present' | 'absent'
}

/**
 * A unit file below /etc/systemd/system, as a `file` resource: written whole or not at all, mode 0644, of root. Where the host has `systemd-analyze`, that reads the
 * candidate first: a key or section that systemd does not know, and a value that it cannot parse, are refused with their line.
 *
 * systemd itself reads the file again with the next `service` of this unit.
 *
 * @example
 * const app = unit('app', {
 *   sections: {
 *     Unit: { Description: 'The application', After: 'network-online.target' },
 *     Service: { ExecStart: '/usr/local/bin/app --port 8080', User: 'app', Restart: 'always' },
 *     Install: { WantedBy: 'multi-user.target' },
 *   },
 * })
 * await ensure(app, service('app', { running: true, enabled: true, restartedAfter: [app] }))
 *
 * Source: systemd.unit(5), systemd.syntax(7), systemd-analyze(1).
 */
export function unit(name: string, options: UnitOptions): Resource {
  const { options: given } = read(name, options)
  const full = unitNamed(name)
  const { sections = {}, content, scope = 'system', state } = given
  const path = `/etc/systemd/${scope}/${full}`
  if (state === 'absent') return absent(path)
  return file(path, { content: content ?? unitText(sections), ...ofRoot, validate: verify(full, scope) })
}

const read = resourceOptions<UnitOptions>()(
  'unit',
  unitNamed,
  () => ({
    sections: sectionsOption().optional(),
    content: text('the text of a unit file', /\[\w/).optional(),
    scope: oneOf(['system', 'user']).optional(),
    state: oneOf(['present', 'absent']).optional(),
  }),
  ({ state }, given) => [
    state !== 'absent' && given.has('sections') === given.has('content')
      ? { expected: 'given one of sections and content', got: given.has('content') ? 'both' : 'neither' }
      : undefined,
  ],
)

/**
 * systemd-analyze knows a unit by the name of its file. What it says of the candidate's own lines is refused; that a program or another unit is not there yet
 * is no mistake of this file.
 */
function verify(name: string, scope: 'system' | 'user'): Sh {
  return sh`command -v systemd-analyze >/dev/null 2>&1 || exit 0
d=$(mktemp -d /run/rolecall-unit.XXXXXX 2>/dev/null || mktemp -d) || exit 0
trap 'rm -rf "$d"' EXIT
cp "$candidate" "$d"/${name} || exit 0
said=$(LC_ALL=C systemd-analyze ${scope === 'user' ? '--user' : '--system'} --man=no verify "$d"/${name} 2>&1 | grep -F "$d/"${name}:)
[ -z "$said" ] || { printf '%s\n' "$said" | sed "s|$d/||"; exit 1; }`
}

import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { asUser } from '../commands/as-user.ts'
import type { Resource, Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { account, flag, oneOf, seconds, text } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'

export interface GemOptions {
  readonly version?: string
  readonly state?: 'present' | 'absent'
  /** In the home of the user, not for all. Default false. */
  readonly userInstall?: boolean
  /** Where gems come from. Default rubygems.org. */
  readonly source?: string
  readonly user?: string
  /** Seconds, default 600. */
  readonly deadline?: number
}

export interface GemWant extends GemOptions {
  readonly name: string
}

interface State {
  readonly versions: readonly string[]
}

/**
 * A gem of Ruby. Which version is there does not matter, unless `version` is given; others stay beside it. No documentation comes along.
 *
 * @example
 * gem('bundler', { version: '2.5.6' })
 *
 * Source: gem-list(1), gem-install(1).
 */
export function gem(name: string, options: GemOptions = {}): Resource {
  const { name: text, options: given } = read(name, options)
  return make(text, { ...given, name: text })
}

const read = resourceOptions<GemOptions>()(
  'gem',
  (given) => {
    if (typeof given === 'string' && /^[\w][\w.-]*$/.test(given)) return given
    throw invalidOption('name of gem', 'the name of a gem', describeValue(given))
  },
  () => ({
    version: text('a version', /^\d[\w.]*$/).optional(),
    state: oneOf(['present', 'absent']).optional(),
    userInstall: flag().optional(),
    source: text('a URL', /^https?:\/\/\S+$/).optional(),
    user: account().optional(),
    deadline: seconds().optional(),
  }),
)

// By its pattern, a name cannot be an option. RubyGems takes the words after `--` as options for compilers, not as names.
const make = toolKind<GemWant, State>({
  name: 'gem',
  tool: () => ({ program: 'gem', broughtBy: /^(ruby|rubygems|ruby\d.*)$/, hint: 'ruby' }),
  probe: ({ name, user }) =>
    asUser(user, lines(raw('export LC_ALL=C.UTF-8; cd /'), sh`gem list --local --exact ${name} 2>/dev/null; :`)),
  read({ name }, { lines: said }) {
    const line = said.find((each) => each.startsWith(`${name} (`)) ?? ''
    const listed = line.endsWith(')') ? line.slice(`${name} (`.length, -1) : ''
    return {
      versions:
        listed === '' ? [] : listed.split(', ').map((each) => each.replace(/^default: /, '').replace(/ .*/, '')),
    }
  },
  fresh: () => ({ versions: [] }),
  isAbsence: ({ state }) => state === 'absent',
  plan({ name, version, state, userInstall = false, source, user, deadline = 600 }, { versions }): Step[] {
    const step = (summary: string, script: Sh): Step => ({
      summary,
      sh: asUser(user, lines(raw('export LC_ALL=C.UTF-8; cd /'), script)),
      deadline,
    })
    const at = version === undefined ? [] : ['-v', version]
    const isThere = version === undefined ? versions.length > 0 : versions.includes(version)
    if (state === 'absent')
      return isThere
        ? [
            step(
              `uninstall gem ${name}${version === undefined ? '' : ` ${version}`}`,
              sh`gem uninstall ${version === undefined ? ['-a'] : at} -x -I ${name}`,
            ),
          ]
        : []
    if (isThere) return []
    return [
      step(
        `install gem ${name}${version === undefined ? '' : ` ${version}`}`,
        sh`gem install --no-document ${raw(userInstall ? '--user-install' : '')} ${source === undefined ? [] : ['--clear-sources', '--source', source]} ${at} ${name}`,
      ),
    ]
  },
  advanced: { parallelProbe: true },
})

import { createHash } from 'node:crypto'
import { Secret } from '../../secret.ts'
import { sh } from '../../sh/quote.ts'
import { kind, type Refused, type Resource, type Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { oneOf, secretText } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'

export interface DebconfOptions {
  readonly type: 'string' | 'boolean' | 'select' | 'multiselect' | 'note' | 'text' | 'password'
  readonly value: string | Secret
}

export interface DebconfWant extends DebconfOptions {
  readonly package: string
  readonly question: string
}

/**
 * The answer to a question that a Debian package asks when it is configured. Put it before the `pkg`: an answer does not configure a package that is there.
 *
 * `value` is what debconf stores: `true` and `false` are texts. A Secret is compared by its checksum and shown to nobody.
 *
 * Refused: a host without debconf.
 *
 * @example
 * debconf('postfix', 'postfix/main_mailer_type', { type: 'select', value: 'Satellite system' })
 * debconf('slapd', 'slapd/password1', { type: 'password', value: password })
 *
 * Source: debconf-set-selections(1), debconf.conf(5): /var/cache/debconf/config.dat and passwords.dat.
 */
export function debconf(name: string, question: string, options: DebconfOptions): Resource {
  const { options: given } = read(name, options)
  if (typeof question !== 'string' || !/^[\w.+-]+\/[\w./+-]+$/.test(question))
    throw invalidOption(`question of debconf:${name}`, 'a name such as postfix/mailname', describeValue(question))
  return make(`${name} ${question}`, { package: name, question, ...given })
}

const read = resourceOptions<DebconfOptions>()(
  'debconf',
  (given) => {
    if (typeof given === 'string' && /^[a-z\d][a-z\d.+-]+$/.test(given)) return given
    throw invalidOption('package of debconf', 'the name of a package', describeValue(given))
  },
  () => ({
    type: oneOf(['string', 'boolean', 'select', 'multiselect', 'note', 'text', 'password']),
    value: secretText('a text of one line, or a Secret', (given) => /^[^\r\n\0]*$/.test(given)),
  }),
)

interface DebconfHave {
  readonly isThere: boolean
  /** Of the answer that is there; undefined: none. */
  readonly sha256: string | undefined
}

const make = kind<DebconfWant, DebconfHave>({
  name: 'debconf',
  // A paragraph for each question. Passwords are in a file of their own.
  probe: ({ question }) => sh`command -v debconf-set-selections >/dev/null 2>&1 || exit 0
echo there
answer() { cat /var/cache/debconf/passwords.dat /var/cache/debconf/config.dat 2>/dev/null | awk -v q=${question} '
/^Name: / { own = substr($0, 7) == q }
/^$/ { own = 0 }
own && /^Value:/ && !found { found = 1; sub(/^Value: ?/, ""); printf "%s", $0 }
END { exit !found }'; }
! answer >/dev/null || answer | sha256sum
:`,
  read: (_, { lines }) => ({
    isThere: lines[0] === 'there',
    sha256: /^[0-9a-f]{64}/.exec(lines[1] ?? '')?.[0],
  }),
  plan({ package: name, question, type, value }, { isThere, sha256 }): Step[] | Refused {
    if (!isThere)
      return {
        refused: `${question} cannot be answered: this host has no debconf`,
        hint: 'leave it out where the host is not of the Debian family',
      }
    const text = value instanceof Secret ? value.reveal() : value
    if (sha256 === createHash('sha256').update(text).digest('hex')) return []
    const shown = value instanceof Secret || type === 'password' ? 'a value that is not shown' : JSON.stringify(text)
    return [
      {
        summary: `answer ${question} with ${shown}`,
        sh: sh`export LC_ALL=C DEBIAN_FRONTEND=noninteractive; debconf-set-selections`,
        stdin: Buffer.from(`${name} ${question} ${type} ${text}\n`),
      },
    ]
  },
  predict: (_, have, prediction) =>
    have.isThere || prediction.packages.get('debconf')?.installed !== true ? have : { ...have, isThere: true },
  advanced: { declarations: (want) => [[`debconf ${want.question}`, want]] },
})

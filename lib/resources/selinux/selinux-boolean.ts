import { sh } from '../../sh/quote.ts'
import type { Resource, Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { flag } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'
import { TYPE } from './selinux-tools.ts'

export interface SelinuxBooleanOptions {
  readonly value: boolean
  /** It holds after the next boot, too. Default true. */
  readonly persistent?: boolean
}

export interface SelinuxBooleanWant {
  readonly name: string
  readonly value: boolean
  readonly persistent: boolean
}

interface State {
  readonly now: boolean | undefined
  /** What it is at boot, where the host says so. */
  readonly kept: boolean | undefined
}

/**
 * A boolean of the policy of SELinux, at once and after the next boot.
 *
 * What it is after a boot is asked of semanage where the host has that, else of what `setsebool -P` has written down; where neither says it, it is written down once.
 *
 * @example
 * selinuxBoolean('httpd_can_network_connect', { value: true })
 * selinuxBoolean('httpd_can_sendmail', { value: false, persistent: false })
 *
 * Refused: a host without SELinux, or on which it is disabled; a boolean that the policy does not have.
 *
 * Source: getsebool(8), setsebool(8), semanage-boolean(8).
 */
export function selinuxBoolean(name: string, options: SelinuxBooleanOptions): Resource {
  const { name: own, options: given } = read(name, options)
  return make(own, { name: own, value: given.value, persistent: given.persistent ?? true })
}

const read = resourceOptions<SelinuxBooleanOptions>()(
  'selinuxBoolean',
  (given) => {
    if (typeof given === 'string' && TYPE.test(given)) return given
    throw invalidOption(
      'selinuxBoolean',
      'the name of a boolean, such as "httpd_can_network_connect"',
      describeValue(given),
    )
  },
  () => ({ value: flag(), persistent: flag().optional() }),
)

const make = toolKind<SelinuxBooleanWant, State>({
  name: 'selinuxBoolean',
  tool: () => ({
    program: 'getsebool',
    broughtBy: /^libselinux-utils$|^policycoreutils$|^selinux-utils$/,
    hint: 'libselinux-utils',
  }),
  probe: ({
    name,
    persistent,
  }) => sh`said=$(getsebool ${name} 2>&1) || case $said in *disabled* | *'not enabled'*) echo "# silent $said"; exit 0;; *) exit 0;; esac
echo "now \${said##* }"
${persistent ? kept(name) : sh`:`}`,
  read(_, { lines }) {
    const value = (word: string) => {
      const found = lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
      return found === undefined ? undefined : /^(on|1|true)$/.test(found)
    }
    return { now: value('now'), kept: value('kept') }
  },
  fresh: () => ({ now: undefined, kept: undefined }),
  plan({ name, value, persistent }, { now, kept }) {
    if (now === undefined)
      return {
        refused: `the policy of this host has no boolean ${name}`,
        hint: 'getsebool -a lists those that there are',
      }
    const word = value ? 'on' : 'off'
    const isKept = !persistent || kept === value
    if (now === value && isKept) return []
    const when = now === value ? ' for the next boot' : persistent ? '' : ' until the next boot'
    const step: Step = {
      summary: `turn ${word} ${name}${when}`,
      sh: sh`setsebool ${persistent ? ['-P'] : []} ${name} ${word}`,
    }
    return [step]
  },
  advanced: { parallelProbe: true },
})

/** `NAME (on , off) text`: now, and after a boot. */
function kept(name: string) {
  return sh`if command -v semanage >/dev/null 2>&1 && k=$(semanage boolean -l -n 2>/dev/null); then
printf '%s\\n' "$k" | sed -n ${`s/^${name} *([a-z]* *, *\\([a-z]*\\)).*/kept \\1/p`}
else cat /var/lib/selinux/*/active/booleans.local 2>/dev/null | sed -n ${`s/^${name}=/kept /p`} | tail -n 1; fi; :`
}

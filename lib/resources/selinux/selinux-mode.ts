import { raw, sh } from '../../sh/quote.ts'
import { textOf } from '../kit/bytes.ts'
import { kind, type Refused, type Resource, type Step, type Unknown } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { text } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import type { Prediction } from '../prediction/prediction.ts'

export type SelinuxState = 'enforcing' | 'permissive' | 'disabled'

export interface SelinuxModeOptions {
  /** The policy, such as `targeted`. It counts from the next boot on. Default: what the host has. */
  readonly policy?: string
}

export interface SelinuxModeWant {
  readonly mode: SelinuxState
  readonly policy: string | undefined
}

interface State {
  /** What the kernel does now; undefined: it runs without SELinux. */
  readonly now: 'enforcing' | 'permissive' | undefined
  /** What the file says; undefined: there is no such file. */
  readonly kept: { readonly mode: string | undefined; readonly policy: string | undefined } | undefined
}

const MODES: readonly SelinuxState[] = ['enforcing', 'permissive', 'disabled']

/**
 * What SELinux does: in /etc/selinux/config for every boot, and at once between `enforcing` and `permissive`. From or to `disabled` only a reboot leads; until then a
 * host that is to be `disabled` is permissive. So put `reboot('for SELinux', { rebootedAfter: ['/etc/selinux/config'] })` after it where that matters.
 *
 * @example
 * selinuxMode('enforcing')
 * selinuxMode('permissive', { policy: 'targeted' })
 *
 * Refused: a host without /etc/selinux/config, which has no SELinux, unless it is to be `disabled`.
 * Unknown: what a pending file whose content nobody knows leaves in /etc/selinux/config.
 *
 * Source: selinux(8), setenforce(8).
 */
export function selinuxMode(mode: SelinuxState, options: SelinuxModeOptions = {}): Resource {
  const { name, options: given } = read(mode, options)
  return make(name, { mode: MODES.find((each) => each === name) ?? mode, policy: given.policy })
}

const read = resourceOptions<SelinuxModeOptions>()(
  'selinuxMode',
  (given) => {
    const mode = MODES.find((each) => each === given)
    if (mode !== undefined) return mode
    throw invalidOption('selinuxMode', '"enforcing", "permissive" or "disabled"', describeValue(given))
  },
  () => ({ policy: text('the name of a policy, such as "targeted"', /^[\w-]+$/).optional() }),
)

const FILE = '/etc/selinux/config'

const make = kind<SelinuxModeWant, State>({
  name: 'selinuxMode',
  probe: () => sh`[ ! -r /sys/fs/selinux/enforce ] || echo "now $(cat /sys/fs/selinux/enforce)"
[ -f ${FILE} ] || exit 0
echo kept
sed -n 's/^[[:space:]]*\\(SELINUX\\|SELINUXTYPE\\)[[:space:]]*=[[:space:]]*\\([^[:space:]#]*\\).*/\\1 \\2/p' ${FILE}`,
  read(_, { lines }) {
    const after = (word: string) => lines.findLast((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
    const now = after('now')
    return {
      now: now === undefined ? undefined : now === '1' ? 'enforcing' : 'permissive',
      kept: lines.includes('kept') ? { mode: after('SELINUX'), policy: after('SELINUXTYPE') } : undefined,
    }
  },
  plan({ mode, policy }, { now, kept }): Step[] | Refused {
    if (kept === undefined)
      return mode === 'disabled' && now === undefined
        ? []
        : {
            refused: `this host has no ${FILE}: it has no SELinux`,
            hint: 'put the packages of a policy before this resource, such as selinux-policy-targeted',
          }
    const live = mode === 'enforcing' ? 'enforcing' : 'permissive'
    // First the kernel: what it refuses is not kept for the next boot.
    return [
      ...(now === undefined || now === live
        ? []
        : [{ summary: `make SELinux ${live} now`, sh: sh`setenforce ${live === 'enforcing' ? '1' : '0'}` }]),
      ...(kept.mode === mode
        ? []
        : [setting('SELINUX', mode, `set SELinux to ${mode} in ${FILE} (was ${kept.mode ?? 'not said'})`)]),
      ...(policy === undefined || kept.policy === policy
        ? []
        : [
            setting('SELINUXTYPE', policy, `set the policy of SELinux to ${policy} (was ${kept.policy ?? 'not said'})`),
          ]),
    ]
  },
  effects: ({ mode, policy }) => [
    { type: 'path', path: FILE, state: { type: 'file', rewritten: true } },
    ...MODES.map((each) => ({ type: 'object', of: 'mode of SELinux', name: each, exists: each === mode }) as const),
    ...(policy === undefined ? [] : [{ type: 'object', of: 'policy of SELinux', name: policy, exists: true } as const]),
  ],
  predict: (want, have, prediction) => afterFile(afterModes(want, have, prediction), prediction),
  paths: () => [FILE],
  advanced: { declarations: (want) => [['selinux mode', want]] },
})

/** As an earlier mode leaves it. */
function afterModes({ policy }: SelinuxModeWant, have: State, prediction: Prediction): State | Unknown {
  const mode = MODES.find((each) => prediction.objects.get('mode of SELinux', each)?.exists === true)
  if (mode !== undefined) {
    const isSet = policy !== undefined && prediction.objects.get('policy of SELinux', policy)?.exists === true
    const now = mode === 'enforcing' ? 'enforcing' : 'permissive'
    return {
      now: have.now === undefined ? undefined : now,
      kept: { mode, policy: isSet ? policy : have.kept?.policy },
    }
  }
  if (have.kept !== undefined || prediction.paths.get(FILE) !== undefined) return have
  const coming = prediction.packages.installed().find(({ name }) => /^selinux-policy|^selinux-basics$/.test(name))
  return coming === undefined ? have : { unknown: `${FILE} comes with ${coming.from}` }
}

/** As a file or an edit of it leaves the settings for the next boot. */
function afterFile(have: State | Unknown, prediction: Prediction): State | Unknown {
  const pending = prediction.paths.get(FILE)
  if ('unknown' in have || pending === undefined || pending.from.startsWith('selinuxMode:')) return have
  const { state, from } = pending
  if (state.type !== 'file') return { ...have, kept: undefined }
  if (state.kept === true) return have
  if (state.content === undefined) return { unknown: `what ${FILE} will hold is known only after ${from}` }
  const settings = (textOf(state.content) ?? '').split('\n').flatMap((line) => {
    const [, key = '', value = ''] = /^\s*(SELINUX|SELINUXTYPE)\s*=\s*([^\s#]*)/.exec(line) ?? []
    return key === '' ? [] : [{ key, value }]
  })
  const last = (key: string) => settings.findLast((each) => each.key === key)?.value
  return { ...have, kept: { mode: last('SELINUX'), policy: last('SELINUXTYPE') } }
}

/** A new file takes the place of the old one, with its mode and its label. */
function setting(key: string, value: string, summary: string): Step {
  return {
    summary,
    sh: sh`umask 077; t=${`${FILE}.rolecall`}; cp -p -- ${FILE} "$t" || exit 1
{ sed ${raw(`'/^[[:space:]]*${key}[[:space:]]*=/d'`)} ${FILE} && echo ${`${key}=${value}`}; } >"$t" || { rm -f -- "$t"; exit 1; }
chcon --reference=${FILE} -- "$t" 2>/dev/null
mv -f -- "$t" ${FILE}`,
  }
}

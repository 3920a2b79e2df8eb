import { sh } from '../../sh/quote.ts'
import { kind, type Resource, type Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { oneOf, path as pathOption, whole } from '../kit/options/option-types.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'

export interface AlternativesOptions {
  /** The program that the name leads to. */
  readonly path?: string
  /** Where the name is: needed for a name that the host does not have yet, such as /usr/bin/editor. */
  readonly link?: string
  /** Which one counts most where nobody has chosen. It counts only when the program is added. Default 50. */
  readonly priority?: number
  /**
   * `selected`: this one is chosen. `present`: it is among those that can be. `auto`: the one with the highest priority is chosen, by itself. `absent`: it cannot be chosen.
   * Default `selected`.
   */
  readonly state?: 'selected' | 'present' | 'auto' | 'absent'
}

export interface AlternativesWant extends Required<Pick<AlternativesOptions, 'state' | 'priority'>> {
  readonly name: string
  readonly path?: string | undefined
  readonly link?: string | undefined
}

interface AlternativesHave {
  readonly tool: boolean
  readonly current: string
  readonly isAuto: boolean
  readonly choices: readonly string[]
  readonly link: string | undefined
  readonly isThere: boolean
}

/**
 * Which program a name such as `editor` or `java` leads to: update-alternatives on Debian, alternatives on Red Hat.
 *
 * @example
 * alternatives('editor', { path: '/usr/bin/vim.basic' })
 * alternatives('java', { path: '/opt/java/bin/java', link: '/usr/bin/java', priority: 100 })
 * alternatives('editor', { state: 'auto' })
 *
 * Refused: a program that is not there; a new name without `link`; no such tool, unless a package is still to come.
 *
 * Source: update-alternatives(1), alternatives(8).
 */
export function alternatives(name: string, options: AlternativesOptions): Resource {
  const { name: own, options: given } = read(name, options)
  const { path, link, priority = 50, state = 'selected' } = given
  return make(own, { name: own, path, link, priority, state })
}

const read = resourceOptions<AlternativesOptions>()(
  'alternatives',
  (given) => {
    if (typeof given === 'string' && /^[\w][\w.+-]*$/.test(given)) return given
    throw invalidOption('alternatives', 'the name of a program, such as "editor"', describeValue(given))
  },
  () => ({
    path: pathOption().optional(),
    link: pathOption().optional(),
    priority: whole('a whole number', -1_000_000, 1_000_000).optional(),
    state: oneOf(['selected', 'present', 'auto', 'absent']).optional(),
  }),
  (options, given) =>
    options.state === 'auto'
      ? leftOut(['path', 'link', 'priority'], 'with state: auto', options)
      : [given.has('path') ? undefined : { what: 'path', expected: 'the path of the program', got: 'nothing' }],
)

const TOOL = sh`a=update-alternatives; command -v "$a" >/dev/null 2>&1 || a=alternatives`

const make = kind<AlternativesWant, AlternativesHave>({
  name: 'alternatives',
  probe: ({ name, path = '' }) => sh`${TOOL}
command -v "$a" >/dev/null 2>&1 && echo tool
[ -e ${path} ] && echo there
"$a" --query ${name} 2>/dev/null | grep -E '^(Status|Value|Link|Alternative): ' || "$a" --display ${name} 2>/dev/null; :`,
  read(_, { lines }) {
    const after = (word: RegExp) => lines.map((line) => word.exec(line)?.[1]).find((each) => each !== undefined)
    return {
      tool: lines.includes('tool'),
      isThere: lines.includes('there'),
      current: after(/^Value: (.*)$/) ?? after(/link currently points to (\S+)/) ?? '',
      isAuto: lines.some((line) => /^Status: auto|status is auto/.test(line)),
      choices: lines.flatMap(
        (line) => /^Alternative: (.*)$/s.exec(line)?.[1] ?? /^(\/.+?) - (?:family |priority )/s.exec(line)?.[1] ?? [],
      ),
      link: after(/^Link: (.*)$/),
    }
  },
  predict({ path = '' }, have, prediction) {
    const pending = prediction.paths.get(path)
    const isThere = pending === undefined ? have.isThere : pending.state.type !== 'absent'
    const comes = prediction.opaque()
    if (!isThere && comes !== undefined)
      return { unknown: `whether ${path} is there is known only after ${comes.from}` }
    if (comes !== undefined && !have.choices.includes(path))
      return { unknown: `whether ${path} is an alternative is known only after ${comes.from}` }
    return isThere === have.isThere ? have : { ...have, isThere }
  },
  plan({ name, path = '', link = '', priority, state }, { tool, current, isAuto, choices, isThere, link: live }) {
    if (!tool)
      return {
        refused: 'the host has neither update-alternatives nor alternatives',
        hint: 'install dpkg, or chkconfig on Red Hat',
      }
    const run = (summary: string, ...words: readonly string[]): Step => ({ summary, sh: sh`${TOOL}\n"$a" ${words}` })
    const isKnown = choices.includes(path)
    if (state === 'absent')
      return isKnown ? [run(`remove ${path} from the alternatives of ${name}`, '--remove', name, path)] : []
    if (state === 'auto') {
      if (choices.length === 0)
        return { refused: `the host has no alternatives of ${name}`, hint: 'give path and link' }
      return isAuto ? [] : [run(`choose ${name} by itself (was ${current})`, '--auto', name)]
    }
    if (!isThere)
      return {
        refused: `${path} is not there, so ${name} cannot lead to it`,
        hint: 'put what brings it before this resource',
      }
    const at = link === '' ? (live ?? '') : link
    if (!isKnown && at === '')
      return {
        refused: `the host has no alternatives of ${name}, so the path of the name is needed`,
        hint: `link: '/usr/bin/${name}'`,
      }
    const install = isKnown
      ? []
      : [run(`add ${path} to the alternatives of ${name}`, '--install', at, name, path, String(priority))]
    const isChosen = current === path && (!isAuto || choices.length === 1)
    const choose =
      state === 'present' || isChosen
        ? []
        : [
            run(
              `choose ${path} for ${name}${current === '' ? '' : ` (was ${current}${isAuto ? ', by itself' : ''})`}`,
              '--set',
              name,
              path,
            ),
          ]
    return [...install, ...choose]
  },
  effects: ({ link, path, state }) =>
    link === undefined || path === undefined || state !== 'selected'
      ? []
      : [
          {
            type: 'path',
            path: link,
            state: { type: 'link', target: `/etc/alternatives/${link.replace(/.*\//, '')}` },
          },
        ],
})

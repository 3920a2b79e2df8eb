import { sh } from '../../sh/quote.ts'
import { editDefinition, editWant, type EditWant } from '../files/edit.ts'
import { withLiveState } from '../files/file-with-live-state.ts'
import { kind, type Refused, type Resource, type Step } from '../kit/kind.ts'
import { described, either, flag, list, record, text } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { parseKeyValue, putKeyValue } from '../structured/key-value-text.ts'
import { applied, editWords, replacements, wordOf } from './command-line-words.ts'
import { z } from 'zod'
import { allAfter } from '../kit/text.ts'

export interface KernelCommandLineOptions {
  /** Parameters with their values; `true` for one without a value, such as `quiet`. A list is a parameter that is there several times, such as `console`. */
  readonly set?: Readonly<Record<string, string | number | true | readonly string[] | undefined>>
  /** Parameters that may not be there, whatever their value. */
  readonly remove?: readonly string[]
  /** Keep the old /etc/default/grub as `grub.20260131T120107~`. Default false. */
  readonly backup?: boolean
}

export type KernelCommandLineWant = EditWant & {
  readonly set: ReadonlyMap<string, readonly string[]>
  readonly remove: readonly string[]
}

interface Live {
  /** What the boot menu says, an entry a line. */
  readonly entries: readonly string[]
  readonly tool: 'grubby' | 'update-grub' | 'grub2-mkconfig' | 'grub-mkconfig' | undefined
  readonly menu: string | undefined
  /** Parameters that something pending brings into every entry, or takes out of them. */
  readonly settled?: ReadonlySet<string>
}

const FILE = '/etc/default/grub'

/**
 * Parameters of the kernel at every boot: `GRUB_CMDLINE_LINUX` of /etc/default/grub, where they are taken out of `GRUB_CMDLINE_LINUX_DEFAULT`, and the boot menu that is made of it, by update-grub or grub-mkconfig on Debian, by
 * grubby on Red Hat. What of a menu lacks a parameter is found, whoever made it. Others stay as they are.
 *
 * They hold from the next boot on: put `reboot('for the command line', { when: [], rebootedAfter: [line] })` after it.
 *
 * @example
 * kernelCommandLine('console', { set: { console: ['tty0', 'ttyS0,115200'], quiet: true }, remove: ['splash'] })
 * kernelCommandLine('hardening', { set: { slab_nomerge: true, 'page_alloc.shuffle': 1 } })
 *
 * Refused: a host without /etc/default/grub or without a boot menu of GRUB, such as a container, unless a package of GRUB is to come.
 *
 * Source: grub-mkconfig(8), grubby(8), the kernel's admin-guide/kernel-parameters.
 */
export function kernelCommandLine(name: string, options: KernelCommandLineOptions): Resource {
  const { name: own, options: given } = read(name, options)
  const { set = {}, remove = [], backup } = given
  const words = Object.entries(set).map(([key, value]): [string, readonly string[]] => [
    key,
    (Array.isArray(value) ? value : [value]).map((each: unknown) => wordOf(key, each)),
  ])
  return make(own, {
    ...editWant(FILE, { create: false, ...(backup === undefined ? {} : { backup }) }, false, false),
    set: new Map(words),
    remove,
  })
}

const NAME = /^[\w.@/-]+$/
const value = text('a text without quotation marks and blanks', /^[^\s"'\\$`\0]*$/)

const read = resourceOptions<KernelCommandLineOptions>()(
  'kernelCommandLine',
  (name) => described('kernelCommandLine', name),
  () => ({
    set: record(
      'parameters and their values',
      either(
        'a text, a number, true, or a list of texts',
        z.union([value, z.number(), z.literal(true)]),
        list('a list of texts', value),
      ),
    ).optional(),
    remove: list('a list of parameters', text('the name of a parameter', NAME)).optional(),
    backup: flag().optional(),
  }),
  ({ set = {}, remove = [] }, given) => [
    ...Object.keys(set)
      .filter((key) => !NAME.test(key))
      .map((key) => ({ what: 'set', expected: 'names of parameters', got: JSON.stringify(key) })),
    ...remove
      .filter((key) => set[key] !== undefined)
      .map((key) => ({ what: key, expected: 'either set or removed', got: 'both' })),
    !given.has('set') && !given.has('remove') ? { expected: 'given set or remove', got: 'neither' } : undefined,
  ],
)

const KEY = 'GRUB_CMDLINE_LINUX'
/** What follows it in all entries but those for recovery. */
const USUAL = 'GRUB_CMDLINE_LINUX_DEFAULT'

function isComputed(line: string): boolean {
  return line.startsWith('\u2060')
}

const PARAMETER = 'parameter of the kernel'

const file = editDefinition<KernelCommandLineWant>({
  name: 'kernelCommandLine',
  edit({ set, remove }, live): string | Refused {
    const values = parseKeyValue(live)
    const lineOf = (key: string) => {
      const value = values.get(key)
      return typeof value === 'string' ? value : ''
    }
    const [always, usual] = [lineOf(KEY), lineOf(USUAL)]
    if (isComputed(always))
      return {
        refused: `${KEY} in ${FILE} is computed by the shell`,
        hint: 'write its value as plain text, or edit the file with keyValue',
      }
    // A parameter that every entry but those for recovery already has stays where it is.
    const isThere = (key: string, words: readonly string[]) =>
      !isComputed(usual) && applied(usual, new Map([[key, words]]), []) && applied(always, new Map(), [key])
    const put = new Map([...set].filter(([key, words]) => !isThere(key, words)))
    const both = [
      { key: KEY, line: always, after: editWords(always, put, remove) },
      { key: USUAL, line: usual, after: editWords(usual, new Map(), [...put.keys(), ...remove]) },
    ]
    return both
      .filter(({ line, after }) => !isComputed(line) && after !== line.trim().replaceAll(/\s+/g, ' '))
      .reduce((text, { key, after }) => putKeyValue(text, key, after), live)
  },
  summary: ({ set, remove }) => [...[...set.values()].flat(), ...remove.map((name) => `no ${name}`)].join(', '),
  isSecret: () => false,
  declarations: ({ set, remove }) => [
    ...[...set].map(([name, words]) => [`kernel parameter ${name}`, words] as const),
    ...remove.map((name) => [`kernel parameter ${name}`, undefined] as const),
  ],
})

const MENUS = ['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg']

const make = kind(
  withLiveState(file, {
    probe:
      () => sh`for t in grubby update-grub grub2-mkconfig grub-mkconfig; do command -v $t >/dev/null 2>&1 && { echo "tool $t"; break; }; done
for m in ${MENUS}; do [ ! -f "$m" ] || { echo "menu $m"; break; }; done
if command -v grubby >/dev/null 2>&1; then grubby --info=ALL 2>/dev/null | sed -n 's/^args="\\(.*\\)"$/entry \\1/p'
elif [ -n "$m" ] && [ -f "$m" ]; then sed -n 's/^[[:space:]]*linux\\(16\\|efi\\)\\{0,1\\}[[:space:]][[:space:]]*[^[:space:]]*[[:space:]]*/entry /p' "$m" | grep -vE ' (single|recovery)( |$)'; fi; :`,
    read(_, said): Live {
      const after = (word: string) => said.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
      const tool = after('tool')
      return {
        entries: allAfter(said, 'entry'),
        tool:
          tool === 'grubby' || tool === 'update-grub' || tool === 'grub2-mkconfig' || tool === 'grub-mkconfig'
            ? tool
            : undefined,
        menu: after('menu'),
      }
    },
    predict(want, live, prediction) {
      const { set, remove } = want
      const settled = new Set(
        [...set.keys(), ...remove].filter(
          (key) => prediction.objects.get(PARAMETER, saying(want, key))?.exists === true,
        ),
      )
      if (settled.size > 0) return { ...live, settled }
      const coming = prediction.packages.installed().find(({ name }) => /^grub/.test(name))
      return coming === undefined || live.tool !== undefined
        ? live
        : { unknown: `the boot menu comes with ${coming.from}` }
    },
    plan(want, { entries, tool, menu, settled }, { isWritten }) {
      if (tool === undefined || (menu === undefined && entries.length === 0))
        return {
          refused: 'this host has no boot menu of GRUB',
          hint: 'a container boots with the kernel of its machine, and other boot loaders keep the line elsewhere',
        }
      const open = (key: string) => settled?.has(key) !== true
      const set = new Map([...want.set].filter(([key]) => open(key)))
      const lacking = entries.filter((entry) => !applied(entry, set, want.remove.filter(open)))
      if (lacking.length === 0 && !(isWritten && tool !== 'grubby')) return {}
      return { after: [menuStep({ set, remove: want.remove.filter(open), lacking }, tool, menu)] }
    },
    effects: (want) =>
      [...want.set.keys(), ...want.remove].map((key) => ({
        type: 'object',
        of: PARAMETER,
        name: saying(want, key),
        exists: true,
      })),
  }),
)

/** What is wanted of one parameter. */
function saying({ set }: KernelCommandLineWant, key: string): string {
  return set.get(key)?.join(' ') ?? `no ${key}`
}

interface Due extends Pick<KernelCommandLineWant, 'set' | 'remove'> {
  /** Entries that are not as wanted. */
  readonly lacking: readonly string[]
}

function menuStep({ set, remove, lacking }: Due, tool: NonNullable<Live['tool']>, menu = ''): Step {
  if (tool === 'grubby') {
    // Names as they are written there: grubby knows a dash from an underscore, where the kernel does not. Of one with several values it puts all.
    const { gone, put } = replacements(lacking, set, remove)
    const options = [
      ...(gone.length === 0 ? [] : [`--remove-args=${gone.join(' ')}`]),
      ...(put.length === 0 ? [] : [`--args=${put.join(' ')}`]),
    ]
    return {
      summary: 'set the parameters in every entry of the boot menu (grubby)',
      sh: sh`grubby --update-kernel=ALL ${options}`,
    }
  }
  const make = tool === 'update-grub' ? sh`update-grub` : sh`${tool} -o ${menu}`
  return { summary: `regenerate the boot menu (${tool})`, sh: sh`${make} >/dev/null` }
}

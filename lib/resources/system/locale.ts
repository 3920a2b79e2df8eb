import { lines as joined, raw, sh } from '../../sh/quote.ts'
import type { OsFamily } from '../../facts.ts'
import { stateOption } from '../files/absent-state.ts'
import { editDefinition, editWant, type EditWant } from '../files/edit.ts'
import { withLiveState } from '../files/file-with-live-state.ts'
import { kind, type Refused, type Resource, type Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { flag, record, text } from '../kit/options/option-types.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { dropKeyValue, parseKeyValue, putKeyValue } from '../structured/key-value-text.ts'
import { allAfter } from '../kit/text.ts'

export interface LocaleOptions {
  /** It is the system's own: `LANG`. Default false. */
  readonly default?: boolean
  /** Further ones of the system: `LC_TIME`, `LC_MESSAGES`, `LANGUAGE`. */
  readonly variables?: Readonly<Record<string, string | undefined>>
  /** Default `present`. */
  readonly state?: 'present' | 'absent'
}

export type LocaleWant = EditWant & {
  readonly locale: string
  readonly variables: readonly (readonly [name: string, value: string])[]
}

interface LiveLocale {
  readonly isThere: boolean
  /** What makes it: Debian's locale-gen, localedef, or nothing that is there. */
  readonly tool: 'locale-gen' | 'localedef' | 'none'
  readonly hasSource: boolean
}

/**
 * A locale that programs can use, and on wish the system's own (/etc/default/locale on Debian, /etc/locale.conf elsewhere). It is made by locale-gen where the host has that (Debian's
 * package locales), else by localedef. `C.UTF-8` and `POSIX` are always there.
 *
 * @example
 * locale('en_US.UTF-8', { default: true, variables: { LC_TIME: 'de_DE.UTF-8' } })
 * locale('de_DE.UTF-8')
 * locale('fr_FR.UTF-8', { state: 'absent' })
 *
 * Refused: neither tool is there, or no source of the locale (on Red Hat: `pkg('glibc-langpack-en')`), unless a package is still to come.
 *
 * Source: locale(1), locale.conf(5), locale-gen(8), localedef(1).
 */
export function locale(name: string, options: LocaleOptions = {}): Resource {
  const { name: own, options: given } = read(name, options)
  const { default: isDefault = false, variables = {}, state } = given
  const absent = state === 'absent'
  const all = [...(isDefault ? [['LANG', own] as const] : []), ...Object.entries(variables)]
  return make(own, { ...editWant('', { create: !absent }, absent, false), locale: own, variables: all })
}

const FILES: Readonly<Record<OsFamily, string>> = {
  debian: '/etc/default/locale',
  el: '/etc/locale.conf',
  other: '/etc/locale.conf',
}

/** As glibc compares them: `en_US.UTF-8` is `en_US.utf8`. */
function plain(name: string): string {
  return name.replace(
    /\.(.*?)(@|$)/,
    (_, charset: string, end: string) => `.${charset.toLowerCase().replaceAll(/[^a-z\d]/g, '')}${end}`,
  )
}

const file = editDefinition<LocaleWant>({
  name: 'locale',
  edit({ variables, absent, locale: own }, live) {
    if (!absent) return variables.reduce((text, [key, value]) => putKeyValueOnce(text, key, value), live)
    return [...parseKeyValue(live)].reduce(
      (text, [key, value]) => (value === own ? dropKeyValue(text, key) : text),
      live,
    )
  },
  summary: ({ variables, locale: own }) => variables.map(([key, value]) => `${key}=${value}`).join(' ') || own,
  isSecret: () => false,
  declarations: ({ locale: own, absent, variables }) => [
    [`locale ${own}`, absent],
    ...variables.map(([key, value]) => [`variable ${key} of the system's locale`, value] as const),
  ],
  locate: (want, { os }) => ({ ...want, path: FILES[os.family] }),
  places: () => ['/etc/default/locale', '/etc/locale.conf'],
})

function putKeyValueOnce(text: string, key: string, value: string): string {
  return parseKeyValue(text).get(key) === value ? text : putKeyValue(text, key, value)
}

const make = kind(
  withLiveState(file, {
    probe: ({ locale: own }) => sh`locale -a 2>/dev/null | sed 's/^/has /'
if command -v locale-gen >/dev/null 2>&1 && [ -e /etc/locale.gen ]; then echo locale-gen; elif command -v localedef >/dev/null 2>&1; then echo localedef; fi
[ -e ${`/usr/share/i18n/locales/${own.replace(/\..*?(?=@|$)/, '')}`} ] && echo source; :`,
    read({ locale: own }, said): LiveLocale {
      const has = allAfter(said, 'has').map(plain)
      return {
        isThere: has.includes(plain(own)) || /^(C|POSIX)(\.|$)/.test(own),
        tool: said.includes('locale-gen') ? 'locale-gen' : said.includes('localedef') ? 'localedef' : 'none',
        hasSource: said.includes('source'),
      }
    },
    predict(_, live, prediction) {
      const comes = live.isThere ? undefined : prediction.opaque()
      return comes === undefined || (live.tool !== 'none' && live.hasSource)
        ? live
        : { unknown: `whether the host has the locale, and what makes it, is known only after ${comes.from}` }
    },
    plan(want, live) {
      const { locale: own, absent } = want
      if (absent) return live.isThere && !/^(C|POSIX)/.test(own) ? { after: [remove(own, live.tool)] } : {}
      if (live.isThere) return {}
      const made = generate(own, live)
      return 'refused' in made ? made : { before: [made] }
    },
  }),
)

function generate(own: string, { tool, hasSource }: LiveLocale): Step | Refused {
  if (tool === 'none' || !hasSource)
    return {
      refused: `the host cannot make the locale ${own}: ${tool === 'none' ? 'neither locale-gen nor localedef is there' : 'its source is not there'}`,
      hint: `put pkg('locales') before this resource on Debian, pkg('glibc-langpack-${own.slice(0, 2)}') on Red Hat`,
    }
  const { name, charset } = parts(own)
  const line = `${own} ${charset}`
  const make = sh`localedef -i ${name} -f ${charset} -- ${own}`
  return {
    summary: `make the locale ${own}`,
    sh: tool === 'localedef' ? make : joined(editGen(own, line), raw('locale-gen >/dev/null')),
  }
}

/** The line in /etc/locale.gen, which is there as a comment mostly. */
function editGen(own: string, line: string | undefined) {
  const pattern = `^[# ]*${own.replaceAll(/[.@]/g, '\\$&')}[[:space:]]`
  return sh`t=/etc/.locale.gen.rolecall.$$
trap 'rm -f "$t"' EXIT
{ grep -v ${pattern} /etc/locale.gen; ${line === undefined ? raw(':') : sh`printf '%s\n' ${line}`}; } >"$t"
chmod 0644 "$t" && mv -f "$t" /etc/locale.gen || exit 1`
}

function remove(own: string, tool: LiveLocale['tool']): Step {
  const drop = sh`localedef --delete-from-archive -- ${plain(own)} 2>/dev/null || rm -rf -- ${`/usr/lib/locale/${plain(own)}`}`
  return {
    summary: `remove the locale ${own}`,
    sh: tool === 'locale-gen' ? joined(editGen(own, undefined), drop) : drop,
  }
}

function parts(own: string): { readonly name: string; readonly charset: string } {
  const [, language = '', charset = 'ISO-8859-1', modifier = ''] = /^([^.@]+)(?:\.([^@]+))?(@.+)?$/.exec(own) ?? []
  return { name: language + modifier, charset: charset.toLowerCase() === 'utf8' ? 'UTF-8' : charset }
}

const NAME = /^([a-z]{2,3}(_[A-Z]{2})?|C|POSIX)(\.[\w-]+)?(@\w+)?$/

const read = resourceOptions<LocaleOptions>()(
  'locale',
  (given) => {
    if (typeof given === 'string' && NAME.test(given)) return given
    throw invalidOption('locale', 'a name such as "en_US.UTF-8"', describeValue(given))
  },
  () => ({
    default: flag().optional(),
    variables: record('names and locales', text('a locale', /^[\w.@:-]+$/)).optional(),
    state: stateOption().optional(),
  }),
  ({ variables = {}, ...options }) => [
    ...Object.keys(variables)
      .filter((key) => !/^(LC_[A-Z]+|LANG|LANGUAGE)$/.test(key))
      .map((key) => ({ what: 'variables', expected: 'names such as LC_TIME', got: JSON.stringify(key) })),
    ...(options.state === 'absent' ? leftOut(['default'], 'with state: absent', options) : []),
  ],
)

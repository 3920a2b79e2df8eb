import { raw, sh, type Sh } from '../../sh/quote.ts'

/** What enabling a unit brings along, as its [Install] section says (systemd.unit(5)). */
export interface Install {
  /** Units that will want it. */
  readonly wantedBy: readonly string[]
  /** Its other names. */
  readonly aliases: readonly string[]
  /** Units that are enabled and disabled together with it. */
  readonly also: readonly string[]
  /** For a template: the instance that is enabled with it. */
  readonly defaultInstance?: string | undefined
}

/**
 * Reads the [Install] sections of a unit file and its drop-ins, one text after another. Undefined when there is none. A specifier that is not about the name
 * is left as it is: nobody has a unit of that name.
 */
export function readInstall(unit: string, text: string): Install | undefined {
  const keys = new Map<string, string[]>()
  let section = ''
  let isThere = false
  for (const line of text.replaceAll(/\\\r?\n/g, ' ').split('\n')) {
    const plain = line.trim()
    if (/^\[.*\]$/.test(plain)) section = plain
    if (section !== '[Install]') continue
    isThere = true
    const [, key = '', value = ''] = /^(\w+)\s*=\s*(.*)$/s.exec(plain) ?? []
    if (key === '') continue
    // An empty value forgets what was said before.
    const words = value === '' ? [] : (keys.get(key) ?? [])
    keys.set(key, words)
    if (value !== '') for (const word of value.split(/\s+/)) words.push(word)
  }
  if (!isThere) return undefined
  const named = naming(unit)
  const all = (...names: string[]) => names.flatMap((name) => keys.get(name) ?? []).map(named)
  return {
    wantedBy: all('WantedBy', 'RequiredBy', 'UpheldBy'),
    aliases: all('Alias'),
    also: all('Also'),
    defaultInstance: all('DefaultInstance').at(-1),
  }
}

/** Puts the specifiers about a unit's own name into a word. */
function naming(unit: string): (word: string) => string {
  const stem = unit.replace(/\.[^.]*$/, '')
  const [prefix = '', instance = ''] = stem.split('@')
  const by: Readonly<Record<string, string>> = { n: unit, N: stem, p: prefix, i: instance, '%': '%' }
  return (word) => (word.includes('%') ? word.replaceAll(/%(.)/g, (all, letter: string) => by[letter] ?? all) : word)
}

/** `tp@.service`: systemd knows only instances of it. */
export function isTemplate(unit: string): boolean {
  return /@\.\w+$/.test(unit)
}

/** The instance of a template: `tp@9.service`. */
export function instanceOf(template: string, instance: string): string {
  return template.replace('@.', `@${instance}.`)
}

/** `tp@.service` of `tp@9.service`; a unit of its own is its own. */
export function templateOf(unit: string): string {
  return unit.replace(/@[^.]*\./, '@.')
}

/**
 * Prints the [Install] sections of the files in `$@`, each line after `# install `; and of what goes along with them, whether it is enabled
 * (`# also UNIT STATE`) when `indirect` is set, because then nothing else is.
 */
export const printInstall: Sh =
  raw(`[ $# = 0 ] || awk 'FNR == 1 { p = 0 } /^[[]/ { p = ($0 ~ /^[[]Install[]]/) } p { print "# install " $0 }' "$@" 2>/dev/null
[ -z "$indirect" ] || for k in $(awk 'FNR == 1 { p = 0 } /^[[]/ { p = ($0 ~ /^[[]Install[]]/) } p && sub(/^Also *= */, "")' "$@" 2>/dev/null); do
echo "# also $k $(systemctl is-enabled -- "$k" 2>/dev/null)"; done`)

/** systemctl shows nothing of a template, but says whether its default instance is enabled. */
export function probeTemplate(unit: string, dirs: readonly string[]): Sh {
  return sh`t=
for d in ${dirs}; do [ ! -f "$d/"${unit} ] || { t=$d/${unit}; break; }; done
l=$(systemctl is-enabled -- ${unit} 2>/dev/null); case $l in *' '* | not-found) l=;; esac
if [ -n "$l" ]; then printf '%s\\n' ${`Id=${unit}`} ActiveState=inactive "UnitFileState=$l"
case $l in masked*) echo LoadState=masked;; *) echo LoadState=loaded;; esac
else printf '%s\\n' ${`Id=${unit}`} ActiveState=inactive UnitFileState= LoadState=not-found; fi
indirect=; set -- \${t:+"$t"} \${t:+"$t".d/*.conf}
${printInstall}`
}

/**
 * Prints other names that enabling gives the unit whose file is `$1`, where something else is at their place: `# alias-taken NAME mask|other`. systemctl
 * puts all other links before it fails at one of these.
 *
 * Source: systemctl(1), `enable`, `--force`; src/shared/install.c, `create_symlink`.
 */
export const printTakenAliases: Sh =
  raw(`[ $# = 0 ] || { l=$(awk 'FNR == 1 { p = 0 } /^[[]/ { p = ($0 ~ /^[[]Install[]]/) } p && sub(/^Alias *= */, "")' "$@" 2>/dev/null)
for k in $l; do m=/etc/systemd/system/$k
if [ -L "$m" ] && [ "$(readlink -- "$m")" = /dev/null ]; then echo "# alias-taken $k mask"
elif { [ -e "$m" ] || [ -L "$m" ]; } && [ ! "$m" -ef "$1" ]; then echo "# alias-taken $k other"; fi; done; }`)

/**
 * Parses a site's own fact: JSON, or INI as Python's configparser reads it, where every value is a text and names of keys are in lower case.
 * Undefined if it is neither.
 */
export function factFrom(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return iniFrom(text)
  }
}

function iniFrom(text: string): { readonly value: unknown } | undefined {
  const sections = new Map<string, Map<string, string>>()
  let section: Map<string, string> | undefined
  let last: string | undefined
  for (const line of text.split('\n')) {
    const words = line.trim()
    if (words === '' || /^[#;]/.test(words)) continue
    const [, title] = /^\[([^\]]+)\]$/.exec(words) ?? []
    if (title !== undefined) {
      section = sections.get(title) ?? new Map<string, string>()
      sections.set(title, section)
      last = undefined
      continue
    }
    if (section === undefined) return undefined
    if (/^\s/.test(line) && last !== undefined) {
      section.set(last, `${section.get(last) ?? ''}\n${words}`)
      continue
    }
    const [, key, value = ''] = /^([^=:]+?)\s*[=:]\s*(.*)$/s.exec(words) ?? []
    if (key === undefined) return undefined
    last = key.toLowerCase()
    section.set(last, value)
  }
  if (sections.size === 0) return undefined
  return { value: Object.fromEntries(Array.from(sections, ([name, keys]) => [name, Object.fromEntries(keys)])) }
}

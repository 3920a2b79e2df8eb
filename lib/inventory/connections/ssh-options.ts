export interface Complaint {
  readonly expected: string
  readonly hint?: string
}

/**
 * Splits a text into words as a shell does: quotes join, a backslash escapes the next character. Nothing is expanded. Ansible splits
 * `ansible_ssh_args` and `ansible_become_flags` in this way.
 *
 * @example
 * splitWords(`-o "ProxyCommand=nc %h %p" -A`) // ['-o', 'ProxyCommand=nc %h %p', '-A']
 */
export function splitWords(text: string): readonly string[] | Complaint {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === '\\' && quote !== "'") {
      const next = text[++at] ?? ''
      // Within double quotes a backslash is special only before a few characters.
      word = (word ?? '') + (quote === '"' && next !== '"' && next !== '\\' ? `\\${next}` : next)
    } else if (quote !== '') {
      if (character === quote) quote = ''
      else word = (word ?? '') + character
    } else if (character === '"' || character === "'") {
      quote = character
      word ??= ''
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + character
  }
  if (quote !== '') return { expected: `a second ${quote}`, hint: 'close the quotes' }
  return word === undefined ? words : [...words, word]
}

/** Options of ssh(1) whose value is the path of a file. */
const FILE_OPTION = /^-[iFE]$/
const FILE_SETTING =
  /^(UserKnownHostsFile|GlobalKnownHostsFile|IdentityFile|CertificateFile|RevokedHostKeys)(\s*=\s*|\s+)([^~/"%$\s][^\s"]*)$/i

/**
 * Arguments for ssh(1), with absolute paths.
 *
 * @param found makes a relative path absolute
 */
export function readSshArgs(text: string, found: (path: string) => string): readonly string[] | Complaint {
  const words = splitWords(text)
  if ('expected' in words) return words
  const wrong = words.find((word) => word === '--' || /^-[GVQOfNMWs]/.test(word))
  if (wrong !== undefined)
    return {
      expected: 'options of ssh that say how to connect',
      hint: `remove ${wrong}: Rolecall runs its own commands`,
    }
  const [last] = words.slice(-1)
  if (last === '-o') return { expected: 'a setting after -o, such as -o ConnectTimeout=5' }
  return words.map((word, at) => {
    const before = words[at - 1] ?? ''
    if (FILE_OPTION.test(before)) return /^[~/%$]/.test(word) || word === 'none' ? word : found(word)
    const joined = word.startsWith('-o') ? '-o' : ''
    if (joined === '' && before !== '-o') return word
    const [, key, between, path] = FILE_SETTING.exec(word.slice(joined.length)) ?? []
    if (key === undefined || between === undefined || path === undefined || path === 'none') return word
    return `${joined}${key}=${found(path)}`
  })
}

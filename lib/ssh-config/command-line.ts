/** Options of ssh(1) that take a value. Source: the call of getopt(3) in ssh.c of OpenSSH 9.9. */
const TAKE_VALUE = 'bceilmopBDEFIJLOPQRSWw'

/** One option of a command line of ssh(1). */
export interface SshOption {
  /** One letter. */
  readonly letter: string
  /** Undefined for one that takes none. */
  readonly value: string | undefined
}

/** The options of a command line as getopt(3) reads them. Undefined where a value is missing or a word is none. */
export function readCommandLine(words: readonly string[]): readonly SshOption[] | undefined {
  const options: SshOption[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (!/^-[^-]/.test(word)) return undefined
    for (let index = 1; index < word.length; index++) {
      const letter = word[index] ?? ''
      if (!TAKE_VALUE.includes(letter)) {
        options.push({ letter, value: undefined })
        continue
      }
      const rest = word.slice(index + 1)
      const value = rest === '' ? words[++at] : rest
      if (value === undefined) return undefined
      options.push({ letter, value })
      break
    }
  }
  return options
}

/** The configuration file that the words name instead of the usual ones. */
export function configFileOf(words: readonly string[]): string | undefined {
  return readCommandLine(words)?.find(({ letter }) => letter === 'F')?.value
}

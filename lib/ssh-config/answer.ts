/** What ssh's configuration says of a host: values by keyword, in lower case, as `ssh -G` prints them. A keyword that is not there has its default. */
export type SshAnswer = ReadonlyMap<string, readonly string[]>

/** Reads what `ssh -G` prints. */
export function readAnswer(text: string): SshAnswer {
  const answer = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [, key, value] = /^(\S+) (.*)$/.exec(line) ?? []
    if (key === undefined || value === undefined) continue
    const before = answer.get(key)
    if (before === undefined) answer.set(key, [value])
    else before.push(value)
  }
  return answer
}

/** What one answer says that another one, of a host that nothing is said of, does not. */
export function differenceOf(answer: SshAnswer, usual: SshAnswer): SshAnswer {
  return new Map(
    [...answer].filter(([key, values]) => key !== 'host' && usual.get(key)?.join('\n') !== values.join('\n')),
  )
}

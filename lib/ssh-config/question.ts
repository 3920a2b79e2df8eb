/** What ssh's configuration is asked about: a host, and what the inventory says of it. */
export interface SshQuestion {
  /** As it would be given to ssh(1): a name, an address or an alias. */
  readonly address: string
  readonly port?: number
  readonly user?: string
  readonly privateKeyFile?: string
  readonly knownHostsFile?: string
  readonly unknownHostKey?: 'refuse' | 'accept-new'
  readonly connectTimeoutSeconds?: number
  readonly args?: { readonly first: readonly string[]; readonly last: readonly string[] }
}

/**
 * The words for ssh(1) that say the same, without the program and the host. Of two that say the same ssh believes the first, so they are in the
 * order of their rank.
 *
 * Source: the ssh connection of ansible-core, which puts its words in this order.
 */
export function wordsOf(question: SshQuestion): readonly string[] {
  const { args = { first: [], last: [] } } = question
  const settings: readonly (readonly [string, string | number | undefined])[] = [
    ['StrictHostKeyChecking', question.unknownHostKey === 'refuse' ? 'yes' : question.unknownHostKey],
    ['UserKnownHostsFile', quoted(question.knownHostsFile)],
    ['Port', question.port],
    ['IdentityFile', quoted(question.privateKeyFile?.replaceAll('%', '%%'))],
    ['User', quoted(question.user)],
    ['ConnectTimeout', question.connectTimeoutSeconds],
  ]
  const given = settings.flatMap(([key, value]) => (value === undefined ? [] : ['-o', `${key}=${value}`]))
  return [...args.first, ...given, ...args.last]
}

/** ssh(1) splits the values of most options into words. */
function quoted(value: string | undefined): string | undefined {
  return value === undefined || /^[\w./:@%+,-]+$/.test(value) ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`
}

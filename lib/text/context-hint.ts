/** What only `apply` is given, and what only `verify` is. */
const OF_APPLY = ['ensure', 'exists', 'read', 'changes', 'once', 'fetchFile']
const OF_VERIFY = ['expect']

/** How `verify` asks for what `apply` has a function for. */
const IN_VERIFY: Readonly<Record<string, string>> = {
  read: 'verify reads with $: (await $.read`cat /etc/motd`).stdout',
  exists: 'verify asks with $: (await $.read`test -e /etc/motd`.nothrow()).exitCode',
}

/**
 * What to do about a name that the other function of a role is given. `where`: the function that uses the name, if that is known. Undefined for any other name.
 *
 * @example
 * contextHint('ensure', 'verify')   // 'ensure is given to apply: async apply({ ensure }); verify only looks, and has none'
 */
export function contextHint(name: string, where?: 'apply' | 'verify'): string | undefined {
  if (OF_VERIFY.includes(name) && where !== 'verify')
    return `${name} is given to verify alone: write async verify({ ${name} }) in the role`
  if (!OF_APPLY.includes(name) || where === 'apply') return undefined
  const instead = where === 'verify' && Object.hasOwn(IN_VERIFY, name) ? IN_VERIFY[name] : undefined
  return instead ?? `${name} is given to apply: async apply({ ${name} }); verify only looks, and has none`
}

import type { SecretCommand } from '../../vault/command-secret.ts'
import type { Report } from '../parse.ts'
import { describeType, plain, standsAt } from '../graph/tree.ts'
import type { Entry, MapNode, YamlNode } from '../graph/tree.ts'
import { sealedScalar } from '../syntax/sealed.ts'
import { parseDeclaration } from './secret-declaration.ts'

/** The variable in which secrets from programs are declared. */
const NAME = 'secrets'

/**
 * Replaces the variable `secrets` by the secrets from programs that it declares, each under its own name:
 *
 * @example
 * secrets:
 *   db_password: { command: [pass, show, app/db] }
 *   app.token: { command: 'vault kv get -field=token kv/app | head -1', shell: true, timeout: 60 }
 *
 * A variable `secrets` without any `command` in its values is an ordinary variable.
 */
export function withSecretCommands(entries: ReadonlyMap<string, Entry>, report: Report): ReadonlyMap<string, Entry> {
  const declared = entries.get(NAME)?.node
  if (declared?.kind !== 'map' || ![...declared.entries.values()].some(isDeclaration)) return entries
  const all = new Map(entries)
  all.delete(NAME)
  for (const entry of declared.entries.values()) {
    const command = commandIn(entry, report)
    if (command !== undefined) put({ ...entry, node: sealedScalar(command, entry.source, entry.offset) }, all, report)
  }
  return all
}

function isDeclaration({ node }: Entry): boolean {
  return node.kind === 'map' && node.entries.has('command')
}

function commandIn(entry: Entry, report: Report): SecretCommand | undefined {
  const parsed = parseDeclaration(plain(entry.node))
  const problem = (message: string, hint: string) =>
    report({
      code: 'vars',
      message: `the secret ${entry.key} ${message}`,
      place: standsAt(entry),
      expected: 'command: [PROGRAM, ARGUMENT, ...], and timeout: SECONDS where it takes long',
      got: describeType(entry.node),
      hint,
    })
  if ('wrong' in parsed) {
    problem(
      `is not declared as it has to be: ${parsed.wrong}`.trim(),
      `write "${entry.key}: { command: [pass, show, NAME] }"`,
    )
    return undefined
  }
  const { command, shell, timeout } = parsed
  if (shell === (typeof command === 'string'))
    return { type: 'command', words: typeof command === 'string' ? [command] : command, shell, seconds: timeout }
  if (shell)
    problem(
      'has a list as its command, which no shell reads',
      'write the command as one text, or leave out shell: true',
    )
  else
    problem(
      'has a text as its command, and no shell is asked for',
      'write it as a list of words: [pass, show, NAME]; or add shell: true',
    )
  return undefined
}

/** `app.token` names the variable `token` of the role `app`. */
function put(entry: Entry, all: Map<string, Entry>, report: Report): void {
  const [first = '', ...rest] = entry.key.split('.')
  const inside = rest.join('.')
  const before = all.get(first)
  const role = before?.node.kind === 'map' ? before.node : undefined
  const isThere =
    inside === ''
      ? before !== undefined
      : role?.entries.has(inside) === true || (before !== undefined && role === undefined)
  if (isThere) {
    return report({
      code: 'vars',
      message: `${entry.key} is in the same block twice: as a variable, and as a secret from a program`,
      place: standsAt(entry),
      hint: 'remove one of the two',
    })
  }
  if (inside === '') all.set(first, entry)
  else all.set(first, { ...(before ?? entry), key: first, node: withEntry(role, { ...entry, key: inside }) })
}

function withEntry(role: MapNode | undefined, entry: Entry): YamlNode {
  const { source, offset } = role ?? entry
  return { kind: 'map', source, offset, entries: new Map([...(role?.entries ?? []), [entry.key, entry]]) }
}

import { z } from 'zod'
import type { Details, DetailsOptions, HostDetails } from '../../host-details.ts'
import { RolecallError, type Problem } from '../../errors.ts'
import type { Host } from '../host.ts'
import { factFrom } from './custom.ts'
import { customProbe, detailsProbe } from './probe.ts'
import { readDetails } from './read.ts'

/** The largest answer. A host with a thousand mounts and disks needs 200 KiB; a site's own facts may be long. */
const MOST_BYTES = 1024 * 1024

const NAME = /^[A-Za-z0-9_][\w.-]*$/

/** Reads a host's details, and those of the site's own facts that the schema names, in one round trip. */
export function detailsOf(host: Host): Details {
  return async <Custom extends z.ZodObject>({ custom }: DetailsOptions<Custom> = {}) => {
    const names = Object.keys(custom?.shape ?? {})
    const wrong = names.find((name) => !NAME.test(name))
    if (wrong !== undefined) throw new RolecallError(wrongName(wrong))
    const [found, own] = await host.ask([
      { name: 'details', sh: detailsProbe, question: 'sequential', mostBytes: MOST_BYTES },
      ...(names.length === 0
        ? []
        : [{ name: 'custom facts', sh: customProbe(names), question: 'sequential', mostBytes: MOST_BYTES } as const]),
    ])
    const details = readDetails(textOf(found?.stdout))
    if (custom === undefined) return { ...details, custom: {} } as HostDetails & { custom: z.output<Custom> }
    return { ...details, custom: readCustom(custom, own?.stdout ?? new Uint8Array(), host.name) }
  }
}

function readCustom<Custom extends z.ZodObject>(schema: Custom, said: Uint8Array, host: string): z.output<Custom> {
  const found: Record<string, unknown> = {}
  const problems: Problem[] = []
  for (const { name, state, text } of factsIn(Buffer.from(said))) {
    const path = `/etc/ansible/facts.d/${name}.fact`
    const about = { code: 'unsupported', host } as const
    if (state === 'missing') continue
    if (state === 'untrusted')
      problems.push({
        ...about,
        message: `${path} is not read: somebody other than root can change it`,
        hint: 'chown root and chmod go-w the file and its directory',
      })
    else if (state === 'failed') problems.push({ ...about, message: `${path} has failed`, hint: `run it on ${host}` })
    else {
      const fact = factFrom(text)
      if (fact === undefined) problems.push({ ...about, message: `${path} gives neither JSON nor INI` })
      else found[name] = fact.value
    }
  }
  if (problems.length > 0) throw new RolecallError(problems)
  const read = schema.safeParse(found)
  if (read.success) return read.data
  throw new RolecallError(
    read.error.issues.map(({ path, message }): Problem => {
      const [name = '', ...inner] = path.map(String)
      const what = inner.length === 0 ? 'all' : inner.join('.')
      const isMissing = !Object.hasOwn(found, name)
      return {
        code: 'unsupported',
        host,
        message: isMissing
          ? `the host has no fact ${name}`
          : `${what} of the fact ${name} is not as the role wants it: ${message}`,
        hint: `see /etc/ansible/facts.d/${name}.fact on the host, and the schema that the role gives to details`,
      }
    }),
  )
}

interface Fact {
  readonly name: string
  readonly state: string
  readonly text: string
}

/** The facts in an answer. A fact's text may hold anything, even a line that looks like the head of another fact. */
function factsIn(said: Buffer): readonly Fact[] {
  const facts: Fact[] = []
  let at = 0
  while (at < said.length) {
    const end = said.indexOf('\n', at)
    const [, name = '', state = '', length = ''] =
      /^fact (\S+) (\w+) +(\d+)$/.exec(said.subarray(at, end < 0 ? said.length : end).toString('utf8')) ?? []
    if (name === '' || end < 0) return facts
    const bytes = Number(length)
    facts.push({ name, state, text: said.subarray(end + 1, end + 1 + bytes).toString('utf8') })
    at = end + 1 + (state === 'there' || state === 'failed' ? bytes + 1 : 0)
  }
  return facts
}

function wrongName(name: string): Problem {
  return {
    code: 'unsupported',
    message: `${JSON.stringify(name)} can be no name of a fact`,
    expected: 'letters, digits, ".", "-" and "_"',
    hint: 'a fact has the name of its file without .fact',
  }
}

function textOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8')
}

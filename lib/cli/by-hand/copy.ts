import { randomBytes } from 'node:crypto'
import {
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs'
import { basename, dirname, join, posix } from 'node:path'
import { makeDirectory } from '../../machine/make-directory.ts'
import { withPath } from '../../machine/write-whole.ts'
import { RolecallError } from '../../errors.ts'
import type { Host } from '../../host/host.ts'
import { requestOf } from '../../host/shell/request.ts'
import { LED_ELSEWHERE, LED_ELSEWHERE_WORDS, openThere } from '../../converge/context/open-there.ts'
import { ensure } from '../../converge/ensure.ts'
import { answersView } from '../../report/views/answers.ts'
import { Prediction } from '../../resources/prediction/prediction.ts'
import { dir } from '../../resources/files/dir.ts'
import { file } from '../../resources/files/file.ts'
import type { Resource } from '../../resources/kit/kind.ts'
import { BY_HAND, type HandWork } from '../../runner/by-hand/hand-work.ts'
import { counted } from '../../report/text/words.ts'
import { environmentProblem } from '../environment.ts'
import { quotedWord } from '../next-commands.ts'
import { print } from '../print.ts'
import type { RunFlags } from '../run-options.ts'
import { performOnHosts } from './perform.ts'

export interface CopyFlags extends RunFlags {
  readonly mode?: string
  readonly owner?: string
  readonly group?: string
}

/** The largest file, in bytes: the whole file is in memory, and in one answer of the host. */
const MOST_BYTES = 256 * 1024 * 1024

/** `rolecall copy FROM TO`, where one of the two is `PATTERN:/PATH`. */
export async function copy(from: string, to: string, flags: CopyFlags): Promise<void> {
  const [there, target] = [remoteOf(from), remoteOf(to)]
  if (there === undefined && target === undefined)
    throw usage(
      'neither of the two paths is on a host',
      'PATTERN:/PATH for one of them',
      'as in rolecall copy FILE web:/etc/app.conf',
    )
  if (there !== undefined && target !== undefined)
    throw usage(
      'both paths are on hosts',
      'one of them on this machine',
      'copy it to this machine first, then to the other hosts',
    )
  if (target !== undefined) await copyTo(from, target, flags)
  else if (there !== undefined) await copyFrom(there, to, flags)
}

interface Remote {
  readonly limit: string
  readonly path: string
}

/** A path on hosts: `web:/etc/hosts`. The pattern may have colons, the path begins at its first `:/`. */
function remoteOf(text: string): Remote | undefined {
  const at = text.indexOf(':/')
  return at <= 0 || text.slice(0, at).includes('/') ? undefined : { limit: text.slice(0, at), path: text.slice(at + 1) }
}

async function copyTo(local: string, { limit, path }: Remote, flags: CopyFlags): Promise<void> {
  const found = withFileErrors(local, 'read', () => statOf(local))
  const target = path.endsWith('/') && !found.isDirectory() ? posix.join(path, basename(local)) : path
  const resources = withFileErrors(local, 'read', () =>
    found.isDirectory() ? treeOf(local, target, flags) : [fileOf(local, target, found, flags)],
  )
  const changed = new Set<string>()
  const work: HandWork = {
    command: `copy ${quotedWord(local)} ${quotedWord(`${limit}:${path}`)}`,
    limitPlace: `${limit}:${path}`,
    resource: `copy:${target}`,
    summary: `copy ${local} to ${target}`,
    locksHost: true,
    perform: async (host) => {
      const context = { host, role: BY_HAND, mode: 'apply', prediction: new Prediction() } as const
      // One result is reported for the whole copy, so the events of its resources are dropped.
      const silent = { emit: () => undefined, signal: new AbortController().signal }
      const outcomes = await ensure({ ...context, ...silent }, resources).catch((error: unknown) =>
        asCopied(error, target),
      )
      const isChanged = outcomes.some(({ status }) => status === 'changed')
      if (isChanged) changed.add(host.name)
      return { type: isChanged ? 'changed' : 'ok' }
    },
  }
  const { summary } = await performOnHosts({ work, limit, view: answersView(), isKept: true }, flags)
  if (flags.json === true) return
  const hosts = Object.entries(summary?.hosts ?? {}).filter(([, host]) => host.failed === 0 && !host.unreachable)
  print(
    hosts.map(([host]) => `${host}  ${changed.has(host) ? `${target} is written` : `${target} is as wanted already`}`),
  )
}

/** Leaves out the place in a role, and replaces the hint, which is about roles. */
function asCopied(error: unknown, target: string): never {
  if (!(error instanceof RolecallError)) throw error
  throw new RolecallError(
    error.problems.map(({ code, host, message, expected, got, output }) => ({
      code,
      message,
      resource: `copy:${target}`,
      ...(host === undefined ? {} : { host }),
      ...(expected === undefined ? {} : { expected }),
      ...(got === undefined ? {} : { got }),
      ...(output === undefined ? {} : { output }),
      hint: `look at the directory: rolecall run ${quotedWord(`ls -la ${posix.dirname(target)}`)} -l ${host ?? 'HOST'}`,
    })),
  )
}

function fileOf(local: string, path: string, found: Stats, flags: CopyFlags): Resource {
  if (!found.isFile())
    throw usage(
      `${local} is neither a file nor a directory`,
      'a file or a directory',
      'copy the target of the link, or its files',
    )
  if (found.size > MOST_BYTES)
    throw usage(
      `${local} has ${counted(found.size, 'byte')}`,
      `at most ${MOST_BYTES}`,
      'serve it, and let download() in a role fetch it',
    )
  const { mode = (found.mode & 0o777).toString(8).padStart(4, '0'), owner, group } = flags
  return file(path, {
    content: readFileSync(local),
    mode,
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
  })
}

/** A directory and everything in it; links are followed. Other files on the host are left alone. `above`: the directories around this one. */
function treeOf(local: string, path: string, flags: CopyFlags, above: readonly string[] = []): Resource[] {
  const { owner, group } = flags
  const place = realpathSync(local)
  if (above.includes(place))
    throw usage(
      `${local} links back to ${place}, its own parent`,
      'a directory without circular links',
      'remove the link',
    )
  const mode = (statSync(local).mode & 0o777).toString(8).padStart(4, '0')
  const own = dir(path, { mode, ...(owner === undefined ? {} : { owner }), ...(group === undefined ? {} : { group }) })
  const names = readdirSync(local).sort()
  return [
    own,
    ...names.flatMap((name) => {
      const [from, to] = [join(local, name), posix.join(path, name)]
      const found = statOf(from)
      return found.isDirectory() ? treeOf(from, to, flags, [...above, place]) : [fileOf(from, to, found, flags)]
    }),
  ]
}

async function copyFrom({ limit, path }: Remote, local: string, flags: CopyFlags): Promise<void> {
  const written: [host: string, file: string][] = []
  const into = statSync(local, { throwIfNoEntry: false })?.isDirectory() === true || local.endsWith('/')
  const contents = new Map<string, Buffer>()
  const work: HandWork = {
    command: `copy ${quotedWord(`${limit}:${path}`)} ${quotedWord(local)}`,
    limitPlace: `${limit}:${path}`,
    resource: `copy:${path}`,
    summary: `read ${path}`,
    locksHost: false,
    perform: async (host) => {
      contents.set(host.name, await contentOf(host, path))
      return { type: 'ok' }
    },
  }
  const { summary } = await performOnHosts(
    { work, limit, view: answersView(), isKept: false },
    { ...flags, json: false },
  )
  const hosts = Object.keys(summary?.hosts ?? {})
  // With several hosts, each gets a directory of its own, so that no file overwrites that of another host.
  const isMany = hosts.length > 1
  for (const host of hosts) {
    const content = contents.get(host)
    if (content === undefined) continue
    const name = isMany ? join(local, host, basename(path)) : into ? join(local, basename(path)) : local
    withFileErrors(name, 'written', () => {
      makeDirectory(dirname(name))
      writePrivately(name, content)
    })
    written.push([host, name])
  }
  print(written.map(([host, name]) => `${host}  ${name} is written`))
}

/** The streams that this process was started with, which may belong to another account. */
const OWN_STREAM = /^\/dev\/(stdout|stderr|fd\/\d+)$/

/**
 * Writes content of a host, which may be secret, so that no other account can read it: into a new file with mode 0600, which is then renamed. Never writes
 * into a file that another account made or has open.
 */
function writePrivately(name: string, content: Buffer): void {
  const there = statSync(name, { throwIfNoEntry: false })
  if (there !== undefined && !there.isFile()) {
    // Another account can read what this process writes into that account's pipe.
    const foreign = [lstatSync(name), there].find(({ uid }) => uid !== 0 && uid !== process.geteuid?.())
    if (foreign !== undefined && !OWN_STREAM.test(name))
      throw usage(
        `${name} is not a file, and belongs to user ${foreign.uid}`,
        'a file, or a path that does not exist',
        'choose another path',
      )
    writeFileSync(name, content)
    return
  }
  const fresh = join(dirname(name), `.${randomBytes(6).toString('hex')}.new`)
  try {
    writeFileSync(fresh, content, { mode: 0o600, flag: 'wx' })
    renameSync(fresh, name)
  } catch (error) {
    rmSync(fresh, { force: true })
    throw withPath(error, name)
  }
}

async function contentOf(host: Host, path: string): Promise<Buffer> {
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  const status = await host.run({
    ...requestOf(openThere(path, host.facts.uid)),
    mostBytes: MOST_BYTES,
    onStdout: (bytes) => void out.push(Buffer.from(bytes)),
    onStderr: (bytes) => void err.push(Buffer.from(bytes)),
  })
  if (status === 0) return Buffer.concat(out)
  throw new RolecallError({
    code: 'step-failed',
    host: host.name,
    resource: `copy:${path}`,
    message: `${path} ${status === LED_ELSEWHERE ? LED_ELSEWHERE_WORDS : 'cannot be read'}`,
    output: Buffer.concat(err).toString('utf8'),
    hint: `rolecall run ${quotedWord(`ls -ld ${path}`)} -l ${host.name} shows what is there`,
  })
}

function statOf(local: string): Stats {
  const found = statSync(local, { throwIfNoEntry: false })
  if (found !== undefined) return found
  if (lstatSync(local, { throwIfNoEntry: false }) !== undefined)
    throw usage(`${local} is a link that leads nowhere`, 'a file or a directory', 'remove the link, or mend it')
  throw usage(`there is no ${local} on this machine`, 'a file or a directory', 'a path on hosts is PATTERN:/PATH')
}

/** Turns an error of this machine's file system into a RolecallError with the path and a hint. */
function withFileErrors<T>(local: string, verb: 'read' | 'written', work: () => T): T {
  try {
    return work()
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException
    if (error instanceof RolecallError || code === undefined) throw error
    const known = environmentProblem(error)
    if (known !== undefined) throw new RolecallError(known)
    const hint = `ls -ld ${quotedWord(dirname(path ?? local))} shows what is there`
    throw usage(`${path ?? local} cannot be ${verb}: ${code}`, `a place that may be ${verb}`, hint)
  }
}

function usage(message: string, expected: string, hint: string): RolecallError {
  return new RolecallError({ code: 'usage', message, expected, hint })
}

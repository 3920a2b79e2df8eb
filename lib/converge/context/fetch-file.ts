import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, closeSync, openSync, renameSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeDirectory } from '../../machine/make-directory.ts'
import { withPath } from '../../machine/write-whole.ts'
import { RolecallError, type Problem } from '../../errors.ts'
import type { Status } from '../../events.ts'
import { requestOf } from '../../host/shell/request.ts'
import type { FetchFileOptions } from '../../playbook/context.ts'
import type { Outcome } from '../../playbook/role-commands.ts'
import { LocalFile } from '../../resources/files/local-file.ts'
import { raw, sh } from '../../sh/quote.ts'
import { errorMessage } from '../../text/error-message.ts'
import type { ConvergeContext } from '../ensure.ts'
import { LED_ELSEWHERE, LED_ELSEWHERE_WORDS, NOTHING_THERE, openThere } from './open-there.ts'
import type { PredictionLimit } from './prediction-limit.ts'

const ALGORITHMS = { sha256sum: 'sha256', b2sum: 'blake2b512' } as const
const MIB = 1024 * 1024
/** One day: the deadline of a fetch, in seconds. */
const MOST_SECONDS = 86_400

/** The local path of a fetched file. In a directory, each host has its own subdirectory. */
export function placeFor(to: string, host: string, path: string): string {
  return to.endsWith('/') ? join(to, host, path) : to
}

/** Copies a file of the host to the controller in pieces; check mode says whether this would change the local file. */
export async function fetchFile(
  context: ConvergeContext,
  limit: PredictionLimit,
  path: string,
  to: string,
  { mode = '0600', missing = 'fail' }: FetchFileOptions,
): Promise<Outcome> {
  const begun = Date.now()
  const resource = `fetchFile:${path}`
  const about = { host: context.host.name, role: context.role, resource }
  const tell = (status: Status, steps: readonly string[], reason?: string): Outcome => {
    const why = reason === undefined ? {} : { reason }
    context.emit({ type: 'resource', ...about, status, steps, ...why, durationMs: Date.now() - begun, at: Date.now() })
    return { resource, status }
  }
  const fail = (problem: Pick<Problem, 'message' | 'hint' | 'output'>): never => {
    tell('failed', [], problem.message)
    throw new RolecallError({ code: 'step-failed', ...about, ...problem })
  }
  if (context.mode === 'check') {
    const { prediction } = context
    const doubt = prediction.paths.doubtAbout(path) ?? prediction.paths.get(path)
    if (doubt !== undefined) return tell('unknown', [], `what ${path} will be is known only after ${doubt.from}`)
    limit.looked()
  }
  const found = await lookAt(context, path)
  if (found === 'elsewhere')
    return fail({ message: `${path} ${LED_ELSEWHERE_WORDS}`, hint: 'name the path that it leads to' })
  if (found === 'none' || found === 'other') {
    if (found === 'none' && missing === 'leave') return tell('ok', [])
    return fail({
      message: found === 'none' ? `there is no ${path} to be fetched` : `${path} is not a file that can be read`,
      hint: found === 'none' ? `set missing: 'leave' where it need not be there` : `ls -ld ${path} on the host`,
    })
  }
  const summary = `fetch ${path} to ${to} (${found.length} bytes)`
  try {
    if (isSame(resource, to, found, context.host.facts.digest, mode)) return tell('ok', [])
    if (context.mode === 'check') return tell('changed', [summary])
    context.emit({ type: 'step', ...about, say: summary, at: Date.now() })
    await receive(context, path, to, found, Number.parseInt(mode, 8))
  } catch (error) {
    if (error instanceof RolecallError) throw error
    return fail({
      message: `could not ${summary}: ${errorMessage(error)}`,
      hint: 'check the free space there, and who may write',
    })
  }
  return tell('changed', [summary])
}

interface Found {
  readonly length: number
  readonly digest: string
}

/** A file that grows meanwhile, such as a log, is fetched up to the length found first. */
async function lookAt(
  { host, signal }: ConvergeContext,
  path: string,
): Promise<Found | 'none' | 'other' | 'elsewhere'> {
  signal.throwIfAborted()
  const look = sh`[ -f "$p" ] && [ -r "$p" ] || { echo other; exit 0; }
n=$(stat -L -c %s -- "$p") && h=$(head -c "$n" <"$p" | ${raw(host.facts.digest)}) && echo "$n \${h%% *}"`
  const [answer] = await host.ask([{ name: `fetchFile:${path}`, sh: openThere(path, host.facts.uid, look) }])
  if (answer?.code === NOTHING_THERE) return 'none'
  if (answer?.code === LED_ELSEWHERE) return 'elsewhere'
  const said = Buffer.from(answer?.stdout ?? [])
    .toString('utf8')
    .trim()
  const [, length, digest] = /^(\d{1,15}) ([0-9a-f]+)$/.exec(said) ?? []
  return length === undefined || digest === undefined ? 'other' : { length: Number(length), digest }
}

function isSame(
  of: string,
  to: string,
  { length, digest }: Found,
  program: keyof typeof ALGORITHMS,
  mode: string,
): boolean {
  const there = statSync(to, { throwIfNoEntry: false })
  if (there?.isFile() !== true || there.size !== length || (there.mode & 0o7777) !== Number.parseInt(mode, 8))
    return false
  return new LocalFile(of, to).digest(program) === digest
}

/** Refuses a file for which there is no room. The length comes from the host, so it may be any number. */
export function needRoom(length: number, directory: string): void {
  const { bavail, bsize } = statfsSync(directory)
  if (length > bavail * bsize) throw new Error(`there is room for ${bavail * bsize} bytes alone`)
}

/** The content is written beside the old file, and renamed when it is complete and matches the host's checksum. */
async function receive(
  { host, signal }: ConvergeContext,
  path: string,
  to: string,
  found: Found,
  mode: number,
): Promise<void> {
  signal.throwIfAborted()
  makeDirectory(dirname(to))
  needRoom(found.length, dirname(to))
  const fresh = join(dirname(to), `.${randomBytes(6).toString('hex')}.new`)
  const file = openSync(fresh, 'wx', 0o600)
  try {
    const hash = createHash(ALGORITHMS[host.facts.digest])
    const said: Uint8Array[] = []
    const status = await host.run({
      ...requestOf(openThere(path, host.facts.uid, sh`head -c ${found.length} <"$p"`)),
      mostBytes: found.length + MIB,
      seconds: Math.min(MOST_SECONDS, 600 + Math.ceil(found.length / MIB)),
      onStdout(bytes) {
        hash.update(bytes)
        for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
      },
      onStderr: (bytes) => void said.push(Buffer.from(bytes)),
    })
    if (status !== 0) throw new Error(Buffer.concat(said).toString('utf8').trim() || `the host says status ${status}`)
    if (hash.digest('hex') !== found.digest) throw new Error('it changed while it was fetched')
    chmodSync(fresh, mode)
    renameSync(fresh, to)
  } catch (error) {
    rmSync(fresh, { force: true })
    throw withPath(error, to)
  } finally {
    closeSync(file)
  }
}

import { isProgramReplaced, type Problem } from '../errors.ts'
import { EXIT } from './exit-codes.ts'

/** System errors in words, each with a hint. Source: errno(3). */
const REASONS: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  EACCES: ['permission denied', 'run as a user who may do this, or give this user the permission'],
  EPERM: ['not permitted', 'run as a user who may do this, or give this user the permission'],
  EROFS: ['the file system is read-only', 'work in a writable directory'],
  ENOSPC: ['no space is left on the device', 'free some space there, then run again'],
  EFBIG: ['the file would be larger than this process may write', 'raise its limit (ulimit -f), then run again'],
  EDQUOT: ['the quota is used up', 'free some space there, then run again'],
  EMFILE: ['this process has too many files open', 'raise its limit (ulimit -n), or lower --concurrency'],
  ENFILE: ['the system has too many files open', 'raise its limit (fs.file-max), or lower --concurrency'],
  ENOTDIR: ['a part of the path is not a directory', 'move it away'],
  EEXIST: ['a file with this name exists', 'move it away'],
  EISDIR: ['a directory is in the way', 'move it away'],
  ELOOP: ['its symbolic links form a circle', 'correct the links'],
  ENAMETOOLONG: ['the path is too long', 'work in a directory with a shorter path'],
  ENOMEM: ['no memory is left', 'run it on a machine with more memory'],
  EIO: ['the device fails', 'look at the disk'],
}

/** The problem for an error of this machine (a full disk, a missing permission), with the path. Undefined for any other error. */
export function environmentProblem(error: unknown): Problem | undefined {
  if (!(error instanceof Error)) return undefined
  if ('code' in error && error.code === 'ERR_ACCESS_DENIED') return forbidden(error)
  if (isProgramReplaced(error)) return { code: 'usage', message: error.message, hint: 'run the command again' }
  if (!('syscall' in error) || !('code' in error)) return undefined
  const { code, syscall } = error
  if (syscall === 'uv_cwd')
    return {
      code: 'usage',
      message: 'the working directory was deleted, or cannot be read',
      hint: 'change to a directory that exists',
    }
  const [reason, hint] = REASONS[String(code)] ?? []
  const path = 'path' in error && typeof error.path === 'string' ? error.path : undefined
  if (reason === undefined || hint === undefined) return undefined
  if (path === undefined && !PLAIN_ALONE.has(String(code))) return undefined
  return {
    code: 'usage',
    message: `cannot ${VERBS[String(syscall)] ?? 'use'} ${path ?? 'a file'} on this machine: ${reason}`,
    hint,
  }
}

/** Errors that a user can fix without knowing the file. */
const PLAIN_ALONE: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'ENOMEM'])

/**
 * The problem for an operation that Node's permission model forbids.
 *
 * Source: nodejs.org/api/permissions.html
 */
function forbidden(error: Error): Problem {
  const permission = 'permission' in error && typeof error.permission === 'string' ? error.permission : 'something'
  const resource = 'resource' in error && typeof error.resource === 'string' ? error.resource : ''
  return {
    code: 'usage',
    message: `Node runs with --permission, and does not allow ${PERMISSIONS[permission] ?? permission}${resource === '' ? '' : ` ${resource}`}`,
    expected: 'permission to read and write files, and to start esbuild and ssh',
    hint: `start Node without --permission, or with --allow-fs-read='*' --allow-fs-write='*' --allow-child-process --allow-worker`,
  }
}

const PERMISSIONS: Readonly<Record<string, string>> = {
  ChildProcess: 'to start programs',
  WorkerThreads: 'threads',
  FileSystemRead: 'to read',
  FileSystemWrite: 'to write',
}

const VERBS: Readonly<Record<string, string>> = {
  open: 'open',
  mkdir: 'make the directory',
  scandir: 'list',
  write: 'write',
  read: 'read',
  rename: 'replace',
  access: 'write into',
  unlink: 'remove',
  stat: 'look at',
  lstat: 'look at',
  spawn: 'start',
}

/** A closed pipe, as in `rolecall list hosts | head -1`, is not an error, and neither is a closed terminal. */
const READER_GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'])

/**
 * Reports once that output cannot be written, for instance to a full disk, and lets the command end with an error. Work on hosts is not affected, and the
 * journal records it.
 */
export function surviveLostOutput(): void {
  let isLost = false
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (READER_GONE.has(error.code) || isLost) return
      isLost = true
      process.on('exit', () => (process.exitCode ||= EXIT.request))
      if (stream === process.stdout)
        process.stderr.write(
          `error: standard output cannot be written: ${REASONS[error.code ?? '']?.[0] ?? error.message}\n  hint      rolecall runs show prints the details of a run afterwards\n`,
        )
    })
}

import { spawn, type ChildProcess } from 'node:child_process'
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { homeDirectory } from '../../machine/account.ts'
import { RolecallError } from '../../errors.ts'
import { exitCodeOfSignal } from '../exit-codes.ts'

/**
 * Lets a person edit a text that must not be on a disk: in a private directory, in memory if the system offers such a directory. The directory is removed with
 * all files that the editor left there (swap files, backups), however this process ends.
 *
 * Returns the edited bytes. Throws a RolecallError when the editor fails.
 */
export async function editPrivately(content: Buffer, file: string): Promise<Buffer> {
  removeAbandoned()
  let editor: ChildProcess | undefined
  // Registered before the text is written: a signal that ends this process ends the editor as well, and the text is removed.
  const end = (signal: NodeJS.Signals) => {
    editor?.kill('SIGHUP')
    process.exit(exitCodeOfSignal(signal))
  }
  for (const signal of ENDING) process.on(signal, end)
  const directory = mkdtempSync(join(privatePlace(), `rolecall-edit-${process.pid}-`))
  const path = join(directory, basename(file))
  const remove = () => removeAll(directory)
  process.once('exit', remove)
  try {
    writeFileSync(path, content, { mode: 0o600, flag: 'wx' })
    await editorOn(path, (child) => (editor = child))
    return readFileSync(path)
  } finally {
    process.off('exit', remove)
    remove()
    for (const signal of ENDING) process.off(signal, end)
  }
}

const ENDING = ['SIGTERM', 'SIGHUP'] as const

/** A directory in memory, for this machine only. */
const inMemory = () => ['/dev/shm', process.env['XDG_RUNTIME_DIR']]

/** Removes directories of edits that were killed by SIGKILL and could not clean up. */
function removeAbandoned(): void {
  for (const place of inMemory()) {
    if (place === undefined || !isUsable(place)) continue
    for (const name of readdirSync(place)) {
      const [, pid] = /^rolecall-edit-(\d+)-\w+$/.exec(name) ?? []
      const path = join(place, name)
      if (pid !== undefined && !isAlive(Number(pid)) && lstatSync(path).uid === process.geteuid?.()) removeAll(path)
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** In memory: /dev/shm, or the directory of the session. Otherwise a directory of temporary files. */
function privatePlace(): string {
  const places = [...inMemory(), tmpdir(), homeDirectory()]
  return places.find((place): place is string => place !== undefined && isUsable(place)) ?? tmpdir()
}

function isUsable(place: string): boolean {
  const stat = statSync(place, { throwIfNoEntry: false })
  if (stat?.isDirectory() !== true) return false
  // An account that can rename entries of a directory can replace them.
  const isShared = (stat.mode & 0o022) !== 0 && (stat.mode & 0o1000) === 0
  return !isShared && [0, process.geteuid?.() ?? 0].includes(stat.uid)
}

/** Writes zeros first, because the file may be on a disk. */
function removeAll(directory: string): void {
  try {
    for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
      const path = join(directory, name)
      const stat = lstatSync(path)
      if (stat.isFile() && stat.nlink === 1) writeFileSync(path, Buffer.alloc(stat.size), { flag: 'r+' })
    }
  } catch {
    // The file is removed in any case.
  }
  rmSync(directory, { recursive: true, force: true })
}

/** The words of VISUAL or EDITOR may be a command with options, as in other programs. */
function editorOn(path: string, begun: (editor: ChildProcess) => void): Promise<void> {
  const editor =
    [process.env['VISUAL'], process.env['EDITOR'], 'vi'].find((each) => each !== undefined && each !== '') ?? 'vi'
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', path], { stdio: 'inherit' })
    begun(child)
    // Ctrl-C is for the editor.
    const ignore = () => undefined
    process.on('SIGINT', ignore)
    const done = () => process.off('SIGINT', ignore)
    const fail = (why: string) => {
      done()
      reject(
        new RolecallError({
          code: 'usage',
          message: `the editor ${editor} ${why}, so nothing was changed`,
          hint: 'set EDITOR to an editor, as in EDITOR=nano',
        }),
      )
    }
    child.on('error', (error) => fail(`cannot be started: ${error.message}`))
    child.on('close', (code, signal) => {
      if (code !== 0) return fail(code === 127 ? 'is not installed' : `ended with ${code ?? signal ?? 'a signal'}`)
      done()
      resolve()
    })
  })
}

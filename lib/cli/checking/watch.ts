import { spawn } from 'node:child_process'
import { existsSync, watch } from 'node:fs'
import { exitCodeOfSignal, isInterruption } from '../exit-codes.ts'

/** The directories with the files that a check depends on. */
const WATCHED = [
  'roles',
  'kinds',
  'playbooks',
  'policies',
  'inventory',
  'group_vars',
  'host_vars',
  'files',
  'templates',
]

/** Editors write a file in several steps. */
const QUIET_MS = 80

/** Repeats a check whenever a file of the project is saved, until Ctrl-C. */
export async function watchCheck(args: readonly string[]): Promise<void> {
  const [program = ''] = process.argv.slice(1)
  const own = args.filter((word) => word !== '--watch')
  const changes = new Changes()
  for (;;) {
    changes.forget()
    const child = spawn(process.execPath, [program, ...own], {
      stdio: 'inherit',
      cwd: process.env['PWD'] ?? process.cwd(),
    })
    const code = await new Promise<number>((done) =>
      child.once('exit', (status, signal) => done(status ?? exitCodeOfSignal(signal ?? 'SIGINT'))),
    )
    process.exitCode = code
    if (isInterruption(code)) break
    process.stderr.write('Waiting for a file to be saved; Ctrl-C ends it.\n')
    const file = await changes.next()
    process.stderr.write(`\n${file} was saved\n`)
  }
  changes.close()
}

/** Waits for saved files. */
class Changes {
  readonly #watchers = WATCHED.filter((name) => existsSync(name)).map((name) =>
    watch(name, { recursive: true }, (_, file) => this.#on(`${name}/${file ?? ''}`)),
  )
  #waiting: ((file: string) => void) | undefined
  #changed: string | undefined

  #on(file: string): void {
    // Temporary files of editors.
    if (/(^|\/)\.|~$|\.sw[a-z]$|\/4913$/.test(file)) return
    this.#changed = file
    this.#tell()
  }

  #tell(): void {
    const [file, tell] = [this.#changed, this.#waiting]
    if (file === undefined || tell === undefined) return
    this.#waiting = undefined
    setTimeout(() => tell(file), QUIET_MS)
  }

  /** Forgets files that were saved before the check began, because the check has read them. */
  forget(): void {
    this.#changed = undefined
  }

  next(): Promise<string> {
    return new Promise((done) => {
      this.#waiting = done
      this.#tell()
    })
  }

  close(): void {
    for (const each of this.#watchers) each.close()
  }
}

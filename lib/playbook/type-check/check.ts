import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { RolecallError, type Problem } from '../../errors.ts'
import { writeWhole } from '../../machine/write-whole.ts'
import { cacheDirectory, makeCacheDirectory } from '../load/cache-directory.ts'
import { findPlaybook } from '../load/find.ts'
import { compilerFor, configFor, type Compiler } from './config.ts'
import { hintFor } from './misspelt.ts'
import { readDiagnostics, type Diagnostics } from './output.ts'
import { readVerdict, verdictFile, writeVerdict } from './verdict.ts'

/** The most errors that are reported. */
const MOST_PROBLEMS = 20
const LARGEST_OUTPUT_BYTES = 64 * 1024 * 1024

/**
 * Checks the types of a playbook and of all imported files of the project, by the rules of the nearest tsconfig.json, or by strict ones if there is
 * none. Uses the project's own `typescript` if it has one, otherwise Rolecall's.
 *
 * A positive result is cached in the project, by content, until a file of the project changes or a package is installed.
 * Libraries are not checked (`skipLibCheck`), and unused names are not errors.
 *
 * Throws a RolecallError with file, line and column of every type error.
 *
 * @example
 * await checkTypes('site')                              // playbooks/site.ts
 * await checkTypes('./web.ts', { signal })
 */
export async function checkTypes(
  nameOrPath: string,
  { cwd = process.cwd(), signal }: { readonly cwd?: string; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const entry = findPlaybook(nameOrPath, cwd)
  if (!/\.[cm]?ts$/.test(entry)) return
  const directory = cacheDirectory(dirname(entry))
  const file = verdictFile(directory, entry)
  if (readVerdict(file, entry)) return
  const compiler = compilerFor(entry)
  const config = `${file}.tsconfig.json`
  makeCacheDirectory(directory)
  writeWhole(config, JSON.stringify(await configFor(entry, (path) => runTsc(compiler, ['--showConfig', '-p', path]))))
  const { errors, files } = readDiagnostics(
    await runTsc(compiler, ['-p', config, '--pretty', 'false', '--listFiles'], signal),
    cwd,
  )
  signal?.throwIfAborted()
  if (errors.length > 0) throw new RolecallError(problemsOf(errors))
  writeVerdict(file, [entry, ...files])
}

function problemsOf(errors: Diagnostics['errors']): Problem[] {
  const shown = errors.slice(0, MOST_PROBLEMS).map(({ place, code, message, details }): Problem => ({
    code: 'playbook',
    message: `${message} (${code})`,
    ...(place === undefined ? {} : { place }),
    ...(details === undefined ? {} : { output: details }),
    hint: `${cureOf(code, message)} (--no-types runs without this check)`,
  }))
  const more = errors.length - shown.length
  return more === 0 ? shown : [...shown, { code: 'playbook', message: `and ${more} more types that do not fit` }]
}

/** TS1286, TS1287, TS1295: an ES import in a CommonJS package, which is what `npm init` makes. */
const NO_MODULES = /^TS12(86|87|95)$/

function cureOf(code: string, message: string): string {
  if (NO_MODULES.test(code)) return '`npm pkg set type=module` makes the files of this project modules'
  return hintFor(message) ?? 'correct the type'
}

/** The output of the compiler. Type errors do not make this fail. */
function runTsc({ command, first }: Compiler, args: readonly string[], signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: '/', maxBuffer: LARGEST_OUTPUT_BYTES, ...(signal === undefined ? {} : { signal }) }
    execFile(command, [...first, ...args], options, (error, stdout, stderr) => {
      if (error === null || typeof error.code === 'number' || signal?.aborted === true) resolve(stdout)
      else
        reject(
          new RolecallError({
            code: 'playbook',
            message: 'the types could not be checked: the TypeScript compiler does not run',
            expected: `that ${command} runs`,
            got: stderr.trim() === '' ? error.message : stderr.trim(),
            hint: 'npm install --save-dev typescript in the project, or --no-types',
          }),
        )
    })
  })
}

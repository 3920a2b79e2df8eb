import { isUtf8 } from 'node:buffer'
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { RolecallError } from '../../errors.ts'
import { programWeakness } from '../../machine/trusted.ts'
import type { Answers } from './json-structure.ts'
import { hostsIn, hostVarsIn } from './json-structure.ts'
import { isJsonMap, membersOf, readJson } from '../syntax/json-values.ts'

/** Long, because listing ten thousand machines of a cloud takes many requests. */
const MOST_SECONDS = 300
const MOST_BYTES = 256 * 1024 * 1024
const AT_ONCE = 8

/**
 * Runs an inventory program as Ansible does: with `--list`, and with `--host NAME` for each host when the answer has no `_meta`.
 *
 * Throws a RolecallError when another account could have changed the program, or when it fails, takes more than five minutes or prints no JSON.
 *
 * @example
 * await askProgram('inventory/ec2.py')   // { list: { web: { hosts: ['web-01'] }, _meta: { hostvars: {} } } }
 */
export async function askProgram(path: string): Promise<Answers> {
  const weakness = programWeakness(resolve(path))
  if (weakness !== undefined)
    throw new RolecallError({
      code: 'inventory',
      message: `the inventory program ${path} is not run: another user can change it`,
      place: { file: path },
      expected: 'a program that only root, you and the owner of the project can write',
      got: `${weakness.path} ${weakness.why}`,
      hint: `remove the write access of others: chown or chmod go-w ${weakness.path}`,
    })
  const list = await answer(path, ['--list'])
  if (!isJsonMap(list) || (hostVarsIn(list) ?? null) !== null) return { list }
  const names = [
    ...new Set(membersOf(list).flatMap(([group, said]) => (group === '_meta' ? [] : hostsIn(group, said)))),
  ]
  const hosts = new Map<string, unknown>()
  const waiting = names.values()
  const work = async () => {
    for (const name of waiting) hosts.set(name, await answer(path, ['--host', name]))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return { list, hosts }
}

async function answer(path: string, words: readonly string[]): Promise<unknown> {
  const said = await outputOf(path, words)
  if (said.trim() === '') return {}
  try {
    return readJson(said)
  } catch {
    throw new RolecallError({
      code: 'inventory',
      message: `the inventory program ${path} ${words.join(' ')} answers no JSON`,
      place: { file: path },
      expected: 'a JSON object with groups',
      got: `${said.length} characters of something else`,
      hint: `run it: ${path} ${words.join(' ')}`,
    })
  }
}

function outputOf(path: string, words: readonly string[]): Promise<string> {
  return new Promise((done, fail) => {
    const options = { timeout: MOST_SECONDS * 1000, maxBuffer: MOST_BYTES, encoding: 'buffer' } as const
    const child = execFile(resolve(path), words, options, (error, stdout, stderr) => {
      if (error === null) return isUtf8(stdout) ? done(stdout.toString('utf8')) : fail(notUtf8(path, words))
      const said = stderr.toString('utf8').trim()
      const why = error.killed === true ? `took more than ${MOST_SECONDS} seconds` : 'failed'
      fail(
        new RolecallError({
          code: 'inventory',
          message: `the inventory program ${path} ${words.join(' ')} ${why}`,
          place: { file: path },
          expected: 'an exit code of 0',
          got: typeof error.code === 'number' ? `exit code ${error.code}` : (error.code ?? error.signal ?? 'no answer'),
          hint: `run it: ${path} ${words.join(' ')}`,
          ...(said === '' ? {} : { output: said.split('\n').slice(-5).join('\n') }),
        }),
      )
    })
    // A program that reads its input gets none, instead of waiting for what never comes.
    child.stdin?.on('error', () => undefined).end()
  })
}

function notUtf8(path: string, words: readonly string[]): RolecallError {
  return new RolecallError({
    code: 'inventory',
    message: `the inventory program ${path} ${words.join(' ')} answers in another encoding than UTF-8`,
    place: { file: path },
    expected: 'UTF-8',
    hint: `run it: ${path} ${words.join(' ')} | iconv -f utf-8 -t utf-8`,
  })
}

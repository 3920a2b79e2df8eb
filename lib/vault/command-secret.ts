import { spawnSync } from 'node:child_process'
import type { Place, Problem } from '../errors.ts'
import { secret, type Secret } from '../secret.ts'
import { programWeakness } from '../machine/trusted.ts'
import { NOT_THERE, reasonOf, runProgram, type ProgramResult } from './program.ts'

/** A program that prints a secret: `pass show app/db`, `op read op://prod/app/token`. */
export interface SecretCommand {
  readonly type: 'command'
  /** The program and its arguments. With `shell`: a single command line for /bin/sh. */
  readonly words: readonly [string, ...string[]]
  readonly shell: boolean
  readonly seconds: number
}

/** Long enough for a remote service. */
export const USUAL_SECONDS = 30

/** Identifies equal commands, which run only once. */
export function commandKey({ words, shell }: SecretCommand): string {
  return JSON.stringify([shell, ...words])
}

/**
 * Runs a program that prints a secret. A line break at the end is removed.
 *
 * @returns the secret, or the problem with the program's standard error, in which known secrets are masked
 */
export async function runSecretCommand(command: SecretCommand, place?: Place): Promise<Secret | Problem> {
  const terminal = process.stdin.isTTY && process.stderr.isTTY
  const weak = weaknessIn(command, place)
  if (weak !== undefined) return weak
  const ran = await runProgram(wordsOf(command), { seconds: command.seconds, terminal })
  return secretOf(ran, command, place)
}

/** The same, synchronously. */
export function runSecretCommandNow(command: SecretCommand, place?: Place): Secret | Problem {
  const weak = weaknessIn(command, place)
  if (weak !== undefined) return weak
  const [name, ...words] = wordsOf(command)
  const { status, stdout, stderr, error } = spawnSync(name, words, {
    timeout: command.seconds * 1000,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // With an error, output is undefined.
  const said = error === undefined ? stderr.toString('utf8') : ''
  if (error !== undefined || status === null)
    return secretOf(
      { type: 'failed', why: error === undefined ? 'was ended' : reasonOf(error, name), stderr: said },
      command,
      place,
    )
  return secretOf({ type: 'exited', code: status, stdout, stderr: said }, command, place)
}

function weaknessIn({ words, shell }: SecretCommand, place: Place | undefined): Problem | undefined {
  const weakness = shell ? undefined : programWeakness(words[0])
  if (weakness === undefined) return undefined
  return {
    code: 'vars',
    ...(place === undefined ? {} : { place }),
    message: `the program ${words[0]} for a secret is not run: another user can change it`,
    expected: 'a program that only root, you and the owner of the project can write',
    got: `${weakness.path} ${weakness.why}`,
    hint: `remove the write access of others: chown or chmod go-w ${weakness.path}`,
  }
}

function wordsOf({ words, shell }: SecretCommand): readonly [string, ...string[]] {
  return shell ? ['/bin/sh', '-c', words[0]] : words
}

function secretOf(ran: ProgramResult, { words, shell }: SecretCommand, place: Place | undefined): Secret | Problem {
  const name = shell ? 'the shell command for a secret' : `the program ${words[0]} for a secret`
  const about = {
    code: 'vars',
    ...(place === undefined ? {} : { place }),
    ...(ran.stderr === '' ? {} : { output: ran.stderr }),
  } as const
  const hint = 'run it by hand to see what it does'
  if (ran.type === 'failed')
    return {
      ...about,
      message: `${name} ${ran.why}`,
      hint: ran.why === NOT_THERE ? 'install it, or write where it is' : hint,
    }
  if (ran.code !== 0) return { ...about, message: `${name} failed with ${ran.code}`, hint }
  const text = ran.stdout.toString('utf8').replace(/\r?\n$/, '')
  if (text === '') return { ...about, message: `${name} printed nothing`, expected: 'the secret on standard output' }
  return secret(text)
}

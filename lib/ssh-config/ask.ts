import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { RolecallError, type Problem } from '../errors.ts'
import { readAnswer, type SshAnswer } from './answer.ts'
import { wordsOf, type SshQuestion } from './question.ts'

/** Seconds for one answer: `Match exec` may run programs. */
const LONGEST_SECONDS = 30
const MOST_BYTES = 1024 * 1024

/** So many are asked at the same time: each answer takes a processor 10 to 20 ms. */
const AT_ONCE = 2 * availableParallelism()

let running = 0
const waiting: (() => void)[] = []

/**
 * Asks `ssh -G`. Throws a RolecallError with what ssh says of a configuration that it refuses. Undefined where there is no `ssh`.
 *
 * Source: ssh(1), -G.
 */
export async function askProgram(host: string, program: string, question: SshQuestion): Promise<SshAnswer | undefined> {
  if (running >= AT_ONCE) await new Promise<void>((go) => waiting.push(go))
  running++
  try {
    return await ask(host, program, [...wordsOf(question), '--', question.address])
  } finally {
    running--
    waiting.shift()?.()
  }
}

/** What ssh says of a host that no configuration speaks of. */
export function askDefaults(program: string): Promise<SshAnswer | undefined> {
  return ask('', program, ['-F', 'none', '--', 'none'])
}

function ask(host: string, program: string, words: readonly string[]): Promise<SshAnswer | undefined> {
  return new Promise((resolve, reject) => {
    const options = { timeout: LONGEST_SECONDS * 1000, maxBuffer: MOST_BYTES, env: { ...process.env, LC_ALL: 'C' } }
    const child = execFile(program, ['-G', ...words], options, (error, stdout, stderr) => {
      if (error === null) resolve(readAnswer(stdout))
      else if (error.code === 'ENOENT') resolve(undefined)
      else reject(new RolecallError(refused(host, error.killed === true, stderr)))
    })
    child.stdin?.end()
  })
}

function refused(host: string, isLate: boolean, stderr: string): Problem {
  const said = stderr.replaceAll(/^Pseudo-terminal .*\n?/gm, '').trim()
  return {
    code: 'connect',
    host,
    message: isLate
      ? `ssh does not come to an end of its configuration within ${LONGEST_SECONDS} s`
      : 'ssh does not accept its configuration for this host',
    expected: 'ssh -G prints the configuration',
    ...(said === '' ? {} : { got: said }),
    hint: 'see ssh -G and the name of the host; mend ~/.ssh/config, /etc/ssh/ssh_config, or ansible_ssh_args, _common_args and _extra_args in the inventory',
  }
}

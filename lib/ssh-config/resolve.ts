import { RolecallError } from '../errors.ts'
import { processState } from '../process-state.ts'
import { differenceOf, type SshAnswer } from './answer.ts'
import { askDefaults, askProgram } from './ask.ts'
import { configFileOf } from './command-line.ts'
import { readConfigFiles, type ConfigFiles } from './files.ts'
import { keptAnswers, type KeptAnswers } from './kept.ts'
import { answerWithoutProgram, refusedConfig } from './library.ts'
import { plainAnswer } from './plain.ts'
import { sshProgram, type SshProgram } from './program.ts'
import { wordsOf, type SshQuestion } from './question.ts'
import { settingsOf, type SshSettings } from './settings.ts'
import { ConfigFault } from './fault.ts'

/** What was read for one run: the files of ssh's configuration are read once, and so is what is kept of its answers. */
interface Source {
  readonly files: ConfigFiles
  readonly kept: KeptAnswers | undefined
}

interface Resolver {
  /** By the configuration file that the inventory names; '' means the usual ones. */
  readonly sources: Map<string, Source>
  usual: Promise<SshAnswer | undefined> | undefined
  toWrite: NodeJS.Immediate | undefined
}

const resolver = processState<Resolver>(
  () => ({ sources: new Map(), usual: undefined, toWrite: undefined }),
  ({ toWrite }) => clearImmediate(toWrite),
)

/**
 * What ssh's configuration says of a host: the files of the user and the system with all that they include, and the words of the inventory, ranked as
 * ssh ranks them. `ssh -G` is asked only where the answer is not plain and not kept from an earlier run.
 *
 * @param host its name, for messages
 */
export async function resolveSsh(host: string, question: SshQuestion): Promise<SshSettings> {
  const answer = await answerOf(host, question)
  try {
    return settingsOf(question.address, answer)
  } catch (error) {
    if (error instanceof ConfigFault) throw new RolecallError(refusedConfig(host, error))
    throw error
  }
}

async function answerOf(host: string, question: SshQuestion): Promise<SshAnswer> {
  const program = sshProgram()
  const { files, kept } = sourceOf(configFileOf(wordsOf(question)), program)
  const plain = files.weak === undefined ? plainAnswer(question, files.files) : undefined
  if (plain !== undefined) return plain
  if (program === undefined) return answerWithoutProgram(host, question, files)
  const before = kept?.get(question)
  if (before !== undefined) return before
  const usual = (resolver().usual ??= askDefaults(program.path))
  const [answer, defaults] = await Promise.all([askProgram(host, program.path, question), usual])
  if (answer === undefined) return answerWithoutProgram(host, question, files)
  const difference = differenceOf(answer, defaults ?? new Map())
  if (kept !== undefined) {
    kept.set(question, difference)
    writeSoon()
  }
  return difference
}

function sourceOf(only: string | undefined, program: SshProgram | undefined): Source {
  const key = only ?? ''
  const { sources } = resolver()
  const before = sources.get(key)
  if (before !== undefined) return before
  const files = readConfigFiles(only)
  const kept = program === undefined || files.isDynamic ? undefined : keptAnswers(program, files.files)
  const source = { files, kept }
  sources.set(key, source)
  return source
}

/** Once for all that came in together. */
function writeSoon(): void {
  const now = resolver()
  now.toWrite ??= setImmediate(() => {
    now.toWrite = undefined
    for (const { kept } of now.sources.values()) kept?.write()
  })
}

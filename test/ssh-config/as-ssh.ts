import { execFileSync } from 'node:child_process'
import { RolecallError } from '../../lib/errors.ts'
import { readAnswer } from '../../lib/ssh-config/answer.ts'
import { readConfigFiles } from '../../lib/ssh-config/files.ts'
import { answerWithoutProgram } from '../../lib/ssh-config/library.ts'
import { plainAnswer } from '../../lib/ssh-config/plain.ts'
import { wordsOf, type SshQuestion } from '../../lib/ssh-config/question.ts'
import { settingsOf, type SshSettings } from '../../lib/ssh-config/settings.ts'
import { ConfigFault } from '../../lib/ssh-config/fault.ts'

/** The settings of ssh -G, or what ssh says of a configuration that it refuses. */
function settingsBySsh(question: SshQuestion): SshSettings | string {
  const words = ['-G', ...wordsOf(question), '--', question.address]
  try {
    const said = readAnswer(execFileSync('ssh', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }))
    return settingsOf(question.address, said)
  } catch (error) {
    return wordsOfError(error)
  }
}

function wordsOfError(error: unknown): string {
  if (error instanceof ConfigFault) return error.message
  if (error instanceof RolecallError) return error.problems.map(({ message, got }) => got ?? message).join('\n')
  if (error instanceof Error && 'stderr' in error) return String(error.stderr)
  throw error
}

let usual: SshSettings | undefined

function usualSettings(): SshSettings {
  const settings = usual ?? settingsBySsh({ address: 'none', args: { first: ['-F', 'none'], last: [] } })
  if (typeof settings === 'string') throw new Error(settings)
  return (usual = settings)
}

/** What ssh and the part that stands in for ssh make different of one configuration: both what is asked without ssh, and what is plain with it. */
export function differences(question: SshQuestion, config: string): string[] {
  const there = settingsBySsh(question)
  const files = readConfigFiles(config)
  const plain = plainAnswer(question, files.files)
  return [
    ...compared('without ssh', there, settledWithoutSsh(question, config)),
    ...(plain === undefined
      ? []
      : compared(
          'plain',
          there,
          settled(question, () => plain),
        )),
  ]
}

/** What is made of a configuration without ssh, or why it is refused. */
export function settledWithoutSsh(question: SshQuestion, config: string): SshSettings | string {
  return settled(question, () => answerWithoutProgram('h', question, readConfigFiles(config)))
}

function settled(question: SshQuestion, answer: () => ReturnType<typeof readAnswer>): SshSettings | string {
  try {
    return settingsOf(question.address, answer())
  } catch (error) {
    return wordsOfError(error)
  }
}

/** What a default of ssh says that ours leaves unsaid is no difference. */
function compared(way: string, there: SshSettings | string, here: SshSettings | string): string[] {
  if (typeof there === 'string' || typeof here === 'string')
    return typeof there === typeof here
      ? []
      : [
          `${way}: ssh ${typeof there === 'string' ? `refuses: ${there}` : 'takes this'}, here ${typeof here === 'string' ? `refused: ${here}` : 'taken'}`,
        ]
  const defaults = usualSettings()
  return Object.keys(there).flatMap((key) => {
    const of = (settings: SshSettings): unknown => Reflect.get(settings, key)
    const isUsual = JSON.stringify(of(there)) === JSON.stringify(of(defaults))
    if (key === 'algorithms') return algorithmDifferences(there, here, defaults)
    const isSame = JSON.stringify(of(here)) === JSON.stringify(of(there))
    return isSame || (isUsual && ['identityFiles', 'keepaliveSeconds', 'environment'].includes(key))
      ? []
      : [`${way}: ${key}: ssh ${JSON.stringify(of(there))}, here ${JSON.stringify(of(here))}`]
  })
}

function algorithmDifferences(there: SshSettings, here: SshSettings, usual: SshSettings): string[] {
  return (['kex', 'cipher', 'mac', 'hostKey', 'publicKey'] as const).flatMap((kind) => {
    const [ours, theirs] = [here.algorithms[kind] ?? usual.algorithms[kind], there.algorithms[kind]]
    return ours?.join() === theirs?.join() ? [] : [`${kind}: ssh ${theirs?.join() ?? ''}, here ${ours?.join() ?? ''}`]
  })
}

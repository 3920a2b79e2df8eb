import { RolecallError, type Problem } from '../../errors.ts'
import { frame, type Answer, type Bundle, type Part, type Section } from '../../sh/frame.ts'
import { FrameReader, type FrameEvent } from '../../sh/frame-reader.ts'
import type { Input } from '../../sh/input.ts'
import { requestOf, type Request } from './request.ts'
import type { Shell } from './shell.ts'

export interface AskOptions {
  readonly then?: readonly Section[]
  /** The input of the sections with `stdinBytes`, one after the other. */
  readonly stdin?: Uint8Array | readonly Input[]
  /** Runs first, in the shell that lives as long as the run. */
  readonly own?: string
  /** Seconds until the answer must be complete. Default: the deadlines of the steps, and five minutes for questions. */
  readonly seconds?: number
  /** The limit of the answer in bytes. Default: one file, and 2 MiB for each section. */
  readonly mostBytes?: number
  readonly watch?: (event: FrameEvent, stream: 'stdout' | 'stderr') => void
}

type Ended = Extract<FrameEvent, { type: 'end' }>

/**
 * Runs sections as one script in one round trip. Returns the answers of those that ran. Throws a RolecallError if a section has no answer although no
 * earlier section stopped the script.
 */
export async function ask(
  shell: Shell,
  host: string,
  sections: readonly (Section | Bundle)[],
  options: AskOptions,
): Promise<Answer[]> {
  const framed = frame(sections, options.then)
  const ended = { stdout: new Map<string, Ended>(), stderr: new Map<string, Ended>() }
  const reader = (stream: 'stdout' | 'stderr') =>
    new FrameReader(framed.mark, framed.parts, (event) => {
      if (event.type === 'end') ended[stream].set(event.name, event)
      options.watch?.(event, stream)
    })
  const stdout = reader('stdout')
  const stderr = reader('stderr')
  const own = [options.own, framed.own].filter((text) => text !== undefined)
  const code = await shell.run({
    ...requestOf(framed.script),
    ...limitsOf([...sections, ...(options.then ?? [])]),
    ...(options.seconds === undefined ? {} : { seconds: options.seconds }),
    ...(options.mostBytes === undefined ? {} : { mostBytes: options.mostBytes }),
    onStdout: (bytes) => stdout.push(bytes),
    onStderr: (bytes) => stderr.push(bytes),
    ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
    ...(own.length === 0 ? {} : { own: own.join('\n') }),
  })
  return answersOf(framed.parts, ended, (part) => brokenScript(host, part, code))
}

/** The answer of each part that ran. After a failed part, those with `stopOnFailure` do not run. */
function answersOf(
  parts: readonly Part[],
  ended: Readonly<Record<'stdout' | 'stderr', ReadonlyMap<string, Ended>>>,
  problemOf: (part: Part) => Problem,
): Answer[] {
  const answers: Answer[] = []
  let isStopped = false
  for (const part of parts) {
    const out = ended.stdout.get(part.name)
    if (out === undefined) {
      if (isStopped && part.stopOnFailure === true) continue
      throw new RolecallError(problemOf(part))
    }
    const stderr = ended.stderr.get(part.name)?.bytes ?? new Uint8Array()
    answers.push({ name: part.name, code: out.code, stdout: out.bytes, stderr })
    isStopped ||= part.stopOnFailure === true && out.code !== 0
  }
  return answers
}

/** Seconds that probes may take together. apt alone takes several on a slow and busy host. */
const ASKING_SECONDS = 300
/** A step that is ended at its deadline has 5 s more, and its processes are waited for up to 30 s. */
const GRACE_SECONDS = 10
const REMAINS_SECONDS = 60
const MIB = 1024 * 1024

/** The limits of an answer in time and size: a silent or endless host is given up. */
function limitsOf(sections: readonly (Section | Bundle)[]): Pick<Request, 'seconds' | 'mostBytes'> {
  const deadlines = sections.flatMap(({ deadline }) => (deadline === undefined ? [] : [deadline + GRACE_SECONDS]))
  const seconds = ASKING_SECONDS + REMAINS_SECONDS + deadlines.reduce((sum, deadline) => sum + deadline, 0)
  // The output of steps is limited as a whole; a probe prints at most one file.
  return { seconds, mostBytes: deadlines.length > 0 ? 160 * MIB : 8 * MIB + sections.length * 2 * MIB }
}

function brokenScript(host: string, part: Part, code: number): Problem {
  return {
    code: 'step-failed',
    host,
    resource: part.of ?? part.name,
    message: `the script of ${part.of ?? part.name} broke off before it could answer (status ${code})`,
    hint: 'a syntax error in its shell text is the usual cause',
  }
}

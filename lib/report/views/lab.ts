import { isScreen } from '../text/screen-size.ts'
import type { WriteStream } from 'node:tty'
import type { LabProgress, LabStatus, NodeState, Saved, Say } from '../../lab/lab.ts'
import { paintFor, type Paint } from '../text/paint.ts'
import { cut, pad, width } from '../text/width.ts'
import { duration, oneLine } from '../text/words.ts'

/** Shows the lab's progress. */
interface LabView {
  readonly say: Say
  end(): void
}

/** Shows progress of the lab: one line that is overwritten while a step reports a fraction, permanent lines for the rest. */
export async function labView(stream: WriteStream): Promise<LabView> {
  const paint = paintFor('stdout')
  if (!isScreen(stream)) {
    let told = ''
    const say: Say = (progress) => {
      // A log shows only every tenth.
      const key = `${progress.step} ${progress.node ?? ''} ${progress.fraction === undefined ? progress.detail : Math.floor(progress.fraction * 10)}`
      if (key !== told) stream.write(`${labLine(progress, paint)}\n`)
      told = key
    }
    return { say, end: () => undefined }
  }
  const { DrawnLines } = await import('./drawn-lines.ts')
  const screen = new DrawnLines(stream)
  const say: Say = (progress) => {
    const line = cut(labLine(progress, paint), stream.columns - 1)
    if (progress.fraction === undefined || progress.fraction >= 1) screen.draw([], [line])
    else screen.draw([line])
  }
  return {
    say,
    end: () => screen.clear(),
  }
}

/** One line of progress. */
function labLine({ step, node, detail, fraction }: LabProgress, paint: Paint): string {
  const share = fraction === undefined || fraction >= 1 ? '' : ` ${paint.dim(`${Math.floor(fraction * 100)} %`)}`
  const isReady = step === 'host' && fraction === 1
  return `${pad(node ?? step, 12)}  ${isReady ? paint.ok(oneLine(detail)) : oneLine(detail)}${share}`
}

/** `rolecall lab status` */
export function labStatusLines({ name, isUp, project, subnet, bridge, nodes, mirror }: LabStatus): string[] {
  if (!isUp) return [`lab ${name} is not up: rolecall lab up boots it`]
  const paint = paintFor('stdout')
  const column = Math.max(0, ...nodes.map((node) => width(node.name)))
  const artifacts = mirror && `  ${pad('mirror', column)}  ${mirror.url}  ${brush(mirror.state, paint)(mirror.state)}`
  return [
    `lab ${name} of ${project ?? '?'}, ${subnet ?? '?'} on ${bridge ?? '?'}`,
    ...nodes.map((node) => {
      const up = node.uptimeSeconds === undefined ? '' : `up ${duration(node.uptimeSeconds * 1000)}`
      return `  ${pad(node.name, column)}  ${pad(node.address, 13)}  ${node.family.padEnd(6)}  ${brush(node.state, paint)(node.state.padEnd(8))}  ${up}`.trimEnd()
    }),
    ...(artifacts === undefined ? [] : [artifacts]),
  ]
}

/** `rolecall lab saved` */
export function savedLines(all: readonly Saved[]): string[] {
  if (all.length === 0) return ['nothing is saved: rolecall lab save LABEL keeps the disks of the hosts']
  const column = Math.max(...all.map(({ label }) => width(label)))
  return all.map(({ label, nodes, at }) => `${pad(label, column)}  ${at.toISOString()}  ${nodes.join(', ')}`)
}

function brush(state: NodeState, paint: Paint): (text: string) => string {
  switch (state) {
    case 'running':
      return paint.ok
    case 'booting':
    case 'stopping':
      return paint.change
    case 'stopped':
      return paint.dim
    case 'broken':
      return paint.failed
  }
}

import { ensureArguments } from '../../lib/converge/events/ensure-arguments.ts'
import { ensure } from '../../lib/converge/ensure.ts'
import { probeStarted } from '../../lib/converge/round-trips/probe-started.ts'
import { StartedResources } from '../../lib/converge/started-resources.ts'
import { RolecallError } from '../../lib/errors.ts'
import type { RunEvent } from '../../lib/events.ts'
import { Host } from '../../lib/host/host.ts'
import { Prediction } from '../../lib/resources/prediction/prediction.ts'
import type { Resource } from '../../lib/resources/kit/kind.ts'
import { raw } from '../../lib/sh/quote.ts'
import { lab, onLab, requireOwn } from '../support/lab.ts'

/** A host of the test lab, for tests that need real packages and a real systemd. */
export class Machine {
  readonly #host: Host
  /** What was said of waiting, in the order it was said. */
  readonly waits: string[] = []

  constructor(host: Host) {
    this.#host = host
  }

  /** What `ensure` says of each resource, as `status: step; step`; of a refusal its message, and how it ended on the host. */
  async make(mode: 'check' | 'apply', ...resources: readonly Resource[]): Promise<readonly string[]> {
    const said: string[] = []
    const emit = (event: RunEvent) => {
      if (event.type === 'waiting') this.waits.push(event.message)
      if (event.type === 'resource') said.push([event.status, ...event.steps].join(': '))
    }
    const signal = new AbortController().signal
    try {
      await ensure(
        { host: this.#host, role: 'test', mode, prediction: new Prediction(), emit, signal },
        ensureArguments(resources),
      )
    } catch (error) {
      if (!(error instanceof RolecallError)) throw error
      return [...said, ...error.problems.map(({ message, output = '' }) => `${message}\n${output}`)]
    }
    return said
  }

  /** Applies, and gives what was said of what it had started when that was looked at again. */
  async later(...resources: readonly Resource[]): Promise<readonly string[]> {
    const started = new StartedResources()
    const { signal } = new AbortController()
    const context = { host: this.#host, role: 'test', mode: 'apply', prediction: new Prediction(), started } as const
    await ensure({ ...context, emit: () => undefined, signal }, ensureArguments(resources))
    return (await probeStarted(started, signal)).map(({ message, lastLine = '' }) => `${message}; ${lastLine}`)
  }

  /** Check, apply, apply again: the first two say the same, and the third that there is nothing left to do. */
  async settle(...resources: readonly Resource[]): Promise<{
    readonly check: readonly string[]
    readonly apply: readonly string[]
    readonly again: readonly string[]
  }> {
    const check = await this.make('check', ...resources)
    const apply = await this.make('apply', ...resources)
    return { check, apply, again: await this.make('apply', ...resources) }
  }

  /**
   * What a role with these lists for `ensure` says, one after another: `status kind:name: step; step`, for an unknown one with why, and
   * `refused: message`. It ends with the first refusal, as a role does.
   */
  async role(mode: 'check' | 'apply', ensures: readonly (readonly Resource[])[]): Promise<readonly string[]> {
    const said: string[] = []
    const emit = (event: RunEvent) => {
      if (event.type !== 'resource') return
      const { status, resource, steps, reason } = event
      // What follows a refusal says nothing of its own, and neither does the one that is refused: its problem does.
      if (status === 'skipped' || status === 'failed') return
      const words = status === 'unknown' ? [reason ?? ''] : steps
      said.push([`${status} ${resource}`, ...(words.length === 0 ? [] : [words.join('; ')])].join(': '))
    }
    const prediction = new Prediction()
    const signal = new AbortController().signal
    for (const resources of ensures) {
      try {
        await ensure({ host: this.#host, role: 'test', mode, prediction, emit, signal }, ensureArguments(resources))
      } catch (error) {
        if (!(error instanceof RolecallError)) throw error
        return [...said, ...error.problems.map(({ message }) => `refused: ${message}`)]
      }
    }
    return said
  }

  /** Runs a script as root and gives what it printed; throws when it fails. */
  async sh(script: string): Promise<string> {
    const [answer] = await this.#host.ask([{ name: 'test', sh: raw(script) }])
    const text = (bytes: Uint8Array | undefined) =>
      Buffer.from(bytes ?? [])
        .toString('utf8')
        .trim()
    if (answer?.code !== 0) throw new Error(`${script}\nends with ${answer?.code ?? '?'}: ${text(answer?.stderr)}`)
    return text(answer.stdout)
  }
}

/** A test with a connection of its own to one host, which it leaves as it was. */
export function onHost(name: string, says: string, work: (machine: Machine) => Promise<void>): void {
  onLab(says, async () => {
    requireOwn(name)
    const { nodes, user, privateKey, knownHosts } = await lab()
    const host = await Host.connect(name, {
      kind: 'ssh',
      address: nodes.find((each) => each.name === name)?.address ?? name,
      port: 22,
      user,
      privateKeyFile: privateKey,
      knownHostsFile: knownHosts,
      unknownHostKey: 'refuse',
      become: { user: 'root' },
    })
    try {
      await work(new Machine(host))
    } finally {
      host.close()
    }
  })
}

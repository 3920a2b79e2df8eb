import { ensureArguments } from '../../converge/events/ensure-arguments.ts'
import type { Calls } from '../../converge/context/calls.ts'
import { roleCommands } from '../../converge/context/command.ts'
import { readFetch } from '../../converge/context/fetch-options.ts'
import type { RoleActions } from '../../converge/context/role-actions.ts'
import { commandsOf } from '../../host/commands.ts'
import { Host } from '../../host/host.ts'
import type { Outcome } from '../../playbook/role-commands.ts'
import type { Resource } from '../../resources/kit/kind.ts'
import { markIn } from '../../sh/frame.ts'
import { connectMemory, type MemoryAnswer } from '../../transport/memory.ts'
import { detailsIn } from './details.ts'
import type { PlayOptions } from './options.ts'

/** A host in memory on which a role is played, and where its requests are recorded. */
export interface PlayedPlace extends Pick<PlayOptions<never>, 'files' | 'answers' | 'details' | 'checking'> {
  readonly name: string
  readonly command: (command: string) => void
  readonly asked: (resources: readonly Resource[]) => void
  readonly fetched: (file: { readonly path: string; readonly to: string }) => void
}

/** The hosts in memory of one role that is played. */
export class PlayedHosts {
  readonly #calls: Calls
  readonly #machines: Host[] = []

  constructor(calls: Calls) {
    this.#calls = calls
  }

  /** The functions by which the role acts on a host. Every resource counts as changed. */
  async actionsOn(place: PlayedPlace): Promise<RoleActions> {
    const calls = this.#calls
    const machine = await hostInMemory(place.name, (command) => {
      place.command(command)
      return place.answers?.(command) ?? {}
    })
    this.#machines.push(machine)
    const ask = <T>(what: string, wanted: readonly Resource[], answer: (outcomes: Outcome[]) => T): Promise<T> => {
      calls.given(wanted)
      place.asked(wanted)
      return calls.call(what, () => Promise.resolve(answer(wanted.map(asChanged))))
    }
    return {
      changes(...given) {
        calls.given(ensureArguments(given))
        return calls.call('changes', () => Promise.resolve(true))
      },
      checking: place.checking ?? false,
      ensure: (...given) => ask('ensure', ensureArguments(given), (outcomes) => outcomes),
      $: roleCommands(
        calls,
        (resource) => ask('$({ ... })', [resource], only),
        () => commandsOf(machine),
      ),
      details: (more) => calls.call('details', () => Promise.resolve(detailsIn(place.details, more))),
      exists: (path) => calls.call('exists', () => Promise.resolve(isThere(place.files ?? {}, path))),
      read: (path) => calls.call('read', () => Promise.resolve(place.files?.[path])),
      fetchFile(path, to, more = {}) {
        place.fetched({ path, to: readFetch(path, to, more, place.name).to })
        return calls.call('fetchFile', () => Promise.resolve({ resource: `fetchFile:${path}`, status: 'changed' }))
      },
    }
  }

  close(): void {
    for (const machine of this.#machines) machine.close()
  }
}

/** A resource that is played is never probed: it counts as changed. */
export function asChanged({ id }: Resource): Outcome {
  return { resource: id, status: 'changed' }
}

/** A host without a machine. The first request asks for facts, which are not used: a role gets those of the options. */
function hostInMemory(name: string, answer: (command: string) => MemoryAnswer): Promise<Host> {
  let isFirst = true
  const connection = connectMemory((script) => {
    if (!isFirst) return answer(script)
    isFirst = false
    const mark = markIn(script) ?? ''
    const section = `\n${mark} s 0\n\n${mark} e 0 0\n`
    return { stdout: section, stderr: section }
  })
  return Host.over(name, connection)
}

function only([outcome]: readonly Outcome[]): Outcome {
  if (outcome === undefined) throw new Error('a command had no outcome')
  return outcome
}

function isThere(files: Readonly<Record<string, string>>, path: string): boolean {
  return Object.keys(files).some((file) => file === path || file.startsWith(`${path}/`))
}

import { setTimeout as sleep } from 'node:timers/promises'
import { drain, fill } from './limited-disk.ts'
import type { Machine } from './machine.ts'

/** Who is struck: a host, and the run that is at work on it. */
export interface Victim {
  readonly machine: Machine
  readonly killController: () => void
}

/** One way to stop a run. */
export interface Fault {
  readonly name: string
  /** Whether it stops the run on all hosts, or on the one that is struck. */
  readonly stops: 'run' | 'host'
  /** Whether the host boots because of it. */
  readonly boots?: boolean
  strike(victim: Victim): Promise<void>
  /** What a person would do before running again; for most there is nothing to do. */
  heal?(victim: Victim): Promise<void>
  /** When it is healed: at once, or when the run has ended. */
  readonly healedAfter?: 'run'
}

export const faults: readonly Fault[] = [
  {
    name: 'SIGKILL of the controller',
    stops: 'run',
    strike: ({ killController }) => Promise.resolve(killController()),
  },
  {
    name: 'TCP reset',
    stops: 'host',
    // The host's own end is destroyed, which sends a reset to ours.
    strike: async ({ machine }) => {
      await machine.inNetwork('ss', '-K', 'sport', '=', ':22')
    },
  },
  {
    name: 'reboot of the host',
    stops: 'host',
    boots: true,
    async strike({ machine }) {
      const before = await machine.leader()
      await machine.run('systemctl reboot --no-block')
      for (let now = before; now === before || now === undefined; now = await machine.leader()) await sleep(50)
    },
    heal: ({ machine }) => machine.ready(),
  },
  {
    name: 'power cut',
    stops: 'host',
    boots: true,
    strike: ({ machine }) => machine.cutPower(),
    heal: ({ machine }) => machine.boot(),
  },
  {
    name: 'full disk',
    stops: 'host',
    strike: ({ machine }) => fill(machine),
    heal: ({ machine }) => drain(machine),
    healedAfter: 'run',
  },
  {
    name: 'sshd restarted',
    stops: 'host',
    // A restart alone leaves sessions alone; an upgrade or a careless one takes them along.
    strike: async ({ machine }) => {
      await machine.run("systemctl restart ssh; pkill -KILL -f '^sshd: [^/]' || [ $? = 1 ]")
    },
  },
]

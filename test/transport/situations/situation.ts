import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerName, World } from './world.ts'

/** How it ends: let in at a port, or what keeps from it. */
export type Outcome = 'in' | 'auth' | 'host-key' | 'connect'

/** One thing that operators have in their configuration. */
export interface Situation {
  readonly name: string
  /** Lines of ssh_config(5); the host is `target`. */
  readonly config: (world: World) => readonly string[]
  readonly known?: (world: World) => readonly string[]
  /** At which host it ends. */
  readonly at?: ServerName
  readonly ends?: Outcome
  readonly agent?: keyof World['agents']
  readonly args?: (world: World) => readonly string[]
  readonly password?: string
  readonly passphrase?: string
  /** A variable of the session that is compared. */
  readonly variable?: string
  readonly environment?: (world: World) => Readonly<Record<string, string>>
  /** Whether the host's own keys, once let in, come to stand in known_hosts: the files are compared as well. */
  readonly comparesKnown?: true
  /** The default transport ends in another way than ssh on purpose. */
  readonly ours?: Outcome
}

export const to =
  (name: ServerName, ...more: readonly string[]) =>
  (world: World) => [
    'Host target',
    '  HostName 127.0.0.1',
    `  Port ${world.ports[name]}`,
    `  IdentityFile ${world.room}/id_ed25519`,
    ...more.map((line) => `  ${line.replaceAll('ROOM', world.room)}`),
  ]

export const withKey =
  (file: string, ...more: readonly string[]) =>
  (world: World) => [
    'Host target',
    '  HostName 127.0.0.1',
    `  Port ${world.ports.plain}`,
    `  IdentityFile ${world.room}/${file}`,
    '  IdentitiesOnly yes',
    ...more.map((line) => `  ${line.replaceAll('ROOM', world.room)}`),
  ]

export const hop = (world: World, name: string, server: ServerName, ...more: readonly string[]) => [
  `Host ${name}`,
  '  HostName 127.0.0.1',
  `  Port ${world.ports[server]}`,
  `  IdentityFile ${world.room}/id_ed25519`,
  ...more.map((line) => `  ${line}`),
]

export const lineFor = (world: World, name: ServerName, key = world.hostKey) =>
  `[127.0.0.1]:${world.ports[name]} ${key}`

/** A host with neither key nor anything else but these lines. */
export const target = (world: World, ...lines: readonly string[]) => [
  'Host target',
  '  HostName 127.0.0.1',
  `  Port ${world.ports.plain}`,
  ...lines.map((line) => `  ${line.replaceAll('ROOM', world.room)}`),
]

/** Writes files beside the configuration, and gives its lines. */
export const beside =
  (files: Readonly<Record<string, (world: World) => readonly string[]>>, lines: (world: World) => readonly string[]) =>
  (world: World) => {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(world.room, name, '..'), { recursive: true })
      writeFileSync(join(world.room, name), `${content(world).join('\n')}\n`, { mode: 0o600 })
    }
    return lines(world)
  }

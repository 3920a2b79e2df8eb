import { createHash } from 'node:crypto'
import type { Secret } from '../secret.ts'
import { imageName } from './docker-image.ts'
import { wrong } from './path.ts'

export interface DockerContainerOptions {
  readonly image: string
  readonly command?: readonly string[]
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly env?: Readonly<Record<string, string | Secret>>
  readonly network?: string
  readonly restart?: 'no' | 'always' | 'unless-stopped' | 'on-failure' | `on-failure:${number}`
  readonly user?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly state?: 'running' | 'stopped' | 'absent'
}

export interface ContainerWant extends DockerContainerOptions {
  readonly name: string
  readonly restart: NonNullable<DockerContainerOptions['restart']>
  readonly state: NonNullable<DockerContainerOptions['state']>
}

/** Checks what a person wrote. */
export function containerWant(name: string, options: DockerContainerOptions): ContainerWant {
  const of = `dockerContainer ${name}`
  const {
    image,
    command = [],
    ports = [],
    volumes = [],
    env = {},
    network,
    restart = 'no',
    user,
    labels = {},
  } = options
  if (!/^[a-zA-Z0-9][\w.-]+$/.test(name))
    throw wrong('dockerContainer', 'a name of letters, digits, _, . and -', JSON.stringify(name))
  imageName(of, image)
  for (const port of ports)
    if (!/^((\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):)?(\d+(-\d+)?:)?\d+(-\d+)?(\/(tcp|udp|sctp))?$/.test(port))
      throw wrong(`ports of ${of}`, 'such as 8080:80 or 127.0.0.1:53:53/udp', JSON.stringify(port))
  for (const volume of volumes)
    if (!/^[^:]+:\/[^:]*(:[\w,]+)?$/.test(volume))
      throw wrong(`volumes of ${of}`, 'such as /data/app:/var/lib/app:ro', JSON.stringify(volume))
  for (const [key, value] of Object.entries(env)) {
    if (!/^[^\s=#][^\s=]*$/.test(key)) throw wrong(`env of ${of}`, 'names of variables', JSON.stringify(key))
    // docker-run(1) reads an env-file line by line, and knows no quotes.
    if (/[\n\r\0]/.test(textOf(value)))
      throw wrong(`env ${key} of ${of}`, 'a value of one line', 'one with line breaks')
  }
  if (!/^(no|always|unless-stopped|on-failure(:\d+)?)$/.test(restart))
    throw wrong(`restart of ${of}`, 'no, always, unless-stopped or on-failure:N', JSON.stringify(restart))
  for (const [what, value] of Object.entries({ network, user }))
    if (value !== undefined && !/^[\w][\w.:-]*$/.test(value))
      throw wrong(`${what} of ${of}`, 'one word', JSON.stringify(value))
  for (const key of Object.keys(labels))
    if (!/^[^\s=]+$/.test(key) || key === DIGEST_LABEL)
      throw wrong(`labels of ${of}`, 'names of labels', JSON.stringify(key))
  return { ...options, name, command, restart, state: options.state ?? 'running' }
}

/** The label that a container carries: what it was made from. */
export const DIGEST_LABEL = 'rolecall.config'

/**
 * A digest of all that is said about a container, but for its state and for what is compared with the container itself. Values of the
 * environment are in it by their own digests.
 */
export function configDigest({
  name,
  image,
  command,
  ports,
  volumes,
  env = {},
  network,
  user,
  labels,
}: ContainerWant): string {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  const values = Object.entries(env).map(([key, value]) => [key, hash(`${name} ${key} ${textOf(value)}`)])
  return hash(
    JSON.stringify([
      image,
      command,
      ports ?? [],
      volumes ?? [],
      sorted(values),
      network,
      user,
      sorted(Object.entries(labels ?? {})),
    ]),
  ).slice(0, 32)
}

function sorted(pairs: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return [...pairs].sort(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0))
}

export function textOf(value: string | Secret): string {
  return typeof value === 'string' ? value : value.reveal()
}

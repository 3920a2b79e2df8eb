import { createHash } from 'node:crypto'
import type { Secret } from '../../secret.ts'
import { imageOption } from './image.ts'
import {
  either,
  flag,
  list,
  nested,
  oneOf,
  record,
  seconds,
  secretText,
  text,
  value,
  whole,
} from '../kit/options/option-types.ts'
import { containerFlagOptions, flagsGiven, type ContainerFlags } from './container-flags.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'

export interface DockerContainerOptions extends ContainerFlags {
  readonly image: string
  readonly command?: readonly string[]
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly env?: Readonly<Record<string, string | Secret | undefined>>
  /** The networks that it is in; the first one is there from its making. Default the bridge. */
  readonly network?: string | readonly string[]
  readonly restart?: 'no' | 'always' | 'unless-stopped' | 'on-failure' | `on-failure:${number}`
  readonly user?: string
  readonly labels?: Readonly<Record<string, string | undefined>>
  readonly state?: 'running' | 'stopped' | 'absent'
  readonly healthcheck?: {
    readonly command: string
    readonly interval?: string
    readonly timeout?: string
    readonly startPeriod?: string
    readonly retries?: number
  }
  readonly memory?: string
  readonly hostname?: string
  readonly privileged?: boolean
  readonly capabilities?: readonly string[]
  readonly deadline?: number
}

export interface ContainerWant extends Omit<DockerContainerOptions, 'env' | 'labels'> {
  readonly env?: Readonly<Record<string, string | Secret>>
  readonly labels?: Readonly<Record<string, string>>
  readonly name: string
  readonly restart: NonNullable<DockerContainerOptions['restart']>
  readonly state: NonNullable<DockerContainerOptions['state']>
}

const NAME = /^[a-zA-Z0-9][\w.-]+$/
const PORT = /^((\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):)?(\d+(-\d+)?:)?\d+(-\d+)?(\/(tcp|udp|sctp))?$/
const WORD = /^[\w][\w.:-]*$/

const duration = () => text('a time such as 30s or 1m30s', /^(\d+(ms|[smh]))+$/)

const isRestart = (given: unknown) =>
  typeof given === 'string' && /^(no|always|unless-stopped|on-failure(:\d+)?)$/.test(given)

const read = resourceOptions<DockerContainerOptions>()(
  'dockerContainer',
  (name) => {
    if (typeof name === 'string' && NAME.test(name)) return name
    throw invalidOption(
      'dockerContainer',
      'a name of two letters or more: letters, digits, _, . and -',
      describeValue(name),
    )
  },
  () => ({
    image: imageOption(),
    command: list('a list of words', text()).optional(),
    ports: list('a list of ports', text('such as 8080:80 or 127.0.0.1:53:53/udp, in quotes', PORT)).optional(),
    volumes: list(
      'a list of volumes',
      text('such as /data/app:/var/lib/app:ro', /^(\/[^:]*|[^:]+:\/[^:]*(:[\w,]+)?)$/),
    ).optional(),
    // docker-run(1) reads an env-file line by line, and knows no quotes.
    env: record(
      'names and values of variables',
      secretText('a text of one line, or a Secret', (given) => !/[\n\r\0]/.test(given)),
    ).optional(),
    network: either(
      'one word, or a list of networks',
      text('one word', WORD),
      list('a list of networks', text('one word', WORD)),
    ).optional(),
    restart: value<NonNullable<DockerContainerOptions['restart']>>(
      'no, always, unless-stopped or on-failure:N',
      isRestart,
    ).optional(),
    user: text('one word, in quotes', WORD).optional(),
    labels: record('names and values of labels', text()).optional(),
    state: oneOf(['running', 'stopped', 'absent']).optional(),
    healthcheck: nested('{ command, interval, timeout, startPeriod, retries }', {
      command: text('a command line for the shell of the image', /\S/),
      interval: duration().optional(),
      timeout: duration().optional(),
      startPeriod: duration().optional(),
      retries: whole('a whole number, at least 1', 1, 1000).optional(),
    }).optional(),
    memory: text('a size such as 512m', /^\d+[bkmg]?$/i).optional(),
    hostname: text('a name', /^[\w.-]+$/).optional(),
    privileged: flag().optional(),
    capabilities: list('a list of capabilities', text('such as NET_ADMIN', /^[A-Z_]+$/)).optional(),
    ...containerFlagOptions(),
    deadline: seconds().optional(),
  }),
  ({ env = {}, labels = {}, network }) => [
    Array.isArray(network) && network.length === 0
      ? { what: 'network', expected: 'at least one, or left out', got: 'none' }
      : undefined,
    ...Object.keys(env)
      .filter((key) => !/^[^\s=#][^\s=]*$/.test(key))
      .map((key) => ({ what: 'env', expected: 'names of variables', got: JSON.stringify(key) })),
    ...Object.keys(labels)
      .filter((key) => !/^[^\s=]+$/.test(key) || key === DIGEST_LABEL)
      .map((key) => ({ what: 'labels', expected: 'names of labels', got: JSON.stringify(key) })),
  ],
)

/** Checks what a person wrote. */
export function containerWant(givenName: string, given: DockerContainerOptions): ContainerWant {
  const { name, options } = read(givenName, given)
  const { command = [], restart = 'no', state = 'running' } = options
  // Docker knows no difference between these two.
  return { ...options, name, command, restart: restart === 'on-failure:0' ? 'on-failure' : restart, state }
}

/** The label that a container carries: what it was made from. */
export const DIGEST_LABEL = 'rolecall.config'

/**
 * A digest of all that is said about a container, but for its state and for what is compared with the container itself. Values of the
 * environment are in it by their own digests.
 */
export function configDigest(want: ContainerWant): string {
  const { name, image, command, ports, volumes, env = {}, network, user, labels } = want
  const { healthcheck, memory, hostname, privileged, capabilities } = want
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  const more = [healthcheck, memory, hostname, privileged, capabilities]
  const flags = flagsGiven(want)
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
      // What was made without these has the same digest as before.
      ...(more.some((each) => each !== undefined) ? [more] : []),
      ...(flags.length === 0 ? [] : [{ flags }]),
    ]),
  ).slice(0, 32)
}

function sorted(pairs: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return [...pairs].sort(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0))
}

export function textOf(value: string | Secret): string {
  return typeof value === 'string' ? value : value.reveal()
}

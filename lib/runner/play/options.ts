import type { MemoryAnswer } from '../../transport/memory.ts'
import type { HostDetails } from '../../host-details.ts'
import type { Facts } from '../../facts.ts'
import { flag, list, nested, text, value } from '../../resources/kit/options/option-types.ts'
import { objectOptions } from '../../resources/kit/options/options.ts'
import { isPlain } from '../../resources/kit/options/describe-value.ts'

type Vars = Readonly<Record<string, unknown>>
type Known = NonNullable<PlayOptions<Vars>['host']>

const texts = () => list('a list of texts', text())

const readHost = objectOptions<Known>()(() => ({
  name: text().optional(),
  address: text().optional(),
  groups: texts().optional(),
  hostname: text().optional(),
  os: value<Facts['os']>('{ family, id, version, name }', isOs).optional(),
  arch: text().optional(),
  init: value<Facts['init']>("'systemd' or 'other'", (given) => given === 'systemd' || given === 'other').optional(),
  packageManager: value<Facts['packageManager']>('the name of a package manager', isText).optional(),
  digest: value<Facts['digest']>(
    "'b2sum' or 'sha256sum'",
    (given) => given === 'b2sum' || given === 'sha256sum',
  ).optional(),
  addresses: texts().optional(),
  networks: list('a list of { device, cidr }', nested('{ device, cidr }', { device: text(), cidr: text() })).optional(),
  uid: value<number>('a whole number', (given) => Number.isInteger(given)).optional(),
}))

function isHost(given: unknown): boolean {
  return isPlain(given) && isText(given['name']) && isText(given['address'])
}

function isSite(given: unknown): boolean {
  return isPlain(given) && Object.values(given).every((hosts) => Array.isArray(hosts) && hosts.every(isHost))
}

function isTexts(given: unknown): boolean {
  return isPlain(given) && Object.values(given).every((each) => typeof each === 'string')
}

type Options = PlayOptions<Vars>

const readPlay = objectOptions<Options>()(() => ({
  vars: value<Vars>('the variables of the role', isPlain).optional(),
  host: value<Known>('what the host is like', isPlain).optional(),
  site: value<NonNullable<Options['site']>>('lists of hosts by their pattern', isSite).optional(),
  files: value<NonNullable<Options['files']>>('texts by their paths', isTexts).optional(),
  answers: value<NonNullable<Options['answers']>>('a function', (given) => typeof given === 'function').optional(),
  details: value<NonNullable<Options['details']>>('what details() gives', isPlain).optional(),
  checking: flag().optional(),
}))

/** Refuses options that `play` does not know, with the nearest name. */
export function checkPlayOptions(given: unknown, role: string): void {
  const { host: known } = readPlay(`play(${role})`, given)
  if (known !== undefined) readHost(`host of play(${role})`, known)
}

function isText(given: unknown): given is string {
  return typeof given === 'string' && given !== ''
}

function isOs(given: unknown): boolean {
  return isPlain(given) && ['family', 'id', 'version', 'name'].every((name) => typeof given[name] === 'string')
}

export interface PlayOptions<Vars> {
  /** The role's variables. The role's schema validates them, as in a run. */
  readonly vars?: Vars
  /** The facts of the host, where they matter. Default: Debian 12 with systemd, named node-01, 192.0.2.1. */
  readonly host?: Partial<
    Facts & { readonly name: string; readonly address: string; readonly groups: readonly string[] }
  >
  /** The result of `site.hosts(pattern)`, by the pattern as the role writes it. Default: `all` is the host itself. */
  readonly site?: Readonly<Record<string, readonly PlayHost[]>>
  /** The files that `exists` and `read` find, by path. */
  readonly files?: Readonly<Record<string, string>>
  /** The answers to commands of `$.read`. Default: nothing printed, status 0. */
  readonly answers?: (command: string) => MemoryAnswer | undefined
  /** What `details` gives: hardware and custom facts, where they matter. Default: a small virtual machine without custom facts. */
  readonly details?: Partial<HostDetails> & { readonly custom?: Readonly<Record<string, unknown>> }
  /** The value of `checking`. Default: false. */
  readonly checking?: boolean
}

/** A host of `PlayOptions.site`. */
export interface PlayHost {
  readonly name: string
  readonly address: string
  readonly groups?: readonly string[]
  /** Variables of its roles by the role's name, and shared variables by their own. */
  readonly vars?: Readonly<Record<string, unknown>>
  /** The content of its files by path, for a role that reads them there. */
  readonly files?: Readonly<Record<string, string>>
  /** The answers to commands of `$.read` there, by `site.on`. Default: nothing printed, status 0. */
  readonly answers?: (command: string) => MemoryAnswer | undefined
  /** Its facts, where they matter. Default: those of the host that the role is played for. */
  readonly facts?: Partial<Facts>
}

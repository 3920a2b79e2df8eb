import { flag, list, path, record, text, value, whole } from '../kit/options/option-types.ts'

/** What a container gets beside its image, its command and its connections: each is one option of `docker create`. */
export interface ContainerFlags {
  /** The program in place of the image's own; `command` holds its words. */
  readonly entrypoint?: string
  /** Where the program begins, in the container. */
  readonly cwd?: string
  /** As `docker create --mount` has them: `type=bind,source=/srv/app,target=/app,readonly`. */
  readonly mounts?: readonly string[]
  /** Paths in memory, with options: `/run:size=64m`. */
  readonly tmpfs?: readonly string[]
  /** Devices of the host: `/dev/dri`, `/dev/sda:/dev/xvda:r`. */
  readonly devices?: readonly string[]
  /** Limits of its processes: `{ nofile: '1024:4096' }`, soft and hard. */
  readonly ulimits?: Readonly<Record<string, string | number | undefined>>
  /** Kernel parameters of its own namespaces: `{ 'net.core.somaxconn': 1024 }`. */
  readonly sysctls?: Readonly<Record<string, string | number | undefined>>
  /** `['no-new-privileges']`, `['seccomp=/etc/docker/app.json']`. */
  readonly securityOptions?: readonly string[]
  readonly dropCapabilities?: readonly string[]
  /** Nothing of its root can be written. Default false. */
  readonly readOnly?: boolean
  /** A small init that reaps processes. Default false. */
  readonly init?: boolean
  /** Names and addresses for its /etc/hosts: `{ db: '10.0.0.5' }`. */
  readonly hosts?: Readonly<Record<string, string | undefined>>
  /** Addresses of its name servers. */
  readonly dns?: readonly string[]
  /** How many processors it may use: `1.5`. */
  readonly cpus?: number
  /** The size of its /dev/shm: `256m`. */
  readonly shmSize?: string
  /** Where its output goes, such as `json-file` or `journald`, and options of that: `{ 'max-size': '10m' }`. */
  readonly logDriver?: string
  readonly logOptions?: Readonly<Record<string, string | number | undefined>>
  /** Whose processes it sees: `host` or `container:NAME`. */
  readonly pid?: string
  /** Whose shared memory it sees: `host`, `private`, `shareable` or `container:NAME`. */
  readonly ipc?: string
  /** More groups of its user, by name or number. */
  readonly groups?: readonly string[]
  /** The signal that stops it, and the seconds until it is killed. */
  readonly stopSignal?: string
  readonly stopTimeout?: number
}

const LINE = /^[^\s\0][^\r\n\0]*$/
const settings = (expected: string) =>
  record(
    expected,
    value<string | number>('a text of one line or a number', (given) =>
      typeof given === 'string' ? LINE.test(given) : typeof given === 'number' && Number.isFinite(given),
    ),
  )
const words = (expected: string, item: string, form = LINE) => list(expected, text(item, form))

/** The schemas of these options. */
export const containerFlagOptions = () => ({
  entrypoint: text('a program of the image', LINE).optional(),
  cwd: path('an absolute path in the container').optional(),
  mounts: words(
    'a list of mounts',
    'such as type=bind,source=/srv,target=/srv',
    /^(?=.*\btarget=|.*\bdst=|.*\bdestination=)[^\r\n\0]+$/,
  ).optional(),
  tmpfs: words('a list of paths', 'such as /run:size=64m', /^\/[^\r\n\0]*$/).optional(),
  devices: words('a list of devices', 'such as /dev/dri', /^\/[^\r\n\0]*$/).optional(),
  ulimits: settings('names and values of limits').optional(),
  sysctls: settings('names and values of kernel parameters').optional(),
  securityOptions: words('a list of options', 'such as no-new-privileges').optional(),
  dropCapabilities: words('a list of capabilities', 'such as NET_RAW or ALL', /^[A-Z_]+$/).optional(),
  readOnly: flag().optional(),
  init: flag().optional(),
  hosts: record(
    'names and addresses',
    text('an address, or host-gateway', /^[\da-fA-F.:]+$|^host-gateway$/),
  ).optional(),
  dns: words('a list of addresses', 'an address', /^[\da-fA-F.:]+$/).optional(),
  cpus: value<number>(
    'a number above 0',
    (given) => typeof given === 'number' && given > 0 && Number.isFinite(given),
  ).optional(),
  shmSize: text('a size such as 256m', /^\d+[bkmg]?$/i).optional(),
  logDriver: text('the name of a driver', /^[\w./:-]+$/).optional(),
  logOptions: settings('names and values of options').optional(),
  pid: text('host or container:NAME', /^(host|container:[\w.-]+)$/).optional(),
  ipc: text(
    'host, private, shareable, none or container:NAME',
    /^(host|private|shareable|none|container:[\w.-]+)$/,
  ).optional(),
  groups: words('a list of groups', 'the name or number of a group, in quotes', /^[\w.-]+$/).optional(),
  stopSignal: text('such as SIGQUIT', /^(SIG)?[A-Z][A-Z\d+]*$|^\d+$/).optional(),
  stopTimeout: whole('whole seconds', 0, 86_400).optional(),
})

/** The names of these options, in the order in which they count for a container's digest. */
const NAMES = [
  ...['entrypoint', 'cwd', 'mounts', 'tmpfs', 'devices', 'ulimits', 'sysctls', 'securityOptions', 'dropCapabilities'],
  ...['readOnly', 'init', 'hosts', 'dns', 'cpus', 'shmSize', 'logDriver', 'logOptions', 'pid', 'ipc', 'groups'],
  ...['stopSignal', 'stopTimeout'],
] as const

/** What a container's digest has of them: nothing where none is given, so that what was made without them stays. */
export function flagsGiven(want: ContainerFlags): readonly (readonly [name: string, value: unknown])[] {
  const given: ReadonlyMap<string, unknown> = new Map(Object.entries(want))
  return NAMES.flatMap((name) => (given.get(name) === undefined ? [] : [[name, plain(given.get(name))] as const]))
}

/** Names and values in one order, whatever order they were written in. */
function plain(given: unknown): unknown {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
    ? Object.entries(given).toSorted(([a], [b]) => (a < b ? -1 : 1))
    : given
}

/** The words for `docker create`. */
export function flagWords(want: ContainerFlags): string[] {
  const one = (word: string, given: string | number | undefined) => (given === undefined ? [] : [word, String(given)])
  const each = (word: string, given: readonly string[] = []) => given.flatMap((value) => [word, value])
  const pairs = (word: string, given: Readonly<Record<string, string | number | undefined>> = {}, between = '=') =>
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [word, `${name}${between}${value}`]))
  return [
    ...one('--entrypoint', want.entrypoint),
    ...one('--workdir', want.cwd),
    ...each('--mount', want.mounts),
    ...each('--tmpfs', want.tmpfs),
    ...each('--device', want.devices),
    ...pairs('--ulimit', want.ulimits),
    ...pairs('--sysctl', want.sysctls),
    ...each('--security-opt', want.securityOptions),
    ...each('--cap-drop', want.dropCapabilities),
    ...(want.readOnly === true ? ['--read-only'] : []),
    ...(want.init === true ? ['--init'] : []),
    ...pairs('--add-host', want.hosts, ':'),
    ...each('--dns', want.dns),
    ...one('--cpus', want.cpus),
    ...one('--shm-size', want.shmSize),
    ...one('--log-driver', want.logDriver),
    ...pairs('--log-opt', want.logOptions),
    ...one('--pid', want.pid),
    ...one('--ipc', want.ipc),
    ...each('--group-add', want.groups),
    ...one('--stop-signal', want.stopSignal),
    ...one('--stop-timeout', want.stopTimeout),
  ]
}

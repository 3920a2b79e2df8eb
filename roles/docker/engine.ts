import {
  dir,
  pkg,
  repository,
  z,
  type AptRepository,
  type OsFamily,
  type Resource,
  type RoleHost,
  type YumRepository,
} from 'rolecall'

/** Docker's own names, which the packages of the Red Hat family have as well. */
const DOCKER_CE = ['docker-ce', 'docker-ce-cli', 'containerd.io']
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')
const names = z.array(z.string().min(1)).min(1)

/** Where the engine comes from: the sources that the host has, or Docker's own repository or a mirror of it. */
export const Engine = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('package'), names: names.optional() }),
  z.strictObject({
    kind: z.literal('repository'),
    names: names.default(DOCKER_CE),
    /** The directory that has debian, ubuntu, centos and the others in it. */
    url: z.url().default('https://download.docker.com/linux'),
    channel: z.enum(['stable', 'test']).default('stable'),
    /** The release as apt calls it, such as bookworm. Default: what the host's version is called. */
    suite: z
      .string()
      .regex(/^[a-z]+$/)
      .optional(),
    /** The SHA-256 of the key that signs Docker's apt repositories, the file `gpg` in them. */
    keySha256: Sha256.default('1500c1f56fa9e26b9b8f42452a553675796ade0807cdce11975eb98170b3a570'),
    /** The same for dnf and yum. Without it dnf fetches that key itself, and takes it from a server with https only. */
    rpmKeySha256: Sha256.optional(),
  }),
])
export type Engine = z.output<typeof Engine>
type Repository = Extract<Engine, { kind: 'repository' }>

const defaults: Readonly<Record<OsFamily, readonly string[]>> = {
  debian: ['docker.io'],
  el: DOCKER_CE,
  other: DOCKER_CE,
}

const SUITES: Readonly<Record<string, string>> = {
  'debian 11': 'bullseye',
  'debian 12': 'bookworm',
  'debian 13': 'trixie',
  'ubuntu 20.04': 'focal',
  'ubuntu 22.04': 'jammy',
  'ubuntu 24.04': 'noble',
}

/** The engine's packages, after the source that they come from. */
export function engineOf(engine: Engine, host: RoleHost): Resource[] {
  switch (engine.kind) {
    case 'package':
      return [pkg(engine.names ?? defaults[host.os.family])]
    case 'repository':
      return [...source(engine, host), pkg(engine.names)]
  }
}

/** Under the names that Docker's own guide uses, so that a source which somebody has made by it is not there twice. */
function source(engine: Repository, host: RoleHost): Resource[] {
  if (host.packageManager !== 'apt') return [repository('docker-ce', { yum: yum(engine, host) })]
  // As Docker's own guide has it: curl fetches the key, apt trusts the server by these certificates. Before 2.4 apt came without the directory.
  return [pkg(['ca-certificates', 'curl']), dir('/etc/apt/keyrings'), repository('docker', { apt: apt(engine, host) })]
}

function apt({ url, channel, keySha256, ...given }: Repository, { os }: RoleHost): AptRepository {
  const suite = given.suite ?? SUITES[`${os.id} ${os.version}`]
  if (suite === undefined) throw new Error(`what apt calls ${os.name} is not known here: set docker.engine.suite`)
  return {
    uris: `${url}/${os.id}`,
    suites: suite,
    components: channel,
    key: { source: `${url}/${os.id}/gpg`, sha256: keySha256 },
  }
}

/** Docker has directories for fedora and rhel; the rebuilds of rhel use that of centos. */
function yum({ url, channel, rpmKeySha256 }: Repository, { os }: RoleHost): YumRepository {
  const directory = `${url}/${['fedora', 'rhel'].includes(os.id) ? os.id : 'centos'}`
  const key = { source: `${directory}/gpg` }
  return {
    description: `Docker CE ${channel}`,
    baseurl: `${directory}/$releasever/$basearch/${channel}`,
    gpgkey: rpmKeySha256 === undefined ? key : { ...key, sha256: rpmKeySha256 },
  }
}

import { exec, jsonFile, role, service, z } from 'rolecall'
import { bipOf, Cidr, objectionsTo, overlap, ownOverlap } from './docker/bip.ts'
import { bridge } from './docker/bridge.ts'
import { accepted, daemonJson, dataRootKey } from './docker/daemon-json.ts'
import { Engine, engineOf } from './docker/engine.ts'
import { smokeTest } from './docker/smoke-test.ts'

const CONF = '/etc/docker/daemon.json'

const vars = z.object({
  /** Where the engine comes from. */
  engine: Engine.prefault({ kind: 'package' }),
  dataRoot: z
    .string()
    .regex(/^\/.*[^/]$/, 'expected an absolute path')
    .default('/data/docker'),
  /** What daemon.json calls the data root. Default: what the engine that is on the host knows. */
  dataRootKey: z.enum(['data-root', 'graph']).optional(),
  storageDriver: z.string().min(1).default('overlay2'),
  cgroupDriver: z.enum(['systemd', 'cgroupfs']).default('systemd'),
  /** Containers live on while the engine is restarted. */
  liveRestore: z.boolean().default(true),
  /** Registries that are spoken to without TLS. */
  insecureRegistries: z.array(z.string().min(1)).default([]),
  registryMirrors: z.array(z.url()).default([]),
  /** The bridge network of this host. Default: derived from the host's address, 172.7.21.1/24 for 10.10.50.21. */
  bip: Cidr.optional(),
  /** The first two numbers of derived bridge networks. */
  bipBase: z
    .string()
    .refine((base) => Cidr.safeParse(`${base}.0.1/24`).success, 'expected two numbers of an address, such as 172.7')
    .default('172.7'),
})

/**
 * Chapter 6.4: the Docker engine, with a bridge network that no other host has.
 *
 * Done differently today, and why:
 * - No script is fetched and run as root: the engine is a package, of the distribution or of Docker's own repository.
 * - daemon.json comes before the engine. Its first start is then the right one: it never makes 172.17.0.0/16, which may be a
 *   network of yours, and leaves no /var/lib/docker behind.
 * - `graph` is called `data-root` since 17.05, and today's engines refuse the old word. It is taken out where it stands.
 * - The tutorial's mirror is gone. None is set; `registryMirrors` takes yours.
 * - `bip` is not written by hand: the last number of the host's address is the third of its network. Two hosts with one network
 *   are found before any host is touched.
 * - A running container keeps the old bridge network alive (live-restore); when `bip` changes, containers are started anew, once.
 * - The data root is left to the engine, which makes it with the mode it wants.
 */
export default role({
  name: 'docker',
  about: 'The Docker engine with its own bridge network (chapter 6.4)',
  tags: ['docker'],
  vars,
  validateSite: objectionsTo,

  async apply({ $, ensure, host, vars }) {
    const bip = bipOf(host.address, vars)
    if (bip === undefined)
      throw new Error(`${host.address} is no IPv4 address to derive the bridge network from: set docker.bip`)
    const overlapped = ownOverlap(bip, host.networks)
    if (overlapped !== undefined)
      throw new Error(`the bridge network ${bip} overlaps a network of the host itself, ${overlapped}: set docker.bip`)
    // A missing engine is an answer: whatever comes later will be one of today. One that runs with a `data-root` knows that word, and
    // `dockerd --version` takes 40 ms.
    const { stdout: version } = await $.read`
      word=
      if [ -e /run/docker.pid ]; then
        while read -r line; do case $line in *'"data-root"'*) word=1;; esac; done 2>/dev/null <${CONF}
      fi
      if [ -n "$word" ]; then echo data-root
      elif ! command -v dockerd >/dev/null || ! dockerd --version; then echo none; fi`
    const key = vars.dataRootKey ?? dataRootKey(version)

    const root = { owner: 'root', group: 'root', mode: '0644' }
    const conf = jsonFile(CONF, { ...daemonJson(vars, bip, key), ...root, validate: accepted })
    await ensure(
      exec('directory /etc/docker', {
        run: 'mkdir -p /etc/docker',
        creates: '/etc/docker',
        effects: [{ type: 'path', path: '/etc/docker', state: { type: 'dir' } }],
      }),
      conf,
      engineOf(vars.engine, host),
      service('docker', { running: true, enabled: true, restartedAfter: [conf] }),
      bridge(bip, vars.dataRoot),
    )
  },

  async verify({ $, expect, host, vars }) {
    const bip = bipOf(host.address, vars) ?? ''
    const info = Info.parse(JSON.parse((await $.read`docker info --format ${'{{json .}}'}`).stdout))
    const registries = info.RegistryConfig
    expect(info.DockerRootDir, 'data root').toBe((await $.read`readlink -f ${vars.dataRoot}`).stdout.trim())
    expect(info.Driver, 'storage driver').toBe(vars.storageDriver)
    expect(info.CgroupDriver, 'cgroup driver').toBe(vars.cgroupDriver)
    expect(info.LiveRestoreEnabled, 'live restore').toBe(vars.liveRestore)
    const insecure = Object.values(registries.IndexConfigs).filter(({ Secure }) => !Secure)
    expect(
      insecure
        .map(({ Name }) => Name)
        .sort()
        .join(' '),
      'insecure registries',
    ).toBe([...vars.insecureRegistries].sort().join(' '))
    expect(registries.Mirrors.map(withoutSlash).join(' '), 'registry mirrors').toBe(
      vars.registryMirrors.map(withoutSlash).join(' '),
    )

    const docker0 = (await $.read`ip -o -4 addr show dev docker0`.nothrow()).stdout
    expect(/ inet (\S+)/.exec(docker0)?.[1], 'docker0').toBe(bip)
    const trial = await $.read`/bin/sh -c ${smokeTest.text}`.nothrow()
    expect(trial.exitCode, 'docker run').toBe(0)
    expect(overlap(bip, `${trial.stdout.trim()}/32`) ? bip : trial.stdout.trim(), 'the network of a container').toBe(
      bip,
    )
  },
})

/** What `docker info` says, as far as it is looked at. */
const Info = z.object({
  DockerRootDir: z.string(),
  Driver: z.string(),
  CgroupDriver: z.string(),
  LiveRestoreEnabled: z.boolean(),
  RegistryConfig: z.object({
    IndexConfigs: z.record(z.string(), z.object({ Name: z.string(), Secure: z.boolean() })),
    Mirrors: z
      .array(z.string())
      .nullish()
      .transform((mirrors) => mirrors ?? []),
  }),
})

/** The engine puts a slash behind the name of a mirror. */
function withoutSlash(url: string): string {
  return url.replace(/\/$/, '')
}

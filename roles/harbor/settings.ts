import { z, type Secret } from 'rolecall'

/** Harbor's own version, with or without the `v` of its releases. Before 1.8 there was no harbor.yml. */
export const Version = z
  .string()
  .regex(/^v?(1\.([89]|\d\d)|[2-9])\.\d+(\.\d+)?([-.]\w+)*$/, 'a version since 1.8, such as v2.9.5')
  .transform((version) => (version.startsWith('v') ? version : `v${version}`))

export const Log = z.strictObject({
  level: z.enum(['debug', 'info', 'warning', 'error', 'fatal']).default('info'),
  /** How many old files are kept of each log. */
  rotateCount: z.int().min(0).default(50),
  /** A log is rotated when it is larger. */
  rotateSize: z
    .string()
    .regex(/^\d+[kMG]?$/, 'a size such as 200M')
    .default('200M'),
  location: z.string().startsWith('/').default('/data/harbor/logs'),
})

export interface Wanted {
  readonly version: string
  readonly hostname: string
  readonly httpPort: number
  readonly dataVolume: string
  readonly log: z.output<typeof Log>
  readonly adminPassword: Secret
}

/** Where the keys stand that the lines of Harbor have in different places, and where its API is. */
interface Line {
  /** Since 1.9 rotation is told below `log.local`. */
  readonly localLog: boolean
  readonly api: '/api' | '/api/v2.0'
}

export function lineOf(version: string): Line {
  const [major = 0, minor = 0] = version.slice(1).split('.').map(Number)
  return { localLog: major > 1 || minor > 8, api: major > 1 ? '/api/v2.0' : '/api' }
}

/** The keys of harbor.yml that are ours, and those that must go. All others stay as they are. */
export function harborYml({ version, hostname, httpPort, dataVolume, log, adminPassword }: Wanted) {
  const rotation = { rotate_count: log.rotateCount, rotate_size: log.rotateSize, location: log.location }
  return {
    set: {
      hostname,
      http: { port: httpPort },
      // Clients come through nginx on port 80; without it Harbor would send them to its own port for a token.
      external_url: `http://${hostname}`,
      harbor_admin_password: adminPassword,
      data_volume: dataVolume,
      log: { level: log.level, ...(lineOf(version).localLog ? { local: rotation } : rotation) },
    },
    // TLS is not for a port that only this host's nginx talks to.
    remove: ['https'],
  }
}

import { createHash } from 'node:crypto'

/** A version of Harbor that the mirror has an installer of, in its stand-in. */
export interface Edition {
  readonly version: string
  /** The 1.8 line comes with harbor.yml, and a check of health in some images only. */
  readonly line: 1 | 2
  /** Where Harbor publishes the installer, below the name of the server. */
  readonly path: string
}

export const editions: readonly Edition[] = [
  {
    version: 'v2.9.5',
    line: 2,
    path: 'goharbor/harbor/releases/download/v2.9.5/harbor-offline-installer-v2.9.5.tgz',
  },
  { version: 'v1.8.3', line: 1, path: 'harbor-releases/release-1.8.0/harbor-offline-installer-v1.8.3.tgz' },
]

interface Image {
  readonly name: string
  readonly command: readonly string[]
  /** A shell command that succeeds while the service is well. */
  readonly healthy?: string
}

const second = 1_000_000_000

/** The images of an edition: one root file system, and what each runs in it. */
function images({ version, line }: Edition): readonly Image[] {
  const nginx = ['nginx', '-g', 'daemon off;']
  const python = (program: string): readonly string[] => ['/harbor/start.sh', program]
  // As in Harbor 1.8, whose jobservice and redis say nothing of their health.
  const since2 = (healthy: string): { readonly healthy?: string } => (line === 2 ? { healthy } : {})
  return [
    { name: 'harbor-log', command: python('log'), healthy: 'nc -w 1 127.0.0.1 10514 </dev/null' },
    {
      name: 'registry-photon',
      command: ['/harbor/registry.sh', '/etc/registry/config.yml'],
      healthy: web('5000/'),
    },
    { name: 'harbor-registryctl', command: python('idle'), healthy: web('8080/api/health') },
    { name: 'harbor-db', command: python('db'), healthy: web('5432/') },
    { name: 'harbor-core', command: python('core'), healthy: web('8080/api/ping') },
    { name: 'harbor-portal', command: nginx, healthy: web('8080/') },
    { name: 'harbor-jobservice', command: python('idle'), ...since2(web('8080/api/v1/stats')) },
    { name: 'redis-photon', command: ['/harbor/redis.sh'], ...since2('redis-cli ping') },
    { name: 'nginx-photon', command: nginx, healthy: web(`${line === 2 ? 8080 : 80}/api/ping`) },
    { name: 'prepare', command: python('prepare') },
  ].map((image) => ({ ...image, name: `goharbor/${image.name}:${patch(image.name, line)}${version}` }))
}

function patch(name: string, line: 1 | 2): string {
  return name === 'registry-photon' && line === 1 ? 'v2.7.1-patch-2819-' : ''
}

/**
 * The files of a tar that `docker load` reads, besides the layer itself: name to text. All images share the one layer, so
 * it is stored once.
 *
 * @param layer the SHA-256 of the layer's tar
 * @see https://github.com/moby/docker-image-spec/blob/main/v1.2.md
 */
export function imageFiles(edition: Edition, architecture: string, layer: string): Readonly<Record<string, string>> {
  const files: Record<string, string> = {}
  const manifest = images(edition).map((image) => {
    const text = JSON.stringify(config(image, edition, architecture, layer))
    const name = `${createHash('sha256').update(text).digest('hex')}.json`
    files[name] = text
    return { Config: name, RepoTags: [image.name], Layers: [layerFile] }
  })
  return { ...files, 'manifest.json': JSON.stringify(manifest) }
}

/** Where the layer is in that tar. */
export const layerFile = 'layer/layer.tar'

function config({ name, command, healthy }: Image, { version }: Edition, architecture: string, layer: string): object {
  return {
    architecture,
    os: 'linux',
    created: '2020-09-13T12:26:40Z',
    config: {
      Env: ['PATH=/usr/sbin:/usr/bin', 'PYTHONUNBUFFERED=1', `HARBOR_VERSION=${version}`],
      Cmd: command,
      Labels: { 'org.opencontainers.image.title': name, 'org.opencontainers.image.vendor': 'stand-in of Rolecall' },
      ...(healthy === undefined ? {} : { Healthcheck: healthcheck(healthy) }),
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
    history: [{ created: '2020-09-13T12:26:40Z', created_by: 'packages of the distribution' }],
  }
}

function healthcheck(command: string): object {
  return { Test: ['CMD-SHELL', `${command} || exit 1`], Interval: 5 * second, Timeout: 5 * second, Retries: 5 }
}

/** Answers over HTTP, at a port and path of the container's own. */
function web(at: string): string {
  return `wget -q -O /dev/null http://127.0.0.1:${at}`
}

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuildContext } from 'rolecall'

/** A container image that the lab serves. */
export interface Image {
  /** As people write it in full, such as `docker.io/library/nginx:1.22.1`. All names mean the same image. */
  readonly names: readonly [string, ...string[]]
  /** Tar files in the directory of the build, the lowest layer first. */
  readonly layers: readonly string[]
  readonly config: ImageConfig
}

/** @see https://github.com/moby/docker-image-spec/blob/main/v1.2.md */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Env?: readonly string[]
  readonly User?: string
  readonly WorkingDir?: string
  readonly ExposedPorts?: Readonly<Record<string, object>>
  readonly StopSignal?: string
  readonly Labels?: Readonly<Record<string, string>>
}

interface Blob {
  readonly mediaType: string
  readonly size: number
  readonly digest: string
}

const created = '2020-09-13T12:26:40Z'

const types = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const

/**
 * Serves an image in two ways: by the paths from which a registry is pulled (`v2/...`), so that the mirror can be named as a mirror of
 * registries, and as an archive for `docker load` and `ctr images import` at `images/NAME-TAG.tar`.
 */
export async function serveImage(context: BuildContext, { names, layers, config }: Image): Promise<void> {
  const stage = join(context.directory, '.image')
  await mkdir(stage)
  const packed: { readonly blob: Blob; readonly diff: string; readonly tar: string }[] = []
  for (const tar of layers) {
    await context.run('sh', ['-c', 'gzip -n -1 -c "$1" >.image/layer.gz', 'sh', tar])
    const blob = await blobOf(join(stage, 'layer.gz'), types.layer)
    await context.run('mv', ['.image/layer.gz', join('.image', blob.digest)])
    packed.push({ blob, diff: await digestOf(join(context.directory, tar)), tar })
  }
  const described = JSON.stringify({
    architecture: context.architecture,
    os: 'linux',
    created,
    config,
    rootfs: { type: 'layers', diff_ids: packed.map(({ diff }) => diff) },
    history: packed.map(() => ({ created, created_by: 'packages of the distribution' })),
  })
  const configBlob = await keep(stage, described, types.config)
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: configBlob,
    layers: packed.map(({ blob }) => blob),
  })
  const manifestBlob = await keep(stage, manifest, types.manifest)
  for (const name of names) {
    const { repository, tag } = partsOf(name)
    const at = `v2/${repository}`
    for (const { digest } of [configBlob, ...packed.map(({ blob }) => blob)])
      await serveCopy(context, join(stage, digest), `${at}/blobs/${digest}`)
    for (const reference of [tag, manifestBlob.digest])
      await serveCopy(context, join(stage, manifestBlob.digest), `${at}/manifests/${reference}`)
  }
  await serveArchive(context, { names, layers, config: join(stage, configBlob.digest), digest: configBlob.digest })
  await rm(stage, { recursive: true })
}

/** Of `docker.io/library/nginx:1.22.1` the repository is `library/nginx`. */
export function partsOf(name: string): { readonly repository: string; readonly tag: string; readonly short: string } {
  const [, repository = '', tag = ''] = /^[^/]+\/(.+):([^:/]+)$/.exec(name) ?? []
  return { repository, tag, short: name.replace(/^docker\.io\/(library\/)?/, '') }
}

async function serveArchive(
  context: BuildContext,
  image: Pick<Image, 'names' | 'layers'> & { readonly config: string; readonly digest: string },
): Promise<void> {
  const content = join(context.directory, '.archive')
  await mkdir(content)
  const config = `${image.digest.slice('sha256:'.length)}.json`
  await link(image.config, join(content, config))
  for (const [index, tar] of image.layers.entries())
    await link(join(context.directory, tar), join(content, `layer-${index}.tar`))
  const tags = image.names.map((name) => partsOf(name).short)
  const entry = { Config: config, RepoTags: tags, Layers: image.layers.map((_, index) => `layer-${index}.tar`) }
  await writeFile(join(content, 'manifest.json'), JSON.stringify([entry]))
  const same = ['--sort=name', '--mtime=@1600000000', '--numeric-owner', '--owner=0', '--group=0']
  await context.run('tar', ['-C', content, ...same, '-cf', '.archive.tar', '.'])
  await rm(content, { recursive: true })
  for (const name of image.names) {
    const { repository, tag } = partsOf(name)
    const file = `images/${repository.split('/').at(-1) ?? ''}-${tag}.tar`
    await serveCopy(context, join(context.directory, '.archive.tar'), file)
  }
  await rm(join(context.directory, '.archive.tar'))
}

/** Serves one file at more than one path. Where it is served already, a rename does nothing and leaves the copy. */
async function serveCopy(context: BuildContext, file: string, at: string): Promise<void> {
  const copy = join(context.directory, '.copy')
  await link(file, copy)
  await context.serve(copy, at)
  await rm(copy, { force: true })
}

async function keep(stage: string, text: string, mediaType: string): Promise<Blob> {
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`
  await writeFile(join(stage, digest), text)
  return { mediaType, size: Buffer.byteLength(text), digest }
}

async function blobOf(file: string, mediaType: string): Promise<Blob> {
  return { mediaType, size: (await stat(file)).size, digest: await digestOf(file) }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return `sha256:${hash.digest('hex')}`
}

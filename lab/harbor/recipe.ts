import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, cp, link, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ArtifactRecipe, BuildContext } from 'rolecall'
import { editions, imageFiles, layerFile, type Edition } from './images.ts'

const parts = join(import.meta.dirname, 'parts')

const packages = ['busybox-static', 'docker-registry', 'nginx', 'redis-server', 'python3', 'python3-yaml']

/** Offline installers that stand in for Harbor's, see docs/lab.md. */
export const harbor: ArtifactRecipe = {
  source: import.meta.dirname,
  async build(context) {
    await cp(join(parts, 'image'), join(context.directory, 'image'), { recursive: true })
    await context.debian(await readFile(join(import.meta.dirname, 'build.sh'), 'utf8'), packages)
    for (const edition of editions) {
      context.say(`Packing the installer of ${edition.version}`)
      await context.serve(await packInstaller(context, edition), edition.path)
    }
  },
}

/** The offline installer of one edition, as Harbor lays it out. */
async function packInstaller(context: BuildContext, edition: Edition): Promise<string> {
  const { version, line } = edition
  const stage = join(context.directory, version)
  const images = join(stage, 'images')
  const content = join(stage, 'harbor')
  await mkdir(join(images, dirname(layerFile)), { recursive: true })
  await mkdir(content)
  const layer = join(context.directory, 'rootfs.tar')
  await link(layer, join(images, layerFile))
  const described = imageFiles(edition, context.architecture, await sha256(layer))
  for (const [name, text] of Object.entries(described)) await writeFile(join(images, name), text)
  await pack(context, images, ['.'], join(content, `harbor.${version}.tar.gz`), 6)

  const settings = line === 2 ? 'harbor.yml.tmpl' : 'harbor.yml'
  await cp(join(parts, line === 2 ? 'harbor.v2.yml.tmpl' : 'harbor.v1.yml'), join(content, settings))
  for (const name of ['LICENSE', 'install.sh', ...(line === 2 ? ['common.sh'] : [])]) {
    await cp(join(parts, name), join(content, name))
  }
  const prepare = await readFile(join(parts, 'prepare'), 'utf8')
  await writeFile(join(content, 'prepare'), prepare.replace('@version@', version))
  for (const name of await readdir(content)) {
    await chmod(join(content, name), ['install.sh', 'prepare'].includes(name) ? 0o755 : 0o644)
  }
  const installer = join(stage, 'installer.tgz')
  await pack(context, stage, ['harbor'], installer, 1)
  return installer
}

/** The same files make the same archive. */
async function pack(
  { run }: BuildContext,
  from: string,
  names: readonly string[],
  to: string,
  level: number,
): Promise<void> {
  const same = ['--sort=name', '--mtime=@1600000000', '--numeric-owner', '--owner=0', '--group=0']
  await run('tar', ['-C', from, ...same, `-Igzip -n -${level}`, '-cf', to, ...names])
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArtifactRecipe, BuildContext } from 'rolecall'
import { serveImage } from '../images/image.ts'
import { layerPackages, layerScript } from '../images/recipe.ts'
import { addonImages, programs } from './addons.ts'

const source = join(import.meta.dirname, 'build')

/** The version of the source, and one that is the same code with another version in it, to try an upgrade with. */
const versions = ['v1.20.2', 'v1.20.15'] as const

const binaries = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl']

const packages = [
  'golang-go',
  'golang-github-modern-go-reflect2-dev',
  'gcc',
  'libc6-dev',
  'dpkg-dev',
  'xz-utils',
  'ca-certificates',
]

/** Kubernetes' server binaries from the distribution's source package, the pause image, and stand-ins of addons. Four minutes on two cores. */
export const kubernetes: ArtifactRecipe = {
  source,
  version: 1,
  optional: true,
  async build(context) {
    await context.debian(await layerScript(), layerPackages)
    await cp(join(source, 'stand-ins'), join(context.directory, 'stand-ins'), { recursive: true })
    const script = await readFile(join(source, 'build.sh'), 'utf8')
    await context.debian(`set -- ${versions.join(' ')}\n${script}`, packages)
    await serveTarball(context, versions[0])
    for (const version of versions)
      for (const name of binaries)
        await context.serve(`bin/${version}/${name}`, `release/${version}/bin/linux/${context.architecture}/${name}`)
    for (const [layer, built, name] of programs) await packLayer(context, layer, built, name)
    for (const image of addonImages) {
      context.say(`Packing ${image.names[0]}`)
      await serveImage(context, image)
    }
  },
}

const same = ['--sort=name', '--mtime=@1600000000', '--numeric-owner', '--owner=0', '--group=0']

/** The archive that the project publishes for servers. */
async function serveTarball(context: BuildContext, version: string): Promise<void> {
  context.say(`Packing the archive of ${version}`)
  const name = `kubernetes-server-linux-${context.architecture}.tar.gz`
  const rename = [`--transform=s,^bin/${version},kubernetes/server/bin,`, `bin/${version}`]
  await context.run('tar', [...same, '-Igzip -n -1', '-cf', name, ...rename])
  await context.serve(name, `${version}/${name}`)
}

async function packLayer({ run }: BuildContext, layer: string, built: string, name: string): Promise<void> {
  await run('tar', [...same, '--mode=0755', `--transform=s,^${built}$,${name},`, '-cf', layer, built])
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArtifactRecipe } from 'rolecall'
import { serveImage, type Image } from './image.ts'

/** What the script that makes the layers needs. */
export const layerPackages = ['busybox-static', 'nginx-light']

/** The script that makes the layers `busybox.tar` and `nginx.tar`. */
export async function layerScript(): Promise<string> {
  return await readFile(join(import.meta.dirname, 'build.sh'), 'utf8')
}

const vendor = { 'org.opencontainers.image.vendor': 'packages of the distribution, assembled by the lab of Rolecall' }
const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export const busyboxImage: Image = {
  names: ['docker.io/library/busybox:1.35', 'docker.io/library/busybox:1.35.0'],
  layers: ['busybox.tar'],
  config: { Cmd: ['sh'], Env: [path], Labels: vendor },
}

/** Two names, so that there is something to update to. */
export const nginxImage: Image = {
  names: ['docker.io/library/nginx:1.22', 'docker.io/library/nginx:1.22.1'],
  layers: ['busybox.tar', 'nginx.tar'],
  config: {
    Cmd: ['nginx', '-g', 'daemon off;'],
    Env: [path, 'NGINX_VERSION=1.22.1'],
    ExposedPorts: { '80/tcp': {} },
    StopSignal: 'SIGQUIT',
    Labels: vendor,
  },
}

/** The images that people try containers with. What is in them is the distribution's. */
export const images: ArtifactRecipe = {
  source: import.meta.dirname,
  optional: true,
  async build(context) {
    await context.debian(await layerScript(), layerPackages)
    for (const image of [busyboxImage, nginxImage]) {
      context.say(`Packing ${image.names[0]}`)
      await serveImage(context, image)
    }
  },
}

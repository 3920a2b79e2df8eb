import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Host } from '../../lib/host/host.ts'
import { openLab, type Lab } from '../../lib/lab/lab.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { attack, kinds, onGround, prepare } from './eve.ts'
import type { Figure, Part } from './part.ts'

/** An unprivileged user with links, renames and names laid beforehand, on the first host of a lab. */
export const evePart: Part = {
  name: 'eve',
  about: 'an unprivileged user renames and links in her directories while root works there',
  async *run(attempts) {
    const lab = await openLab({ project: process.cwd(), name: process.env['ROLECALL_TEST_LAB'] ?? 'hostile' })
    yield* eve(lab, attempts)
  },
}

/** Root on one of a lab's hosts, the first by default. */
export async function rootOn(lab: Lab, name = lab.nodes[0]?.name): Promise<Host> {
  const node = lab.nodes.find((each) => each.name === name)
  if (node === undefined) throw new Error(`the lab has no host ${name ?? ''}`)
  return Host.connect(node.name, {
    kind: 'ssh',
    address: node.address,
    port: 22,
    user: lab.user,
    privateKeyFile: lab.privateKey,
    knownHostsFile: lab.knownHosts,
    unknownHostKey: 'refuse',
    become: { user: 'root' },
  })
}

/** The figures of each kind. */
export async function* eve(lab: Lab, attempts: number): AsyncGenerator<Figure> {
  const host = await rootOn(lab)
  // The content of a download is the path that was asked for, in two parts, so that there is time for eve.
  const server = createServer((request, response) => {
    response.write((request.url ?? '').slice(0, 1))
    setTimeout(() => response.end((request.url ?? '').slice(1)), 20)
  })
  try {
    await new Promise<void>((resolve) => server.listen(0, lab.gateway, resolve))
    const at = `http://${lab.gateway}:${(server.address() as AddressInfo).port}`
    await prepare(host, pkg('wget'))
    const figures: Figure[] = []
    await onGround(host, at, async (ground) => {
      for (const [what, makes] of Object.entries(kinds)) figures.push(await attack(ground, what, makes, attempts))
    })
    yield* figures
  } finally {
    server.close()
    host.close()
  }
}

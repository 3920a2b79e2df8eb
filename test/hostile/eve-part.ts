import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Host } from '../../lib/host/host.ts'
import { openLab, type Lab } from '../../lib/lab/lab.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { attack, onGround, prepare } from './eve.ts'
import { kinds } from './eve-kinds.ts'
import { asTheyCome, type Figure, type Part } from './part.ts'

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

/** Grounds on the host, each with a victim, an attacker and a connection of its own: the machine is never idle. */
const GROUNDS = 4

/** The figures of each kind, as they come. */
export async function* eve(lab: Lab, attempts: number): AsyncGenerator<Figure> {
  // The content of a download is the path that was asked for, in two parts, so that there is time for eve.
  const server = createServer((request, response) => {
    response.write((request.url ?? '').slice(0, 1))
    setTimeout(() => response.end((request.url ?? '').slice(1)), 20)
  })
  const hosts = await Promise.all(Array.from({ length: GROUNDS }, () => rootOn(lab)))
  try {
    await new Promise<void>((resolve) => server.listen(0, lab.gateway, resolve))
    const at = `http://${lab.gateway}:${(server.address() as AddressInfo).port}`
    const [first] = hosts
    if (first !== undefined) await prepare(first, pkg('wget'))
    const left = Object.entries(kinds).flatMap(([what, makes]) =>
      (['races', 'links'] as const).map((by) => ({ what, makes, by })),
    )
    yield* asTheyCome(
      hosts.map((host) => async (tell: (figure: Figure) => void) => {
        await onGround(host, at, async (ground) => {
          for (let next = left.shift(); next !== undefined; next = left.shift())
            tell(await attack(ground, next.what, next.makes, attempts, next.by))
        })
      }),
    )
  } finally {
    server.close()
    for (const host of hosts) host.close()
  }
}

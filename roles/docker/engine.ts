import { pkg, z, type OsFamily, type Resource, type RoleHost } from 'rolecall'

/** Docker's own names, which the packages of the Red Hat family have as well. */
const DOCKER_CE = ['docker-ce', 'docker-ce-cli', 'containerd.io']

/** Where the engine comes from: the sources that the host has. */
export const Engine = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('package'), names: z.array(z.string().min(1)).min(1).optional() }),
])
export type Engine = z.output<typeof Engine>

const defaults: Readonly<Record<OsFamily, readonly string[]>> = {
  debian: ['docker.io'],
  el: DOCKER_CE,
  other: DOCKER_CE,
}

/** The packages of the engine. */
export function enginePackages(engine: Engine, host: RoleHost): Resource[] {
  return [pkg(engine.names ?? defaults[host.os.family])]
}

import type { Lab } from '../model.ts'

/** The label on everything that belongs to a lab. Its value is the lab's name. */
export const labLabel = 'rolecall.lab'

/** The network of a lab. */
export function networkName(lab: string): string {
  return `rolecall.${lab}`
}

/** The container of a host, or of the `mirror`. Lab names have no dots, so two labs never share a name. */
export function containerName(lab: string, node: string): string {
  return `rolecall.${lab}.${node}`
}

/** The image of a base: a local name, which belongs to no registry. */
export function baseImage(fingerprint: string): string {
  return `localhost/rolecall-lab/base:${fingerprint}`
}

/** The image of a saved disk. */
export function savedImage(lab: string, node: string, label: string): string {
  return `localhost/rolecall-lab/saved/${lab}/${node}:${label}`
}

/** The gateway's address for the engine's network. The usual gateway address belongs to the mirror, where hosts look for artifacts. */
export function routerAddress({ gateway }: Lab): string {
  return gateway.replace(/\d+$/, '253')
}

import type { Lab } from '../model.ts'

/** The label that everything of a lab has, with the lab's name. */
export const labLabel = 'rolecall.lab'

/** The network of a lab. */
export function networkName(lab: string): string {
  return `rolecall.${lab}`
}

/** The container of a host, or `mirror`. Names of labs have no dots, so no two mean the same. */
export function containerName(lab: string, node: string): string {
  return `rolecall.${lab}.${node}`
}

/** Images that the lab makes are of no registry. */
export function baseImage(fingerprint: string): string {
  return `localhost/rolecall-lab/base:${fingerprint}`
}

/** What is saved of a host. */
export function savedImage(lab: string, node: string, label: string): string {
  return `localhost/rolecall-lab/saved/${lab}/${node}:${label}`
}

/** The network's own address in it, beside the mirror's, which is where hosts find what the lab serves. */
export function routerAddress({ gateway }: Lab): string {
  return gateway.replace(/\d+$/, '253')
}

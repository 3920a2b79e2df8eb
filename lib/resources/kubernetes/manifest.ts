import { Secret } from '../../secret.ts'
import { isPlain } from '../kit/options/describe-value.ts'

/** An object of the Kubernetes API, as its documentation has it. Any text in it may be a `Secret`. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly [field: string]: unknown
  }
  readonly [field: string]: unknown
}

/** The label of what is kept together under one name. */
export const OWNER = 'rolecall/owner'

/** `Deployment web`, with its namespace where one is said. */
export function called({ kind, metadata: { name, namespace } }: Manifest): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`
}

/** What the API calls the kinds of which owned objects are deleted when they are wanted no more, by the path of their group. */
const PRUNED: Readonly<Record<string, readonly string[]>> = {
  '/api/v1': ['configmaps', 'limitranges', 'pods', 'resourcequotas', 'secrets', 'serviceaccounts', 'services'],
  '/apis/apps/v1': ['daemonsets', 'deployments', 'replicasets', 'statefulsets'],
  '/apis/batch/v1': ['cronjobs', 'jobs'],
  '/apis/batch/v1beta1': ['cronjobs'],
  '/apis/autoscaling/v1': ['horizontalpodautoscalers'],
  '/apis/policy/v1': ['poddisruptionbudgets'],
  '/apis/policy/v1beta1': ['poddisruptionbudgets'],
  '/apis/networking.k8s.io/v1': ['ingressclasses', 'ingresses', 'networkpolicies'],
  '/apis/rbac.authorization.k8s.io/v1': ['clusterrolebindings', 'clusterroles', 'rolebindings', 'roles'],
  '/apis/apiregistration.k8s.io/v1': ['apiservices'],
  '/apis/scheduling.k8s.io/v1': ['priorityclasses'],
  '/apis/storage.k8s.io/v1': ['storageclasses'],
}

/** The lists that have everything of an owner. Some of them are not there in some releases. */
export const listsOf = (owner: string): string[] =>
  Object.entries(PRUNED).flatMap(([group, names]) =>
    names.map((name) => `${group}/${name}?pretty=true&labelSelector=${encodeURIComponent(`${OWNER}=${owner}`)}`),
  )

/** The same kinds in the words of kubectl. */
export const PRUNED_TYPES = [
  ...new Set(
    Object.entries(PRUNED).flatMap(([group, names]) => {
      const [, of] = /^\/apis\/([^/]+)\//.exec(group) ?? []
      return names.map((name) => (of === undefined ? name : `${name}.${of}`))
    }),
  ),
].join(',')

/** Where the API has an object. A guess for kinds of others, which may name themselves as they like. */
export function pathOf({ apiVersion, kind, metadata: { name, namespace } }: Manifest): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const within = namespace === undefined ? '' : `/namespaces/${namespace}`
  const word = kind.toLowerCase()
  return `${group}${within}/${pluralOf(word)}/${name}`
}

/** How the API calls the objects of a kind. */
function pluralOf(word: string): string {
  if (word === 'endpoints') return word
  if (/(s|x|ch|sh)$/.test(word)) return `${word}es`
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`
}

/** With the label of their owner, if they have one. */
export function labelled(manifests: readonly Manifest[], owner: string | undefined): readonly Manifest[] {
  if (owner === undefined) return manifests
  return manifests.map((each) => ({
    ...each,
    metadata: { ...each.metadata, labels: { ...each.metadata.labels, [OWNER]: owner } },
  }))
}

/** Objects as JSON. With a secret in one of them all of it is one. */
export function listText(manifests: readonly Manifest[]): string | Secret {
  const secrets: Secret[] = []
  const plain = (given: unknown): unknown => {
    if (given instanceof Secret) {
      secrets.push(given)
      return given.reveal()
    }
    if (Array.isArray(given)) return given.map(plain)
    if (isPlain(given)) return Object.fromEntries(Object.entries(given).map(([key, each]) => [key, plain(each)]))
    return given
  }
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests.map(plain) })
  return secrets.length > 0 ? new Secret(text, { byLine: false }) : text
}

/** Kinds whose Pods are rolled out, so that there is something to wait for. */
export const ROLLED_OUT: readonly string[] = ['Deployment', 'DaemonSet', 'StatefulSet']

export const rolledOut = (manifests: readonly Manifest[]): Manifest[] =>
  manifests.filter(({ kind, apiVersion }) => apiVersion.startsWith('apps/') && ROLLED_OUT.includes(kind))

import { Secret } from '../../secret.ts'
import { sh, raw } from '../../sh/quote.ts'
import { runsPrograms } from '../kit/trusted-place.ts'
import { kind, type Change, type Plan, type Refused, type Resource, type Step } from '../kit/kind.ts'
import type { Effect } from '../prediction/effect.ts'
import { isPlain } from '../kit/options/describe-value.ts'
import { isPlainData } from '../kit/options/plain-data.ts'
import { described, flag, oneOf, path, seconds, text, value } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { predicted } from './kube-prediction.ts'
import { hintFor, NO_ANSWER, readHave, type Found, type Have } from './kube-reply.ts'
import { kubectl, probe, type KubeObjectWant } from './kube-script.ts'
import { called, labelled, listText, rolledOut, type Manifest } from './manifest.ts'

export type { Manifest } from './manifest.ts'

export interface KubeObjectOptions {
  /** The object as the API's documentation has it, or several that are applied together. With `state: 'absent'` their names are enough. */
  readonly manifest: Manifest | readonly Manifest[]
  /**
   * These objects have the label `rolecall/owner` with this name, and any other object with the label is deleted: it was in this list before.
   */
  readonly owner?: string
  /** Wanted is also that Deployments, DaemonSets and StatefulSets among them are rolled out. Default false. */
  readonly ready?: boolean
  /** How kubectl reaches the API. Default: root's own. */
  readonly kubeconfig?: string
  readonly context?: string
  /** The API server, in place of the one that the kubeconfig names. */
  readonly server?: string
  readonly state?: 'present' | 'absent'
  /** Seconds, default 300. */
  readonly deadline?: number
}

/**
 * Objects of the Kubernetes API, by kubectl on this host. A dry run on the API server says what would change (`kubectl diff`), and `kubectl apply` changes it. Fields that
 * the manifest does not name stay as they are, and so does what controllers write.
 *
 * With `owner`, objects that are wanted no more are deleted; check names them. Namespaces, volume claims, custom resources and their
 * definitions are never deleted so: data of others goes with them. Say `state: 'absent'` for those.
 *
 * Where the kubeconfig has one user, with certificate and key as files, and the host has curl, a run with nothing to do asks for all of them over one connection.
 *
 * Refused: no kubectl, no answer, a kubeconfig that another account can change, for it may name a program to run, and what the API server does not take, in its own words: an immutable field, say. Any text of a manifest may be a `Secret` of Rolecall.
 * Of objects of the kind Secret no difference is shown.
 *
 * Prediction: a host with neither kubectl nor the kubeconfig has nothing in its cluster, and all is created. Unknown: an API that does not answer, or does not let this user ask,
 * while something pending may change that.
 *
 * @example
 * kubeObject('limits of team a', {
 *   manifest: { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'limits', namespace: 'team-a' }, spec: { limits: [{ type: 'Container', default: { memory: '256Mi' } }] } },
 * })
 * kubeObject('shop', { manifest: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }], owner: 'shop', ready: true })
 * kubeObject('the old job', { manifest: { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'import', namespace: 'shop' } }, state: 'absent' })
 *
 * Source: kubernetes.io, "Declarative Management of Kubernetes Objects", kubectl-diff(1), kubectl-apply(1).
 */
export function kubeObject(name: string, options: KubeObjectOptions): Resource {
  const { name: given, options: read } = readOptions(name, options)
  const { manifest, owner, ready = false, kubeconfig, context, server, state = 'present', deadline = 300 } = read
  const manifests = labelled(isList(manifest) ? manifest : [manifest], owner)
  return make(given, { name: given, manifests, owner, ready, kubeconfig, context, server, state, deadline })
}

function isList(given: Manifest | readonly Manifest[]): given is readonly Manifest[] {
  return Array.isArray(given)
}

const isLeaf = (given: unknown): boolean =>
  given === undefined ||
  given === null ||
  ['string', 'number', 'boolean'].includes(typeof given) ||
  given instanceof Secret

function isManifest(given: unknown): given is Manifest {
  if (!isPlain(given) || !isPlainData(given, isLeaf)) return false
  const { apiVersion, kind: word, metadata } = given
  if (typeof apiVersion !== 'string' || typeof word !== 'string' || !isPlain(metadata)) return false
  const { name, namespace = 'default' } = metadata
  return (
    /^([a-z0-9.-]+\/)?v[a-z0-9]+$/.test(apiVersion) &&
    /^[A-Z][A-Za-z0-9]*$/.test(word) &&
    [name, namespace].every(isName)
  )
}

const isName = (given: unknown): boolean => typeof given === 'string' && /^[A-Za-z0-9][A-Za-z0-9._:-]*$/.test(given)

const readOptions = resourceOptions<KubeObjectOptions>()(
  'kubeObject',
  (name) => described('kubeObject', name),
  () => ({
    manifest: value<Manifest | readonly Manifest[]>('objects with apiVersion, kind and metadata.name', (given) =>
      Array.isArray(given) ? given.length > 0 && given.every(isManifest) : isManifest(given),
    ),
    owner: text('a name of letters, digits, _, . and -', /^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/).optional(),
    ready: flag().optional(),
    kubeconfig: path().optional(),
    context: text('a name').optional(),
    server: text('a URL', /^https?:\/\/[^\s"'\\]+$/).optional(),
    state: oneOf(['present', 'absent']).optional(),
    deadline: seconds().optional(),
  }),
  ({ state, ready, owner }) => [
    state === 'absent' && (ready === true || owner !== undefined)
      ? { expected: 'neither ready nor owner with state: absent', got: ready === true ? 'ready' : 'owner' }
      : undefined,
  ],
)

const make = kind<KubeObjectWant, Have>({
  name: 'kubeObject',
  probe: (want) => {
    const config = want.kubeconfig ?? '/root/.kube/config'
    // Where neither is there, no cluster has been reached from here. A kubeconfig that is lost says nothing of what the cluster has.
    return sh`command -v kubectl >/dev/null 2>&1 || { [ -r ${config} ] && echo '# none kubectl' || echo '# none kubectl fresh'; exit 0; }
[ -r ${config} ] || { echo '# none kubeconfig'; exit 0; }
${probe(want)}`
  },
  read: (_, reply) => readHave(reply),
  plan: planned,
  effects: (want, have) =>
    have.state !== 'found'
      ? []
      : [
          ...createdBy(want, have).map((name) => objectEffect(name, want.state === 'present')),
          ...have.differences.filter(({ isNew }) => !isNew).map(({ name }) => objectEffect(name, true)),
          ...leftoversOf(want, have).map((found) => objectEffect(nameOf(found), false)),
        ],
  predict: predicted,
  advanced: {
    parallelProbe: true,
    // Its users may name a program that logs in.
    trusts: ({ kubeconfig }) =>
      kubeconfig === undefined ? [] : [{ path: kubeconfig, ...runsPrograms('kubectl', undefined) }],
  },
})

/** Some names, and how many there are more. */
function some(names: readonly string[]): string {
  const most = 3
  const rest = names.length - most
  return rest <= 0 ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${rest} more`
}

function isOf(found: Found, { kind: word, metadata: { name, namespace } }: Manifest): boolean {
  if (found.kind !== word || found.name !== name) return false
  return namespace === undefined ? ['', 'default'].includes(found.namespace) : found.namespace === namespace
}

type FoundHave = Extract<Have, { state: 'found' }>

function createdBy({ manifests }: KubeObjectWant, { missing, differences }: FoundHave): string[] {
  return [
    ...manifests.filter(({ metadata: { namespace } }) => missing.includes(namespace ?? '')).map(called),
    ...differences.filter(({ isNew }) => isNew).map(({ name }) => name),
  ]
}

/** What is deleted. */
function leftoversOf({ manifests, owner, state }: KubeObjectWant, { owned }: FoundHave): readonly Found[] {
  if (state === 'absent') return owned
  return owner === undefined ? [] : owned.filter((found) => !manifests.some((each) => isOf(found, each)))
}

/** `Deployment tutorial/web` */
function nameOf({ kind: word, namespace, name }: Found): string {
  return `${word} ${namespace === '' ? '' : `${namespace}/`}${name}`
}

function objectEffect(name: string, exists: boolean): Effect {
  return { type: 'object', of: 'Kubernetes', name, exists }
}

function planned(want: KubeObjectWant, have: Have): Plan | Step[] | Refused {
  const { manifests, state, deadline, owner } = want
  if (have.state === 'none')
    return state === 'absent' && have.isFresh
      ? []
      : have.lacks === 'kubectl'
        ? { refused: 'this host has no kubectl', hint: 'put what brings it before this resource' }
        : {
            refused: `there is no ${want.kubeconfig ?? '/root/.kube/config'}`,
            hint: 'put what makes it before this resource',
          }
  if (have.state === 'silent')
    return {
      refused: `the API does not answer: ${have.words}`,
      hint: 'put the service of the API server before this resource',
    }
  if (have.state === 'same') return []
  const remove = (found: Found, why: string): Step => ({
    summary: `delete ${nameOf(found)}${why}`,
    sh: sh`${kubectl(want)} delete --ignore-not-found --timeout=${`${deadline}s`} ${found.namespace === '' ? [] : ['-n', found.namespace]} ${typeOf(found)} ${found.name} >/dev/null`,
    deadline: deadline + 30,
  })
  if (state === 'absent') return leftoversOf(want, have).map((found) => remove(found, ''))
  if (have.fault !== undefined && NO_ANSWER.test(have.fault))
    return { refused: `the API does not answer: ${have.fault}`, hint: 'try again when the API server is there' }
  if (have.fault !== undefined)
    return { refused: `the API server does not accept the objects: ${have.fault}`, hint: hintFor(have.fault) }
  const created = createdBy(want, have)
  const changed = have.differences.filter(({ isNew }) => !isNew)
  const words = [
    ...(created.length > 0 ? [`create ${some(created)}`] : []),
    ...(changed.length > 0 ? [`change ${some(changed.map(({ name }) => name))}`] : []),
  ]
  const isApplied = words.length > 0
  const waited = want.ready ? rolledOut(manifests) : []
  return {
    steps: [
      ...(isApplied ? [applyStep(want, words.join('; '))] : []),
      ...leftoversOf(want, have).map((found) => remove(found, `, which ${owner ?? ''} has no more`)),
      ...(waited.length > 0 && (isApplied || have.waiting.length > 0)
        ? [waitStep(want, waited, isApplied ? waited.map(called) : have.waiting)]
        : []),
    ],
    changes: [
      ...(created.length > 0 ? [{ label: 'objects', pairs: created.map((each) => ['', each] as const) }] : []),
      ...changed.map(({ name, before, after }): Change =>
        name.startsWith('Secret ') ? { hidden: `${name} is secret` } : { label: name, before, after },
      ),
    ],
  }
}

/** `Deployment.v1.apps`: a kind in the words of kubectl. */
function typeOf({ apiVersion, kind: word }: Found): string {
  const [version = '', group] = apiVersion.split('/').reverse()
  return group === undefined ? word : `${word}.${version}.${group}`
}

/** Namespaces and definitions come first in the list, but what serves them may need a moment; what the server refuses is not tried again. */
const PASSING =
  'refused|timeout|timed out|EOF|not found|no matches for kind|Internal|unavailable|etcdserver|rpc error|TooManyRequests|reset'

function applyStep(want: KubeObjectWant, summary: string): Step {
  const json = listText(want.manifests)
  return {
    summary,
    stdin: Buffer.from(json instanceof Secret ? json.reveal() : json),
    sh: sh`umask 077; w=$(mktemp) || exit 1
trap 'rm -f "$w"' EXIT
cat >"$w" || exit 1
n=0
until said=$(${kubectl(want)} apply -f "$w" 2>&1); do
n=$((n + 1))
[ $n -lt 20 ] && printf '%s\\n' "$said" | grep -qE ${PASSING} || { printf '%s\\n' "$said" | grep -vE ' (unchanged|configured|created)$' | tail -n 20 >&2; exit 1; }
sleep 2
done`,
    deadline: want.deadline,
  }
}

function waitStep(want: KubeObjectWant, manifests: readonly Manifest[], names: readonly string[]): Step {
  const each = manifests.map(
    ({ kind: word, metadata: { name, namespace = 'default' } }) => `${namespace} ${word.toLowerCase()}/${name}`,
  )
  return {
    summary: `wait for ${some(names)}`,
    sh: sh`end=$(($(date +%s) + ${want.deadline}))
for it in ${each}; do
left=$((end - $(date +%s))); [ $left -gt 1 ] || left=1
${kubectl(want)} -n ${raw('"${it% *}"')} rollout status ${raw('"${it#* }"')} --timeout="$left"s >/dev/null || { ${kubectl(want)} -n ${raw('"${it% *}"')} get pods -o wide >&2; exit 1; }
done`,
    deadline: want.deadline + 60,
  }
}

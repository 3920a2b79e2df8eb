import { dir, exec, file, sh, type Resource, type Sh } from 'rolecall'
import { PKI } from './cluster.ts'
import { CONF } from './control-plane-options.ts'

/** An object of the API as its documentation has it. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

const DIRECTORY = `${CONF}/objects`
const kubectl = sh`kubectl --kubeconfig ${`${CONF}/admin.kubeconfig`}`

/** How the API calls the objects of a kind that is not simply its name in lower case with an s. */
const PLURALS: Readonly<Record<string, string>> = { Ingress: 'ingresses', IngressClass: 'ingressclasses' }

/** Where the API has an object. */
export function pathOf({ apiVersion, kind, metadata: { name, namespace } }: Manifest): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const within = namespace === undefined ? '' : `/namespaces/${namespace}`
  return `${group}${within}/${PLURALS[kind] ?? `${kind.toLowerCase()}s`}/${name}`
}

/** Asks the API for objects in one process and over one connection: kubectl asks for five a second. */
function get(api: string, paths: readonly string[]): Sh {
  const pki = [`--cacert`, `${PKI}/ca.pem`, '--cert', `${PKI}/admin.pem`, '--key', `${PKI}/admin-key.pem`]
  return sh`curl -s ${pki} ${paths.map((path) => `${api}${path}?pretty=true`)}`
}

/**
 * Objects of the API, as they are wanted: `kubectl diff` asks the API server itself what would change, and `kubectl apply` changes it. Fields that nobody
 * names here stay as they are, and so does what controllers write.
 *
 * What the API server said is kept in /run/rolecall, with a sum of the objects but for their status: while that sum is the same, so is the answer.
 *
 * Source: kubernetes.io, "Declarative Management of Kubernetes Objects".
 */
export function applied(api: string, name: string, manifests: readonly Manifest[]): Resource[] {
  const [wanted, done, kept] = [
    `${DIRECTORY}/${name}.json`,
    `${DIRECTORY}/${name}.applied`,
    `/run/rolecall/objects-${name}`,
  ]
  const list = { apiVersion: 'v1', kind: 'List', items: manifests }
  return [
    dir(DIRECTORY),
    file(wanted, { content: `${JSON.stringify(list, null, 2)}\n` }),
    exec(`objects ${name}`, {
      // Namespaces come first, and a webhook or an API that has just been made may need a moment.
      run: sh`n=0; until said=$(${kubectl} apply -f ${wanted} 2>&1); do n=$((n + 1)); [ $n -lt 20 ] || { printf '%s\n' "$said" >&2; exit 1; }; sleep 2; done; touch ${done}`,
      creates: done,
      unless: sh`sum=$({ cat ${wanted}; ${get(api, manifests.map(pathOf))} | sed -e '/^    "managedFields": \[/,/^    \]/d' -e '/^    "resourceVersion": /d' -e '/^  "status": {/,/^}/d'; } | sha256sum)
[ "$(cat ${kept} 2>/dev/null)" != "$sum" ] || exit 0
${kubectl} diff -f ${wanted} >/dev/null 2>&1 || exit 1
umask 077; mkdir -p /run/rolecall && printf '%s\n' "$sum" >${kept}`,
      deadline: 300,
      effects: [],
    }),
  ]
}

/** Ends with 0 where all replicas of all objects are of the last generation, and ready. */
const COUNT = `{ gsub(/,/, "") }
/^    "generation":/ { g = $2 } /^    "observedGeneration":/ { o = $2 }
/^    "replicas":/ { if (r == "") r = $2 } /^    "desiredNumberScheduled":/ { r = $2 }
/^    "readyReplicas":/ { d = $2 } /^    "numberReady":/ { d = $2 }
/^    "updatedReplicas":/ { u = $2 } /^    "updatedNumberScheduled":/ { u = $2 }
/^}/ { n++; if (g == "" || g != o || r != d || r != u) bad = 1; g = o = r = d = u = "" }
END { exit bad || n == 0 }`

/** Waits until these Deployments, DaemonSets and StatefulSets are rolled out; nothing is done where all of them are. */
export function rolledOut(api: string, name: string, manifests: readonly Manifest[], deadline: number): Resource {
  const chosen = manifests.filter(({ kind }) => ['Deployment', 'DaemonSet', 'StatefulSet'].includes(kind))
  const marker = `${DIRECTORY}/${name}.ready`
  const names = chosen.map(
    ({ kind, metadata }) => `${metadata.namespace ?? 'default'} ${kind.toLowerCase()}/${metadata.name}`,
  )
  return exec(`${name} are ready`, {
    run: sh`for it in ${names}; do ${kubectl} -n "\${it% *}" rollout status "\${it#* }" --timeout=${`${deadline}s`} >/dev/null || { ${kubectl} -n "\${it% *}" get pods -o wide >&2; exit 1; }; done; touch ${marker}`,
    creates: marker,
    unless: sh`${get(api, chosen.map(pathOf))} | awk ${COUNT}`,
    deadline: deadline * chosen.length + 60,
    effects: [],
  })
}

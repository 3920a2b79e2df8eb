import { dir, exec, file, sh, type Resource } from 'rolecall'
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

/**
 * Objects of the API, as they are wanted: `kubectl diff` asks the API server itself what would change, and `kubectl apply` changes it. Fields that nobody
 * names here stay as they are, and so does what controllers write.
 *
 * Source: kubernetes.io, "Declarative Management of Kubernetes Objects".
 */
export function applied(name: string, manifests: readonly Manifest[]): Resource[] {
  const [wanted, done] = [`${DIRECTORY}/${name}.json`, `${DIRECTORY}/${name}.applied`]
  const list = { apiVersion: 'v1', kind: 'List', items: manifests }
  const kubectl = sh`kubectl --kubeconfig ${`${CONF}/admin.kubeconfig`}`
  return [
    dir(DIRECTORY),
    file(wanted, { content: `${JSON.stringify(list, null, 2)}\n` }),
    exec(`objects ${name}`, {
      // Namespaces come first, and a webhook or an API that has just been made may need a moment.
      run: sh`n=0; until said=$(${kubectl} apply -f ${wanted} 2>&1); do n=$((n + 1)); [ $n -lt 20 ] || { printf '%s\n' "$said" >&2; exit 1; }; sleep 2; done; touch ${done}`,
      creates: done,
      unless: sh`${kubectl} diff -f ${wanted} >/dev/null 2>&1`,
      deadline: 300,
      effects: [],
    }),
  ]
}

/** Waits until what is named is rolled out; nothing is done where all of it is. */
export function rolledOut(name: string, namespace: string, what: readonly string[], deadline: number): Resource {
  const kubectl = sh`kubectl --kubeconfig ${`${CONF}/admin.kubeconfig`} -n ${namespace}`
  const marker = `${DIRECTORY}/${name}.ready`
  return exec(`${name} is ready`, {
    run: sh`for it in ${what}; do ${kubectl} rollout status "$it" --timeout=${deadline}s >/dev/null || { ${kubectl} get pods -o wide >&2; ${kubectl} get events --sort-by=.lastTimestamp | tail -n 5 >&2; exit 1; }; done; touch ${marker}`,
    creates: marker,
    unless: sh`for it in ${what}; do ${kubectl} rollout status "$it" --watch=false 2>/dev/null | grep -q -e 'successfully rolled out' -e 'roll out complete' -e 'rolling update complete' || exit 1; done`,
    deadline: deadline * what.length + 60,
    effects: [],
  })
}

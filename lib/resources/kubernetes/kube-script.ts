import { raw, sh, type Sh } from '../../sh/quote.ts'
import { listsOf, listText, pathOf, PRUNED_TYPES, OWNER, ROLLED_OUT, rolledOut, type Manifest } from './manifest.ts'

/** What a resource asks for, and how it reaches the API. */
export interface KubeObjectWant {
  readonly name: string
  /** With the label of the owner. */
  readonly manifests: readonly Manifest[]
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  readonly server: string | undefined
  readonly owner: string | undefined
  readonly ready: boolean
  readonly state: 'present' | 'absent'
  readonly deadline: number
}

/** kubectl, as it reaches the API. */
export function kubectl({ kubeconfig, context, server }: KubeObjectWant): Sh {
  return sh`kubectl ${[
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
    ...(context === undefined ? [] : ['--context', context]),
    ...(server === undefined ? [] : ['--server', server]),
  ]}`
}

/** Ends with 0 where all of so many objects that roll out, among others, have all replicas of the last generation, and ready. */
const COUNT = `{ gsub(/,/, "") }
/^  "kind": "(${ROLLED_OUT.join('|')})"/ { k = 1 }
/^    "generation":/ { g = $2 } /^    "observedGeneration":/ { o = $2 }
/^    "replicas":/ { if (r == "") r = $2 } /^    "desiredNumberScheduled":/ { r = $2 }
/^    "readyReplicas":/ { d = $2 } /^    "numberReady":/ { d = $2 }
/^    "updatedReplicas":/ { u = $2 } /^    "updatedNumberScheduled":/ { u = $2 }
/^}/ { if (k) { n++; if (g == "" || g != o || r + 0 != d + 0 || r + 0 != u + 0) bad = 1 }; k = g = o = r = d = u = "" }
END { exit bad || n != wanted }`

/** Fields that change without anybody having changed the object. */
const PLAIN = `-e '/^ *"managedFields": \\[/,/^ *\\]/d' -e '/^ *"resourceVersion": /d' -e '/^ *"remainingItemCount": /d' -e '/^  "status": {/,/^  }/d'`

/**
 * Asks whether the answers are those of the last time, when all was as wanted. One process and one connection for all objects, where kubectl asks for five a
 * second. It takes a kubeconfig with one user, whose certificate and key are files.
 */
function quickProbe(want: KubeObjectWant): Sh {
  const { kubeconfig, server, owner, manifests, ready, name } = want
  const config = kubeconfig ?? '/root/.kube/config'
  const waited = ready ? rolledOut(manifests) : []
  const urls = (paths: readonly string[], more: string) =>
    raw(paths.map((path) => `"$at"'${path.replaceAll("'", '')}${more}'`).join(' '))
  return sh`one() { [ "$(grep -c "^[- ]*\\"*$1\\"*:" ${config})" = 1 ] && sed -n "s|^[- ]*\\"*$1\\"*: *\\"*\\([^\\",]*\\)\\"*,*\$|\\1|p" ${config}; }
kept=/run/rolecall/objects-$(printf %s ${`${name} ${config} ${server ?? ''}`} | sha256sum | cut -c 1-16)
at=${server ?? ''}; [ -n "$at" ] || at=$(one server 2>/dev/null)
if command -v curl >/dev/null && ca=$(one certificate-authority 2>/dev/null) && cert=$(one client-certificate 2>/dev/null) && key=$(one client-key 2>/dev/null) && [ -r "$key" ] && [ -n "$at" ]; then
set -- -gs --max-time 20 --cacert "$ca" --cert "$cert" --key "$key"
said=$(curl "$@" ${urls(manifests.map(pathOf), '?pretty=true')} ${
    owner === undefined
      ? raw('')
      : sh`--next "$@" -H 'Accept: application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' ${urls(listsOf(owner), '')}`
  })
${
  waited.length === 0
    ? raw('isReady=1')
    : sh`isReady=; printf '%s\\n' "$said" | awk -v wanted=${String(waited.length)} ${COUNT} && isReady=1`
}
sum=$({ printf '%s\\n' "$w"; printf '%s\\n' "$said" | sed ${raw(PLAIN)}; } | sha256sum)
if [ "$isReady" = 1 ] && [ "$(cat "$kept" 2>/dev/null)" = "$sum" ]; then echo '# same'; exit 0; fi
fi`
}

/** Lines of kubectl's output, each after a bar. */
const BARRED = raw(`sed 's/^/|/'`)

/** Manifests of one namespace, or of the whole cluster: those of a namespace that is not there yet cannot be tried. */
function groups(manifests: readonly Manifest[]): ReadonlyMap<string, readonly Manifest[]> {
  const found = new Map<string, Manifest[]>()
  for (const each of manifests) {
    const of = each.metadata.namespace ?? ''
    found.set(of, [...(found.get(of) ?? []), each])
  }
  return found
}

const NAMED = `{.apiVersion}|{.kind}|{.metadata.namespace}|{.metadata.name}|{.metadata.ownerReferences[0].kind}{"\\n"}`
const FIELDS = `{.kind}|{.metadata.namespace}|{.metadata.name}|{.metadata.generation}|{.status.observedGeneration}|{.spec.replicas}|{.status.replicas}|{.status.readyReplicas}|{.status.updatedReplicas}|{.status.desiredNumberScheduled}|{.status.numberReady}|{.status.updatedNumberScheduled}{"\\n"}`

/**
 * `k` is kubectl, `$w` the objects. Who only looks writes nothing in a home: what kubectl remembers of the API is kept where Rolecall keeps what it has asked. Ends here where the API does not answer, or all is as it was. */
function preamble(want: KubeObjectWant): Sh {
  return sh`cache=\${HOME:-}/.kube/cache; [ ! -w /run/rolecall ] || cache=/run/rolecall/kubectl
k() { ${kubectl(want)} --cache-dir="$cache" --request-timeout=60s "$@"; }
w=${listText(want.manifests)}
isSame=1 isReady=1 sum=
${want.state === 'absent' ? raw(':') : quickProbe(want)}
said=$(k version 2>&1) || { echo '# silent'; printf '%s\n' "$said" | tail -n 1 | ${BARRED}; exit 0; }`
}

/**
 * Says how the objects are. `# same`: as wanted, and nothing owned is left over. Otherwise what a dry run on the API server said of each group, what is owned, and how
 * far Pods are.
 */
export function probe(want: KubeObjectWant): Sh {
  const { manifests, owner, ready, state } = want
  if (state === 'absent')
    return sh`${preamble(want)}
printf '%s\\n' "$w" | k get -f - --ignore-not-found -o 'jsonpath=${raw(manifests.length === 1 ? NAMED : `{range .items[*]}${NAMED}{end}`)}' 2>/dev/null | sed -n 's/^./# owned &/p'`
  const waited = ready ? rolledOut(manifests) : []
  const parts = [...groups(manifests)].map(
    ([namespace, some]) => sh`${
      namespace === ''
        ? raw('if :; then')
        : sh`if said=$(k get namespace ${namespace} -o name --ignore-not-found 2>&1) && [ -z "$said" ]; then echo ${`# missing ${namespace}`}; else`
    }
said=$(printf '%s\\n' ${listText(some)} | LC_ALL=C k diff -f - 2>&1); code=$?
printf '# diff %s %s\\n' "$code" ${namespace}; printf '%s\\n' "$said" | ${BARRED}
[ $code -eq 0 ] || isSame=
fi`,
  )
  return sh`${preamble(want)}
${parts.reduce((all, part) => sh`${all}\n${part}`, sh`:`)}
${
  owner === undefined
    ? raw('left=')
    : sh`owned=$(k get ${PRUNED_TYPES} -A -l ${`${OWNER}=${owner}`} -o ${`jsonpath={range .items[*]}${NAMED}{end}`} 2>/dev/null | grep '|$' | sed 's/^/# owned /')
printf '%s\\n' "$owned"
left=$(printf '%s\\n' "$owned" | sed 's/^# owned [^|]*|//' | grep -vxF ${raw(`-e ''`)} ${keysOf(manifests).flatMap((key) => ['-e', key])})`
}
${
  waited.length === 0
    ? raw(':')
    : sh`printf '%s\\n' ${listText(waited)} | k get -f - --ignore-not-found -o ${`jsonpath=${waited.length === 1 ? FIELDS : `{range .items[*]}${FIELDS}{end}`}`} 2>/dev/null | sed 's/^/# pods /'`
}
if [ -z "$left" ] && [ "$isReady" = 1 ] && [ -n "$isSame" ] && [ -n "$sum" ]; then umask 077; mkdir -p /run/rolecall && printf '%s\\n' "$sum" >"$kept"; fi`
}

/** How the API's own lists name what is owned: with either namespace where none is said, because some kinds have none. */
function keysOf(manifests: readonly Manifest[]): string[] {
  return manifests.flatMap(({ kind, metadata: { name, namespace } }) =>
    (namespace === undefined ? ['', 'default'] : [namespace]).map((of) => `${kind}|${of}|${name}|`),
  )
}

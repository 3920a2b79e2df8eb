import { z, type Manifest } from 'rolecall'
import { dnsAddress, type Cluster } from '../cluster.ts'

const RBAC = 'rbac.authorization.k8s.io'

/** A service account with rights in the whole cluster. */
function account(name: string, namespace: string, rules: readonly unknown[]): Manifest[] {
  const role = `system:${name}`
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name: role }, rules },
    binding(role, 'ClusterRole', role, name, namespace),
  ]
}

function binding(name: string, kind: string, of: string, subject: string, namespace: string): Manifest {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: RBAC, kind, name: of },
    subjects: [{ kind: 'ServiceAccount', name: subject, namespace }],
  }
}

const Pods = z.object({ spec: z.looseObject({ template: z.looseObject({ spec: z.looseObject({}) }) }) })

/** The same objects, whose Pods run on nodes with these labels alone. */
export function onNodes(nodeSelector: Readonly<Record<string, string>>, objects: readonly Manifest[]): Manifest[] {
  if (Object.keys(nodeSelector).length === 0) return [...objects]
  return objects.map((each) => {
    const { data } = Pods.safeParse(each)
    if (data === undefined) return each
    const { spec } = data
    return { ...each, spec: { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, nodeSelector } } } }
  })
}

const reads = ['get', 'list', 'watch']
const rule = (apiGroups: readonly string[], resources: readonly string[], verbs: readonly string[]) => ({
  apiGroups,
  resources,
  verbs,
})

function deployment(name: string, namespace: string, replicas: number, spec: unknown): Manifest {
  const labels = { 'k8s-app': name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  }
}

/**
 * The cluster's name server.
 *
 * Source: kubernetes.io, "Customizing DNS Service"; coredns.io, plugin kubernetes.
 */
export function dns({ clusterDomain, serviceNetwork }: Cluster, image: string, replicas: number): Manifest[] {
  const name = 'coredns'
  const namespace = 'kube-system'
  const port = (given: string, protocol: string) => ({ name: given, port: 53, protocol })
  const corefile = `.:53 {
    errors
    health
    ready
    kubernetes ${clusterDomain} in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
}
`
  return [
    ...account(name, namespace, [
      rule([''], ['endpoints', 'services', 'pods', 'namespaces'], ['list', 'watch']),
      rule(['discovery.k8s.io'], ['endpointslices'], ['list', 'watch']),
      rule([''], ['nodes'], ['get']),
    ]),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { Corefile: corefile } },
    deployment(name, namespace, replicas, {
      serviceAccountName: name,
      priorityClassName: 'system-cluster-critical',
      dnsPolicy: 'Default',
      containers: [
        {
          name,
          image,
          args: ['-conf', '/etc/coredns/Corefile'],
          resources: { requests: { cpu: '50m', memory: '40Mi' } },
          readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 2 },
          livenessProbe: { httpGet: { path: '/health', port: 8080 }, initialDelaySeconds: 30 },
          volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
        },
      ],
      volumes: [{ name: 'config', configMap: { name } }],
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace },
      spec: {
        clusterIP: dnsAddress(serviceNetwork),
        selector: { 'k8s-app': name },
        ports: [port('dns', 'UDP'), port('dns-tcp', 'TCP')],
      },
    },
  ]
}

/**
 * What a Pod and a node use now: `kubectl top`, and what autoscaling looks at.
 *
 * Its account reads neither secrets nor configurations, as every kubelet sees its token. Kubelets are known by their certificates.
 *
 * Source: metrics-server, manifests of its releases.
 */
export function metrics(image: string): Manifest[] {
  const name = 'metrics-server'
  const namespace = 'kube-system'
  return [
    ...account(name, namespace, [
      rule([''], ['pods', 'nodes', 'nodes/stats'], reads),
      rule([''], ['nodes/metrics'], ['get']),
    ]),
    binding(`${name}:system:auth-delegator`, 'ClusterRole', 'system:auth-delegator', name, namespace),
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata: { name: `${name}-auth-reader`, namespace },
      roleRef: { apiGroup: RBAC, kind: 'Role', name: 'extension-apiserver-authentication-reader' },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
    deployment(name, namespace, 1, {
      serviceAccountName: name,
      priorityClassName: 'system-cluster-critical',
      containers: [
        {
          name,
          image,
          args: [
            '--cert-dir=/tmp',
            '--secure-port=4443',
            '--kubelet-preferred-address-types=InternalIP',
            // It shows its token to whoever it takes for a kubelet.
            '--kubelet-certificate-authority=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
            '--metric-resolution=15s',
          ],
          resources: { requests: { cpu: '50m', memory: '50Mi' } },
          readinessProbe: { httpGet: { path: '/readyz', port: 4443, scheme: 'HTTPS' }, periodSeconds: 5 },
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
        },
      ],
      volumes: [{ name: 'tmp', emptyDir: {} }],
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { selector: { 'k8s-app': name }, ports: [{ name: 'https', port: 443, targetPort: 4443 }] },
    },
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1beta1.metrics.k8s.io' },
      spec: {
        group: 'metrics.k8s.io',
        version: 'v1beta1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name, namespace },
      },
    },
  ]
}

/**
 * The controller of Ingress, reached on one port of every node.
 *
 * Source: ingress-nginx, deploy/static/provider/baremetal.
 */
export function ingress(image: string, nodePort: number): Manifest[] {
  const name = 'ingress-nginx'
  const namespace = name
  const env = (variable: string, fieldPath: string) => ({ name: variable, valueFrom: { fieldRef: { fieldPath } } })
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    ...account(name, namespace, [
      rule([''], ['configmaps', 'endpoints', 'nodes', 'pods', 'secrets', 'namespaces', 'services'], reads),
      rule([''], ['configmaps'], ['create', 'update']),
      rule([''], ['events'], ['create', 'patch']),
      rule(['networking.k8s.io'], ['ingresses', 'ingressclasses'], reads),
      rule(['networking.k8s.io'], ['ingresses/status'], ['update']),
      rule(['coordination.k8s.io'], ['leases'], [...reads, 'create', 'update']),
      rule(['discovery.k8s.io'], ['endpointslices'], reads),
    ]),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'nginx' },
      spec: { controller: 'k8s.io/ingress-nginx' },
    },
    deployment(name, namespace, 1, {
      serviceAccountName: name,
      containers: [
        {
          name: 'controller',
          image,
          args: [
            '/nginx-ingress-controller',
            '--ingress-class=nginx',
            '--controller-class=k8s.io/ingress-nginx',
            '--election-id=ingress-nginx-leader',
          ],
          env: [env('POD_NAME', 'metadata.name'), env('POD_NAMESPACE', 'metadata.namespace')],
          resources: { requests: { cpu: '50m', memory: '64Mi' } },
          readinessProbe: { httpGet: { path: '/healthz', port: 10254 }, periodSeconds: 2 },
        },
      ],
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: {
        type: 'NodePort',
        selector: { 'k8s-app': name },
        ports: [{ name: 'http', port: 80, targetPort: 80, nodePort }],
      },
    },
  ]
}

import type { Manifest } from 'rolecall'
import type { Traits } from '../versions.ts'

export interface ChapterSettings {
  readonly namespace: string
  readonly image: string
  readonly sideCarImage: string
  readonly replicas: number
  readonly nodePort: number
  readonly hostname: string
}

const requests = { requests: { cpu: '20m', memory: '16Mi' } }

/** Chapters 3 and 4 as objects: each of the tutorial's words, once. */
export function chapterObjects(vars: ChapterSettings, traits: Traits): Manifest[] {
  const { namespace, image, sideCarImage } = vars
  const meta = (name: string, labels: Readonly<Record<string, string>> = {}) => ({
    name,
    namespace,
    labels: { app: name, ...labels },
  })
  const pod = (name: string, spec: unknown, labels: Readonly<Record<string, string>> = {}) => ({
    metadata: { labels: { app: name, ...labels } },
    spec,
  })
  const selector = (name: string) => ({ matchLabels: { app: name } })
  const quick = { terminationGracePeriodSeconds: 2 }
  const server = {
    ...quick,
    containers: [
      {
        name: 'nginx',
        image,
        ports: [{ containerPort: 80 }],
        resources: requests,
        readinessProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 1 },
      },
    ],
  }
  const shell = (script: string) => ({
    name: 'shell',
    image: sideCarImage,
    command: ['sh', '-c', script],
    resources: requests,
  })
  const asleep = { ...quick, containers: [shell('sleep 1000000')] }
  const once = { ...quick, restartPolicy: 'Never', containers: [shell('echo done')] }
  return [
    // 3.1.2 Name and Namespace. Annotations are no labels: nobody selects by them.
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: namespace,
        labels: { chapter: '3' },
        annotations: { 'rolecall/about': 'Chapters 3 and 4 of the tutorial' },
      },
    },
    // 3.1.1 Pod: two containers that share a network and a volume; the second one is the side car.
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: meta('side-car'),
      spec: {
        ...quick,
        containers: [
          {
            name: 'nginx',
            image,
            resources: requests,
            volumeMounts: [{ name: 'pages', mountPath: '/usr/share/nginx/html' }],
          },
          {
            ...shell('while :; do date >/pages/index.html; sleep 1; done'),
            volumeMounts: [{ name: 'pages', mountPath: '/pages' }],
          },
        ],
        volumes: [{ name: 'pages', emptyDir: {} }],
      },
    },
    // 3.1.1 controllers of Pods.
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...meta('web', { tier: 'front' }), annotations: { 'rolecall/chapter': '4.1' } },
      spec: { replicas: vars.replicas, selector: selector('web'), template: pod('web', server, { tier: 'front' }) },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: meta('copies'),
      // Selected by a set: one of several values.
      spec: {
        replicas: 2,
        selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['copies'] }] },
        template: pod('copies', asleep, { tier: 'back' }),
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: meta('each-node'),
      spec: { selector: selector('each-node'), template: pod('each-node', asleep) },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: meta('db'),
      spec: { serviceName: 'db', replicas: 2, selector: selector('db'), template: pod('db', asleep, { tier: 'back' }) },
    },
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: meta('once'),
      spec: { backoffLimit: 4, template: pod('once', once) },
    },
    {
      apiVersion: traits.cronJob,
      kind: 'CronJob',
      metadata: meta('each-hour'),
      spec: { schedule: '0 * * * *', jobTemplate: { spec: { template: pod('each-hour', once) } } },
    },
    // 3.1.4 Service, inside and on a port of every node; a headless one gives each Pod of a StatefulSet its name.
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: meta('web'),
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: meta('web-node'),
      spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, nodePort: vars.nodePort }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: meta('db'),
      spec: { clusterIP: 'None', selector: { app: 'db' }, ports: [{ port: 80 }] },
    },
    // 3.1.4 Ingress: by the name in the request.
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: meta('web'),
      spec: {
        ingressClassName: 'nginx',
        rules: [
          {
            host: vars.hostname,
            http: {
              paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
            },
          },
        ],
      },
    },
  ]
}

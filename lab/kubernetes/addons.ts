import type { Image } from '../images/image.ts'

const labels = (title: string): Readonly<Record<string, string>> => ({
  'org.opencontainers.image.title': title,
  'org.opencontainers.image.vendor': 'stand-in of Rolecall',
})

/** The image of every pod's sandbox, built from Kubernetes' own source. */
const pause: Image = {
  names: ['k8s.gcr.io/pause:3.2', 'registry.k8s.io/pause:3.2', 'registry.k8s.io/pause:3.9'],
  layers: ['pause.tar'],
  config: { Entrypoint: ['/pause'], User: '65535:65535' },
}

const dns: Image = {
  names: ['k8s.gcr.io/coredns:1.7.0', 'docker.io/coredns/coredns:1.7.0'],
  layers: ['dns.tar'],
  config: { Entrypoint: ['/coredns'], ExposedPorts: { '53/udp': {}, '53/tcp': {} }, Labels: labels('coredns') },
}

const metrics: Image = {
  names: ['k8s.gcr.io/metrics-server/metrics-server:v0.5.2'],
  layers: ['metrics.tar'],
  config: { Entrypoint: ['/metrics-server'], User: '65534', Labels: labels('metrics-server') },
}

/** Above the layers of the nginx image. */
const ingress: Image = {
  names: ['k8s.gcr.io/ingress-nginx/controller:v1.1.1'],
  layers: ['busybox.tar', 'nginx.tar', 'ingress.tar'],
  config: {
    Cmd: ['/nginx-ingress-controller'],
    Env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
    ExposedPorts: { '80/tcp': {}, '443/tcp': {} },
    Labels: labels('ingress-nginx'),
  },
}

/** The layers of the images: the layer's tar file, the built program, and its name in the image. */
export const programs: readonly (readonly [layer: string, built: string, name: string])[] = [
  ['pause.tar', 'pause', 'pause'],
  ['dns.tar', 'addons/dns', 'coredns'],
  ['metrics.tar', 'addons/metrics', 'metrics-server'],
  ['ingress.tar', 'addons/ingress', 'nginx-ingress-controller'],
]

export const addonImages: readonly Image[] = [pause, dns, metrics, ingress]

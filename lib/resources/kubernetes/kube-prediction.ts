import type { Unknown } from '../kit/kind.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { NO_ANSWER, NOT_YET, type Have } from './kube-reply.ts'
import type { KubeObjectWant } from './kube-script.ts'
import { rolledOut } from './manifest.ts'

/** Pods leave a node by a kind whose effects say so, `{ type: 'object', of: 'Kubernetes', name: 'Pods', exists: false }`, as draining does. */
function afterPodsMoved(want: KubeObjectWant, have: Have, prediction: Prediction): Have | Unknown {
  const isChanged = have.state === 'found' && (have.differences.length > 0 || have.missing.length > 0)
  const hasPods =
    want.manifests.some(({ kind: word }) => word === 'Pod') || (want.ready && rolledOut(want.manifests).length > 0)
  if (isChanged || !hasPods || want.state === 'absent') return have
  const moved = prediction.objects.get('Kubernetes', 'Pods')
  return moved === undefined ? have : { unknown: `Pods leave their nodes by ${moved.from}` }
}

export function predicted(want: KubeObjectWant, have: Have, prediction: Prediction): Have | Unknown {
  if (prediction.empty) return have
  const fault = have.state === 'found' ? (have.fault ?? '') : ''
  const isPassing = NO_ANSWER.test(fault) || NOT_YET.test(fault)
  if (have.state === 'same' || (have.state === 'found' && !isPassing)) return afterPodsMoved(want, have, prediction)
  const isPending = prediction.activity(true)
  if (isPending === undefined) return have
  if (have.state === 'none' && have.isFresh) {
    const missing = [...new Set(want.manifests.map(({ metadata: { namespace = '' } }) => namespace))]
    return want.state === 'absent'
      ? have
      : { state: 'found', differences: [], missing, fault: undefined, owned: [], waiting: [] }
  }
  return { unknown: `the API answers only after ${isPending.from}` }
}

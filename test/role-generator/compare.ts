import type { Ran, Said } from './run-case.ts'

export interface Comparison {
  /** Resources that both were asked about. */
  readonly resources: number
  /** Of these, such as check did not know; or did not come to, beyond what it could foresee. */
  readonly unknown: readonly Said[]
  /** What came otherwise, each as a sentence. */
  readonly surprises: readonly string[]
}

/** Compares what check said with what apply did. */
export function compare(check: Ran, apply: Ran): Comparison {
  const predicted = new Map(check.said.map((each) => [each.name, each]))
  const done = new Map(apply.said.map((each) => [each.name, each]))
  const surprises: string[] = []
  const unknown: Said[] = []
  for (const said of check.said)
    if (said.status === 'unknown' && said.reason === '') surprises.push(`${said.name}: unknown without a reason`)
  let isOver = false
  for (const did of apply.said) {
    const beforehand = predicted.get(did.name) ?? beyond(predicted, did.name)
    if (beforehand?.status === 'unknown') {
      unknown.push(beforehand)
      // What then failed has ended the run, which check could not know.
      isOver ||= did.status === 'failed'
      continue
    }
    if (isOver) continue
    const status = beforehand?.status ?? 'nothing'
    if (status === did.status) continue
    if (status === 'changed' && did.status === 'failed' && isOwnFailure(did, apply)) {
      isOver = true
      continue
    }
    surprises.push(`${did.name}: check said ${status}, apply ${did.status}${why(beforehand, did, apply)}`)
    isOver ||= did.status === 'failed' || status === 'failed'
  }
  // A role that check could not see ahead of may have failed in what is no resource: nothing comes after that.
  isOver ||=
    apply.problems.length > 0 && check.said.some(({ name, status }) => status === 'unknown' && / role:/.test(name))
  if (!isOver)
    for (const { name, status } of check.said)
      if (!done.has(name) && status !== 'unknown') surprises.push(`${name}: check said ${status}, apply nothing`)
  return { resources: apply.said.length, unknown, surprises }
}

/** A role that check cannot see ahead of is told as one unknown thing, whatever there is still in it. */
function beyond(predicted: ReadonlyMap<string, Said>, name: string): Said | undefined {
  const role = name.split(' ')[0] ?? ''
  return predicted.get(`${role} role:${role}`)
}

/** A command of the user's own, or a wait for what others do: nobody says beforehand whether that goes well. */
function isOwnFailure(did: Said, { problems }: Ran): boolean {
  return /^\S+ (exec|waitFor):/.test(did.name) && problems.some(({ code }) => code === 'step-failed')
}

function why(beforehand: Said | undefined, did: Said, { problems }: Ran): string {
  const said = [
    beforehand?.reason,
    did.reason,
    ...problems.flatMap(({ message, got, output }) => [message, got, output]),
  ]
  const all = [...new Set(said.filter((text) => text !== undefined && text !== ''))]
  return all.length === 0 ? '' : ` (${all.join('; ')})`
}

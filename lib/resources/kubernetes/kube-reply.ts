import type { Reply } from '../kit/kind.ts'

/** What a dry run on the API server would change about an object. */
export interface Difference {
  /** `Deployment tutorial/web` */
  readonly name: string
  readonly isNew: boolean
  readonly before: string
  readonly after: string
}

/** An object as its owner's label or its own name finds it. */
export interface Found {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

export type Have =
  /** kubectl, or the kubeconfig, is not there. */
  | { readonly state: 'none'; readonly lacks: 'kubectl' | 'kubeconfig'; readonly isFresh: boolean }
  | { readonly state: 'silent'; readonly words: string }
  | { readonly state: 'same' }
  | {
      readonly state: 'found'
      readonly differences: readonly Difference[]
      /** Namespaces that are not there. */
      readonly missing: readonly string[]
      /** Why the API server would not take them. */
      readonly fault: string | undefined
      readonly owned: readonly Found[]
      /** Those that are not rolled out: `Deployment tutorial/web`. */
      readonly waiting: readonly string[]
    }

export function readHave({ lines }: Reply): Have {
  const [first = ''] = lines
  const [, lacks, fresh] = /^# none (kubectl|kubeconfig)( fresh)?$/.exec(first) ?? []
  if (lacks !== undefined)
    return { state: 'none', lacks: lacks === 'kubectl' ? 'kubectl' : 'kubeconfig', isFresh: fresh !== undefined }
  if (first === '# silent') return { state: 'silent', words: (lines[1] ?? '|').slice(1) }
  if (first === '# same') return { state: 'same' }
  const differences: Difference[] = []
  const missing: string[] = []
  const owned: Found[] = []
  const waiting: string[] = []
  let fault: string | undefined
  for (let at = 0; at < lines.length; at++) {
    const [, word = '', rest = ''] = /^# (\w+) ?(.*)$/s.exec(lines[at] ?? '') ?? []
    if (word === 'missing') missing.push(rest)
    if (word === 'owned') {
      const [apiVersion = '', kind = '', namespace = '', name = ''] = rest.split('|')
      owned.push({ apiVersion, kind, namespace, name })
    }
    if (word === 'pods') waiting.push(...waitsFor(rest))
    if (word !== 'diff') continue
    let end = at + 1
    while (lines[end]?.startsWith('|') === true) end++
    const said = lines.slice(at + 1, end).map((line) => line.slice(1))
    if (rest.startsWith('0 ')) continue
    if (rest.startsWith('1 ')) differences.push(...differencesOf(said))
    else fault ??= said.filter((line) => line !== '' && !line.startsWith('Warning')).at(-1) ?? 'kubectl diff failed'
  }
  return { state: 'found', differences, missing, fault, owned, waiting }
}

/** What kubectl says of a rollout, by the fields of the object: undefined where all replicas are there. */
function waitsFor(line: string): string[] {
  const [kind = '', namespace = '', name = '', ...rest] = line.split('|')
  const [generation, observed, replicas, total, ready, updated, desired, numberReady, updatedScheduled] =
    rest.map(Number)
  const [wanted, here, renewed] =
    kind === 'DaemonSet' ? [desired, numberReady, updatedScheduled] : [replicas, ready, updated]
  const isDone =
    generation === observed &&
    wanted === here &&
    wanted === renewed &&
    (kind !== 'Deployment' || total === undefined || total <= (wanted ?? 0))
  return isDone ? [] : [`${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`]
}

/** Lines of a diff that say nothing of what somebody wants. */
const NOISE =
  /^\s*(- )?("?f:|manager: |operation: |time: |generation: |resourceVersion: |uid: |selfLink: |fieldsType: |fieldsV1: |managedFields:|creationTimestamp: |k:\{|v:|\.: \{\})/

/** `diff -u -N /tmp/LIVE-1/apps.v1.Deployment.tutorial.web /tmp/MERGED-1/apps.v1.Deployment.tutorial.web`, and what follows it. */
function differencesOf(lines: readonly string[]): Difference[] {
  const found: { name: string; isNew: boolean; before: string[]; after: string[] }[] = []
  for (const line of lines) {
    const [, file] = /^diff .*\/([^/ ]+)$/s.exec(line) ?? []
    if (file !== undefined) {
      found.push({ name: nameOf(file), isNew: false, before: [], after: [] })
      continue
    }
    const last = found.at(-1)
    if (last === undefined || /^(---|\+\+\+) /.test(line)) continue
    if (line.startsWith('@@')) {
      if (/^@@ -0,0 /.test(line)) last.isNew = true
      continue
    }
    const text = line.slice(1)
    if (NOISE.test(text)) continue
    if (line.startsWith('-') || line.startsWith(' ')) last.before.push(text)
    if (line.startsWith('+') || line.startsWith(' ')) last.after.push(text)
  }
  return found.map(({ name, isNew, before, after }) => ({
    name,
    isNew,
    before: isNew ? '' : text(before),
    after: text(after),
  }))
}

/** `apps.v1.Deployment.tutorial.web`: group, version, kind, namespace and name. The name may have dots; a kind begins with a capital letter. */
function nameOf(file: string): string {
  const [, kind = '', namespace = '', name = ''] =
    /^(?:[a-z0-9.-]*\.)?v[a-z0-9]+\.([A-Z]\w*)\.([^.]*)\.(.*)$/s.exec(file) ?? []
  if (kind === '') return file
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`
}

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

/** Words of kubectl and the API server for what passes by itself. */
export const NO_ANSWER =
  /unable to connect|connection re(fused|set)|timeout|timed out|EOF$|etcdserver|rpc error|unable to handle the request|too many requests/i

/** Words of kubectl and the API server for what another change may bring: rights, and definitions of kinds. */
export const NOT_YET = /forbidden|unauthorized|no matches for kind/i

/** What to do about something that the API server does not take. */
export function hintFor(fault: string): string {
  return fault.includes('immutable')
    ? "an object with that field must be deleted first: kubeObject with state: 'absent', or another name"
    : 'kubectl diff says the same'
}

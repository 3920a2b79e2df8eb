import type { Facts } from '../../facts.ts'
import type { Host } from '../../host/host.ts'
import type { Reply, Resource } from '../../resources/kit/kind.ts'
import { statBatch } from '../../resources/files/path/stat-batch.ts'
import type { Answer, Section } from '../../sh/frame.ts'

/** Which probe: `probe` reads everything that check mode predicts from, `quickProbe` only what apply needs. */
type Depth = 'probe' | 'quickProbe'

/** Probes every resource in one round trip. `onReply` receives the replies in the order of the resources, each as soon as possible. */
export async function probeAll(
  host: Host,
  resources: readonly Resource[],
  depth: Depth,
  onReply: (reply: Reply) => void,
): Promise<void> {
  if (resources.length === 0) return
  const questions = questionsOf(resources, host.facts, depth)
  // Slow probes run in parallel and are answered last, but a resource is planned after those before it.
  const early = new Map<string, Reply>()
  let next = 0
  const nextReply = () => early.get(questions[next]?.name ?? '')
  await host.ask(questions, {
    watch: (event, stream) => {
      if (event.type !== 'end' || stream !== 'stdout') return
      early.set(event.name, new BytesReply(event.code, event.bytes))
      for (let reply = nextReply(); reply !== undefined; reply = nextReply()) {
        next++
        onReply(reply)
      }
    },
  })
}

/** Probes every resource as apply does, in one round trip. */
export async function repliesNow(host: Host, resources: readonly Resource[]): Promise<Reply[]> {
  const replies: Reply[] = []
  await probeAll(host, resources, 'quickProbe', (reply) => replies.push(reply))
  return replies
}

/** The probes of resources, each as a section of one script. */
export function questionsOf(resources: readonly Resource[], facts: Facts, depth: Depth): Section[] {
  const shared = statBatch(
    resources.flatMap((resource) => resource.statPaths),
    facts.uid,
  )
  return resources.map((resource, index) => ({
    name: `${index} ${resource.id}`,
    of: resource.id,
    sh: (depth === 'quickProbe' ? quickestProbe(resource) : resource).probe(facts),
    question: resource.parallelProbe ? 'parallel' : 'sequential',
    ...(index === 0 && shared !== undefined ? { shared } : {}),
  }))
}

/** A resource without a quick probe uses its full probe. */
export function quickestProbe(resource: Resource): Pick<Resource, 'probe'> {
  return resource.quickProbe ?? resource
}

/** Answers of the host as replies for kinds. */
export function repliesOf(answers: readonly Answer[]): Reply[] {
  return answers.map(({ code, stdout }) => new BytesReply(code, stdout))
}

class BytesReply implements Reply {
  readonly code: number
  readonly bytes: Uint8Array
  #text: string | undefined

  constructor(code: number, bytes: Uint8Array) {
    this.code = code
    this.bytes = bytes
  }

  get text(): string {
    this.#text ??= Buffer.from(this.bytes).toString('utf8')
    return this.#text
  }

  get lines(): readonly string[] {
    const text = this.text
    return text === '' ? [] : text.replace(/\n$/, '').split('\n')
  }
}

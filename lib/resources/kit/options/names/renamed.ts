import { didYouMeanOneOf, nearest } from '../../../../text/nearest.ts'
import { ansibleNames } from './ansible-names.ts'
import { firstArgument, otherToolNames } from './other-names.ts'
import { sentenceOf } from './sentences.ts'

/** Options that had another name in an earlier version, or have one in other tools, for many kinds: the option here, and how to write it. */
const RENAMED: Readonly<Record<string, readonly (readonly [option: string, written: string])[]>> = {
  absent: [['state', "state: 'absent'"]],
  url: [['source', 'source']],
  src: [['source', 'source']],
  repo: [['source', 'source']],
  repository: [['source', 'source']],
  rules: [['content', 'content']],
  from: [['source', 'source']],
  load: [['source', 'source']],
  after: [
    ['insertAfter', 'insertAfter'],
    ['againAfter', 'againAfter'],
  ],
  before: [['insertBefore', 'insertBefore']],
  timeout: [['deadline', 'deadline, in seconds']],
  checksum: [['sha256', 'sha256']],
  batchable: [['advanced', 'advanced: { batchable }']],
  parallelProbe: [['advanced', 'advanced: { parallelProbe }']],
  ensure: [['state', 'state']],
  action: [['state', 'state']],
  permissions: [['mode', 'mode']],
  perms: [['mode', 'mode']],
  chmod: [['mode', 'mode']],
  user: [['owner', 'owner']],
  uid: [['owner', 'owner']],
  gid: [['group', 'group']],
  environment: [['env', 'env']],
  env_vars: [['env', 'env']],
  text: [['content', 'content']],
  data: [['content', 'content']],
  verify: [['validate', 'validate']],
  validate_cmd: [['validate', 'validate']],
  check_cmd: [['validate', 'validate']],
}

/** The option that an unknown name means, and what to write: from another tool, or from a misspelling of such a name. */
export function meantBy(
  name: string,
  known: readonly string[],
  { kind = '', isInside = false }: { readonly kind?: string | undefined; readonly isInside?: boolean } = {},
): { readonly options: readonly string[]; readonly hint?: string } {
  const others = otherNames(known, kind)
  const now = others.get(name)
  const own = isInside ? undefined : sentenceOf(kind, name)
  if (own !== undefined) return { options: now === undefined ? [] : [now.option], hint: own }
  if (now !== undefined) return { options: [now.option], hint: `write ${now.written}` }
  const sentence = isInside ? undefined : firstArgument(kind, name, known)
  if (sentence !== undefined) return { options: [], hint: sentence }
  const near = nearest(name, known)
  if (near.length > 0) return { options: near, hint: didYouMeanOneOf(near) }
  const [other] = nearest(name, others.keys())
  const meant = other === undefined ? undefined : others.get(other)
  return meant === undefined
    ? { options: [] }
    : { options: [meant.option], hint: `did you mean ${JSON.stringify(other)}? Here it is ${meant.written}` }
}

/** Other names of the known options. Names for this kind win over names for all kinds. */
function otherNames(known: readonly string[], kind: string): Map<string, { option: string; written: string }> {
  const names = new Map<string, { option: string; written: string }>()
  for (const [name, options] of Object.entries(RENAMED)) {
    const now = options.find(([option]) => known.includes(option))
    if (now !== undefined) names.set(name, { option: now[0], written: now[1] })
  }
  for (const [name, option] of [...otherToolNames(kind), ...Object.entries(ansibleNames(kind))])
    if (known.includes(option)) names.set(name, { option, written: option })
  return names
}

/** Keywords of Ansible's plays and tasks that are not options here, and what to use instead. */
const ANSIBLE: ReadonlyMap<string, string> = new Map([
  ['become', 'set it in the inventory: ansible_become: true'],
  ['become_user', 'user of a role; in the inventory ansible_become_user'],
  ['remote_user', 'set it in the inventory: ansible_user'],
  ['connection', 'set it in the inventory: ansible_connection'],
  ['gather_facts', 'facts are there without it: host in a role'],
  ['tasks', 'write them in the apply of a role'],
  ['pre_tasks', 'a play of its own before it, named in after'],
  ['post_tasks', 'a play of its own after it'],
  ['handlers', 'there are no handlers: restartedAfter of service restarts what is due'],
  ['notify', 'restartedAfter of service names what it is restarted after'],
  ['vars', 'variables are given to a role: using(role, { ... })'],
  ['vars_files', 'variables stand in group_vars and host_vars; -e @FILE gives more'],
  ['environment', 'env of exec'],
  ['when', 'write if (...) in the role'],
  ['register', 'const answer = await ... in the role'],
  ['loop', 'write for (...) or map in the role'],
  ['with_items', 'write for (...) or map in the role'],
  ['ignore_errors', 'allowFailure of exec; try and catch in the role'],
  ['delegate_to', "site.on('...', ({ ensure }) => ...) in a role"],
  ['run_once', "once('...', ...) in a role"],
  ['no_log', 'a Secret is shown to nobody'],
  ['strategy', 'each host goes on as fast as it can; serial holds batches together'],
])

export function wordOfAnsible(name: string): string | undefined {
  return ANSIBLE.get(name)
}

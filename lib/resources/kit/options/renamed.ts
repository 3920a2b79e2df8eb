import { nearest } from '../../../text/nearest.ts'

/** Options that had another name once, or have one in Ansible: the option that takes their place, and how it is written. */
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
}

/** What an option under an old name is now, where the new one is among those that are known. */
export function renamed(
  name: string,
  known: readonly string[],
): { readonly option: string; readonly hint: string } | undefined {
  const now = Object.hasOwn(RENAMED, name) ? RENAMED[name]?.find(([option]) => known.includes(option)) : undefined
  return now && { option: now[0], hint: `write ${now[1]}` }
}

/** The options that an unknown one may stand for. */
export function meantBy(name: string, known: readonly string[]): readonly string[] {
  const now = renamed(name, known)
  return now === undefined ? nearest(name, known) : [now.option]
}

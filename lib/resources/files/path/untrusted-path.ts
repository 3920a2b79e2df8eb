import { VERDICTS, type Way } from './way.ts'
import type { Refused } from '../../kit/plan.ts'

export type { Way } from './way.ts'

/** Reads `ok 1001:eve 65024:21474:1`, the last a minus where nothing is there; after that `sticky`, where that is so. */
export function readWay(text: string): Way | undefined {
  const [, word, id, name, inode, links, sticky] =
    /^(\w+) (\d+):(\S+) (?:(\d+:\d+):(\d+)|-)( sticky)?$/.exec(text) ?? []
  const verdict = VERDICTS.find((each) => each === word)
  if (verdict === undefined || id === undefined || name === undefined) return undefined
  return {
    verdict,
    lord: { id, name: name === 'UNKNOWN' ? id : name },
    inode,
    links: links === undefined ? undefined : Number(links),
    ...(sticky === undefined ? {} : { sticky: true }),
  }
}

/** What keeps root from working at a path in somebody else's directory. */
export function blockedWay(path: string, { verdict, lord }: Way): Refused | undefined {
  const whose = lord.id === '0' ? 'others may write in' : `${lord.name} can change`
  switch (verdict) {
    case 'ok':
      return undefined
    case 'link':
      return {
        refused: `a symbolic link on the way to ${path} is in a directory that ${whose}, and leads elsewhere`,
        hint: 'name the path that it leads to, or remove the link; it is followed only to a directory of the account that made it, for that owner',
      }
    case 'lost':
    case 'moving':
      return {
        refused: `${path} is in a directory that ${whose}, and somebody renames things there now`,
        hint: 'see which process renames them, and run again',
      }
    case 'proc':
      return {
        refused: `${path} is in a directory that ${whose}, and without /proc it cannot be read safely`,
        hint: 'mount /proc, or choose a directory that only root can change',
      }
    case 'mv':
      return {
        refused: `${path} is in a directory that ${whose}, and this host's mv has no -T to work there safely`,
        hint: 'install coreutils, or choose a directory that only root can change',
      }
  }
}

import type { Refused } from '../../kit/kind.ts'

/**
 * How a path is reached whose directory another account can change; see `walk`. Where there is none, the directory is trusted.
 *
 * - `ok`: what has to be done there is done in the directory itself, see `untrusted`
 * - `link`: a symbolic link on the way, which is not root's, leads to where its owner may not be followed
 * - `lost`, `moving`: somebody renames things there while they are looked at
 * - `proc`, `mv`: the host lacks what it takes
 */
export interface Way {
  readonly verdict: (typeof VERDICTS)[number]
  /** The account that can change the directory. */
  readonly lord: { readonly id: string; readonly name: string }
  /** What was seen at the path: DEVICE:INODE. */
  readonly inode?: string | undefined
  /** How many names it has. */
  readonly links?: number | undefined
}

const VERDICTS = ['ok', 'link', 'lost', 'moving', 'proc', 'mv'] as const

/** Reads `ok 1001:eve 65024:21474:1`, the last a minus where nothing is there. */
export function readWay(text: string): Way | undefined {
  const [, word, id, name, inode, links] = /^(\w+) (\d+):(\S+) (?:(\d+:\d+):(\d+)|-)$/.exec(text) ?? []
  const verdict = VERDICTS.find((each) => each === word)
  if (verdict === undefined || id === undefined || name === undefined) return undefined
  return {
    verdict,
    lord: { id, name: name === 'UNKNOWN' ? id : name },
    inode,
    links: links === undefined ? undefined : Number(links),
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
        refused: `a symbolic link on the way to ${path} stands in a directory that ${whose}, and leads elsewhere`,
        hint: 'name the path that it leads to, or remove the link; it is followed only to a directory of the account that laid it, for that owner',
      }
    case 'lost':
    case 'moving':
      return {
        refused: `${path} stands in a directory that ${whose}, and somebody renames things there now`,
        hint: 'see who does, and run again',
      }
    case 'proc':
      return {
        refused: `${path} stands in a directory that ${whose}, and without /proc it cannot be read safely`,
        hint: 'mount /proc, or choose a directory that only root can change',
      }
    case 'mv':
      return {
        refused: `${path} stands in a directory that ${whose}, and this host's mv has no -T to work there safely`,
        hint: 'install coreutils, or choose a directory that only root can change',
      }
  }
}

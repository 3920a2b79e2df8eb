export const VERDICTS = ['ok', 'link', 'lost', 'moving', 'proc', 'mv'] as const

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
  /** All may put something into a directory on the way, and nobody but root may replace what root has put there. */
  readonly sticky?: true
  /** How many names it has. */
  readonly links?: number | undefined
}

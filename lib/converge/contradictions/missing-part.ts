import type { Part, Whole } from '../../resources/kit/declarations.ts'

/** Why the content that another resource writes lacks a part, in words; undefined if it has the part. */
export function missing({ isIn, mode }: Part, whole: Whole): string | undefined {
  switch (whole.type) {
    case 'absent':
      return isIn(undefined) ? undefined : 'which is to be nothing at all'
    case 'dir':
    case 'link':
      return `which is to be a ${whole.type === 'dir' ? 'directory' : 'link'}`
    case 'file':
      if (mode !== undefined && whole.mode !== undefined && mode !== whole.mode) return 'which is to have another mode'
      return isIn(whole.content) ? undefined : 'whose content is to be otherwise'
  }
}

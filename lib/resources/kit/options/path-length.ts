/** The most bytes of a name: NAME_MAX of limits.h, the same on every file system that Linux can write. */
export const LONGEST_NAME = 255

/**
 * The most bytes of a path. The kernel takes 4095 (PATH_MAX without its NUL). Where new files are renamed together, each is first below a hidden directory,
 * whose name has up to 216 bytes.
 */
const LONGEST_PATH = 3840

interface TooLong {
  readonly expected: string
  readonly got: string
  readonly hint: string
}

/** Why the kernel would refuse a path as too long (ENAMETOOLONG), which a run would learn only when it makes the file. */
export function tooLong(path: string): TooLong | undefined {
  const longest = Math.max(...path.split('/').map((name) => Buffer.byteLength(name)))
  if (longest > LONGEST_NAME)
    return {
      expected: `made of names of at most ${LONGEST_NAME} bytes`,
      got: `a path with one of ${longest} bytes`,
      hint: `a name in this path has ${longest} bytes, and no file system of Linux takes more than ${LONGEST_NAME}: choose a shorter one`,
    }
  const bytes = Buffer.byteLength(path)
  if (bytes <= LONGEST_PATH) return undefined
  return {
    expected: `at most ${LONGEST_PATH} bytes long`,
    got: `${bytes} bytes`,
    hint: `this path has ${bytes} bytes: Linux takes 4095, and what is made beside it for a moment needs up to 255 of them. Choose a shorter one`,
  }
}

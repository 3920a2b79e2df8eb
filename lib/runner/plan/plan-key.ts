import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeDirectory } from '../../machine/make-directory.ts'
import { writeWhole } from '../../machine/write-whole.ts'
import { RolecallError } from '../../errors.ts'

/** The least number of characters of a key from the environment. */
const SHORTEST = 16
const VARIABLE = 'ROLECALL_PLAN_KEY'

/** The key of a project's plans: it seals them, and without it none of their digests can be guessed. */
export class PlanKey {
  readonly #key: Buffer

  constructor(key: Buffer) {
    this.#key = key
  }

  /** Identifies the key without revealing it. */
  get id(): string {
    return this.digest('key', 'of rolecall plans').slice(0, 16)
  }

  /** A keyed digest (HMAC-SHA-256). `purpose` keeps digests of different things apart. */
  digest(about: string, ...parts: readonly (string | Uint8Array)[]): string {
    const hmac = createHmac('sha256', this.#key).update(`${about}\0`)
    // The length comes before each part, so different parts never give the same text.
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)}\0`).update(part)
    return hmac.digest('hex')
  }

  matches(digest: string, about: string, ...parts: readonly (string | Uint8Array)[]): boolean {
    const [a, b] = [Buffer.from(this.digest(about, ...parts)), Buffer.from(digest)]
    return a.length === b.length && timingSafeEqual(a, b)
  }
}

/**
 * The key: ROLECALL_PLAN_KEY, or that of the project in `.rolecall/plan-key`, which is made when first needed. On several machines, such as two jobs
 * of continuous integration, all take it from the environment.
 */
export function planKey(project: string, env: NodeJS.ProcessEnv = process.env): PlanKey {
  const given = env[VARIABLE]
  if (given !== undefined && given !== '') {
    if (given.length < SHORTEST)
      throw new RolecallError({
        code: 'usage',
        message: `${VARIABLE} is too short to keep plans from being guessed`,
        expected: `${SHORTEST} letters or more`,
        got: `${given.length}`,
        hint: 'openssl rand -hex 32 makes one',
      })
    return new PlanKey(Buffer.from(given))
  }
  const file = join(project, '.rolecall/plan-key')
  const kept = keptKey(file)
  if (kept !== undefined) return new PlanKey(kept)
  makeKey(file)
  const made = keptKey(file)
  if (made !== undefined) return new PlanKey(made)
  throw new RolecallError({
    code: 'usage',
    message: `${file} is not a key for plans: it is damaged, or cannot be read`,
    expected: `a file with ${SHORTEST} letters or more`,
    hint: 'remove it: a new one is made, and plans made with the old one can no longer be applied',
  })
}

/** Makes the key whole or not at all: another run may make or read it at the same time. */
function makeKey(file: string): void {
  makeDirectory(dirname(file), 0o700)
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  try {
    writeWhole(draft, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 })
    try {
      linkSync(draft, file)
    } catch (error) {
      // Another run has just made it; or the file system has no links.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) renameSync(draft, file)
    }
  } finally {
    rmSync(draft, { force: true })
  }
}

function keptKey(file: string): Buffer | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim()
    if (text.length < SHORTEST) return undefined
    requireOwn(file)
    return Buffer.from(text)
  } catch (error) {
    if (error instanceof RolecallError) throw error
    return undefined
  }
}

/** Anybody who knows the key can forge a plan. */
function requireOwn(file: string): void {
  const us = process.geteuid?.()
  if (us === undefined) return
  const { uid, mode } = statSync(file)
  const theirs = uid !== us && uid !== 0 && uid !== statSync(dirname(dirname(file))).uid
  if (!theirs && (mode & 0o077) === 0) return
  throw new RolecallError({
    code: 'usage',
    message:
      'the key of the plans of this project is not for its owner alone: others could write plans that pass for yours',
    expected: 'mode 0600, and the owner of the project',
    got: `mode ${(mode & 0o777).toString(8).padStart(4, '0')}, user ${uid}`,
    hint: `remove ${file} and plan again, with a new key`,
    place: { file },
  })
}

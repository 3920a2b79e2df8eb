import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A value as SOPS encrypts one. */
export const SOPS_VALUE =
  'ENC[AES256_GCM,data:mTzdDnM=,iv:VhYsHVV0mkLlFZzIaN3y1wlTx4rZIc0nTQVbEbJoW0s=,tag:rzmJpKwGkzSYzC4GmSvYQA==,type:str]'

/** A temporary directory for files with given texts. */
export class SampleFiles {
  readonly directory: string

  constructor(name: string) {
    this.directory = mkdtempSync(join(tmpdir(), `rolecall-${name}-`))
  }

  /** Writes a file, and returns its path. */
  write(name: string, text: string): string {
    const path = join(this.directory, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

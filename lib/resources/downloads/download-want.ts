import type { Secret } from '../../secret.ts'
import type { Attributes } from '../files/path/path.ts'
import type { Found } from '../files/path/path-answer.ts'
import type { Checksum } from './checksum.ts'
import { curlSettings, type FetchSettings } from './fetch-settings.ts'
import type { Turned } from './fetched-key.ts'

export type DownloadWant = Attributes & {
  readonly path: string
  readonly url: string | Secret
  readonly sha256: Checksum
  readonly deadline: number
  readonly insecure: boolean
  readonly settings: FetchSettings
  readonly turned?: Turned
}

export interface HaveDownload {
  readonly found: Found
  /** Its content is the wanted one; with a published checksum, any file's is. */
  readonly same: boolean
  readonly hasTool: boolean
}

export function withSettings({ settings }: DownloadWant): boolean {
  return curlSettings(settings).length > 0
}

export function toolsOf(want: DownloadWant): readonly string[] {
  return withSettings(want) ? ['curl'] : ['curl', 'wget']
}

export function lacking(want: DownloadWant): string {
  return withSettings(want) ? 'no curl, which headers and passwords need' : 'neither curl nor wget'
}

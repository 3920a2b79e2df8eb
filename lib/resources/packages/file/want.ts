import type { Secret } from '../../../secret.ts'
import type { Checksum } from '../../downloads/checksum.ts'
import type { DebLook } from '../apt/deb-file.ts'
import type { FetchSettings } from '../../downloads/fetch-settings.ts'

/** A file that the host fetches. */
export interface Fetched {
  readonly url: string | Secret
  readonly sha256: Checksum
  /** The version that the file has, where that is known beforehand. */
  readonly version: string | undefined
  readonly settings: FetchSettings
}

export interface PackageFileWant {
  readonly name: string
  /** A path on the host, or what it fetches. */
  readonly source: string | Fetched
  readonly deadline: number
}

export interface PackageFileHave {
  /** The version that is installed. */
  readonly installed: string | undefined
  /** It is unpacked in this version, and only has to be configured. */
  readonly unpacked?: string | undefined
  /** What the file holds, or what it held when it was fetched; undefined: there is no file. */
  readonly file: { readonly name: string; readonly version: string } | undefined
  /** The file is still to come: by a pending change, or because the step fetches it. */
  readonly comes?: boolean
  /** What apt says of it, where it is not installed as the file has it. */
  readonly deb?: DebLook | undefined
  /** The host has nothing that could fetch. */
  readonly lacksFetcher?: boolean
}

/** The source as it is told. */
export function sourceWords({ source }: PackageFileWant): string {
  if (typeof source === 'string') return source
  return typeof source.url === 'string' ? source.url : 'a secret URL'
}

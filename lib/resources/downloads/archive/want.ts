import { createHash } from 'node:crypto'
import type { Secret } from '../../../secret.ts'
import type { Attributes } from '../../files/path/path.ts'
import type { Found } from '../../files/path/path-answer.ts'
import type { Fault } from './fault.ts'
import type { MixedLevel } from './levels.ts'
import type { Checksum } from '../checksum.ts'
import { nameOf } from '../fetch.ts'
import type { FetchSettings } from '../fetch-settings.ts'

export type ArchiveWant = Attributes & {
  readonly path: string
  readonly from: string | Secret
  readonly isLocal: boolean
  readonly sha256: Checksum
  readonly form: Form
  readonly strip: number
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly settings: FetchSettings
  readonly deadline: number
}

export interface HaveArchive {
  readonly found: Found
  /** What the marker says; undefined without one. */
  readonly marker?: Marker | undefined
  readonly isEmpty: boolean
  /** Tools that are wanted and not on the host, and the archive itself when it is to be there. */
  readonly missing: readonly string[]
  /** What keeps an archive on the host from being stripped. */
  readonly mixedLevel?: MixedLevel | undefined
  /** What is wrong with an archive on the host itself. */
  readonly fault?: Fault | undefined
}

/** In the directory: where the archive came from, and its checksum. */
export const MARKER = '.rolecall-archive'

/** By the end of a name: the program that unpacks it, and how. */
export const FORMS = {
  '.tar.gz': 'z',
  '.tgz': 'z',
  '.tar.xz': 'J',
  '.txz': 'J',
  '.tar.bz2': 'j',
  '.tar': '',
  '.zip': 'zip',
} as const
export type Form = (typeof FORMS)[keyof typeof FORMS]

export function formOf(from: string | Secret): Form | undefined {
  const file = nameOf(from).toLowerCase()
  return Object.entries(FORMS).find(([end]) => file.endsWith(end))?.[1]
}

export function toolOf({ form }: ArchiveWant): 'unzip' | 'tar' {
  return form === 'zip' ? 'unzip' : 'tar'
}

/** A secret URL is told apart by its own checksum. */
export function sourceOf(from: string | Secret): string {
  return typeof from === 'string' ? from : `secret ${createHash('sha256').update(from.reveal()).digest('hex')}`
}

/** What is said of an archive in the directory that it was unpacked into. */
export interface Marker {
  readonly source: string
  readonly sha256: string
  /** What was left out of it, in a form to compare; empty: nothing. */
  readonly part: string
}

/** Which part of it is unpacked, in a form to compare. */
export function partOf({ include, exclude }: Pick<ArchiveWant, 'include' | 'exclude'>): string {
  if (include.length === 0 && exclude.length === 0) return ''
  return JSON.stringify({ include: include.toSorted(), exclude: exclude.toSorted() })
}

/** What its marker will say. A checksum that is published is known only when it is fetched; then the source decides. */
export function markerOf(want: ArchiveWant): Marker {
  const { from, sha256 } = want
  return { source: sourceOf(from), sha256: typeof sha256 === 'string' ? sha256 : '', part: partOf(want) }
}

export function isIt(want: ArchiveWant, marker: Marker): boolean {
  if (marker.part !== partOf(want)) return false
  return typeof want.sha256 === 'string' ? marker.sha256 === want.sha256 : marker.source === sourceOf(want.from)
}

import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { namedValues } from '../../named-values.ts'
import { once } from '../../once.ts'
import { codeWeakness, weaknessOf } from '../../machine/trusted.ts'
import { writeWhole } from '../../machine/write-whole.ts'
import { cacheDirectory, makeCacheDirectory } from './cache-directory.ts'
import { selfIndexPath } from './self-path.ts'
import { sourceDigest } from './source-digest.ts'

/** The source files of a bundle: each file that was read or looked for, by absolute path. */
export interface Bundle {
  readonly code: string
  readonly inputs: readonly string[]
  /** Files of packages, which Node loads from their own places, by absolute path. */
  readonly packages: readonly string[]
}

/** A bundle that can be imported. */
export interface Built {
  /** The file to import. */
  readonly module: string
  readonly inputs: readonly string[]
  /** Digest of everything that the playbook is made of. */
  readonly digest: string
}

const Manifest = once(() =>
  z.strictObject({
    /** The name of the module, beside the manifest, and the hash of its content. */
    module: z.string(),
    hash: z.string(),
    /** Hash of the content by path; an empty one means a missing file. */
    inputs: namedValues(z.string()),
    packages: z.array(z.string()),
  }),
)
type Manifest = z.infer<ReturnType<typeof Manifest>>

export interface Cache {
  /** The last bundle, if every file in it still has the same content. */
  read(): Built | undefined
  write(bundle: Bundle): Built
}

/**
 * The cached bundle of a playbook, see `cacheDirectory`.
 *
 * A bundle belongs to one installation of Rolecall: it imports the index of this one by its absolute path.
 */
export function openCache(entry: string): Cache {
  const directory = cacheDirectory(dirname(entry))
  const id = hashOf([entry, selfIndexPath(), process.env['ROLECALL_VERSION'] ?? ''].join('\0')).slice(0, 16)
  const manifestFile = join(directory, `${id}.json`)
  return {
    read() {
      const manifest = isSafe(manifestFile) ? readManifest(manifestFile) : undefined
      if (manifest?.inputs[entry] === undefined || !isModuleOf(id, manifest.module)) return undefined
      const module = join(directory, manifest.module)
      if (!isSafe(module) || contentHash(module) !== manifest.hash) return undefined
      const inputs = Object.entries(manifest.inputs)
      if (inputs.some(([path, hash]) => contentHash(path) !== hash)) return undefined
      // Building the bundle again reports the problem with these files.
      if (manifest.packages.some((path) => codeWeakness(path, entry) !== undefined)) return undefined
      const digest = sourceDigest(entry, manifest.inputs, manifest.packages)
      return { module, inputs: inputs.map(([path]) => path), digest }
    },
    write({ code, inputs, packages }) {
      const hash = hashOf(code)
      const module = join(directory, `${id}-${hash.slice(0, 16)}.mjs`)
      const manifest: Manifest = {
        module: basename(module),
        hash,
        inputs: Object.fromEntries(inputs.map((path) => [path, contentHash(path)])),
        packages: [...packages],
      }
      makeCacheDirectory(directory)
      for (const old of readdirSync(directory)) {
        if (isModuleOf(id, old) && join(directory, old) !== module) rmSync(join(directory, old), { force: true })
      }
      put(module, code)
      put(manifestFile, JSON.stringify(manifest))
      return { module, inputs, digest: sourceDigest(entry, manifest.inputs, packages) }
    },
  }
}

function isModuleOf(id: string, name: string): boolean {
  return name.startsWith(`${id}-`) && /^[0-9a-f-]+\.mjs$/.test(name)
}

function isSafe(file: string): boolean {
  return weaknessOf(file) === undefined
}

/** Parses a manifest; undefined if the text is not one. */
export function parseManifest(text: string): Manifest | undefined {
  try {
    return Manifest().safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

function readManifest(file: string): Manifest | undefined {
  try {
    return parseManifest(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function contentHash(path: string): string {
  try {
    return statSync(path).isFile() ? hashOf(readFileSync(path)) : ''
  } catch {
    return ''
  }
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Writes a file whole or not at all: two runs may write the same file at once. */
function put(file: string, text: string): void {
  const draft = `${file}.${randomUUID()}`
  writeWhole(draft, text, { flag: 'wx', mode: 0o644 })
  renameSync(draft, file)
}

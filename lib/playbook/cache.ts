import { createHash, randomUUID } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ownIndex } from './own.ts'

/** What a bundle was made of: each file that was read, or looked for, by its absolute path. */
export interface Bundle {
  readonly code: string
  readonly inputs: readonly string[]
}

/** A bundle that can be imported. */
export interface Built {
  /** The file to import. */
  readonly module: string
  readonly inputs: readonly string[]
}

interface Manifest {
  readonly module: string
  /** Hash of the content by path; an empty one stands for a file that was not there. */
  readonly inputs: Readonly<Record<string, string>>
}

export interface Cache {
  /** The bundle of last time, when every file in it still has the same content. */
  read(): Built | undefined
  write(bundle: Bundle): Built
}

/**
 * Where the bundle of a playbook is kept: node_modules/.cache/rolecall of the nearest project, or .rolecall/cache where
 * there is no node_modules.
 *
 * A bundle belongs to one running program: it imports that program's own index by its absolute path.
 */
export function openCache(entry: string): Cache {
  const directory = cacheDirectory(dirname(entry))
  const id = hashOf([entry, ownIndex(), process.env['ROLECALL_VERSION'] ?? ''].join('\0')).slice(0, 16)
  const manifestFile = join(directory, `${id}.json`)
  return {
    read() {
      const manifest = readManifest(manifestFile)
      if (manifest === undefined || !existsSync(manifest.module)) return undefined
      const inputs = Object.entries(manifest.inputs)
      if (inputs.some(([path, hash]) => contentHash(path) !== hash)) return undefined
      return { module: manifest.module, inputs: inputs.map(([path]) => path) }
    },
    write({ code, inputs }) {
      const module = join(directory, `${id}-${hashOf(code).slice(0, 16)}.mjs`)
      const manifest: Manifest = { module, inputs: Object.fromEntries(inputs.map((path) => [path, contentHash(path)])) }
      mkdirSync(directory, { recursive: true })
      keepOutOfVersionControl(directory)
      for (const old of readdirSync(directory)) {
        if (old.startsWith(`${id}-`) && join(directory, old) !== module) rmSync(join(directory, old), { force: true })
      }
      put(module, code)
      put(manifestFile, JSON.stringify(manifest))
      return { module, inputs }
    },
  }
}

/** The directory for what is kept of a project between runs. */
export function cacheDirectory(from: string): string {
  for (let directory = from; ; directory = dirname(directory)) {
    const modules = join(directory, 'node_modules')
    if (existsSync(modules) && isWritable(modules)) return join(modules, '.cache', 'rolecall')
    if (
      existsSync(join(directory, 'package.json')) ||
      existsSync(join(directory, '.git')) ||
      dirname(directory) === directory
    )
      break
  }
  const project = nearestProject(from)
  if (isWritable(project)) return join(project, '.rolecall', 'cache')
  // Code is loaded from here, so it must be a directory that nobody else can have prepared.
  const ours = mkdtempSync(join(tmpdir(), 'rolecall-'))
  process.once('exit', () => rmSync(ours, { recursive: true, force: true }))
  return ours
}

/** The directory that holds the playbooks/ or the package.json that a file belongs to. */
function nearestProject(from: string): string {
  for (let directory = from; dirname(directory) !== directory; directory = dirname(directory)) {
    if (['package.json', 'playbooks', 'inventory'].some((name) => existsSync(join(directory, name)))) return directory
  }
  return from
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** A directory of ours in the project is no part of the project. */
export function keepOutOfVersionControl(directory: string): void {
  const own = dirname(directory)
  const ignore = join(own, '.gitignore')
  if (own.endsWith('.rolecall') && !existsSync(ignore)) writeFileSync(ignore, '*\n')
}

function readManifest(file: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest
  } catch {
    return undefined
  }
}

function contentHash(path: string): string {
  try {
    return hashOf(readFileSync(path))
  } catch {
    return ''
  }
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Whole or not at all: two runs may write the same at once. */
function put(file: string, text: string): void {
  const draft = `${file}.${randomUUID()}`
  writeFileSync(draft, text)
  renameSync(draft, file)
}

import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

const archives = mkdtempSync(join(tmpdir(), 'rolecall-pack-'))
process.on('exit', () => rmSync(archives, { recursive: true, force: true }))
const packed = new Map<string, Promise<string | undefined>>()

/** A package as npm packs it, in a directory: what its archive lacks is lacking there. Where npm is not installed, of the files that its package.json names. */
export async function unpack(from: string, at: string): Promise<void> {
  mkdirSync(at, { recursive: true })
  const archive = packed.get(from) ?? pack(from)
  packed.set(from, archive)
  const file = await archive
  if (file === undefined) copyNamed(from, at)
  else await execute('tar', ['-xzf', file, '-C', at, '--strip-components=1'])
}

/** Each package once, however often it is unpacked. */
async function pack(from: string): Promise<string | undefined> {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', archives]
  const made = await execute('npm', args, { cwd: from }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  if (made === undefined) return undefined
  const [{ filename }] = JSON.parse(made.stdout) as [{ filename: string }]
  return join(archives, filename)
}

function copyNamed(from: string, at: string): void {
  const { files } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as { files: string[] }
  for (const name of ['package.json', ...files.filter((file) => !file.startsWith('!'))])
    cpSync(join(from, name), join(at, name), { recursive: true })
}

import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** A package as npm packs it, in a directory: what its archive lacks is lacking there. Where npm is not installed, of the files that its package.json names. */
export async function unpack(from: string, at: string): Promise<void> {
  mkdirSync(at, { recursive: true })
  const room = mkdtempSync(join(tmpdir(), 'rolecall-pack-'))
  try {
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', room]
    const packed = await execute('npm', args, { cwd: from }).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    })
    if (packed === undefined) return copyNamed(from, at)
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }]
    await execute('tar', ['-xzf', join(room, filename), '-C', at, '--strip-components=1'])
  } finally {
    rmSync(room, { recursive: true, force: true })
  }
}

function copyNamed(from: string, at: string): void {
  const { files } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as { files: string[] }
  for (const name of ['package.json', ...files.filter((file) => !file.startsWith('!'))])
    cpSync(join(from, name), join(at, name), { recursive: true })
}

import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** What a tree, a template or a file may come from, on the controller. */
const FILES: Readonly<Record<string, string>> = {
  'small/one': 'one\n',
  'small/sub/two': 'two = 2\n',
  'small/sub/run.sh': '#!/bin/sh\necho run\n',
  'other/one': 'another one\n',
  'other/three': 'three\n',
  'made/it.conf.eta': 'port = <%= it.port %>\n',
  'made/plain': 'plain\n',
  'it.conf.eta': 'one\nport = <%= it.port %>\n',
  'plain.txt': 'one\nof the controller\n',
}

let room: string | undefined

/** The absolute path of one of them. All are made when the first is asked for, and go with the process. */
export function local(name: string): string {
  room ??= make()
  return join(room, name)
}

function make(): string {
  const top = mkdtempSync(join(tmpdir(), 'rolecall-trees-'))
  process.on('exit', () => rmSync(top, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(top, name)), { recursive: true })
    writeFileSync(join(top, name), text)
    chmodSync(join(top, name), name.endsWith('.sh') ? 0o755 : 0o644)
  }
  symlinkSync('one', join(top, 'small/link'))
  return top
}

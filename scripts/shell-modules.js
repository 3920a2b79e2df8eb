// `node scripts/shell-modules.js`: makes a module NAME.sh.ts of each lib/**/NAME.sh. So the text is in the bundle, and no run reads a file for it.
// test/sh/shell-files.test.ts checks that both agree.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { project } from './freshness.js'

/** Scripts for the lab's own images are copied there as files, so they need no module. */
const DATA = 'lib/lab/artifacts/parts'

/** The paths of all shell files, relative to the project's directory. */
export function shellFiles() {
  return readdirSync(join(project, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sh'))
    .map((name) => join('lib', name))
    .filter((path) => !path.startsWith(DATA))
    .sort()
}

/**
 * The text that is sent to hosts: without comments, empty lines and indentation. So text in quotes over several lines, and here-documents, must begin
 * at the first column.
 *
 * @param {string} text
 */
export function stripped(text) {
  return text
    .split('\n')
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join('\n')
}

/**
 * The module of a shell file.
 *
 * @param {string} path
 */
export function moduleOf(path) {
  const name = basename(path, '.sh').replace(/-(\w)/g, (_, letter) => String(letter).toUpperCase())
  const text = stripped(readFileSync(join(project, path), 'utf8'))
  const literal = text.replace(/\\/g, '\\\\').replace(/`/g, '\\`').replace(/\$\{/g, '\\${')
  return `// Made of ${basename(path)} by scripts/shell-modules.js. Do not edit.\nexport const ${name} = \`${literal}\`\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const path of shellFiles()) writeFileSync(join(project, `${path}.ts`), moduleOf(path))

// `node scripts/shell-modules.js`: each lib/**/NAME.sh becomes NAME.sh.ts beside it, a module that has its text. So the text is in the bundle, and no
// run reads a file for it. test/sh/shell-files.test.ts holds that they are in step.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { project } from './freshness.js'

/** Scripts of the lab's own images: they are data, and go to them as they are. */
const DATA = 'lib/lab/artifacts/parts'

/** The paths of all shell files, from the project's directory. */
export function shellFiles() {
  return readdirSync(join(project, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sh'))
    .map((name) => join('lib', name))
    .filter((path) => !path.startsWith(DATA))
    .sort()
}

/**
 * What goes over the wire: without comments, empty lines and indentation. So text in quotes over several lines, and what `<<` reads, begin at the first
 * column whatever the file has.
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

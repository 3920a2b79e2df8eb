// Which test files there are, and which of them share something.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { project } from './freshness.js'

/** Tests in here share the five hosts of the test lab, so they run one after the other. */
const ALONE = 'test/hosts/'

/**
 * @param {readonly string[]} parts keeps only files that have one of these in their path; none keeps all
 */
export function testFiles(parts) {
  const all = readdirSync(join(project, 'test'), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(project.length + 1))
    .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)))
    .sort()
  return {
    alone: all.filter((file) => file.startsWith(ALONE)),
    together: all.filter((file) => !file.startsWith(ALONE)),
  }
}

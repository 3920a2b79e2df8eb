import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as rolecall from '../../lib/index.ts'
import { optionsOfKind } from '../../lib/resources/kit/options/options.ts'
import { project } from './blocks.ts'

/** Where each kind is tried, as rows of a table, read from the tests themselves: `| kind | ... |`. */
export function kindTable(): readonly string[] {
  const tests = textsOf('test/resources')
  const hosts = textsOf('test/hosts')
  const examples = textsOf('examples/company')
  const grammar = textsOf('test/role-generator', /^grammar/)
    .map(({ text }) => text)
    .join('\n')
  const ansible = readFileSync(join(project, 'docs/from-ansible.md'), 'utf8')
  const rows = kinds().map((kind) => {
    // A test may have a function of the same name: only what is imported counts.
    const word = `\\{[^{}]*\\b${kind}\\b[^{}]*\\}`
    const taken = new RegExp(`import ${word} from|const ${word} = rolecall`)
    const call = new RegExp(`(?<![\\w.'])${kind}\\(`)
    const namedIn = (texts: readonly Text[]) => texts.filter(({ text }) => taken.test(text) && call.test(text))
    const [here, there] = [namedIn(tests), namedIn(hosts)]
    const mapped = new Set([...ansible.matchAll(new RegExp(`\`${kind}\\.(\\w+)\``, 'g'))].map(([, option]) => option))
    const cells = [
      String(optionsOfKind(kind).length),
      String(mapped.size),
      yes(here.some(({ text }) => /tryRows\(|words\(/.test(text))),
      yes(here.some(({ text }) => /tryRows\(|shells\(\)/.test(text))),
      there
        .map(({ name }) => name.replace('.test.ts', ''))
        .slice(0, 2)
        .join(', ') || (namedIn(examples).length > 0 ? 'company' : 'no'),
      yes(new RegExp(`'${kind}'`).test(grammar)),
    ]
    return `| \`${kind}\` | ${cells.join(' | ')} |`
  })
  return [
    '| Kind | options | of Ansible | table | shells | on a host | in the grammar |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ]
}

interface Text {
  readonly name: string
  readonly text: string
}

/** Every constructor that has options. */
function kinds(): string[] {
  return Object.keys(rolecall)
    .filter((name) => optionsOfKind(name).length > 0)
    .sort()
}

function textsOf(directory: string, which = /\.ts$/): Text[] {
  return readdirSync(join(project, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && which.test(entry.name) && !entry.parentPath.includes('node_modules'))
    .map(({ parentPath, name }) => ({ name, text: readFileSync(join(parentPath, name), 'utf8') }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

function yes(is: boolean): string {
  return is ? 'yes' : 'no'
}

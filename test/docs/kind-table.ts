import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as rolecall from '../../lib/index.ts'
import { optionsOfKind } from '../../lib/resources/kit/options/options.ts'
import { project } from './blocks.ts'

/** Where each kind is tried, as rows of a table, read from the tests themselves: `| kind | ... |`. */
export function kindTable(): readonly string[] {
  const tests = textsOf('test/resources')
  const hosts = textsOf('test/hosts')
  const examples = textsOf('examples/company/roles')
  const grammar = textsOf('test/role-generator', /^grammar/)
    .map(({ text }) => text)
    .join('\n')
  const redHat = [
    { name: 'el', texts: hosts.filter(({ name }) => name === 'el.test.ts') },
    { name: 'site', texts: rolesOf('site') },
    { name: 'company', texts: examples },
  ]
  // Whole projects, for kinds that no test names.
  const projects = [
    { name: 'company', texts: examples },
    { name: 'kubernetes', texts: rolesOf('kubernetes') },
  ]
  const covered = coverage(readFileSync(join(project, 'docs/from-ansible.md'), 'utf8'))
  const rows = kinds().map((kind) => {
    // A test may have a function of the same name: only what is imported counts.
    const word = `\\{[^{}]*\\b${kind}\\b[^{}]*\\}`
    const taken = new RegExp(`import ${word} from|const ${word} = rolecall`)
    // Behind a dot it is a method, behind three it is spread.
    const call = new RegExp(`(?<![\\w']|(?<!\\.\\.)\\.)${kind}\\(`)
    const namedIn = (texts: readonly Text[]) => texts.filter(({ text }) => taken.test(text) && call.test(text))
    const [here, there] = [namedIn(tests), namedIn(hosts)]
    const cells = [
      String(optionsOfKind(kind).length),
      covered.get(kind) ?? '-',
      yes(here.some(({ text }) => /tryRows\(|words\(/.test(text))),
      yes(here.some(({ text }) => /tryRows\(|shells\(\)/.test(text))),
      there
        .map(({ name }) => name.replace('.test.ts', ''))
        .slice(0, 2)
        .join(', ') ||
        (projects.find(({ texts }) => namedIn(texts).length > 0)?.name ?? 'no'),
      redHat.flatMap(({ name, texts }) => (namedIn(texts).length > 0 ? [name] : [])).join(', ') || 'no',
      yes(new RegExp(`'${kind}'`).test(grammar)),
    ]
    return `| \`${kind}\` | ${cells.join(' | ')} |`
  })
  return [
    '| Kind | options | catalogue | table | shells | on a host | on Red Hat | in the grammar |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ]
}

/** `n of m` for each kind: the options of the modules that it stands for, most of whose options are covered by it. */
function coverage(page: string): ReadonlyMap<string, string> {
  const counts = new Map<string, { readonly covered: number; readonly all: number }>()
  for (const [, module = '', covered = '0', all = '0', options = ''] of page.matchAll(
    /^\| ([^|]+?) \| (\d+) of (\d+)[^|]* \| (.*) \|$/gm,
  )) {
    const named = [...options.matchAll(/`(\w+)(?:\.\w+)?`/g)].map(([, kind = '']) => kind)
    const times = (kind: string) => named.filter((each) => each === kind).length
    const [main] = [...new Set(named)].sort((one, other) => times(other) - times(one))
    const kind = MAIN[module] ?? main
    if (kind === undefined) continue
    const before = counts.get(kind) ?? { covered: 0, all: 0 }
    counts.set(kind, { covered: before.covered + Number(covered), all: before.all + Number(all) })
  }
  return new Map([...counts].map(([kind, { covered, all }]) => [kind, `${covered} of ${all}`]))
}

/** Modules of which another kind covers more options than the one that stands for them. */
const MAIN: Readonly<Record<string, string>> = { sysctl: 'sysctl', 'apt_key, rpm_key': 'repository' }

/** The roles of a playbook, with what they import of their own. */
function rolesOf(playbook: string): Text[] {
  const names = [
    ...readFileSync(join(project, `playbooks/${playbook}.ts`), 'utf8').matchAll(/'\.\.\/roles\/([\w-]+)\.ts'/g),
  ]
  return textsOf('roles').filter(({ path }) =>
    names.some(([, name = '']) => path.endsWith(`/roles/${name}.ts`) || path.includes(`/roles/${name}/`)),
  )
}

interface Text {
  readonly name: string
  readonly path: string
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
    .map(({ parentPath, name }) => ({
      name,
      path: join(parentPath, name),
      text: readFileSync(join(parentPath, name), 'utf8'),
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

function yes(is: boolean): string {
  return is ? 'yes' : 'no'
}

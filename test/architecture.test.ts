import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const project = resolve(import.meta.dirname, '..')
const lib = join(project, 'lib')

/** Who stands above whom: a room imports from itself and from those below it. The last are the files of lib/ itself. */
const ROOMS = [
  'cli',
  'report',
  'testing',
  'runner',
  'lab',
  'converge',
  'playbook',
  'resources',
  'host',
  'inventory',
  'template',
  'vault',
  'transport',
  'ssh-config',
  'sh',
  'gate',
  'text',
  'machine',
  'ground',
]

/** A package, and the only place that may name it; what is not named here may be used by anybody. */
const OWNERS: Readonly<Record<string, RegExp>> = {
  chalk: /^report\//,
  'cli-truncate': /^report\//,
  'string-width': /^report\//,
  'wrap-ansi': /^report\//,
  commander: /^cli\//,
  'p-queue': /^runner\//,
  zx: /^host\//,
  yaml: /^(inventory\/|text\/yaml-(?:aliases|document)\.ts$|vault\/sops\/|template\/yaml\/read\.ts$|resources\/structured\/yaml-)/,
  '@humanwhocodes/momoa': /^resources\/structured\/json-text\.ts$/,
  ssh2: /^transport\/ssh\//,
  'age-encryption': /^vault\/age\.ts$/,
  esbuild: /^playbook\//,
  diff: /^converge\//,
  '@modelcontextprotocol/sdk': /^cli\/mcp\//,
}

interface Import {
  readonly from: string
  readonly to: string
  readonly isCall: boolean
}

const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
// preProcessFile sees imports of types too, and the dynamic ones.
const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(join(lib, file), 'utf8')
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }) => ({
    from: file,
    to: fileName,
    // `import('./later.ts')`, in code or in a type.
    isCall: text.slice(0, pos).trimEnd().endsWith('('),
  }))
})
const inside = imports
  .filter(({ to }) => to.startsWith('.'))
  .map(({ from, to, isCall }) => ({ from, to: relative(lib, resolve(dirname(join(lib, from)), to)), isCall }))

const test = suite('architecture')

test('every room is known', () => {
  const unknown = files.map(roomOf).filter((room) => !ROOMS.includes(room))
  assert.equal([...new Set(unknown)], [])
})

test('imports go downwards only', () => {
  const upwards = inside.filter(({ from, to }) => from !== 'index.ts' && height(roomOf(from)) > height(roomOf(to)))
  assert.equal(upwards.map(arrow), [])
})

test('nothing inside imports the public index', () => {
  assert.equal(inside.filter(({ to }) => to === 'index.ts').map(arrow), [])
})

test('every import inside names a file that is there, with its ending', () => {
  assert.equal(inside.filter(({ to }) => !files.includes(to)).map(arrow), [])
})

test('a package that one room owns is used there only', () => {
  const strangers = imports.filter(({ from, to }) => OWNERS[packageOf(to)]?.test(from) === false)
  assert.equal(strangers.map(arrow), [])
})

test('every package that is imported is a dependency, and every dependency is used', () => {
  const { dependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { dependencies: object }
  const used = new Set(
    imports.map(({ to }) => packageOf(to)).filter((name) => !name.startsWith('.') && !name.startsWith('node:')),
  )
  // They check the types of playbooks: one is started as a program, the other read by that program.
  for (const name of ['typescript-native', '@types/node']) used.add(name)
  // It is whole in dist/mcp.cjs: nobody who installs Rolecall has to install its hundred packages.
  used.delete('@modelcontextprotocol/sdk')
  assert.equal([...used].sort(), Object.keys(dependencies).sort())
})

test('files need one another in no circle, imports of types included', () => {
  // What a file names at its top; a dynamic import comes later.
  const needs = new Map<string, string[]>()
  for (const { from, to, isCall } of inside) if (!isCall) needs.set(from, [...(needs.get(from) ?? []), to])
  const circles: string[] = []
  const done = new Set<string>()
  const visit = (file: string, way: readonly string[]) => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' -> '))
    else if (!done.has(file)) {
      for (const next of needs.get(file) ?? []) visit(next, [...way, file])
      done.add(file)
    }
  }
  for (const file of files) visit(file, [])
  assert.equal(circles, [])
})

test('a folder has at most 15 files, so that a reader takes them in at once', () => {
  const counts = new Map<string, number>()
  // Made of the shell file beside them.
  const written = files.filter((file) => !file.endsWith('.sh.ts'))
  for (const file of written) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1)
  const full = [...counts].filter(([, count]) => count > 15)
  assert.equal(full, [])
})

test('no file is longer than 400 lines', () => {
  const long = files.filter((file) => readFileSync(join(lib, file), 'utf8').split('\n').length > 400)
  assert.equal(long, [])
})

test('directories are made by makeDirectory, since the recursive mkdir of Node never returns below /proc', () => {
  // The lab makes its own places, as root.
  const direct = files.filter(
    (file) =>
      !file.startsWith('lab/') && /\bmkdir(Sync)?\([^\n]*recursive: true/.test(readFileSync(join(lib, file), 'utf8')),
  )
  assert.equal(direct, [])
})

function roomOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : 'ground'
}

function height(room: string): number {
  return ROOMS.indexOf(room)
}

function packageOf(name: string): string {
  return name.startsWith('node:') || name.startsWith('.')
    ? name
    : name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/')
}

function arrow({ from, to }: Import): string {
  return `${from} -> ${to}`
}

test.run()

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
  yaml: /^(inventory\/|text\/yaml\/|vault\/sops\/|template\/yaml\/read\.ts$|resources\/structured\/yaml-)/,
  '@humanwhocodes/momoa': /^resources\/structured\/json-text\.ts$/,
  ssh2: /^transport\/ssh\//,
  'age-encryption': /^vault\/age\.ts$/,
  esbuild: /^playbook\//,
  diff: /^converge\//,
  '@modelcontextprotocol/sdk': /^cli\/mcp\//,
}

/** Files that keep state in a module without `processState`, and why the next run may find it. */
const OWN_STATE: Readonly<Record<string, string>> = {
  'awaited-promises.ts': 'counts the roles that run now',
  'cli/interrupt.ts': 'the listeners of the command, of which a process has one',
  'cli/mcp/ask-program.ts': 'the programs that run now',
  'host/commands.ts': 'a library that is loaded once',
  'lab/machine/archive.ts': 'what Debian publishes; a command is one process',
  'machine/account.ts': 'the account of the process',
  'playbook/load/bundle.ts': 'an empty list that stays empty',
  'playbook/load/cache-directory.ts': 'a directory that is deleted when the process ends',
  'process-state.ts': 'the states themselves',
  'report/html/script.ts': 'runs in a browser',
  'report/held-screen.ts': 'what draws on the terminal now',
  'report/views/live.ts': 'widths of names: the key decides the value',
  'resources/kit/options/options.ts': 'the kinds that are loaded',
  'secret.ts': 'numbers of texts: the key decides the value',
  'ssh-config/ask.ts': 'counts the programs that run now',
  'template/filters/random.ts': 'hashes: the key decides the value',
  'template/render.ts': 'parsed templates: the key decides the value',
  'testing/scratch.ts': 'directories that are deleted when the process ends',
  'testing/shells.ts': 'directories that are deleted when the process ends',
  'transport/known-hosts.ts': 'parsed files, compared with the text each time',
  'transport/ssh/announced-keys.ts': 'keys to be written within 100 ms',
  'transport/ssh/authentication.ts': 'decrypted keys: the key decides the value',
  'transport/ssh/way.ts': 'the connections that are open now',
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

test('maps with foreign names are read by namedValues, since z.record of zod leaves out a name', () => {
  const found = files.filter(
    (file) => file !== 'named-values.ts' && readFileSync(join(lib, file), 'utf8').includes('z.record('),
  )
  assert.equal(found, [])
})

test('state of a module that outlives a run is declared by processState', () => {
  const state = /^(?:export )?(?:let \w|const \w+(?:: .+)? = (?:new (?:Map|Set)(?:<.*>)?\(\)|\[\])$)/m
  const keepers = files.filter((file) => state.test(readFileSync(join(lib, file), 'utf8')))
  assert.equal(keepers.toSorted(), Object.keys(OWN_STATE).toSorted())
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

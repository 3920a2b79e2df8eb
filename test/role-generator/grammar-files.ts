import { posix } from 'node:path'
import type { Random } from '../support/random.ts'
import type { PlaceUses } from './place-uses.ts'
import { hostsEntry, htpasswd, keyFile, keyValue, lacking, replace } from './grammar-edits.ts'
import { iniKeys, keys } from './grammar-keys.ts'
import { mount } from './grammar-mounts.ts'
import { treeResource } from './grammar-trees.ts'
import type { Data, ResourceSpec } from './spec.ts'

/** Where everything stands that these roles name. Few names, so that they meet. */
export const TOP = '/srv/w'
const DIRS = ['a', 'b', 'a/c', 'l', 'b/l', 'new', 'new/deep', 'with space']
const NAMES = ['f', 'g', 'h.json', 'h.yml', 'h.ini', 'it.conf', 'l', 'c']
const LINES = ['one', 'two = 2', 'three', '# four', 'key: value']
const CONTENTS = ['', 'one\n', 'one\ntwo = 1\nthree\n', 'no end', 'crlf\r\none\r\n', 'ü ☃\n']

/** What one kind makes of a place, or nothing where it does not go together with what others want. */
type Make = (random: Random, uses: PlaceUses, path: string) => ResourceSpec | undefined

export function somePath(random: Random): string {
  const name = random.pick(NAMES)
  const chance = random.next()
  if (chance < 0.3) return `${TOP}/${name}`
  return `${TOP}/${random.pick(DIRS)}/${name}`
}

export function someDir(random: Random): string {
  return random.next() < 0.15 ? somePath(random) : `${TOP}/${random.pick(DIRS)}`
}

const MAKES: readonly (readonly [weight: number, make: Make])[] = [
  [5, file],
  [1.5, kept],
  [4, dir],
  [3, link],
  [3, absent],
  [4, line],
  [3, block],
  [2, keys('jsonFile', 'h.json')],
  [2, keys('yamlFile', 'h.yml')],
  [2, iniKeys('h.ini')],
  [0.5, iniKeys('smb.conf')],
  [1.5, replace],
  [1, lacking],
  [2, keyValue],
  [1, hostsEntry],
  [0.5, htpasswd],
  [1, keyFile],
  [4, treeResource],
  [1, fromController],
  [1, mountThere],
]

function mountThere(random: Random, uses: PlaceUses, path: string): ResourceSpec | undefined {
  // These two are there from the start.
  const source = random.next() < 0.6 ? `${TOP}/${random.pick(['a', 'b'])}` : someDir(random)
  return mount(random, uses, path, source)
}

/** A resource of one of the kinds that work on files. */
export function fileResource(random: Random, uses: PlaceUses): ResourceSpec {
  const wheel = MAKES.flatMap(([weight, make]) => Array.from({ length: weight * 2 }, () => make))
  for (;;) {
    const make = random.pick(wheel)
    const path =
      make === dir || make === mountThere || (make === absent && random.next() < 0.4)
        ? someDir(random)
        : (belowLink(random, uses) ?? somePath(random))
    const made = uses.mayHold(path) ? make(random, uses, path) : undefined
    if (made !== undefined) return made
  }
}

/** Now and then a path that leads through a link which the same role lays. */
function belowLink(random: Random, uses: PlaceUses): string | undefined {
  const links = uses.paths(({ type }) => type === 'link')
  return links.length > 0 && random.next() < 0.15 ? `${random.pick(links)}/${random.pick(NAMES)}` : undefined
}

export function file(random: Random, uses: PlaceUses, path: string): ResourceSpec | undefined {
  const use = uses.at(path)
  if (use?.type === 'file' && use.args !== undefined && use.kind === 'file') return { make: 'file', args: use.args }
  // One whose content is made of the live text goes together with lines of others.
  const appends = random.next() < 0.15
  if ((use !== undefined && !(appends && use.type === 'text')) || !uses.isBare(path)) return undefined
  const attributes = use?.attributes ?? uses.attributes(false)
  const secret = random.next() < 0.08
  const text = random.pick(CONTENTS)
  const content: Data = appends ? { $append: 'appended\n' } : secret ? { $secret: `secret of ${path}\n` } : text
  // The default of its mode is its own: others that edit the file must not want another one.
  const mode = attributes['mode'] ?? (secret ? '0600' : '0644')
  const args = [path, { content, ...attributes, ...(appends ? { mode } : {}), ...extras(random, text) }]
  uses.set(path, { type: appends ? 'text' : 'file', kind: 'file', attributes: { ...attributes, mode }, args })
  return { make: 'file', args }
}

/** A file whose content is left as it is. It goes together with lines of others. */
function kept(random: Random, uses: PlaceUses, path: string): ResourceSpec | undefined {
  const use = uses.at(path)
  if ((use !== undefined && use.type !== 'text') || !uses.isBare(path)) return undefined
  const attributes = use?.attributes ?? { mode: '0640', ...uses.attributes(false) }
  const create = Object.keys(attributes).length === 0 || random.next() < 0.6
  const args = [path, { ...attributes, ...(create ? { create } : {}) }]
  uses.set(path, { type: 'text', kind: 'file', attributes, args })
  return { make: 'file', args }
}

/** A file whose content stands on the controller, as it is or as a template. */
function fromController(random: Random, uses: PlaceUses, path: string): ResourceSpec | undefined {
  const use = uses.at(path)
  if (use?.args !== undefined && ['file', 'template'].includes(use.kind) && use.type === 'file')
    return { make: use.kind, args: use.args }
  if (use !== undefined || !uses.isBare(path)) return undefined
  const attributes = uses.attributes(false)
  const make = random.next() < 0.5 ? 'file' : 'template'
  const from: { readonly [name: string]: Data } =
    make === 'file'
      ? { source: { $local: 'plain.txt' } }
      : { source: { $local: 'it.conf.eta' }, variables: { port: 8080 } }
  const args = [path, { ...from, ...attributes, ...extras(random, 'one') }]
  uses.set(path, { type: 'file', kind: make, attributes: { ...attributes, mode: attributes['mode'] ?? '0644' }, args })
  return { make, args }
}

export function dir(random: Random, uses: PlaceUses, path: string): ResourceSpec | undefined {
  const use = uses.at(path)
  if (use !== undefined && use.type !== 'dir') return undefined
  if (use?.args !== undefined) return { make: 'dir', args: use.args }
  const attributes = uses.attributes(true)
  const args = [path, { ...attributes, ...(random.next() < 0.15 ? { parents: false } : {}) }]
  uses.set(path, { type: 'dir', kind: 'dir', attributes, args })
  return { make: 'dir', args }
}

function link(random: Random, uses: PlaceUses, path: string): ResourceSpec | undefined {
  const use = uses.at(path)
  if (use?.args !== undefined && use.type === 'link') return { make: 'link', args: use.args }
  if (use !== undefined) return undefined
  const absolute = random.next() < 0.5 ? somePath(random) : someDir(random)
  // A link that leads to itself is refused when it is made.
  if (absolute === path || absolute.startsWith(`${path}/`)) return undefined
  const to = random.next() < 0.5 ? absolute : posix.relative(posix.dirname(path), absolute) || '.'
  const args = [path, { to: random.next() < 0.05 ? 'nowhere' : to }]
  uses.set(path, { type: 'link', kind: 'link', attributes: {}, args })
  return { make: 'link', args }
}

function absent(random: Random, uses: PlaceUses, path: string): ResourceSpec | undefined {
  const use = uses.at(path)
  if ((use !== undefined && use.type !== 'absent') || !uses.isBare(path)) return undefined
  const args = use?.args ?? [path, ...(random.next() < 0.8 ? [{ recursive: true }] : [])]
  uses.set(path, { type: 'absent', kind: 'absent', attributes: {}, args })
  return { make: 'absent', args }
}

function line(random: Random, uses: PlaceUses, path: string): ResourceSpec | undefined {
  const use = uses.at(path)
  if (use !== undefined && use.type !== 'text') return undefined
  const attributes = use?.attributes ?? (random.next() < 0.3 ? uses.attributes(false) : {})
  const text = random.pick(LINES)
  const where: Data =
    random.next() < 0.2
      ? { [random.pick(['insertAfter', 'insertBefore'])]: { $re: random.pick(['^', 'one', 'three$']) } }
      : {}
  const match: Data = random.next() < 0.3 ? { match: { $re: `^#?\\s*${text.slice(0, 3)}` } } : {}
  const create = random.next() < 0.85 ? { create: true } : {}
  uses.set(path, { type: 'text', kind: 'line', attributes })
  return {
    make: 'line',
    args: [path, { line: text, ...where, ...match, ...create, ...attributes, ...extras(random, text) }],
  }
}

function block(random: Random, uses: PlaceUses, path: string): ResourceSpec | undefined {
  const use = uses.at(path)
  if (use !== undefined && use.type !== 'text') return undefined
  const attributes = use?.attributes ?? (random.next() < 0.3 ? uses.attributes(false) : {})
  const name = random.pick(['x', 'y'])
  uses.set(path, { type: 'text', kind: 'block', attributes })
  // Of one name there is one content: two would undo one another.
  const options = {
    name,
    content: `block ${name}\nmore`,
    ...(random.next() < 0.85 ? { create: true } : {}),
    ...attributes,
  }
  return { make: 'block', args: [path, { ...options, ...extras(random, 'block') }] }
}

/** Options that say how a file is written, and not what it is. */
function extras(random: Random, text: string): { readonly [name: string]: Data } {
  return {
    ...(random.next() < 0.08 ? { backup: true } : {}),
    ...(random.next() < 0.08 ? { validate: text.includes('one') ? 'grep -q one {}' : 'test -e {}' } : {}),
  }
}

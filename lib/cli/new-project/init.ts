import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { homeDirectory } from '../../machine/account.ts'
import { makeDirectory } from '../../machine/make-directory.ts'
import { RolecallError } from '../../errors.ts'
import { counted } from '../../report/text/words.ts'
import { EXIT } from '../exit-codes.ts'
import { writeWhole } from '../../machine/write-whole.ts'
import { print } from '../print.ts'
import { quotedWord } from '../next-commands.ts'
import { ownSource } from './own-source.ts'
import { npmCommands, readPackage } from './existing-package.ts'
import { kindText, labText, packageNeeds, projectFiles, roleTestText, roleText } from './templates.ts'

export interface InitFlags {
  readonly yes?: boolean
}

/** Files that may already exist, because git and editors make them. */
const HARMLESS =
  /^(\.git|\.gitignore|\.gitattributes|\.DS_Store|README.*|LICENSE.*|node_modules|package-lock\.json|package\.json)$/

/** `rolecall init [DIR]`: a new project, whose first check works. */
export async function initProject(given: string | undefined, { yes = false }: InitFlags): Promise<void> {
  const directory = resolve(given ?? '.')
  requireEmpty(directory)
  const packageJson = join(directory, 'package.json')
  const existing = existsSync(packageJson) ? readPackage(packageJson) : undefined
  const known = hostsOfSshConfig(readConfig())
  const hosts = yes || !isTerminal() || known.length === 0 ? [] : await chosenHosts(known)
  if (hosts === undefined) return
  const version = process.env['ROLECALL_VERSION'] ?? '0.1.0'
  const source = ownSource(version, process.argv[1] ?? '', directory)
  const files = projectFiles({ name: packageName(basename(directory)), source, hosts })
  const made = writeFiles(directory, files)
  const isHere = relative(process.cwd(), directory) === ''
  // The program that npx has run is not in the project: without `npm install`, `npx rolecall` would ask the registry again, and could get another version.
  const isByNpx = process.env['npm_command'] === 'exec'
  const rolecall = isByNpx ? 'npx rolecall' : 'rolecall'
  const npmSteps =
    existing === undefined ? (isByNpx ? ['npm install'] : []) : npmCommands(existing, packageNeeds(source))
  print([
    ...made.map((file) => `  ${file}`),
    '',
    `${counted(made.length, 'file')} made${isHere ? '' : ` in ${relative(process.cwd(), directory)}`}. Next:`,
    '',
    ...(isHere ? [] : [`  cd ${quotedWord(relative(process.cwd(), directory))}`]),
    ...npmSteps.map((step) => `  ${step}`),
    `  ${rolecall} check site`,
    `  ${rolecall} apply site`,
    '',
    ...(source.startsWith('file:')
      ? [
          `Rolecall comes from ${source.slice('file:'.length)}: everybody who clones the project needs this file as well.`,
        ]
      : []),
    `${npmSteps.length > 0 ? '' : 'npm install adds the packages for editor, linter and tests. '}${rolecall} doctor checks keys and hosts.`,
  ])
}

function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY
}

async function chosenHosts(known: readonly string[]): Promise<readonly string[] | undefined> {
  const { isCancel, multiselect } = await import('@clack/prompts')
  // Ctrl-D ends the question without an answer, and with it the program.
  const unanswered = () => {
    process.stderr.write('No file was written.\n')
    process.exitCode = EXIT.interrupted
  }
  process.once('beforeExit', unanswered)
  const answer = await multiselect({
    message: 'Hosts of ~/.ssh/config for the inventory (space selects; none means this machine)',
    options: known.map((host) => ({ value: host, label: host })),
    required: false,
    maxItems: 12,
  })
  process.off('beforeExit', unanswered)
  if (!isCancel(answer)) return answer
  unanswered()
  return undefined
}

function readConfig(): string {
  try {
    return readFileSync(join(homeDirectory(), '.ssh/config'), 'utf8')
  } catch {
    return ''
  }
}

/** Names of hosts in a configuration of ssh, without patterns. Source: ssh_config(5), Host. */
export function hostsOfSshConfig(text: string): string[] {
  const lines = text.split('\n').flatMap((line) => /^\s*host[\s=]+(.*)$/i.exec(line)?.[1] ?? [])
  const names = lines.flatMap((line) => line.trim().split(/\s+/)).map((name) => name.replaceAll('"', ''))
  return [...new Set(names.filter((name) => /^[\w][\w.-]*$/.test(name)))]
}

function requireEmpty(directory: string): void {
  if (!existsSync(directory)) return
  const strange = readdirSync(directory).filter((name) => !HARMLESS.test(name))
  if (strange.length === 0) return
  throw new RolecallError({
    code: 'usage',
    message: `${directory} is not empty, and nothing is overwritten`,
    got: strange.slice(0, 5).join(', '),
    hint: `choose a new directory: rolecall init ${quotedWord(relative(process.cwd(), freeName(directory)))}`,
  })
}

/** A directory that does not exist yet: beside this one, or in it if it is the working directory. */
function freeName(directory: string): string {
  const wanted = directory === process.cwd() ? join(directory, 'my-site') : directory
  for (let number = 1; ; number++) {
    const path = number === 1 ? wanted : `${wanted}-${number}`
    if (!existsSync(path)) return path
  }
}

/** Writes the files that do not exist yet. */
function writeFiles(directory: string, files: Readonly<Record<string, string>>): string[] {
  return Object.entries(files).flatMap(([name, content]) => {
    const file = join(directory, name)
    makeDirectory(dirname(file))
    if (existsSync(file)) return []
    writeWhole(file, content, { flag: 'wx' })
    return [name]
  })
}

/** A name that npm accepts. */
function packageName(text: string): string {
  const name = text
    .normalize('NFKD')
    .replaceAll(/\p{Mark}+/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
  return name === '' ? 'site' : name
}

/** Words that no variable may have as its name in a module. */
const JAVASCRIPT: ReadonlySet<string> = new Set(
  `arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements
  import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with
  yield`.split(/\s+/),
)

/** `rolecall init role|kind|lab NAME`: one more part of a project. */
export function initPart(part: 'role' | 'kind' | 'lab', name: string): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new RolecallError({
      code: 'usage',
      message: `${name} cannot be the name of a ${part}`,
      expected: 'lower case, with hyphens: web-server',
      hint: `rolecall init ${part} ${packageName(name).replaceAll(/[._]+/g, '-')}`,
    })
  if (part !== 'lab' && JAVASCRIPT.has(name))
    throw new RolecallError({
      code: 'usage',
      message: `${name} is a word of JavaScript, and a ${part} is imported by its name`,
      expected: 'a name that a program may use for a variable',
      hint: `rolecall init ${part} my-${name}`,
    })
  if (!['playbooks', 'inventory', 'roles', 'package.json'].some((mark) => existsSync(mark)))
    throw new RolecallError({
      code: 'usage',
      message: `there is no project here to add a ${part} to`,
      expected: 'the directory of a project, with playbooks/, inventory/, roles/ or package.json',
      hint: 'rolecall init DIRECTORY creates a project',
    })
  const files = {
    role: { [`roles/${name}.ts`]: roleText(name), [`test/${name}.test.ts`]: roleTestText(name) },
    kind: { [`kinds/${name}.ts`]: kindText(name) },
    lab: { 'lab/lab.ts': labText(name) },
  }[part]
  const there = Object.keys(files).filter((file) => existsSync(file))
  if (there.length > 0)
    throw new RolecallError({
      code: 'usage',
      message: `${there.join(' and ')} ${there.length === 1 ? 'exists' : 'exist'} already, and nothing is overwritten`,
      hint: `choose another name, or remove it`,
    })
  const made = writeFiles('.', files)
  const next = {
    role: `put it into a play: roles: [${name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}] in playbooks/site.ts`,
    kind: 'docs/guide.md, "Write a kind of your own", explains each part',
    lab: 'rolecall lab up boots the lab, rolecall lab inventory prints its inventory',
  }[part]
  print([...made.map((file) => `  ${file}`), '', next])
}

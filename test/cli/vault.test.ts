import { spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { projectOf, rolecall } from '../support/project.ts'

const test = suite('rolecall vault')
const command = resolve(import.meta.dirname, '../../bin/rolecall.js')
const fixtures = resolve(import.meta.dirname, '../vault/ansible-vault')

/** A directory with passwords, and scripts as editors. */
function room(files: Readonly<Record<string, string>> = {}): string {
  const directory = projectOf({
    pw: 'correct horse\n',
    'pw-prod': 'prod päss\n',
    'prod-client': '#!/bin/sh\n[ "$1 $2" = "--vault-id prod" ] || exit 2\nprintf "prod päss\\n"\n',
    'add-line': '#!/bin/sh\nstat -c "%a %n" "$1" "${1%/*}" > where; echo "b: 2" >> "$1"; : > "$1~"\n',
    slow: '#!/bin/sh\necho "$1" > where; sleep 60\n',
    ...files,
  })
  for (const name of ['prod-client', 'add-line', 'slow']) chmodSync(join(directory, name), 0o755)
  return directory
}

const PW = ['--vault-password-file', 'pw']
const PROD = ['--vault-id', 'prod@pw-prod']
const at = (directory: string) => (file: string) => readFileSync(join(directory, file), 'utf8')

test('view decrypts texts of ansible-vault: 1.1, 1.2 with an id, from a file, a program, the environment and ansible.cfg', async () => {
  const directory = room({
    'ansible.cfg': '[defaults]\nvault_password_file = pw ; comment\n',
    'a.vault': readFileSync(join(fixtures, 'yaml-1.1.vault'), 'utf8'),
    'b.vault': readFileSync(join(fixtures, 'yaml-1.2-prod.vault'), 'utf8'),
  })
  const plain = 'db_password: hunter2-α\nport: 5432\n'
  for (const [args, env] of [
    [['a.vault'], {}],
    [['b.vault', '--vault-id', 'prod@./prod-client'], {}],
    [['b.vault'], { ANSIBLE_VAULT_IDENTITY_LIST: 'dev@pw, prod@pw-prod' }],
    [['b.vault'], { ANSIBLE_VAULT_PASSWORD_FILE: 'pw-prod' }],
  ] as const) {
    const { code, out, err } = await rolecall(directory, ['vault', 'view', ...args], env)
    assert.equal([code, out, err], [0, plain, ''])
  }
})

test('bytes that are no text are printed as they are', async () => {
  const directory = room({ dev: 'x', 'b.vault': readFileSync(join(fixtures, 'binary-1.2-dev.vault'), 'utf8') })
  const { code } = await rolecall(directory, ['vault', 'decrypt', 'b.vault', '--vault-id', 'dev@dev'])
  assert.is(code, 0)
  assert.ok(readFileSync(join(directory, 'b.vault')).equals(Buffer.alloc(1000, 0xff)))
})

test('encrypt, edit, rekey and decrypt change only the content: mode, owner and links stay', async () => {
  const directory = room({ 'x.yml': 'a: 1\n' })
  const read = at(directory)
  symlinkSync('x.yml', join(directory, 'link.yml'))
  chmodSync(join(directory, 'x.yml'), 0o640)
  if (process.getuid?.() === 0) chownSync(join(directory, 'x.yml'), 1234, 2345)
  const { uid, gid } = statSync(join(directory, 'x.yml'))
  const owned = () => {
    const stat = statSync(join(directory, 'x.yml'))
    return [stat.mode & 0o777, stat.uid, stat.gid]
  }
  const run = (...args: string[]) => rolecall(directory, ['vault', ...args], { EDITOR: './add-line' })

  assert.equal(await run('encrypt', 'link.yml', ...PROD), { code: 0, out: '', err: '' })
  assert.match(read('x.yml'), /^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/)
  assert.equal(owned(), [0o640, uid, gid])

  assert.equal(await run('edit', 'link.yml', ...PROD), { code: 0, out: '', err: '' })
  assert.match(read('x.yml'), /^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/)
  assert.is((await run('view', 'x.yml', ...PROD)).out, 'a: 1\nb: 2\n')
  const [file = '', inDirectory = ''] = read('where').trim().split('\n')
  assert.match(file, /^600 .*\/link\.yml$/)
  assert.match(inDirectory, /^700 /)
  assert.not.ok(existsSync(inDirectory.slice(4)), 'the directory of the open text is gone')
  assert.equal(owned(), [0o640, uid, gid])

  assert.is((await run('rekey', 'x.yml', ...PROD, '--new-vault-password-file', 'pw')).code, 0)
  assert.match(read('x.yml'), /^\$ANSIBLE_VAULT;1\.1;AES256\n/)
  assert.equal(owned(), [0o640, uid, gid])

  assert.is((await run('decrypt', 'x.yml', ...PW)).code, 0)
  assert.is(read('x.yml'), 'a: 1\nb: 2\n')
  assert.equal(owned(), [0o600, uid, gid])
  assert.equal(
    readdirSync(directory).filter((name) => name.startsWith('.')),
    [],
  )
})

test('what is not changed in the editor is not written, and a failed editor changes nothing', async () => {
  const text = readFileSync(join(fixtures, 'yaml-1.1.vault'), 'utf8')
  const directory = room({ 'x.yml': text })
  assert.is((await rolecall(directory, ['vault', 'edit', 'x.yml', ...PW], { EDITOR: 'true' })).code, 0)
  for (const editor of ['false', './not-there', 'echo x >> "$1"; false']) {
    const { code, err } = await rolecall(directory, ['vault', 'edit', 'x.yml', ...PW], { EDITOR: editor })
    assert.is(code, 1)
    assert.match(err, /nothing was changed/)
  }
  assert.is(at(directory)('x.yml'), text)
})

test('a file that was changed by someone else meanwhile is kept, and so is the edited text', async () => {
  const directory = room({ 'x.yml': readFileSync(join(fixtures, 'yaml-1.1.vault'), 'utf8') })
  const { code, err } = await rolecall(directory, ['vault', 'edit', 'x.yml', ...PW], {
    EDITOR: 'sh -c \'echo new: 1 >> "$0"; echo theirs > x.yml\'',
  })
  assert.is(code, 1)
  assert.match(err, /x\.yml was changed by another program meanwhile/)
  assert.is(at(directory)('x.yml'), 'theirs\n')
  assert.match((await rolecall(directory, ['vault', 'view', 'x.yml.edited', ...PW])).out, /new: 1\n$/)
})

test('the plain text is removed when the edit is killed', async () => {
  const directory = room({ 'x.yml': readFileSync(join(fixtures, 'yaml-1.1.vault'), 'utf8') })
  const env = { ...process.env, EDITOR: './slow' }
  // Its editor would hold our pipes until it ends.
  const child = spawn(process.execPath, [command, 'vault', 'edit', 'x.yml', ...PW], {
    cwd: directory,
    env,
    stdio: 'ignore',
    detached: true,
  })
  const where = join(directory, 'where')
  while (!existsSync(where) || readFileSync(where, 'utf8') === '') await new Promise((done) => setTimeout(done, 20))
  const open = readFileSync(where, 'utf8').trim()
  assert.ok(existsSync(open))
  child.kill('SIGTERM')
  await new Promise((done) => child.once('exit', done))
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  assert.not.ok(existsSync(open))
})

test('an edit and a rekey of many files that are killed half way lose nothing and leave no plain text', async () => {
  const names = Array.from({ length: 30 }, (_, at) => `v${at}.yml`)
  const secretOf = (name: string) => `password: plain-of-${name}\n`
  const directory = room(Object.fromEntries(names.map((name) => [name, secretOf(name)])))
  assert.is((await rolecall(directory, ['vault', 'encrypt', ...names, ...PW])).code, 0)
  const old = new Map(names.map((name) => [name, at(directory)(name)]))

  const rekey = ['vault', 'rekey', ...names, ...PW, '--new-vault-id', 'prod@pw-prod']
  const child = spawn(process.execPath, [command, ...rekey], { cwd: directory, stdio: 'ignore' })
  const closed = new Promise((done) => child.once('close', done))
  // In the middle: one of them is new, or the command was done before anybody looked.
  while (child.exitCode === null && names.every((name) => at(directory)(name) === old.get(name)))
    await new Promise((again) => setImmediate(again))
  child.kill('SIGKILL')
  await closed
  for (const name of readdirSync(directory)) {
    if (!name.includes('.yml')) continue
    const text = at(directory)(name)
    assert.not.match(text, /plain-of/, name)
    if (name.startsWith('.')) continue
    assert.match(text, /^\$ANSIBLE_VAULT;1\.[12];AES256[^\n]*\n(?:[0-9a-f]+\n)+$/, `${name} is whole`)
  }
  const { code, err } = await rolecall(directory, [
    'vault',
    'rekey',
    ...names,
    ...PW,
    ...PROD,
    '--new-vault-id',
    'prod@pw-prod',
  ])
  assert.is(code, 0, err)
  const viewed = await rolecall(directory, ['vault', 'view', ...names.slice(0, 1), ...PROD])
  assert.is(viewed.out, secretOf(names[0] ?? ''))
  assert.is((await rolecall(directory, ['vault', 'decrypt', ...names, ...PROD])).code, 0)
  for (const name of names) assert.is(at(directory)(name), secretOf(name))

  const before = readFileSync(join(fixtures, 'yaml-1.1.vault'), 'utf8')
  writeFileSync(join(directory, 'x.yml'), before)
  const edit = spawn(process.execPath, [command, 'vault', 'edit', 'x.yml', ...PW], {
    cwd: directory,
    env: { ...process.env, EDITOR: './slow' },
    stdio: 'ignore',
    detached: true,
  })
  const where = join(directory, 'where')
  while (!existsSync(where) || readFileSync(where, 'utf8') === '') await new Promise((done) => setTimeout(done, 20))
  // SIGKILL leaves nobody who could tidy up: the open text is where only its owner can enter.
  const open = readFileSync(where, 'utf8').trim()
  const gone = new Promise((done) => edit.once('close', done))
  if (edit.pid !== undefined) process.kill(-edit.pid, 'SIGKILL')
  await gone
  assert.is(at(directory)('x.yml'), before)
  assert.is(statSync(dirname(open)).mode & 0o777, 0o700)
  assert.match(dirname(open), /^\/dev\/shm\/|^\/run\/|rolecall-edit-/)
  assert.is((await rolecall(directory, ['vault', 'edit', 'x.yml', ...PW], { EDITOR: 'true' })).code, 0)
  assert.is(
    existsSync(dirname(open)),
    !dirname(open).startsWith('/dev/shm/'),
    'the next edit removes what was left in memory',
  )
  rmSync(dirname(open), { recursive: true, force: true })
  assert.equal(
    readdirSync(directory).filter((name) => /plain/.test(name)),
    [],
  )
})

test('none of several files is written when one cannot be', async () => {
  const directory = room({ 'a.yml': 'a: 1\n', 'b.yml': '$ANSIBLE_VAULT;1.1;AES256\nabcd\n' })
  const refused = await rolecall(directory, ['vault', 'encrypt', 'a.yml', 'b.yml', ...PW])
  assert.match(refused.err, /b\.yml is encrypted already/)
  assert.is(at(directory)('a.yml'), 'a: 1\n')
  assert.is((await rolecall(directory, ['vault', 'encrypt', 'a.yml', ...PW])).code, 0)
  const before = at(directory)('a.yml')
  const wrong = await rolecall(directory, ['vault', 'decrypt', 'a.yml', 'b.yml', ...PW])
  assert.is(wrong.code, 1)
  assert.match(wrong.err, /b\.yml:2 {2}the encrypted text is damaged/)
  assert.is(at(directory)('a.yml'), before)
})

test('a value for a file of variables is printed as YAML, and opened again', async () => {
  const directory = room()
  const { out, code } = await piped(directory, 'hunter2 #: α', [
    'vault',
    'encrypt-string',
    '--name',
    'password',
    ...PROD,
  ])
  assert.is(code, 0)
  assert.match(out, /^password: !vault \|\n {10}\$ANSIBLE_VAULT;1\.2;AES256;prod\n/)
  const text = out
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .join('\n')
  assert.is((await piped(directory, text, ['vault', 'view', '-', ...PROD])).out, 'hunter2 #: α')
})

const REFUSED: readonly (readonly [string[], RegExp])[] = [
  [['view', 'plain.yml', ...PW], /plain\.yml is not encrypted with Ansible Vault/],
  [['view', 'none.yml', ...PW], /there is no file none\.yml/],
  [
    ['view', 'x.vault', '--vault-password-file', 'none'],
    /no source has one[^]*there is no file .*none with a vault password/,
  ],
  [['view', 'x.vault', '--vault-password-file', 'empty'], /the file .*empty has no vault password/],
  [['view', 'x.vault', '--vault-id', 'dev@pw-prod'], /no password opens an Ansible Vault text/],
  [['view', 'x.vault', '--vault-id', 'dev@./prod-client'], /has no vault password for the id dev/],
  [['view', 'y.vault', '--vault-id', 'dev@pw'], /no password was given for the id prod/],
  [['view', 'old.vault', ...PW], /format 1\.0 of Ansible Vault/],
  [['view', 'x.vault'], /there is no terminal to ask for "Vault password"/],
  [['encrypt', 'plain.yml', '--vault-id', 'a@pw', '--vault-id', 'b@pw-prod'], /none is chosen for encrypting/],
  [['encrypt', 'plain.yml', '--vault-id', 'a b@pw'], /"a b" cannot be the id/],
  [['create', 'plain.yml', ...PW], /plain\.yml exists already/],
  [['edit', 'none.yml', ...PW], /there is no file none\.yml/],
]
for (const [args, words] of REFUSED) {
  test(`refused with its reason: ${args.join(' ')}`, async () => {
    const directory = room({
      empty: '\n',
      'plain.yml': 'a: 1\n',
      'x.vault': readFileSync(join(fixtures, 'yaml-1.1.vault'), 'utf8'),
      'y.vault': readFileSync(join(fixtures, 'yaml-1.2-prod.vault'), 'utf8'),
      'old.vault': '$ANSIBLE_VAULT;1.0;AES\nabcd\n',
    })
    const isAsked = !args.some((arg) => arg.startsWith('--vault'))
    const { code, out, err } = await (isAsked ? withoutTerminal : rolecall)(directory, ['vault', ...args])
    assert.is(code, 1)
    assert.match(err, words)
    assert.is(out, '')
    assert.not.match(err, /hunter2|correct horse|päss|TypeError| at .*:\d+:\d+\n/)
  })
}

test('a password is asked for at the terminal, is not shown, and is asked for twice when it is new', async () => {
  const directory = room({ 'x.yml': 'a: 1\n' })
  const made = await atTerminal(directory, ['vault', 'encrypt', 'x.yml'], ['typed päss', 'typed päss'])
  assert.match(made, /New vault password: \s*Repeat: /)
  assert.not.match(made, /typed/)
  const viewed = await atTerminal(directory, ['vault', 'view', 'x.yml', '--vault-id', 'prod@prompt'], ['typed päss'])
  assert.match(viewed, /Vault password \(prod\): \s*a: 1/)
  const differ = await atTerminal(
    directory,
    ['vault', 'rekey', 'x.yml', '--new-vault-id', 'x@prompt'],
    ['typed päss', 'a', 'b'],
  )
  assert.match(differ, /the two passwords differ/)
  writeFileSync(join(directory, 'pw'), 'typed päss')
  assert.is((await rolecall(directory, ['vault', 'view', 'x.yml', ...PW])).out, 'a: 1\n')
})

interface Piped {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function piped(cwd: string, input: string, args: readonly string[]): Promise<Piped> {
  return ended(spawn(process.execPath, [command, ...args], { cwd }), input)
}

/** A session of its own has no terminal that could be asked. */
function withoutTerminal(cwd: string, args: readonly string[]): Promise<Piped> {
  return ended(spawn(process.execPath, [command, ...args], { cwd, detached: true }), '')
}

/** script(1) makes a terminal. An answer is typed when a question stands there. */
function atTerminal(cwd: string, args: readonly string[], answers: readonly string[]): Promise<string> {
  const words = [process.execPath, command, ...args].map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['-qec', words, '/dev/null'], { cwd })
  const left = [...answers]
  return new Promise((done) => {
    let shown = ''
    let questions = 0
    child.stdout.on('data', (bytes: Buffer) => {
      shown += bytes.toString()
      const asked = shown.match(/(?:password(?: \(\w+\))?|Repeat): /g)?.length ?? 0
      for (; questions < asked; questions++) child.stdin.write(`${left.shift() ?? ''}\r`)
    })
    child.on('close', () => done(shown))
  })
}

function ended(child: ReturnType<typeof spawn>, input: string): Promise<Piped> {
  return new Promise((done) => {
    let [out, err] = ['', '']
    child.stdout?.on('data', (bytes: Buffer) => (out += bytes.toString()))
    child.stderr?.on('data', (bytes: Buffer) => (err += bytes.toString()))
    child.stdin?.end(input)
    child.on('close', (code) => done({ code, out, err }))
  })
}

test.run()

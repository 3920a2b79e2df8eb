import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decryptVault, encryptVault, isVaultId, isVaultText, parseVaultText } from '../../lib/vault/ansible-vault.ts'
import { openVaultText, vaultPassword } from '../../lib/vault/passwords.ts'
import { Random } from '../support/random.ts'
import { plainInputs } from './plain-inputs.ts'

const test = suite('Ansible Vault texts')
const fixtures = join(import.meta.dirname, 'ansible-vault')
const random = new Random(Number(process.env['ROLECALL_SEED'] ?? 20261128))

const PASSWORDS = {
  default: vaultPassword('default', Buffer.from('correct horse'), 'a file'),
  prod: vaultPassword('prod', Buffer.from('prod päss'), 'a file'),
  dev: vaultPassword('dev', Buffer.from('x'), 'a file'),
}
const ALL = { known: Object.values(PASSWORDS), failures: [] }

const opened = (text: string, passwords = ALL) => {
  const result = openVaultText(text, { file: 'f', line: 1 }, passwords)
  return 'bytes' in result ? result.bytes.toString('latin1') : result.problems.map(({ message }) => message)
}

/** Made by `ansible-vault` itself; what was encrypted stands beside each. */
const MADE_BY_ANSIBLE: Readonly<Record<string, string>> = {
  'yaml-1.1.vault': 'db_password: hunter2-α\nport: 5432\n',
  'yaml-1.2-prod.vault': 'db_password: hunter2-α\nport: 5432\n',
  'crlf-1.1.vault': 'a: 1\r\nb: "two"\r\n',
  'empty-1.1.vault': '',
  'block-1.1.vault': '0123456789abcdef',
}

for (const [name, plain] of Object.entries(MADE_BY_ANSIBLE)) {
  test(`a text from ansible-vault is decrypted: ${name}`, () => {
    assert.is(opened(readFileSync(join(fixtures, name), 'utf8')), Buffer.from(plain).toString('latin1'))
  })
}

test('binary content is decrypted unchanged', () => {
  const text = readFileSync(join(fixtures, 'binary-1.2-dev.vault'), 'utf8')
  assert.is(opened(text), '\xff'.repeat(1000))
})

test('line breaks of another system, blanks at ends of lines and capital digits change nothing', () => {
  const text = readFileSync(join(fixtures, 'yaml-1.1.vault'), 'utf8')
  const [header = '', ...lines] = text.split('\n')
  const plain = Buffer.from('db_password: hunter2-α\nport: 5432\n').toString('latin1')
  assert.is(opened(text.replaceAll('\n', '\r\n')), plain)
  assert.is(opened(text.replaceAll('\n', '\r')), plain)
  assert.is(opened([header, ...lines.map((line) => `${line.toUpperCase()}  `)].join('\n')), plain)
})

test('the password with the id of the header is tried first, then all others', () => {
  const text = encryptVault(Buffer.from('x'), Buffer.from('x'), 'prod')
  assert.is(opened(text), 'x')
  const problems = openVaultText(text, { file: 'f', line: 3 }, { ...ALL, onlyMatching: true })
  assert.ok('problems' in problems && problems.problems[0]?.place?.line === 3)
})

const WRONG: readonly (readonly [string, string, RegExp, number])[] = [
  ['$ANSIBLE_VAULT;1.0;AES\nabcd', 'format 1.0', /format 1\.0 of Ansible Vault \(cipher AES\)/, 1],
  ['$ANSIBLE_VAULT;1.3;AES256\nabcd', 'an unknown format', /format of this Ansible Vault text is unknown/, 1],
  ['$ANSIBLE_VAULT;1.1;DES\nabcd', 'an unknown cipher', /cipher of this .* text is unknown/, 1],
  ['$ANSIBLE_VAULT\nabcd', 'half a header', /damaged: the header/, 1],
  ['$ANSIBLE_VAULT;1.1;AES256\nabcd\nxyz\n', 'other letters', /damaged: a line has other letters/, 3],
  ['$ANSIBLE_VAULT;1.1;AES256\nabc\n', 'half a byte', /damaged: the text is cut off/, 2],
  ['$ANSIBLE_VAULT;1.1;AES256\n', 'nothing after the header', /damaged: the text is cut off/, 1],
]
for (const [text, what, message, line] of WRONG) {
  test(`a text with ${what} is refused with its line`, () => {
    const result = openVaultText(text, { file: 'vars.yml', line: 10 }, ALL)
    if (!('problems' in result)) throw new Error('opened')
    assert.match(result.problems[0]?.message ?? '', message)
    assert.equal(result.problems[0]?.place, { file: 'vars.yml', line: 10 + line - 1 })
  })
}

test('any cut or change of a text is noticed', () => {
  const text = readFileSync(join(fixtures, 'yaml-1.1.vault'), 'utf8')
  const body = text.indexOf('\n') + 1
  const own = { known: [PASSWORDS.default], failures: [] }
  for (let at = 0; at < 25; at++) {
    const where = random.between(body, text.length - 2)
    const flipped = text[where] === '3' ? '6' : '3'
    if (text[where] === '\n') continue
    const changed = `${text.slice(0, where)}${flipped}${text.slice(where + 1)}`
    assert.ok(Array.isArray(opened(changed, own)), `changed at ${where}`)
    assert.ok(Array.isArray(opened(text.slice(0, where), own)), `cut at ${where}`)
  }
})

test('a wrong password, a missing id and no password have different errors', () => {
  const prod = readFileSync(join(fixtures, 'yaml-1.2-prod.vault'), 'utf8')
  const plain = readFileSync(join(fixtures, 'yaml-1.1.vault'), 'utf8')
  const only = (...known: (keyof typeof PASSWORDS)[]) => ({ known: known.map((id) => PASSWORDS[id]), failures: [] })
  assert.equal(opened(plain, only('dev')), [
    'no password opens an Ansible Vault text: it was encrypted with another one, or the text was changed since',
  ])
  assert.equal(opened(prod, only('dev', 'default')), [
    'no password was given for the id prod, and no other opens this text',
  ])
  assert.equal(opened(prod, only()), ['an Ansible Vault text with the id prod needs a password, and none was given'])
})

test('an id has only characters that the header allows', () => {
  assert.equal(['prod', 'a-b.c', 'a b', 'a;b', 'ä', ''].map(isVaultId), [true, true, false, false, false, false])
})

test('an encrypted text can be decrypted, and differs each time', () => {
  for (const plain of plainInputs(random)) {
    const password = Buffer.from(Array.from({ length: random.between(1, 40) }, () => random.between(1, 255)))
    const text = encryptVault(plain, password, random.pick(['default', 'prod']))
    assert.ok(isVaultText(text) && text.split('\n').every((line) => line.length <= 80))
    const envelope = parseVaultText(text)
    if ('problem' in envelope) throw new Error(envelope.problem.message)
    assert.equal(decryptVault(envelope, password), plain)
    assert.is(decryptVault(envelope, Buffer.concat([password, Buffer.from('x')])), undefined)
    assert.is.not(encryptVault(plain, password), encryptVault(plain, password))
  }
})

test.run()

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Keyring, NO_PASSWORDS } from '../../lib/vault/keyring.ts'
import { openFile } from '../../lib/vault/open-file.ts'
import { packagesHere } from '../support/ansible.ts'
import { Random } from '../support/random.ts'
import { plainInputs } from './plain-inputs.ts'

const test = suite('files of SOPS and age, beside another implementation')
const SEED = Number(process.env['ROLECALL_SEED'] ?? 20261129)
const ROUNDS = Number(process.env['ROLECALL_SOPS'] ?? 60)
const python = '/usr/bin/python3'

const isHere = () =>
  spawnSync('age', ['--version'], { stdio: 'ignore' }).status === 0 &&
  spawnSync(python, ['-c', 'import cryptography'], { stdio: 'ignore' }).status === 0
const missing = packagesHere(isHere, ['age', 'python3-cryptography'])
  ? undefined
  : 'the programs age and python3 with cryptography are not installed (Debian: age, python3-cryptography)'

const room = mkdtempSync(join(tmpdir(), 'rolecall-age-'))
process.on('exit', () => rmSync(room, { recursive: true, force: true }))

/** A key that age-keygen makes. */
function newKey(name: string): { readonly file: string; readonly recipient: string } {
  const file = join(room, name)
  execFileSync('age-keygen', ['-o', file], { stdio: 'ignore' })
  return { file, recipient: /public key: (\S+)/.exec(readFileSync(file, 'utf8'))?.[1] ?? '' }
}
const keyring = (file: string) =>
  new Keyring(NO_PASSWORDS, { SOPS_AGE_KEY_FILE: file, XDG_CONFIG_HOME: '/none', PATH: '/none' })

interface Made {
  readonly name: string
  readonly text: string
  readonly values: Readonly<Record<string, string>>
}

if (missing !== undefined) {
  process.stdout.write(`skipped: ${missing}\n`)
  test.skip('files that another program wrote are opened')
} else {
  test(`${ROUNDS} files in the format of SOPS that another program wrote are opened, and no changed one is`, async () => {
    const key = newKey('sops.txt')
    const lines = execFileSync(
      python,
      [join(import.meta.dirname, 'sops-documents.py'), String(SEED), String(ROUNDS), key.recipient],
      { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    )
    const keys = keyring(key.file)
    const made = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Made)
    let values = 0
    let changed = 0
    for (const { name, text, values: expected } of made) {
      const opened = await openFile(Buffer.from(text), name, keys)
      if (opened.type !== 'values') throw new Error(`${name}: ${JSON.stringify(opened)}\n${text}`)
      const found = Object.fromEntries(opened.secrets.map(({ leaf, text: value }) => [leaf.path.join('\n'), value]))
      assert.equal(found, expected, `${name}\n${text}`)
      values += opened.secrets.length
      // One letter of each encrypted value.
      const [first = ''] = /ENC\[AES256_GCM,data:[^,]+/.exec(text) ?? []
      if (first === '') continue
      const letter = first.endsWith('A') ? 'B' : 'A'
      const at = text.indexOf(first) + 'ENC[AES256_GCM,data:'.length
      const broken = `${text.slice(0, at)}${text[at] === letter ? 'C' : letter}${text.slice(at + 1)}`
      assert.is((await openFile(Buffer.from(broken), name, keys)).type, 'failed', `${name}, changed`)
      changed++
    }
    assert.ok(values > ROUNDS)
    process.stdout.write(`      ${made.length} files, ${values} values, ${changed} changed; seed ${SEED}\n`)
  })

  test('age files are decrypted, armored or not, for one of several keys, and with no other key', async () => {
    const [ours, theirs] = [newKey('ours.txt'), newKey('theirs.txt')]
    const random = new Random(SEED)
    let opened = 0
    for (const plain of plainInputs(random).slice(0, 30)) {
      for (const armor of [[], ['--armor']]) {
        const words = [...armor, '-r', theirs.recipient, '-r', ours.recipient]
        const sealed = spawnSync('age', words, { input: plain, maxBuffer: 64 * 1024 * 1024 }).stdout
        const result = await openFile(sealed, 'x.age', keyring(ours.file))
        assert.ok(result.type === 'whole' && result.bytes.equals(plain))
        opened++
      }
    }
    const sealed = spawnSync('age', ['-r', theirs.recipient], { input: 'theirs' }).stdout
    assert.is((await openFile(sealed, 'x.age', keyring(ours.file))).type, 'failed')
    for (const at of [30, sealed.length - 20, sealed.length - 1]) {
      const broken = Buffer.from(sealed)
      broken[at] = (broken[at] ?? 0) ^ 1
      assert.is((await openFile(broken, 'x.age', keyring(theirs.file))).type, 'failed')
    }
    process.stdout.write(`      ${opened} files that age encrypted\n`)
  })
}

test.run()

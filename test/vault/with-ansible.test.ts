import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decryptVault, encryptVault, parseVaultText } from '../../lib/vault/ansible-vault.ts'
import { ansibleHere } from '../support/ansible.ts'
import { Random } from '../support/random.ts'
import { plainInputs } from './plain-inputs.ts'

const test = suite('Ansible Vault texts, beside Ansible')
const random = new Random(Number(process.env['ROLECALL_SEED'] ?? 20261128))

type Asked = Readonly<Record<string, string | null>>
const PYTHON = ['/usr/bin/python3', 'python3']

ansibleHere()

/** What Ansible answers; undefined where there is no Ansible. */
function ansible(asked: readonly Asked[]): readonly Asked[] | undefined {
  const input = asked.map((each) => JSON.stringify(each)).join('\n')
  for (const python of PYTHON) {
    const ran = spawnSync(python, [join(import.meta.dirname, 'through-ansible.py')], {
      input,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
    if (ran.status === 0)
      return ran.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Asked)
  }
  return undefined
}

test('Ansible opens what Rolecall encrypts, and Rolecall what Ansible encrypts, whatever it is', () => {
  const plains = plainInputs(random)
  const cases = plains.map((plain) => ({
    plain,
    id: random.pick([null, 'prod', 'a-b.c']),
    password: Buffer.from(Array.from({ length: random.between(1, 30) }, () => random.between(1, 255))),
  }))
  const made = ansible(
    cases.map(({ plain, id, password }) => ({
      do: 'encrypt',
      id,
      password: password.toString('base64'),
      plain: plain.toString('base64'),
    })),
  )
  if (made === undefined) {
    process.stdout.write('      not compared with Ansible: it is not installed (Debian: ansible-core)\n')
    return
  }
  for (const [at, { text }] of made.entries()) {
    const envelope = parseVaultText(text ?? '')
    if ('problem' in envelope) throw new Error(envelope.problem.message)
    const { plain, password, id } = cases[at] ?? { password: Buffer.alloc(0), id: null, plain: undefined }
    assert.equal(decryptVault(envelope, password), plain)
    assert.is(envelope.id ?? null, id)
  }
  const ours = cases.map(({ plain, id, password }) => ({
    do: 'decrypt',
    id,
    password: password.toString('base64'),
    text: encryptVault(plain, password, id ?? 'default'),
  }))
  const back = ansible(ours) ?? []
  assert.equal(
    back.map(({ plain, error }) => plain ?? error),
    plains.map((plain) => plain.toString('base64')),
  )
  process.stdout.write(
    `      ${made.length} inputs encrypted by Ansible and ${back.length} by Rolecall, opened by the other\n`,
  )
})

test.run()

import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../../lib/errors.ts'
import { sendInputs } from '../../../lib/host/shell/send-input.ts'
import { file } from '../../../lib/resources/files/file.ts'
import { template } from '../../../lib/resources/trees/template.ts'
import { tree } from '../../../lib/resources/trees/tree.ts'
import { encryptVault } from '../../../lib/vault/ansible-vault.ts'
import { problemsOf } from '../../support/problems.ts'
import { ask, run, scratch, shells, stepsOf, words } from '../../support/converge-locally.ts'

const here = mkdtempSync(join(tmpdir(), 'rolecall-source-'))
test.after(() => rmSync(here, { recursive: true, force: true }))
const small = join(here, 'small')
const large = join(here, 'large')
writeFileSync(small, 'small\n')
writeFileSync(large, Buffer.alloc(3 * 1024 * 1024 + 5, 'large'))

for (const shell of shells()) {
  test(`${shell.name}: a small file of the controller is its content`, async () => {
    const path = join(scratch(), 'file')
    assert.equal(words(await ask(shell, file(path, { source: small }))), [`create ${path}`])
  })

  test(`${shell.name}: a large one is sent, is then as wanted, and is sent again when it drifts`, async () => {
    const path = join(scratch(), 'file')
    const resource = file(path, { source: large, mode: '0640' })
    for (const said of [`create ${path}`, `write ${path}`]) {
      const evaluation = await ask(shell, resource)
      assert.equal(words(evaluation), [said])
      const [step] = stepsOf(evaluation)
      assert.equal([step?.stdin, step?.upload], [undefined, { file: large, length: 3 * 1024 * 1024 + 5 }])
      const ran = step && (await run(shell, step.sh, readFileSync(large), { path_me: '0' }))
      assert.is(ran?.code, 0, ran?.stderr)
      assert.equal(words(await ask(shell, resource)), [])
      writeFileSync(path, 'drifted')
    }
  })
}

test('a file that ansible-vault has encrypted is not sent as it is: by file, template or tree', () => {
  const directory = join(here, 'vaulted')
  mkdirSync(directory)
  const source = join(directory, 'key.pem')
  writeFileSync(source, encryptVault(Buffer.from('the key'), Buffer.from('open sesame')))
  for (const make of [
    () => file('/etc/key.pem', { source }),
    () => template('/etc/key.pem', { source, variables: {} }),
    () => tree('/etc/keys', { source: directory }),
  ]) {
    const [problem] = problemsOf(make)
    assert.match(problem?.got ?? '', /key\.pem, which is encrypted by Ansible Vault$/)
    assert.match(problem?.hint ?? '', /^put "\{\{ lookup\('file', 'key\.pem'\) \}\}" into a variable/)
  }
})

test('what is sent is read piece by piece, and nothing else than it was', async () => {
  const to = new PassThrough({ highWaterMark: 16 * 1024 })
  let [seen, most] = [0, 0]
  to.on('data', (chunk: Buffer) => {
    seen += chunk.length
    most = Math.max(most, chunk.length)
  })
  await sendInputs(to, [Buffer.from('before'), { file: large, length: 3 * 1024 * 1024 + 5 }, Buffer.from('after')])
  assert.is(seen, 6 + 3 * 1024 * 1024 + 5 + 5)
  assert.ok(most <= 64 * 1024)
  truncateSync(large, 100)
  try {
    await sendInputs(to, [{ file: large, length: 3 * 1024 * 1024 + 5 }])
    assert.unreachable()
  } catch (error) {
    assert.ok(error instanceof RolecallError)
    assert.match(error.message, /was changed or removed while it was sent/)
  }
})

test('a source that is missing or not a file is refused with its path', () => {
  assert.throws(() => file('/x', { source: '/nowhere' }), /\/nowhere, which is not there/)
  assert.throws(() => file('/x', { source: here }), /a directory: that is tree\(\)/)
  assert.throws(() => file('/x', { source: small, content: '' }), /content or source/)
})

test.run()

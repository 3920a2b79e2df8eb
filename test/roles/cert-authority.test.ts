import { mkdirSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { play, z, type Resource } from 'rolecall'
import { parse } from 'yaml'
import certAuthority from '../../roles/cert-authority.ts'
import { converge, scratch, shells, stepsOf, type Shell } from '../support/converge-locally.ts'
import { contentOf, ids } from './played-resources.ts'

test('cfssl comes as a package, the request is the tutorial’s', async () => {
  const played = await play(certAuthority)
  assert.equal(ids(played), [
    'pkg:golang-cfssl',
    'link:/usr/local/bin/cfssl-json',
    'pkg:openssl',
    'dir:/opt/certs',
    'file:/opt/certs/ca-csr.json',
    'exec:certificate authority',
  ])
  assert.equal(JSON.parse(contentOf(played, 'file:/opt/certs/ca-csr.json')), {
    CN: 'thtf',
    hosts: [],
    key: { algo: 'rsa', size: 2048 },
    names: [{ C: 'CN', ST: 'beijing', L: 'beijing', O: 'thtf', OU: 'ops' }],
    ca: { expiry: '175200h' },
  })
})

test('release binaries are downloaded under the tutorial’s names', async () => {
  const binary = (name: string) => ({ source: `https://mirror.example/${name}_linux-amd64`, sha256: 'a'.repeat(64) })
  const source = {
    kind: 'release' as const,
    cfssl: binary('cfssl'),
    'cfssl-json': binary('cfssljson'),
    'cfssl-certinfo': binary('cfssl-certinfo'),
  }
  assert.equal(ids(await play(certAuthority, { vars: { source } })).slice(0, 3), [
    'download:/usr/local/bin/cfssl',
    'download:/usr/local/bin/cfssl-json',
    'download:/usr/local/bin/cfssl-certinfo',
  ])
})

const el = { os: { family: 'el', id: 'rocky', version: '9', name: 'Rocky Linux 9' } } as const

test('where no package has cfssl, the variable that names downloads is asked for', async () => {
  let said = ''
  await play(certAuthority, { host: el }).catch((error: unknown) => (said = String(error)))
  assert.match(said, 'no package of cfssl: set cert-authority.release to { cfssl:')
})

test('the variables of the site serve both families: a package where there is one, downloads elsewhere', async () => {
  const said: unknown = parse(readFileSync(join(import.meta.dirname, '../../inventory/group_vars/ca.yml'), 'utf8'))
  const { 'cert-authority': vars } = z.object({ 'cert-authority': z.record(z.string(), z.unknown()) }).parse(said)
  assert.is(ids(await play(certAuthority, { vars }))[0], 'pkg:golang-cfssl')
  const [first] = (await play(certAuthority, { vars, host: el })).asked
  assert.is(first?.id, 'download:/usr/local/bin/cfssl')
  assert.match(JSON.stringify(first?.want), '"sha256":{"source":')
})

/** Stands in for cfssl: a new key each time it makes one, and a certificate that names the key it is for. */
const cfssl = `#!/bin/sh
umask 022
key=$(cat /proc/sys/kernel/random/uuid)
[ "$3" != -ca-key ] || key=$(cat "$4")
echo "$key"`
const cfssljson = `#!/bin/sh
umask 022
read -r key; echo "$key" >"$2-key.pem"; echo "for $key" >"$2.pem"; echo csr >"$2.csr"`

/** What is in a directory of certificates, with fakes of cfssl beside it. */
function ground(): { readonly directory: string; readonly bin: string; readonly text: (name: string) => string } {
  const directory = join(scratch(), 'certs')
  const bin = join(scratch(), 'bin')
  mkdirSync(directory)
  mkdirSync(bin)
  writeFileSync(join(bin, 'cfssl'), cfssl, { mode: 0o755 })
  writeFileSync(join(bin, 'cfssl-json'), cfssljson, { mode: 0o755 })
  return { directory, bin, text: (name) => readFileSync(join(directory, name), 'utf8') }
}

async function authorityIn(directory: string): Promise<Resource> {
  const authority = (await play(certAuthority, { vars: { directory } })).asked.at(-1)
  if (authority === undefined) throw new Error('no authority was asked for')
  return authority
}

const within = (shell: Shell, bin: string) => ({ env: { PATH: `${bin}:${shell.path}` } })
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

for (const shell of shells()) {
  test(`${shell.name}: a key that is private and a certificate that is not, once`, async () => {
    const { directory, bin, text } = ground()
    const authority = await authorityIn(directory)
    const made = await converge(shell, authority, within(shell, bin))
    assert.is(made.failed, undefined)
    assert.equal(stepsOf(made.again), [])
    assert.is(modeOf(join(directory, 'ca-key.pem')), '600')
    assert.is(modeOf(join(directory, 'ca.pem')), '644')
    const key = text('ca-key.pem')
    const again = await converge(shell, authority, within(shell, bin))
    assert.equal(again.did, [])
    assert.is(text('ca-key.pem'), key)
  })

  test(`${shell.name}: a lost certificate is made anew from the key that is there`, async () => {
    const { directory, bin, text } = ground()
    writeFileSync(join(directory, 'ca-key.pem'), 'precious\n', { mode: 0o644 })
    const { failed } = await converge(shell, await authorityIn(directory), within(shell, bin))
    assert.is(failed, undefined)
    assert.is(text('ca-key.pem'), 'precious\n')
    assert.is(text('ca.pem'), 'for precious\n')
    assert.is(modeOf(join(directory, 'ca-key.pem')), '600')
  })

  test(`${shell.name}: a certificate whose key is kept elsewhere stays alone`, async () => {
    const { directory, bin, text } = ground()
    writeFileSync(join(directory, 'ca.pem'), 'mine\n', { mode: 0o600 })
    const { failed, again } = await converge(shell, await authorityIn(directory), within(shell, bin))
    assert.is(failed, undefined)
    assert.equal(stepsOf(again), [])
    assert.is(text('ca.pem'), 'mine\n')
    assert.not(existsSync(join(directory, 'ca-key.pem')))
  })

  test(`${shell.name}: killed before any of its commands it leaves nothing half, and the next run arrives`, async () => {
    const commands = ['rm', 'mktemp', 'cfssl', 'cfssl-json', 'sync', 'mv', 'chmod']
    for (const command of commands) {
      for (let time = 1; time <= 4; time++) {
        const { directory, bin, text } = ground()
        const authority = await authorityIn(directory)
        const deadly = join(scratch(), 'deadly')
        mkdirSync(deadly)
        // Kills the shell that runs it, when it is called for the nth time.
        const script = `#!/bin/sh\necho >>${deadly}/count\n[ $(wc -l <${deadly}/count) != ${time} ] || kill -9 $PPID\nPATH=${bin}:${shell.path} exec ${command} "$@"\n`
        writeFileSync(join(deadly, command), script, { mode: 0o755 })
        const killed = { env: { PATH: `${deadly}:${bin}:${shell.path}` } }
        const { failed } = await converge(shell, authority, killed)
        const key = existsSync(join(directory, 'ca-key.pem')) ? text('ca-key.pem') : undefined
        if (key !== undefined) assert.is(modeOf(join(directory, 'ca-key.pem')), '600', `killed at ${command} ${time}`)
        if (existsSync(join(directory, 'ca.pem'))) assert.is(text('ca.pem'), `for ${key ?? ''}`)
        const next = await converge(shell, authority, within(shell, bin))
        assert.is(next.failed, undefined, `killed at ${command} ${time}: ${next.failed?.stderr ?? ''}`)
        assert.is(text('ca.pem'), `for ${text('ca-key.pem')}`)
        if (key !== undefined) assert.is(text('ca-key.pem'), key, 'the key that was there is still there')
        const left = readdirSync(directory).filter((name) => name.startsWith('.ca.'))
        assert.equal(left, [], `killed at ${command} ${time}`)
        if (failed === undefined) break
      }
    }
  })
}

test.run()

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const room = mkdtempSync(join(tmpdir(), 'ssh-config-'))
test.after(() => rmSync(room, { recursive: true }))
const config = join(room, 'config')
mkdirSync(join(room, 'more'))
mkdirSync(join(room, 'bin'))
symlinkSync(process.execPath, join(room, 'bin/node'))

const module = fileURLToPath(new URL('../../lib/ssh-config/resolve.ts', import.meta.url))
const program = `import { resolveSsh } from ${JSON.stringify(module)}
const [, , ...hosts] = process.argv
for (const address of hosts)
  try {
    const s = await resolveSsh(address, { address, args: { first: ['-F', ${JSON.stringify(config)}], last: ['-o', 'ConnectTimeout=2m'] } })
    console.log(address, s.hostName, s.port, s.user, s.proxyJump.join(), s.identityFiles?.join('|'), s.connectTimeoutSeconds, s.keepaliveSeconds)
  } catch (error) {
    console.log(address, error.message)
  }
`
// As one file: Node starts in a tenth of the time that tsx takes.
buildSync({
  stdin: { contents: program, resolveDir: import.meta.dirname, loader: 'ts' },
  outfile: join(room, 'ask.mjs'),
  bundle: true,
  platform: 'node',
  format: 'esm',
})

/** What each of these hosts is told to be, in a process of its own: what is read is read once for a process. */
function ask(hosts: readonly string[], path = process.env['PATH']): string[] {
  const env = { ...process.env, PATH: path, XDG_CACHE_HOME: join(room, 'cache') }
  return execFileSync(process.execPath, [join(room, 'ask.mjs'), ...hosts], { env, encoding: 'utf8' })
    .trim()
    .split('\n')
}

const included = (port: number) => writeFileSync(join(room, 'more/a.conf'), `Host lib-9\n  Port ${port}\n`)
const sections = `Include ${room}/more/*.conf
Host lib-*
  HostName %h.example.org
  User someone
  ProxyJump one,two
  IdentityFile /keys/one
  IdentityFile "/keys with space/two"
Match originalhost lib-2
  Port 77
Host *
  Port 2022
  ServerAliveInterval 5
`

test('without the program ssh the usual part means the same as with it', () => {
  included(99)
  writeFileSync(config, sections)
  const hosts = ['lib-1', 'lib-2', 'lib-9', 'other']
  const withProgram = ask(hosts)
  assert.is(withProgram[0], 'lib-1 lib-1.example.org 2022 someone one,two /keys/one|/keys with space/two 120 5')
  assert.equal(ask(hosts, join(room, 'bin')), withProgram)
})

test('a kept answer holds until a file changes, also one that is included', () => {
  writeFileSync(config, sections)
  included(98)
  assert.match(ask(['lib-9'])[0] ?? '', ' 98 ')
  const kept = () => readdirSync(join(room, 'cache/rolecall/ssh')).length
  const before = kept()
  assert.match(ask(['lib-9'])[0] ?? '', ' 98 ')
  assert.is(kept(), before)
  included(97)
  assert.match(ask(['lib-9'])[0] ?? '', ' 97 ')
})

test('Match exec is asked in each run and never kept; without ssh it is refused', () => {
  const flag = join(room, 'flag')
  rmSync(join(room, 'cache'), { recursive: true, force: true })
  writeFileSync(config, `Match exec "test -e ${flag}"\n  Port 5\nHost *\n  Port 6\n`)
  assert.match(ask(['a'])[0] ?? '', ' 6 ')
  writeFileSync(flag, '')
  assert.match(ask(['a'])[0] ?? '', ' 5 ')
  assert.throws(() => readdirSync(join(room, 'cache/rolecall/ssh')))
  assert.match(ask(['a'], join(room, 'bin'))[0] ?? '', 'cannot be known without the program ssh')
})

test.run()

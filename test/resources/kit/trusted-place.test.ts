import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { httpRequest } from '../../../lib/resources/commands/http-request.ts'
import { kind, type Resource } from '../../../lib/resources/kit/kind.ts'
import { kubeObject } from '../../../lib/resources/kubernetes/kube-object.ts'
import { nftables } from '../../../lib/resources/network/nftables.ts'
import { flatpakRemote } from '../../../lib/resources/packages/flatpak.ts'
import { git } from '../../../lib/resources/sources/git.ts'
import type { TrustedPlace } from '../../../lib/resources/kit/trusted-place.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { raw, sh } from '../../../lib/sh/quote.ts'
import { ask, converge, debian, reply, scratch, shells, words, type Shell } from '../../support/converge-locally.ts'

type Place = Partial<TrustedPlace> & { readonly path: string }
const make = kind<Place, boolean>({
  name: 'program',
  probe: () => raw('echo ran'),
  read: (_, { lines }) => lines.includes('ran'),
  plan: (_, ran) => (ran ? [{ summary: 'run it', sh: raw('echo stepped >&2; false') }] : []),
  advanced: { trusts: (want) => [{ danger: 'could have it run programs as root', ...want }] },
})
const program = (path: string, more: Partial<Place> = {}) => make('x', { path, ...more })
const EVE = 64_711
const [ALONE, SHARED, FIRST] = [64_721, 64_722, 64_723]

/** The shell on a machine with accounts of these numbers; undefined where it can have no mounts of its own. */
function withAccounts(shell: Shell): Shell | undefined {
  const at = scratch()
  const users = ['alone', 'shared', 'first'].map((name, n) => `rc-${name}:x:${ALONE + n}:${ALONE + n}::/:/bin/sh`)
  writeFileSync(
    join(at, 'passwd'),
    [
      'root:x:0:0::/root:/bin/sh',
      ...users,
      'rc-friend:x:64729:64729::/:/bin/sh',
      'rc-other:x:64730:64723::/:/bin/sh',
      '',
    ].join('\n'),
  )
  writeFileSync(
    join(at, 'group'),
    'root:x:0:\nrc-alone:x:64721:rc-alone\nrc-shared:x:64722:rc-friend\nrc-first:x:64723:\n',
  )
  const bin = join(at, 'sh')
  const mounts = `mount --bind ${at}/passwd /etc/passwd && mount --bind ${at}/group /etc/group && exec ${shell.bin} "$@"`
  writeFileSync(
    bin,
    `#!/bin/sh\nPATH=/usr/sbin:/usr/bin:/sbin:/bin exec unshare --mount env PATH="$PATH" /bin/sh -c '${mounts}' sh "$@"\n`,
    { mode: 0o755 },
  )
  return spawnSync(bin, ['-c', 'true'], { env: { PATH: shell.path } }).status === 0 ? { ...shell, bin } : undefined
}

/** Its directory is opened to everybody after it was looked at. */
const opens = kind<{ readonly opened: string }, boolean>({
  name: 'opens',
  probe: ({ opened }) => sh`echo ran; chmod 777 ${opened}`,
  read: (_, { lines }) => lines.includes('ran'),
  plan: () => [{ summary: 'run it', sh: raw('echo stepped >&2; false') }],
  advanced: { trusts: ({ opened }) => [{ path: `${opened}/x`, danger: 'could have it run programs' }] },
})

const cases: readonly (readonly [says: string, at: string, more: Partial<Place>, then: RegExp | undefined])[] = [
  ['root’s own', 'mixed/deep', { whole: true }, undefined],
  ['what is not there yet, in root’s own', 'own/new/deep', {}, undefined],
  ['a link of root’s to root’s own', 'good/new', {}, undefined],
  ['hers', 'hers', {}, /hers belongs to 64711, who could have it run programs as root$/],
  ['root’s, in hers', 'hers/roots', {}, /hers belongs to 64711/],
  ['what is not there yet, in hers', 'hers/new/deep', {}, /hers belongs to 64711/],
  ['a link of root’s to hers', 'bad/new', {}, /hers belongs to 64711/],
  ['a link of hers', 'open/link', {}, /link belongs to 64711/],
  ['root’s, in one like /tmp', 'open/roots', {}, undefined],
  ['a new name in one like /tmp', 'open/new', {}, /open may be written in by others/],
  ['one that everybody may write in', 'wide/x', {}, /wide may be written in by others/],
  ['one that a group may write in', 'team/x', {}, /team may be written in by others/],
  ['a file of root’s', 'own/file', {}, undefined],
  ['a file that everybody may write', 'own/loose', {}, /loose may be written in by others/],
  ['hers in root’s own, which is not read', 'mixed', { inside: ['deep'] }, undefined],
  ['hers in root’s own, which is read', 'mixed', { inside: ['none', 'sub'] }, /mixed\/sub\/x belongs to 64711/],
  ['hers in root’s own, all of which counts', 'mixed', { whole: true }, /mixed\/sub\/x belongs to 64711/],
]

if (process.getuid?.() !== 0) process.stdout.write('skipped: giving files to other accounts needs root\n')
else
  for (const shell of shells()) {
    test(`${shell.name}: what another account can change is named, and no program is run there`, async () => {
      const root = scratch()
      const at = (name: string) => join(root, name)
      chmodSync(root, 0o755)
      for (const dir of ['own', 'hers/roots', 'open/roots', 'wide', 'team', 'mixed/sub', 'mixed/deep'])
        mkdirSync(at(dir), { recursive: true })
      for (const file of ['own/file', 'own/loose', 'mixed/sub/x']) writeFileSync(at(file), '')
      symlinkSync('own', at('good'))
      symlinkSync(at('hers'), at('bad'))
      symlinkSync(at('own'), at('open/link'))
      for (const hers of ['hers', 'open/link', 'mixed/sub/x']) lchownSync(at(hers), EVE, EVE)
      chownSync(at('team'), 0, EVE)
      for (const [name, mode] of [
        ['open', 0o1777],
        ['wide', 0o777],
        ['team', 0o775],
        ['own/loose', 0o666],
      ] as const)
        chmodSync(at(name), mode)
      for (const [says, path, more, then] of cases) {
        const found = words(await ask(shell, program(at(path), more)))
        if (then === undefined) assert.equal(found, ['run it'], says)
        else assert.match(String(found), then, says)
      }
    })

    test(`${shell.name}: a file that a program of root takes its trust or its content from is not another account’s`, async () => {
      const hers = join(scratch(), 'hers')
      mkdirSync(hers)
      chownSync(hers, EVE, EVE)
      const file = `${hers}/file`
      const request = { url: 'http://127.0.0.1:9', body: /x/ }
      const manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } }
      const [rules] = nftables('a', { path: file, content: 'table inet a {}' })
      const all: readonly (readonly [Resource, could: string])[] = [
        [kubeObject('a', { manifest, kubeconfig: file }), 'have kubectl run programs as root'],
        [httpRequest('a', { ...request, send: { method: 'POST', file } }), 'have any file of the host sent'],
        [httpRequest('a', { ...request, send: { multipart: { a: { file } } } }), 'have any file of the host sent'],
        [httpRequest('a', { ...request, send: { method: 'POST' }, ca: file }), 'have another server trusted'],
        [rules, 'have other rules loaded'],
        [flatpakRemote('a', { url: 'https://example.com', key: file }), 'have the packages of others trusted'],
        [git('/srv/a', { source: 'git@example.com:a.git', knownHosts: file }), 'have another server trusted'],
      ]
      for (const [resource, could] of all)
        assert.match(String(words(await ask(shell, resource))), `hers belongs to 64711, who could ${could}`)
    })

    test(`${shell.name}: a group of the owner’s name counts with all who are in it`, async () => {
      const among = withAccounts(shell)
      if (among === undefined)
        return void process.stdout.write('      not tried: there are no mounts of its own here\n')
      const root = scratch()
      const at = (name: string) => join(root, name)
      chmodSync(root, 0o755)
      for (const [name, owner, group, mode] of [
        ['alone', ALONE, ALONE, 0o775],
        ['alone/sub', ALONE, ALONE, 0o775],
        ['shared', SHARED, SHARED, 0o775],
        ['first', FIRST, FIRST, 0o775],
        ['whole', SHARED, SHARED, 0o755],
        ['whole/sub', SHARED, SHARED, 0o775],
      ] as const) {
        mkdirSync(at(name))
        chownSync(at(name), owner, group)
        chmodSync(at(name), mode)
      }
      const said = async (name: string, user: string, more: Partial<Place> = {}) =>
        String(words(await ask(among, program(at(name), { user, ...more }))))
      assert.is(await said('alone', 'rc-alone', { whole: true }), 'run it')
      assert.match(await said('shared', 'rc-shared'), /shared may be written in by others, who could/)
      assert.match(await said('first', 'rc-first'), /first may be written in by others, who could/, 'by its own group')
      assert.is(await said('whole', 'rc-shared'), 'run it')
      assert.match(await said('whole', 'rc-shared', { whole: true }), /whole\/sub may be written in by others/)
    })

    test(`${shell.name}: an access control list counts with all whom it names`, async () => {
      if (spawnSync('setfacl', ['--version']).status !== 0)
        return void process.stdout.write('      not tried: there is no setfacl\n')
      // ls of busybox does not say that there is a list.
      if (shell.name === 'busybox') return
      const root = scratch()
      const at = (name: string) => join(root, name)
      chmodSync(root, 0o755)
      for (const name of ['list', 'deep']) mkdirSync(at(name))
      writeFileSync(at('deep/x'), '')
      const set = (entries: string, path: string) => execFileSync('setfacl', ['-m', entries, at(path)])
      const said = async (name: string, more: Partial<Place> = {}) =>
        String(words(await ask(shell, program(at(name), more))))
      set(`u:${EVE}:rwx`, 'list')
      set(`g:${EVE}:rw`, 'deep/x')
      assert.match(await said('list'), /list may be written in by others, who could/)
      assert.is(await said('deep'), 'run it')
      assert.match(await said('deep', { whole: true }), /deep\/x may be written in by others, who could/)
      set(`u:${EVE}:r-x,m::rwx`, 'list')
      assert.is(await said('list'), 'run it')
      set('u:0:rwx', 'list')
      assert.is(await said('list'), 'run it')
    })

    test(`${shell.name}: a step does not run where it has become so meanwhile`, async () => {
      const root = scratch()
      const { failed } = await converge(shell, opens(join(root, 'x'), { opened: root }))
      assert.match(failed?.stderr ?? '', /^\S+ can be changed by others, who could have it run programs\n?$/)
    })
  }

test('what is to become another account’s is refused, and what is to become root’s is unknown', () => {
  const prediction = (owner: string) => {
    const pending = new Prediction()
    pending.record('dir:/srv/app', [{ type: 'path', path: '/srv/app', state: { type: 'dir', owner } }])
    return pending
  }
  const say = (said: string, owner: string, user?: string) =>
    String(words(program('/srv/app/x', { user }).evaluate(reply(said), debian, prediction(owner))))
  assert.is(say('ran\n', 'app'), 'refused: /srv/app is to belong to app, who could have it run programs as root')
  assert.is(say('ran\n', 'app', 'app'), 'run it')
  assert.match(say('# 0 foreign owner eve:eve /srv/app\n', 'root'), /^unknown: whether others can change \/srv\/app/)
})

test('a place that is to be open to others is refused, with the sticky bit too; above it that bit is enough', () => {
  const say = (path: string, mode: string) => {
    const pending = new Prediction()
    pending.record('dir:/srv/app', [{ type: 'path', path: '/srv/app', state: { type: 'dir', mode } }])
    return String(words(program(path, {}).evaluate(reply('ran\n'), debian, pending)))
  }
  assert.match(say('/srv/app', '0777'), /^refused: \/srv\/app is to be open to others/)
  assert.match(say('/srv/app', '1777'), /^refused: \/srv\/app is to be open to others/)
  assert.match(say('/srv/app/x', '0777'), /^refused: \/srv\/app is to be open to others/)
  assert.is(say('/srv/app/x', '1777'), 'run it')
  assert.is(say('/srv/app', '0755'), 'run it')
})

test.run()

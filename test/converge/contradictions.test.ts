import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { contradictions, replacedLinks } from '../../lib/converge/contradictions/contradictions.ts'
import {
  absent,
  acl,
  block,
  dir,
  dropIn,
  exec,
  file,
  hostname,
  iniFile,
  jsonFile,
  line,
  link,
  ownership,
  pkg,
  secret,
  service,
  sysctl,
  timer,
  tree,
  unit,
  waitFor,
  type Resource,
} from '../../lib/index.ts'

const content = 'x\n'

const twice: readonly (readonly [string, Resource, Resource, string])[] = [
  ['two files', file('/a', { content }), file('/a', { content: 'y\n' }), 'path /a is asked for twice'],
  ['another mode', file('/a', { content }), file('/a', { content, mode: '0600' }), 'path /a'],
  ['two spellings', file('/a//b', { content }), file('/a/./b/', { content: '' }), 'path /a/b'],
  ['two secrets', file('/a', { content: secret('first!') }), file('/a', { content: secret('second') }), 'path /a'],
  ['a file and nothing', file('/a', { content }), absent('/a'), 'path /a'],
  ['a directory and a link', dir('/a'), link('/a', { to: '/b' }), 'path /a'],
  ['a line that its file lacks', file('/a', { content }), line('/a', { line: 'b' }), 'line:/a#b is to be in file:/a'],
  [
    'a line that its file has',
    file('/a', { content }),
    line('/a', { line: 'x', state: 'absent' }),
    'line:/a#x is to be in',
  ],
  ['a block of a file', file('/a', { content: secret('x\n') }), block('/a', { name: 'b', content }), 'block:/a#b is'],
  ['a key of a file', file('/a', { content: '{"a":1}' }), jsonFile('/a', { set: { a: 2 } }), 'jsonFile:/a is to be in'],
  ['a line and another mode', file('/a', { content }), line('/a', { line: 'x', mode: '0600' }), 'line:/a#x is to be'],
  ['a line of a link', link('/a', { to: '/b' }), line('/a', { line: 'x' }), 'line:/a#x is to be in link:/a'],
  ['a line of a directory', dir('/a'), line('/a', { line: 'x' }), 'line:/a#x is to be in dir:/a'],
  ['a line of nothing', absent('/a'), line('/a', { line: 'x', create: true }), 'line:/a#x is to be in absent:/a'],
  ['a line in what is removed', absent('/opt/app'), line('/opt/app/x', { line: 'x' }), 'line:/opt/app/x#x is in'],
  ['a file in what is removed', absent('/opt/app'), file('/opt/app/x', { content }), 'file:/opt/app/x is in what'],
  [
    'two spellings of a unit',
    service('a', { running: true }),
    service('a.service', { running: false }),
    'unit a.service',
  ],
  ['a package of two lists', pkg(['a', 'b']), pkg('b', { state: 'absent' }), 'package b'],
  ['two names of a host', hostname('a'), hostname('b'), 'hostname'],
  [
    'two spellings of a parameter',
    sysctl('net.ipv4.ip_forward', 1),
    sysctl('net/ipv4/ip_forward', 0),
    'sysctl net/ipv4',
  ],
  ['two values of a key', jsonFile('/a', { set: { a: { b: 1 } } }), jsonFile('/a', { set: { a: { b: 2 } } }), 'key'],
  [
    'a key that is set and removed',
    iniFile('/a', { set: { s: { k: '1' } } }),
    iniFile('/a', { remove: [['s', 'k']] }),
    'key',
  ],
  [
    'two commands of one name',
    exec('a', { run: 'x', creates: '/x' }),
    exec('a', { run: 'y', creates: '/y' }),
    'exec:a',
  ],
]
for (const [what, one, other, words] of twice)
  test(`${what} are refused, whichever comes first, with both places`, () => {
    for (const [first, second] of [
      [one, other],
      [other, one],
    ] as const) {
      const [problem, ...more] = contradictions([first, second])
      assert.equal(more, [])
      assert.ok(problem?.message.startsWith(words), problem?.message)
      assert.match(problem?.expected ?? '', /contradictions\.test\.ts:\d+:\d+/)
      assert.match(problem?.place?.file ?? '', /contradictions\.test\.ts$/)
    }
  })

const restarted = (...after: (Resource | string)[]) => service('nginx', { running: true, restartedAfter: after })
const conf = file('/etc/nginx/nginx.conf', { content })
const early: readonly (readonly [string, readonly Resource[], string | undefined])[] = [
  ['a file behind its service', [restarted(conf), conf], 'file:/etc/nginx/nginx.conf'],
  ['a line of it', [restarted('/etc/a'), line('/etc/a', { line: 'x' })], 'line:/etc/a#x'],
  ['a file in its directory', [restarted('/etc/nginx'), conf], 'file:/etc/nginx/nginx.conf'],
  ['a file through a link', [link('/etc/n', { to: 'nginx' }), restarted('/etc/n/nginx.conf'), conf], conf.id],
  ['a reload', [service('nginx', { running: true, reloadedAfter: [conf] }), conf], conf.id],
  [
    'its unit file',
    [restarted(), file('/etc/systemd/system/nginx.service', { content })],
    'file:/etc/systemd/system/nginx.service',
  ],
  [
    'a drop-in',
    [restarted(), file('/etc/systemd/system/nginx.service.d/x.conf', { content })],
    'file:/etc/systemd/system/nginx.service.d/x.conf',
  ],
  ['a unit file of another', [restarted(), file('/etc/systemd/system/other.service', { content })], undefined],
  ['a file before its service', [conf, restarted(conf)], undefined],
  ['the same file before and behind it', [conf, restarted(conf), conf], undefined],
  ['a file of somebody else', [restarted(conf), file('/etc/other', { content })], undefined],
  ['a directory above it', [restarted(conf), dir('/etc/nginx')], undefined],
]
for (const [what, resources, behind] of early)
  test(`${what}: ${behind === undefined ? 'as it should be' : 'refused, with both places'}`, () => {
    const [problem] = contradictions(resources)
    if (behind === undefined) assert.is(problem, undefined)
    else {
      assert.is(problem?.message, `service:nginx acts after changes of ${behind}, which comes after it`)
      assert.match(problem?.expected ?? '', /contradictions\.test\.ts:\d+:\d+ before it$/)
      assert.is(problem?.hint, `put service:nginx after ${behind}`)
    }
  })

const rx = (permissions: string) => ({ entries: [{ type: 'user', name: 'ada', permissions } as const] })
const owned: readonly (readonly [what: string, one: Resource, other: Resource, why: string | undefined])[] = [
  ['owners', dir('/srv/a', { owner: 'root' }), ownership('/srv/a', { owner: 'ada' }), 'gives another owner than'],
  [
    'groups',
    file('/srv/a/b', { content, group: 'x' }),
    ownership('/srv/a', { group: 'y' }),
    'gives another group than',
  ],
  ['modes of directories', dir('/srv/a'), ownership('/srv/a', { directoryMode: '0750' }), 'gives another mode than'],
  ['modes of files', file('/srv/a/b', { content }), ownership('/srv/a', { mode: '640' }), 'gives another mode than'],
  ['the mode of a directory, and of files', dir('/srv/a'), ownership('/srv/a', { mode: '0640' }), undefined],
  ['one owner', dir('/srv/a', { owner: 'ada' }), ownership('/srv/a', { owner: 'ada' }), undefined],
  ['a name and a number', dir('/srv/a', { owner: '1000' }), ownership('/srv/a', { owner: 'ada' }), undefined],
  ['what nobody keeps', dir('/srv/a'), ownership('/srv/a', { owner: 'ada' }), undefined],
  ['a neighbour', dir('/srv/ab', { owner: 'root' }), ownership('/srv/a', { owner: 'ada' }), undefined],
  ['the directory above', dir('/srv', { owner: 'root' }), ownership('/srv/a', { owner: 'ada' }), undefined],
  ['a list and a mode', dir('/srv/a', { mode: '0700' }), acl('/srv/a', rx('rX')), 'is the mask of the list'],
  ['a list and a wider mode', dir('/srv/a', { mode: '0770' }), acl('/srv/a', rx('rX')), undefined],
  ['a list of files', file('/srv/a', { content, mode: '0640' }), acl('/srv/a', rx('rX')), undefined],
  ['a list that writes', file('/srv/a', { content, mode: '0640' }), acl('/srv/a', rx('rw')), 'is the mask of the list'],
  ['a list of the directory alone', file('/srv/a/b', { content, mode: '0600' }), acl('/srv/a', rx('r')), undefined],
  [
    'a list of all below',
    file('/srv/a/b', { content, mode: '0600' }),
    acl('/srv/a', { ...rx('r'), recursive: true }),
    'is the mask of the list',
  ],
]
for (const [what, one, other, why] of owned)
  test(`access, ${what}: ${why === undefined ? 'no message' : 'refused, in both orders'}`, () => {
    for (const both of [
      [one, other],
      [other, one],
    ]) {
      const [problem] = contradictions(both)
      if (why === undefined) assert.is(problem, undefined)
      else assert.match(problem?.message ?? '', why)
    }
  })

const source = mkdtempSync(join(tmpdir(), 'contradictions-'))
mkdirSync(join(source, 'sub'))
writeFileSync(join(source, 'conf'), 'a=1\n')
symlinkSync('conf', join(source, 'link'))
const www = (options: Partial<Parameters<typeof tree>[1]> = {}) => tree('/srv/w', { source, ...options })
const inTree: readonly (readonly [what: string, one: Resource, other: Resource, why: string | undefined])[] = [
  ['another mode of a directory in it', www(), dir('/srv/w/sub', { mode: '0700' }), 'gives another mode than'],
  ['the mode that it has', www(), dir('/srv/w/sub', { mode: '0755' }), undefined],
  ['another owner of all', www({ owner: 'ada' }), ownership('/srv/w', { owner: 'bob' }), 'gives another owner than'],
  ['another mode of files', www(), ownership('/srv/w', { mode: '0640' }), 'gives another mode than'],
  ['the same mode of files', www({ mode: '0640' }), ownership('/srv/w', { mode: '0640' }), undefined],
  [
    'a list that the mode of a file cuts',
    www({ mode: '0600' }),
    acl('/srv/w/conf', rx('r')),
    'is the mask of the list',
  ],
  ['another content', www(), file('/srv/w/conf', { content: 'a=2\n' }), 'makes something else of what comes with'],
  ['the same content', www(), file('/srv/w/conf', { content: 'a=1\n' }), undefined],
  ['a line that is there', www(), line('/srv/w/conf', { line: 'a=1' }), undefined],
  ['a line that is not', www(), line('/srv/w/conf', { line: 'b=1' }), 'is to be in a file that comes otherwise with'],
  ['a line that is to go', www(), line('/srv/w/conf', { line: 'b=1', state: 'absent' }), undefined],
  ['the removal of a file', www(), absent('/srv/w/conf'), 'removes what comes with'],
  ['a link elsewhere', www(), link('/srv/w/link', { to: 'other' }), 'makes something else of what comes with'],
  ['the same link', www(), link('/srv/w/link', { to: 'conf' }), undefined],
  ['a directory in place of a file', www(), dir('/srv/w/conf'), 'makes something else of what comes with'],
  ['something more', www(), file('/srv/w/more', { content }), undefined],
  ['something more where it prunes', www({ prune: true }), file('/srv/w/more', { content }), 'that is pruned by'],
  ['what is left out', www({ prune: true, exclude: ['more'] }), file('/srv/w/more', { content }), undefined],
  ['nothing where it prunes', www({ prune: true }), absent('/srv/w/more'), undefined],
  ['a neighbour', www({ prune: true }), file('/srv/w2', { content }), undefined],
]
for (const [what, one, other, why] of inTree)
  test(`a tree and ${what}: ${why === undefined ? 'no message' : 'refused, in both orders'}`, () => {
    for (const both of [
      [one, other],
      [other, one],
    ]) {
      const [problem, ...more] = contradictions(both)
      assert.equal(more, [])
      if (why === undefined) assert.is(problem, undefined)
      else assert.match(problem?.message ?? '', why)
    }
  })
test.after(() => rmSync(source, { recursive: true }))

test('two names of one path, through a link that is laid as well, are one path', () => {
  const l = link('/l', { to: 'm' })
  const m = link('/m', { to: '/r' })
  const [problem, ...more] = contradictions([l, m, file('/l/a', { content }), file('/r/a', { content: 'y\n' })])
  assert.is(problem?.message, 'path /r/a is asked for twice, and not the same of it')
  assert.equal(more, [])
  assert.equal(contradictions([l, m, file('/l/a', { content }), file('/r/a', { content })]), [])
  const circle = [link('/c', { to: '/d' }), link('/d', { to: '/c' }), file('/c/a', { content })]
  assert.equal(contradictions(circle), [])
})

const fine: readonly (readonly [string, readonly Resource[]])[] = [
  ['the very same', [file('/a', { content }), file('/a', { content })]],
  ['one resource twice', Array<Resource>(2).fill(service('a', { running: true }))],
  ['the same secret', [file('/a', { content: secret('token!') }), file('/a', { content: secret('token!') })]],
  ['a line that its file has', [file('/a', { content }), line('/a', { line: 'x' })]],
  [
    'a line that is to go and is not in its file',
    [line('/a', { line: 'y', state: 'absent' }), file('/a', { content })],
  ],
  ['a key that its file has', [file('/a', { content: '{"a":1}' }), jsonFile('/a', { set: { a: 1 } })]],
  ['a line that is to go from what is to go', [absent('/a'), line('/a', { line: 'x', state: 'absent' })]],
  ['different keys', [jsonFile('/a', { set: { a: { b: 1 } } }), jsonFile('/a', { set: { a: { c: 1 } } })]],
  [
    'different lines of a file',
    [file('/a', { content: (live = '') => live }), line('/a', { line: 'b' }), line('/a', { line: 'c' })],
  ],
  ['a package of two lists', [pkg(['a', 'b']), pkg('b')]],
  ['a neighbour of what is removed', [absent('/opt/app'), file('/opt/app2', { content })]],
  [
    'a unit that is stopped before its file goes',
    [service('app', { running: false, enabled: false }), unit('app', { state: 'absent' })],
  ],
  ['a timer that goes', timer('old', { state: 'absent' })],
  ['a drop-in that goes', dropIn('app', 'old', { state: 'absent' })],
  ['what is waited for twice', [waitFor('up', { port: 80 }), waitFor('up', { port: 80, deadline: 5 })]],
]
test('what takes the place of a link, under another name of that, is refused where an earlier one leads through the link', () => {
  const links = new Map([
    ['/b/l', '/b'],
    ['/k', '/a'],
  ])
  const changes = (...resources: readonly Resource[]) =>
    resources.map((resource) => ({ resource, replaced: resource.paths }))
  const inPlace = file('/b/l/l', { content })
  for (const earlier of [dir('/b/l'), file('/b/l/x', { content })]) {
    const [problem, ...more] = replacedLinks(changes(earlier, inPlace), links)
    assert.equal(more, [])
    assert.is(problem?.message, `file:/b/l/l takes the place of the link /b/l, through which ${earlier.id} leads`)
  }
  assert.equal(replacedLinks(changes(inPlace, dir('/b/l')), links), [], 'the later one sees what is there by then')
  assert.equal(replacedLinks(changes(dir('/b/l'), file('/b/l/x', { content })), links), [])
  assert.equal(replacedLinks(changes(dir('/k'), file('/k/x', { content })), links), [])
})

for (const [what, resources] of fine) test(`${what}: no message`, () => assert.equal(contradictions(resources), []))

test.run()

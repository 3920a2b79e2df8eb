import { basename } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as rolecall from '../../../lib/index.ts'
import { problemsOf } from '../../support/problems.ts'

const test = suite('options')

/** As plain JavaScript sees them: without types that would find most of this first. */
const {
  absent,
  acl,
  certificate,
  certificateRequest,
  networkSettings,
  privateKey,
  unit,
  archive,
  block,
  dir,
  dockerCompose,
  dockerContainer,
  dockerImage,
  download,
  exec,
  file,
  git,
  group,
  hostname,
  iniFile,
  jsonFile,
  line,
  link,
  mount,
  pkg,
  repository,
  secret,
  service,
  sudoers,
  sysctl,
  user,
  waitFor,
  yamlFile,
} = rolecall as unknown as Readonly<Record<string, (...given: unknown[]) => unknown>>

const digits = '0'.repeat(64)
const pw = rolecall.secret('correct horse')

/** A call, and all that is wrong with it: the message, and the hint behind an arrow. */
const wrong: readonly (readonly [call: () => unknown, ...problems: string[]])[] = [
  [
    () => file?.('/etc/app', { content: 'x', mode: 'go-w' }),
    'Expected mode of file:/etc/app to be three or four octal digits in quotes, such as "0644", got "go-w" -> say all of the mode, such as \'0644\' or \'u=rw,go=r\': what +, - and = for some leave as it is depends on what is there',
  ],
  [
    () => file?.('/etc/app', { content: 'x', mode: 'u=rwX,go=rX' }),
    'Expected mode of file:/etc/app to be three or four octal digits in quotes, such as "0644", got "u=rwX,go=rX" -> say what X comes to: \'0755\' for directories and programs, \'0644\' for other files',
  ],
  [
    () => file?.('/etc/app', { contents: 'x', mode: 644 }),
    'Expected mode of file:/etc/app to be three or four octal digits in quotes, such as "0644", got 644 -> write the digits in quotes, such as \'0644\'',
    'unknown option "contents" of file:/etc/app -> did you mean "content"?',
  ],
  [
    () => file?.('/etc/app', null),
    'Expected options of file:/etc/app to be a plain object: { content, source, state, create, mode, owner, group, validate, backup, inPlace, deadline }, got null',
  ],
  [() => file?.('etc/app', { content: 'x' }), 'Expected file path to be an absolute path, got "etc/app"'],
  [
    () => file?.('/etc/app', { content: '***' }),
    'Expected content of file:/etc/app to be a text, bytes, a Secret, or a function that makes the new text of the live one, got a mask, which stands for a secret -> give the Secret itself as content',
  ],
  [
    () => file?.('/etc/app', { content: Promise.resolve('x') }),
    'Expected content of file:/etc/app to be a text, bytes, a Secret, or a function that makes the new text of the live one, got a promise -> put await before it',
  ],
  [
    () => file?.('/etc/app', { content: 'x', owner: pw }),
    'Expected owner of file:/etc/app to be the name or number of an account, in quotes, got a Secret -> this option takes no Secret: its value is shown in reports',
  ],
  [
    () => file?.('/etc/app', Object.create({ content: 'x' })),
    'Expected options of file:/etc/app to be a plain object: { content, source, state, create, mode, owner, group, validate, backup, inPlace, deadline }, got an object that inherits from another',
  ],
  [() => dir?.('/srv', { parent: false }), 'unknown option "parent" of dir:/srv -> did you mean "parents"?'],
  [
    () => dir?.('/srv', { owner: 1000 }),
    "Expected owner of dir:/srv to be the name or number of an account, in quotes, got 1000 -> write the number in quotes: '1000'",
  ],
  [
    () => absent?.('/srv/x', { recursive: 'yes' }),
    'Expected recursive of absent:/srv/x to be true or false, got "yes" -> write true, without quotes',
  ],
  [() => link?.('/srv/x', { t0: '/y' }), 'unknown option "t0" of link:/srv/x -> did you mean "to"?'],
  [
    () => line?.('/etc/hosts', { match: /x/ }),
    "Expected line:/etc/hosts to be given the line that takes the place of what matches, got match alone -> to remove the lines that match, set state: 'absent'",
  ],
  [
    () => line?.('/etc/hosts', { line: 'x', insertAfter: /a/, insertBefore: /b/ }),
    'Expected place of line:/etc/hosts to be either insertAfter or insertBefore, got both',
  ],
  [
    () => line?.('/etc/hosts', { line: 'x', absent: true }),
    `unknown option "absent" of line:/etc/hosts -> write state: 'absent'`,
  ],
  [
    () => line?.('/etc/hosts', { line: 'x', after: /a/ }),
    'unknown option "after" of line:/etc/hosts -> write insertAfter',
  ],
  [
    () => file?.('/etc/motd', { content: 'x', state: 'absent' }),
    `Expected content of file:/etc/motd to be left out with state: 'absent', got "x"`,
  ],
  [
    () => file?.('/etc/motd', {}),
    `Expected file:/etc/motd to be given content or source, a mode or an owner, or state: 'absent', got none of them`,
  ],
  [
    () => dir?.('/srv/x', { recursive: true }),
    `Expected recursive of dir:/srv/x to be left out without state: 'absent', got true`,
  ],
  [
    () => dockerCompose?.('/srv/x', { state: 'down' }),
    `Expected state of dockerCompose:/srv/x to be "running" or "absent", got "down" -> write 'absent'`,
  ],
  [() => waitFor?.('it', { port: 80, after: [] }), 'unknown option "after" of waitFor:it -> write againAfter'],
  [
    () => block?.('/etc/hosts', { name: 'lab', contnt: 'x' }),
    'unknown option "contnt" of block:/etc/hosts -> did you mean "content"?',
  ],
  [
    () => jsonFile?.('/etc/a.json', { set: { a: { b: NaN, c: undefined, d: new Date(0) } } }),
    'Expected a.b of jsonFile:/etc/a.json to be a finite number, got NaN',
    'Expected a.d of jsonFile:/etc/a.json to be plain data, got an object of class Date',
  ],
  [
    () => yamlFile?.('/etc/a.yml', { remov: ['a'] }),
    'unknown option "remov" of yamlFile:/etc/a.yml -> did you mean "remove"?',
  ],
  [
    () => iniFile?.('/etc/a.ini', { set: { a: { b: { c: 1 } } } }),
    'Expected a.b of iniFile:/etc/a.ini to be a text, a number, true, false, null or a list of these, got an object: { c }',
  ],
  [
    () => download?.('/opt/a', { source: 'https://a/b', sha256: { from: 'https://a/sums' } }),
    'unknown option "sha256.from" of download:/opt/a -> write source',
  ],
  [
    () => download?.('/opt/a', { url: 'https://a/b', sha256: digits }),
    'unknown option "url" of download:/opt/a -> write source',
  ],
  [
    () => archive?.('/opt/a', { source: '/a.tgz', sha256: { source: 'https://a/sums' } }),
    'Expected sha256 of archive:/opt/a to be 64 hexadecimal digits, for an archive that is on the host, got { source }',
  ],
  [
    () => archive?.('/opt/a', { source: 'b.tgz', sha256: digits }),
    'Expected source of archive:/opt/a to be an http, https or ftp URL, or an absolute path on the host, got "b.tgz"',
  ],
  [() => service?.('cron', { runing: true }), 'unknown option "runing" of service:cron -> did you mean "running"?'],
  [
    () => service?.('cron', { restartedAfter: '/etc/crontab' }),
    'Expected restartedAfter of service:cron to be a list of resources, absolute paths and names of units, got "/etc/crontab" -> write ["/etc/crontab"]',
  ],
  [
    () => pkg?.('nginx', { state: 'newest' }),
    'Expected state of pkg:nginx to be "present", "latest" or "absent", got "newest"',
  ],
  [
    () => file?.('/etc/app', { content: 'a\ud83d' }),
    'Expected content of file:/etc/app to be a text of whole characters, got one with half of a character (\\ud83d) -> a text was cut inside a character, or read from an escape such as \\ud83d alone: cut it by [...text]',
  ],
  [
    () => file?.('/etc/\udc00', { content: '' }),
    'Expected name of file to be a text of whole characters, got one with half of a character (\\udc00) -> a text was cut inside a character, or read from an escape such as \\ud83d alone: cut it by [...text]',
  ],
  [
    () => jsonFile?.('/etc/a.json', { set: { a: [{ '\ud83d': 1 }] } }),
    'Expected set of jsonFile:/etc/a.json to be a text of whole characters, got one with half of a character (\\ud83d) -> a text was cut inside a character, or read from an escape such as \\ud83d alone: cut it by [...text]',
  ],
  [
    () => file?.('/etc/app', { content: rolecall.secret('half\ud83d') }),
    'Expected content of file:/etc/app to be a text of whole characters, got one with half of a character -> a text was cut inside a character, or read from an escape such as \\ud83d alone: cut it by [...text]',
  ],
  [
    () => block?.('/etc/hosts', { name: 'lab', content: 'a\0b' }),
    'Expected content of block:/etc/hosts to be a text or a Secret, without NUL, got another text',
  ],
  [() => pkg?.([]), 'Expected pkg to be at least one package name, got none'],
  [
    () => user?.('deploy', { groups: 'sudo' }),
    'Expected groups of user:deploy to be a list of groups, got "sudo" -> write ["sudo"]',
  ],
  [
    () => user?.('deploy', { password: 'hunter2' }),
    'Expected password of user:deploy to be a Secret with a hash as crypt(5) writes it, such as $6$..., got something else -> mark the hash as secret: secret(...)',
  ],
  [
    () => user?.('deploy', { password: pw }),
    'Expected password of user:deploy to be a Secret with a hash as crypt(5) writes it, such as $6$..., got a Secret that holds something else -> openssl passwd -6 makes a hash of a password',
  ],
  [
    () => group?.('deploy', { gid: -1 }),
    'Expected gid of group:deploy to be a whole number from 0 to 4294967294, got -1',
  ],
  [
    () => hostname?.(undefined),
    'Expected hostname to be letters, digits and hyphens between dots, 64 in all, got nothing',
  ],
  [
    () => sysctl?.('vm.swappiness', NaN),
    "Expected value of sysctl vm.swappiness to be a text, a number or { state: 'absent' }, got NaN",
  ],
  [() => exec?.('it', { run: 'true', create: '/x' }), 'unknown option "create" of exec:it -> did you mean "creates"?'],
  [
    () => exec?.('it', { run: 'true', creates: '/x', effects: [{ type: 'unit', name: 'a', runing: true }] }),
    'unknown option "effects[0].runing" of exec:it -> did you mean "running"?',
  ],
  [
    () => waitFor?.('it', { port: 80, status: 200 }),
    'Expected status of waitFor:it to be left out without url, got 200',
  ],
  [() => waitFor?.('it', { prot: 80 }), 'unknown option "prot" of waitFor:it -> did you mean "port"?'],
  [
    () => dockerImage?.('app:v1', { from: { load: '/a.tar' } }),
    'unknown option "from" of dockerImage:app:v1 -> write source',
  ],
  [
    () => dockerContainer?.('web', { image: 'app:v1', ports: [8080] }),
    'Expected ports[0] of dockerContainer:web to be such as 8080:80 or 127.0.0.1:53:53/udp, in quotes, got 8080',
  ],
  [
    () => dockerCompose?.('/opt/a', { services: [], deadline: 1.5 }),
    'Expected deadline of dockerCompose:/opt/a to be whole seconds, at least 1, got 1.5',
    'Expected services of dockerCompose:/opt/a to be at least one, or left out, got none',
  ],
  [
    () => repository?.('app', { apt: { uris: [], suites: 'bookworm', trusted: true, ky: 'x' } }),
    'unknown option "apt.ky" of repository:app -> did you mean "key"?',
  ],
  [
    () => mount?.('/srv', { source: 'tmpfs', fstype: 'tmpfs', opts: ['noexec'] }),
    'unknown option "fstype" of mount:/srv -> write type',
    'unknown option "opts" of mount:/srv -> write options',
  ],
  [
    () => git?.('/srv/app', { repo: 'https://example.org/app.git', accept_hostky: true }),
    'unknown option "repo" of git:/srv/app -> write source',
    'unknown option "accept_hostky" of git:/srv/app -> did you mean "accept_hostkey"? Here it is hostKey',
  ],
  [() => line?.('/etc/hosts', { line: 'x', regexp: /x/ }), 'unknown option "regexp" of line:/etc/hosts -> write match'],
  [
    () => sudoers?.('deploy', { rules: 'deploy ALL=(ALL) ALL' }),
    'Expected rules of sudoers:deploy to be a list of rules: { user, commands }, got "deploy ALL=(ALL) ALL"',
  ],
  [
    () => sudoers?.('deploy', { rules: { user: 'deploy', commands: 'ALL' } }),
    'Expected rules of sudoers:deploy to be a list of rules: { user, commands }, got an object: { user, commands } -> write it in brackets: [{ ... }]',
  ],
  [
    () => pkg?.('nginx=1.22.*'),
    "Expected pkg name to be the name of one package, got \"nginx=1.22.*\" -> write pkg('nginx', { version: '1.22.*' })",
  ],
  [
    () => pkg?.('nginx, curl'),
    "Expected pkg name to be the name of one package, got \"nginx, curl\" -> write pkg(['nginx', 'curl'])",
  ],
  [
    () => pkg?.('/srv/app.deb'),
    "Expected pkg name to be the name of one package, got \"/srv/app.deb\" -> a package in a file is packageFile('...', { source: '...' })",
  ],
  [
    () => unit?.('app', { sections: { Service: { RestartSec: NaN } } }),
    'Expected sections.Service.RestartSec of unit:app.service to be a text of one line, a number, true or false, or a list of these, got NaN',
  ],
  [
    () => iniFile?.('/etc/app.ini', { set: { a: { port: NaN } } }),
    'Expected a.port of iniFile:/etc/app.ini to be a finite number, got NaN',
  ],
  [
    () => jsonFile?.('/etc/app.json', { set: { hosts: ['a', undefined] } }),
    'Expected hosts.1 of jsonFile:/etc/app.json to be a value, or null, got undefined',
  ],
  [
    () => privateKey?.('/etc/app.key', { type: 'ed25519', bits: 4096 }),
    'Expected bits of privateKey:/etc/app.key to be left out with ed25519, got 4096',
  ],
  [
    () => certificate?.('/etc/app.pem', { key: '/etc//app.pem', commonName: 'a' }),
    'Expected path of certificate:/etc/app.pem to be another file than those that it is made of, got one of them',
  ],
  [
    () =>
      certificateRequest?.('/etc/app.pem', {
        key: '/etc/app.pem',
        commonName: 'a',
      }),
    'Expected path of certificateRequest:/etc/app.pem to be another file than those that it is made of, got one of them',
  ],
  [
    () =>
      acl?.('/srv', {
        entries: [
          { type: 'user', name: 'ada', permissions: 'r' },
          { type: 'user', name: 'ada', permissions: 'rw' },
        ],
      }),
    'Expected entries[1] of acl:/srv to be one entry for each user and group, got another one for user:ada',
  ],
  [
    () => networkSettings?.('lan', { manager: 'networkd', files: {} }),
    'Expected networkSettings:lan to be given files or remove, got neither',
  ],
]

for (const [call, ...expected] of wrong) {
  test(`refused: ${call.toString().replace(/^\(\) => /, '')}`, () => {
    assert.equal(
      problemsOf(call).map(({ message, hint }) => (hint === undefined ? message : `${message} -> ${hint}`)),
      expected,
    )
  })
}

test('a refusal has the place of the call, what was expected and what was got', () => {
  const [problem] = problemsOf(() => service?.('cron', { runing: true }))
  assert.is(basename(problem?.place?.file ?? ''), 'options.test.ts')
  assert.type(problem?.place?.line, 'number')
  assert.is(problem?.expected, 'running, enabled, masked, restartedAfter, reloadedAfter, test, user or deadline')
  assert.is(problem?.got, '"runing"')
  assert.is(problem?.resource, 'service:cron')
})

test('what is undefined is left out', () => {
  const it = rolecall.file('/etc/app', { content: 'x', mode: undefined, owner: undefined } as never)
  assert.is((it.want as { mode: string }).mode, '0644')
  assert.is(
    (rolecall.waitFor('it', { port: 80, url: undefined }).want as { condition: { type: string } }).condition.type,
    'port',
  )
})

test('what was checked is what is used: each option is read once', () => {
  let reads = 0
  const options = {
    get content() {
      return reads++ === 0 ? 'x' : 5
    },
  }
  assert.is((rolecall.file('/etc/app', options as never).want as { content: string }).content, 'x')
})

test('what is wrong by itself is not told as missing besides, and a name of other tools leads to the own one', () => {
  const { acl, git, nftables } = rolecall as unknown as Record<string, ((...given: unknown[]) => unknown) | undefined>
  const entries = [{ type: 'user', name: 'a', permissions: 'rwq' }]
  for (const [call, right] of [
    [() => acl?.('/srv', { entries }), 'Expected entries[0].permissions of acl:/srv to be permissions such as'],
    [() => git?.('/srv/app', { repo: 'x' }), 'unknown option "repo" of git:/srv/app'],
    [() => nftables?.('base', { rules: 'x' }), 'unknown option "rules" of nftables:base'],
  ] as const) {
    const [problem, ...others] = problemsOf(call)
    assert.equal(others, [])
    assert.match(problem?.message ?? '', right)
  }
})

test('a secret is in no message', () => {
  for (const call of [
    () => user?.('deploy', { password: secret?.('hunter22') }),
    () => download?.('/x', { source: secret?.('hunter22'), sha256: digits }),
    () => exec?.('it', { run: ['x', secret?.('hunter22')], creates: '/x' }),
    () => user?.('deploy', { comment: secret?.('hunter22') }),
  ])
    assert.not.match(JSON.stringify(problemsOf(call)), 'hunter22')
})

test('a mode in the words of chmod that say all of it is one in digits', () => {
  const words = {
    'u=rw,g=r,o=': '0640',
    'u=rw,go=r': '0644',
    'a=rx,u=rwx': '0755',
    'u=rwxs,g=rxs,o=rx': '6755',
    'ugo=': '0000',
    'u=rw,u=r,go=': '0400',
  }
  for (const [mode, digits] of Object.entries(words)) {
    assert.is((rolecall.file('/etc/app', { content: 'x', mode }).want as { mode: string }).mode, digits, mode)
    assert.is((rolecall.dir('/etc/app', { mode }).want as { mode: string }).mode, digits, mode)
  }
})

test.run()

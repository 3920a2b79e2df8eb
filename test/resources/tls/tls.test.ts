import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { Prediction, type Effect, type PathState } from '../../../lib/resources/prediction/prediction.ts'
import { caTrust } from '../../../lib/resources/tls/ca-trust.ts'
import { certificate, certificateRequest, type CertificateOptions } from '../../../lib/resources/tls/certificate.ts'
import { htpasswd } from '../../../lib/resources/tls/htpasswd.ts'
import { apr1, isChecksumOf } from '../../../lib/resources/tls/password-hashes.ts'
import { privateKey } from '../../../lib/resources/tls/private-key.ts'
import { sshKeyPair } from '../../../lib/resources/tls/ssh-key-pair.ts'
import { secret } from '../../../lib/secret.ts'
import {
  ask,
  converge,
  debian,
  findTool,
  probe,
  reply,
  scratch,
  shells,
  words,
} from '../../support/converge-locally.ts'

const key = '/etc/ssl/app.key'
const cert = (more: Partial<CertificateOptions> = {}) =>
  certificate('/etc/ssl/app.pem', { key, commonName: 'a.example.com', ...more })
const signed = cert({ ca: { certificate: '/etc/ssl/ca.pem', key: '/etc/ssl/ca.key' } })
const good = 'there\nsubject CN=a.example.com\nnames DNS:a.example.com\n'
const pem = `-----BEGIN CERTIFICATE-----\n${'MIIB\n'.repeat(12)}-----END CERTIFICATE-----\n`
/** As it is written: in lines of 64 characters. */
const written = createHash('sha256')
  .update(pem.replaceAll('MIIB\n', 'MIIB').replace('-----END', '\n-----END'))
  .digest('hex')
const table: readonly (readonly [says: string, resource: Resource, have: string, then: readonly string[] | string])[] =
  [
    ['a certificate as wanted', cert(), good, []],
    [
      "a key of root's alone, which another account may have moved there: not given to that account",
      privateKey(key, { owner: 'eve' }),
      'way ok 1000:eve 8:12:1\nheld 8180 241 0 0 root:root\nplace file\nnature ec 256\n',
      'refused: /etc/ssl/app.key is for root alone, and eve may have moved it there: its owner is not changed',
    ],
    [
      "a key of that account's own: its mode is set",
      privateKey(key, { owner: 'eve', mode: '0600' }),
      'way ok 1000:eve 8:12:1\nheld 81a4 241 1000 1000 eve:eve\nplace file\nnature ec 256\n',
      ['set mode 0600 of /etc/ssl/app.key (was 0644)'],
    ],
    ['no certificate', cert(), '', ['make the certificate /etc/ssl/app.pem']],
    [
      'soon over',
      cert(),
      `${good}fault fewer than 30 days are left\n`,
      ['replace the certificate /etc/ssl/app.pem (fewer than 30 days are left)'],
    ],
    [
      'other names',
      cert({ names: ['b', '10.0.0.1'] }),
      good,
      ['replace the certificate /etc/ssl/app.pem (it has other names)'],
    ],
    [
      'the same names in another order',
      cert({ names: ['b', '10.0.0.1'] }),
      'there\nsubject CN=a.example.com\nnames IP Address:10.0.0.1, DNS:b\n',
      [],
    ],
    ['no key: refused', cert(), `lacks ${key}\n`, 'refused: the key of /etc/ssl/app.pem is not there'],
    [
      'no directory: refused',
      privateKey(key),
      'place below /etc\n',
      `refused: ${key} cannot be made: there is no directory /etc/ssl`,
    ],
    [
      'a directory in its place: refused',
      sshKeyPair('/root/k'),
      'place dir\n',
      'refused: /root/k is a directory, not a file',
    ],
    [
      'a file on the way: refused',
      cert(),
      'place behind /etc/ssl\n',
      'refused: /etc/ssl/app.pem cannot be made: /etc/ssl is not a directory',
    ],
    [
      'an owner whom the host does not know: refused',
      privateKey(key, { owner: 'rc-app' }),
      'lacks user rc-app\n',
      `refused: ${key} is to belong to user rc-app, which the host does not know`,
    ],
    [
      'no authority: refused',
      signed,
      'lacks /etc/ssl/ca.key\n',
      'refused: the authority of /etc/ssl/app.pem is not there: /etc/ssl/ca.key',
    ],
    [
      'a key that is none: refused',
      cert(),
      `broken ${key}\n`,
      `refused: openssl cannot read a private key in ${key}, from which /etc/ssl/app.pem is made`,
    ],
    [
      'an authority whose certificate is none: refused',
      signed,
      'broken /etc/ssl/ca.pem\n',
      'refused: openssl cannot read a certificate in /etc/ssl/ca.pem, from which /etc/ssl/app.pem is made',
    ],
    [
      'an authority of another key: refused',
      signed,
      'strange authority\n',
      'refused: the authority of /etc/ssl/app.pem has another key than /etc/ssl/ca.key',
    ],
    ['a key that is none, and nothing to make of it', cert(), `broken ${key}\n${good}`, []],
    ['no openssl: refused', cert(), '# none\n', 'refused: this host has no openssl'],
    [
      'a key of another type: refused',
      privateKey(key),
      'there\nnature rsa 2048\n',
      `refused: ${key} is a key of rsa 2048 bits`,
    ],
    ['trusted', caTrust('acme', { content: pem }), 'x -\nbundled\n', ['trust the authority acme again']],
    ['trusted no more', caTrust('acme', { state: 'absent' }), '', []],
    [
      'trusted no more, by an update that was ended half-way',
      caTrust('acme', { state: 'absent' }),
      'unfinished\n',
      ['trust acme no more'],
    ],
    [
      'trusted, by an update that was ended half-way',
      caTrust('acme', { content: pem }),
      `${written}  -\nbundled\nunfinished\n`,
      ['trust the authority acme'],
    ],
    ['trusted as wanted', caTrust('acme', { content: pem }), `${written}  -\nbundled\n`, []],
    [
      'a key of ssh of another type: refused',
      sshKeyPair('/root/k'),
      'place file 600 0:0 root:root\nthere\nkey 3072 SHA256:x y (RSA)\n',
      'refused: /root/k is a key of rsa with 3072 bits',
    ],
    [
      'a key of ssh that is there',
      sshKeyPair('/root/k'),
      'place file 600 0:0 root:root\nthere\nkey 256 SHA256:x y (ED25519)\npaired\n',
      [],
    ],
    [
      'a key of ssh of an account that shares its number with another',
      sshKeyPair('/root/k', { owner: 'deploy', group: 'web' }),
      'place file 600 1000:1000 ada:ada\nknown user deploy 1000\nknown group web 1000\nthere\nkey 256 SHA256:x y (ED25519)\npaired\n',
      [],
    ],
    [
      'a lost public key',
      sshKeyPair('/root/k'),
      'place file 600 0:0 root:root\nthere\nkey 256 SHA256:x y (ED25519)\n',
      ['make the public key /root/k.pub'],
    ],
  ]
for (const [says, resource, have, then] of table) {
  test(says, () => assert.equal(words(resource.evaluate(reply(have), debian, new Prediction())), then))
}

const file = (path: string, more: Partial<Extract<PathState, { type: 'file' }>> = {}): Effect => ({
  type: 'path',
  path,
  state: { type: 'file', ...more },
})
const gone = (path: string): Effect => ({ type: 'path', path, state: { type: 'absent' } })
const directory = (path: string): Effect => ({ type: 'path', path, state: { type: 'dir' } })
const none = 'place below /etc\n'
const made = 'place file\nnature ec 256\n'
const later: readonly (readonly [
  says: string,
  resource: Resource,
  have: string,
  effects: readonly Effect[],
  then: readonly string[] | RegExp,
])[] = [
  ['its directory', privateKey(key), none, [directory('/etc/ssl')], [`make the ec key ${key}`]],
  [
    'a directory further down',
    sshKeyPair('/etc/ssl/k'),
    none,
    [directory('/etc/ssl/x')],
    ['make the ed25519 key /etc/ssl/k'],
  ],
  [
    'nothing in place of its directory',
    privateKey(key),
    made,
    [gone('/etc/ssl')],
    /^refused: .* no directory \/etc\/ssl$/,
  ],
  [
    'a command',
    privateKey('/srv/k'),
    none,
    [{ type: 'anything' }],
    /^unknown: there is no directory \/srv, unless earlier makes it$/,
  ],
  ['the key away', privateKey(key), made, [gone(key)], [`make the ec key ${key}`]],
  ['another key', privateKey(key), made, [file(key)], /^unknown: what .*app.key will be is known only after earlier$/],
  ['another mode of the key', privateKey(key), made, [file(key, { kept: true })], []],
  ['the key of a certificate away', cert(), '', [gone(key)], /^refused: the key of .* is not there$/],
  ['another mode of the key of a certificate', cert(), `place file\n${good}`, [file(key, { kept: true })], []],
  [
    'the certificate away',
    cert(),
    `place file\n${good}`,
    [gone('/etc/ssl/app.pem')],
    ['make the certificate /etc/ssl/app.pem'],
  ],
  [
    'a key that is none is made anew',
    cert(),
    `broken ${key}\n`,
    [{ type: 'path', path: key, state: { type: 'file', confirm: true } }],
    ['make the certificate /etc/ssl/app.pem'],
  ],
  ['a command, and a key that is none', cert(), `broken ${key}\n`, [{ type: 'anything' }], /^unknown: openssl cannot/],
  [
    'a command, and no key',
    cert(),
    `lacks ${key}\n`,
    [{ type: 'anything' }],
    /^unknown: .* is not there, unless it comes with earlier$/,
  ],
  [
    'the owner',
    privateKey(key, { owner: 'app' }),
    'lacks user app\n',
    [{ type: 'user', name: 'app', exists: true }],
    [`make the ec key ${key}`],
  ],
]

for (const [says, resource, have, effects, then] of later)
  test(`pending: ${says}`, () => {
    const prediction = new Prediction()
    prediction.record('earlier', effects)
    const said = words(resource.evaluate(reply(have), debian, prediction))
    if (then instanceof RegExp) assert.match(String(said), then)
    else assert.equal(said, then)
  })

test('what the same words have made is not made a second time', () => {
  for (const [resource, have] of [
    [privateKey(key), ''],
    [sshKeyPair('/root/k', { comment: 'x' }), ''],
    [cert(), ''],
    [htpasswd('/etc/htpasswd', { users: { anna: secret('x') } }), ''],
  ] as const) {
    const prediction = new Prediction()
    const first = resource.evaluate(reply(have), debian, prediction)
    if (!('plan' in first)) throw new Error(`${resource.id} is not planned`)
    prediction.record(resource.id, first.effects)
    prediction.repeats.keep(resource.id, resource.want, 0)
    assert.equal(words(resource.evaluate(reply(have), debian, prediction)), [], resource.id)
  }
})

for (const name of ['a.example.com:443', '10.0.0.0/8', 'fe80::1%eth0', 'https://a.example.com', ''])
  test(`${JSON.stringify(name)} is no name of a certificate`, () => {
    assert.throws(() => cert({ names: [name] }), /to be a name or an address/)
  })

test('a certificate of a key that is to come is made', () => {
  const prediction = new Prediction()
  const effect: Effect = { type: 'path', path: key, state: { type: 'file', confirm: true } }
  prediction.record('privateKey:x', [effect])
  assert.equal(words(cert().evaluate(reply(`lacks ${key}\n`), debian, prediction)), [
    'make the certificate /etc/ssl/app.pem',
  ])
})

const checksums: readonly (readonly [checksum: string, isIt: boolean | undefined])[] = [
  ['{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=', true],
  ['{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNF=', false],
  ['{SSHA}kL3+/tIbZ86DOhMac+F4u8lG275zYWx0', true],
  ['$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC', undefined],
  ['$6$rounds=900000$salt$x', undefined],
  ['{PLAIN}myPassword', true],
  ['myPassword', false],
  ['x', false],
]
for (const [checksum, isIt] of checksums)
  test(`${checksum} is ${isIt === undefined ? 'perhaps the' : isIt ? 'the' : 'no'} checksum of a password`, () => {
    assert.is(isChecksumOf('myPassword', checksum), isIt)
  })

test('checksums of crypt(3) are those that openssl makes', () => {
  for (const way of ['-5', '-6', '-apr1']) {
    const made = execFileSync('openssl', ['passwd', way, '-salt', 'abcdefgh', 'myPassword'], {
      encoding: 'utf8',
    }).trim()
    assert.is(isChecksumOf('myPassword', made), true, way)
    assert.is(isChecksumOf('another', made), false, way)
  }
})

test('a password that looks like a checksum is refused, with the word for one', () => {
  for (const users of [{ anna: '$2y$05$c4WoMPo3SXsafkva' }, { anna: secret('$apr1$abcdefgh$xyzxyzxyz') }])
    assert.throws(() => htpasswd('/etc/htpasswd', { users }), /a checksum of one/)
  assert.throws(() => htpasswd('/etc/htpasswd', { users: { a: 'x' }, remove: ['a'] }), /either in users or in remove/)
  assert.throws(() => htpasswd('/etc/htpasswd', {}), /given users or remove/)
})

test('apr1 is what openssl makes', () => {
  for (const password of ['a', 'correct horse', 'x'.repeat(40), 'ü'])
    assert.is(
      apr1(password, 'abcdefgh'),
      execFileSync('openssl', ['passwd', '-apr1', '-salt', 'abcdefgh', password], { encoding: 'utf8' }).trim(),
    )
})

for (const shell of shells()) {
  const settle = async (resource: Resource) => {
    const { did, failed, again } = await converge(shell, resource)
    assert.is(failed, undefined, failed?.stderr)
    assert.equal(words(again), [])
    return did
  }

  test(`${shell.name}: keys, requests and certificates are made by openssl, and found as wanted`, async () => {
    const dir = scratch()
    const at = (name: string) => join(dir, name)
    for (const [type, bits] of [
      ['ec', 384],
      ['rsa', 2048],
      ['ed25519', undefined],
    ] as const)
      await settle(privateKey(at(type), { type, ...(bits === undefined ? {} : { bits }) }))
    assert.is(statSync(at('ec')).mode & 0o777, 0o600)
    const ca = { certificate: at('ca.pem'), key: at('ec') }
    const authority = certificate(ca.certificate, { key: ca.key, commonName: 'Own CA', isAuthority: true, days: 3650 })
    await settle(authority)
    const leaf = (more: Partial<CertificateOptions> = {}) =>
      certificate(at('app.pem'), {
        key: at('rsa'),
        commonName: 'a.example.com',
        organization: 'Acme, Inc',
        names: ['a.example.com', '10.0.0.5', '*.b.example.com'],
        ca,
        ...more,
      })
    assert.equal(await settle(leaf()), [`make the certificate ${at('app.pem')}`])
    execFileSync('openssl', ['verify', '-CAfile', ca.certificate, at('app.pem')])
    assert.equal(words(await ask(shell, leaf({ renewBefore: 364, days: 366 }))), [])
    assert.match(String(words(await ask(shell, leaf({ renewBefore: 400, days: 500 })))), /fewer than 400 days are left/)
    assert.match(String(words(await ask(shell, leaf({ key: at('ed25519') })))), /of another key/)
    rmSync(ca.key)
    await settle(privateKey(ca.key, { type: 'ec', bits: 384 }))
    await settle(authority)
    assert.match(String(words(await ask(shell, leaf()))), /another authority has signed it/)
    const request = { key: at('ed25519'), commonName: 'a.example.com' }
    await settle(certificateRequest(at('app.csr'), request))
    const wants = certificateRequest(at('app.csr'), { ...request, usage: ['server'], isAuthority: false })
    assert.match(String(await settle(wants)), /it is for another use/)
    const asked = execFileSync('openssl', ['req', '-in', at('app.csr'), '-noout', '-text']).toString()
    assert.match(asked, /CA:FALSE[^]*Digital Signature, Key Encipherment[^]*TLS Web Server Authentication\n/)
    assert.equal(
      words(await ask(shell, certificateRequest(at('app.csr'), request))),
      [],
      'what is not said may be asked',
    )
    const sub = certificateRequest(at('app.csr'), { ...request, isAuthority: true })
    assert.match(String(await settle(sub)), /it is of no authority/)
    const self = { key: at('ed25519'), commonName: 'self' }
    await settle(certificate(at('self.pem'), self))
    const client = certificate(at('self.pem'), { ...self, usage: ['client'] })
    assert.match(String(await settle(client)), /it is for another use/)
  })

  test(`${shell.name}: a certificate of an authority that the system trusts is of another authority than the named one`, async () => {
    const dir = scratch()
    const at = (name: string) => join(dir, name)
    const authority = (name: string) => ({ certificate: at(`${name}.pem`), key: at(`${name}.key`) })
    for (const name of ['old', 'new']) {
      await settle(privateKey(authority(name).key))
      const { certificate: path, key: caKey } = authority(name)
      await settle(certificate(path, { key: caKey, commonName: name, isAuthority: true }))
    }
    const leaf = (ca: string) => certificate(at('a.pem'), { key: at('old.key'), commonName: 'a', ca: authority(ca) })
    await settle(leaf('old'))
    const hash = execFileSync('openssl', ['x509', '-in', at('old.pem'), '-noout', '-hash'], { encoding: 'utf8' }).trim()
    mkdirSync(at('trusted'))
    copyFileSync(at('old.pem'), at(`trusted/${hash}.0`))
    const planned = words(await ask(shell, leaf('new'), { env: { SSL_CERT_DIR: at('trusted') } }))
    assert.match(String(planned), /another authority has signed it/)
  })

  test(`${shell.name}: a certificate has each name and address, however it is written, and any letters in its subject`, async () => {
    const dir = scratch()
    const at = (name: string) => join(dir, name)
    await settle(privateKey(at('key')))
    const names = ['a.example.com', 'B.example.com', '::1', '2001:db8::A:1', '::ffff:10.0.0.1', '10.0.0.5']
    // A letter that is special wherever it stands is in the first; the others begin with one that is special there.
    const subjects = ['Müller & Söhne; R+D a\\b A;B<C> a=b/c the "best", Inc. 株式会社', '#1', ' first ']
    for (const organization of subjects) {
      const options = { key: at('key'), commonName: `${organization} CN`, organization, names }
      await settle(certificate(at('a.pem'), options))
      await settle(certificateRequest(at('a.csr'), options))
      const subject = execFileSync('openssl', [
        'x509',
        '-in',
        at('a.pem'),
        '-noout',
        '-subject',
        '-nameopt',
        'multiline,utf8,-esc_msb,-esc_ctrl',
      ])
      assert.match(subject.toString(), `= ${organization}\n`)
      assert.match(subject.toString(), `= ${organization} CN\n`)
    }
    const words = certificate(at('a.pem'), { key: at('key'), commonName: 'x', names: ['2001:DB8:0::A:1'] })
    assert.match(String(await settle(words)), /it has another subject/)
  })

  test(`${shell.name}: a key keeps its wanted mode, and what is no key is replaced where that is wanted`, async () => {
    const file = join(scratch(), 'key')
    await settle(privateKey(file, { mode: '0640' }))
    chmodSync(file, 0o644)
    assert.equal(words(await ask(shell, privateKey(file))), [], 'a mode that nobody wants is not managed')
    assert.equal(await settle(privateKey(file, { mode: '0640' })), [`set mode 0640 of ${file} (was 0644)`])
    mkdirSync(join(dirname(file), '.key.rolecall.aB3dE6'))
    assert.equal(await settle(privateKey(file, { mode: '0640' })), [
      `remove a candidate of ${file} left by an interrupted run`,
    ])
    const link = `${file}.link`
    symlinkSync(file, link)
    assert.equal(words(await ask(shell, privateKey(link, { mode: '0640' }))), [])
    assert.match(String(words(await ask(shell, privateKey(link, { mode: '0600' })))), /is a link, and what it leads to/)
    if (process.getuid?.() === 0) {
      const theirs = join(scratch(), 'theirs')
      mkdirSync(theirs)
      copyFileSync(file, join(theirs, 'key'))
      chmodSync(join(theirs, 'key'), 0o600)
      chownSync(theirs, 54321, 54321)
      assert.match(
        String(words(await ask(shell, privateKey(join(theirs, 'key'), { owner: '54321' })))),
        /is for root alone/,
      )
      chownSync(join(theirs, 'key'), 54321, 54321)
      assert.equal(await settle(privateKey(join(theirs, 'key'), { owner: '54321', mode: '0640' })), [
        `set mode 0640 of ${join(theirs, 'key')} (was 0600)`,
      ])
      chownSync(file, 54321, 54321)
      assert.equal(await settle(privateKey(file, { owner: '0', group: '0', mode: '640' })), [
        `set owner and group 0:0 of ${file} (was 54321:54321)`,
      ])
    }
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 80))
    assert.match(String(words(await ask(shell, privateKey(file)))), /is not a private key that can be read/)
    assert.equal(await settle(privateKey(file, { unreadable: 'replace', mode: '0640' })), [
      `make the ec key ${file} in the place of a file that is none`,
    ])
    assert.is(statSync(file).mode & 0o777, 0o640)
    assert.match(
      String(words(await ask(shell, privateKey(file, { type: 'rsa', unreadable: 'replace' })))),
      /is a key of ec 256 bits/,
    )
  })

  if (findTool('ssh-keygen') !== undefined)
    test(`${shell.name}: a key of ssh is made, and its public one made again`, async () => {
      const file = join(scratch(), "it's a key")
      const pair = sshKeyPair(file, { comment: 'app deploys' })
      await settle(pair)
      const before = readFileSync(`${file}.pub`, 'utf8')
      assert.match(before, /^ssh-ed25519 \S+ app deploys\n$/)
      rmSync(`${file}.pub`)
      assert.equal(await settle(pair), [`make the public key ${file}.pub`])
      assert.is(readFileSync(`${file}.pub`, 'utf8'), before)
      chmodSync(file, 0o644)
      assert.equal(await settle(pair), [`set mode 0600 of ${file} (was 0644)`])
      chmodSync(file, 0o400)
      assert.equal(await settle(pair), [])
    })

  test(`${shell.name}: users come and go, and no password is shown`, async () => {
    const file = join(scratch(), 'htpasswd')
    const users = { anna: secret('correct horse'), bob: secret('battery staple') }
    assert.equal(await settle(htpasswd(file, { users })), [`create ${file}: add anna, add bob`])
    assert.not.match(readFileSync(file, 'utf8'), /correct|battery/)
    writeFileSync(file, `${readFileSync(file, 'utf8')}carl:x\n`)
    assert.equal(await settle(htpasswd(file, { users: { anna: users.anna } })), [])
    assert.equal(await settle(htpasswd(file, { users: { anna: secret('another one') }, exclusive: true })), [
      `write ${file}: new password of anna, remove bob, remove carl`,
    ])
    chmodSync(file, 0o666)
    assert.equal(await settle(htpasswd(file, { users: { anna: secret('another one') } })), [])
    assert.equal(await settle(htpasswd(file, { users: { anna: secret('another one') }, mode: '0600' })), [
      `set mode 0600 of ${file} (was 0666)`,
    ])
    assert.equal(await settle(htpasswd(file, { users: { anna: secret('a third one') }, mode: '0640' })), [
      `write ${file}: new password of anna`,
    ])
    assert.is(statSync(file).mode & 0o777, 0o640)
    // Servers take the first line of a name; comments are nobody's.
    const [right = ''] = readFileSync(file, 'utf8').split('\n')
    writeFileSync(file, `# staff\nanna:x\n${right}\n`)
    assert.equal(await settle(htpasswd(file, { users: { anna: secret('a third one') } })), [
      `write ${file}: new password of anna`,
    ])
    assert.match(readFileSync(file, 'utf8'), /^# staff\nanna:[^\n]+\n$/)
    writeFileSync(file, `${right}\nanna:x\n`)
    assert.equal(await settle(htpasswd(file, { users: { anna: secret('a third one') } })), [])
    // Another scheme is kept where the password is the same; bcrypt only as a checksum.
    const bcrypt = 'bob:$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC'
    const sha = 'anna:{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE='
    writeFileSync(file, `${bcrypt}\n# staff\n${sha}\ncarl:x\n`)
    assert.equal(await settle(htpasswd(file, { users: { anna: 'myPassword' }, remove: ['dora'] })), [])
    assert.match(
      String(words(await ask(shell, htpasswd(file, { users: { bob: 'myPassword' } })))),
      /the password of bob in .* is stored as bcrypt, which cannot be compared/,
    )
    const same = { bob: { checksum: secret(bcrypt.slice('bob:'.length)) } }
    assert.equal(await settle(htpasswd(file, { users: same })), [])
    assert.equal(await settle(htpasswd(file, { users: { anna: 'new', ...same, eve: 'x' }, remove: ['carl'] })), [
      `write ${file}: new password of anna, add eve, remove carl`,
    ])
    assert.match(readFileSync(file, 'utf8'), /^bob:\$2y\$05\$c4[^\n]*\n# staff\nanna:\$apr1\$[^\n]*\neve:[^\n]*\n$/)
    assert.equal(await settle(htpasswd(join(scratch(), 'none'), { remove: ['carl'] })), [])
  })
}

if (process.getuid?.() !== 0) process.stdout.write('skipped: an answer is kept for root alone\n')
else
  for (const shell of shells())
    test(`${shell.name}: an answer about a key and a request is kept until one of the files is another`, async () => {
      const at = scratch()
      const key = privateKey(join(at, 'a.key'), { mode: '0600', owner: 'root' })
      const request = certificateRequest(join(at, 'a.csr'), { key: join(at, 'a.key'), commonName: 'a' })
      await converge(shell, key)
      await converge(shell, request)
      // Without openssl nobody can look anew.
      const asked = async (resource: Resource) => {
        const { lines } = await probe(shell, resource, {
          env: { PATH: `${join(at, 'bin')}:${process.env['PATH'] ?? ''}` },
        })
        return lines
      }
      mkdirSync(join(at, 'bin'))
      const seen = [await asked(key), await asked(request)]
      writeFileSync(join(at, 'bin/openssl'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
      assert.equal([await asked(key), await asked(request)], seen)
      writeFileSync(join(at, 'a.key'), readFileSync(join(at, 'a.key')))
      assert.is.not((await asked(key)).join(), seen[0]?.join(), 'the same text written anew is looked at anew')
      assert.is.not((await asked(request)).join(), seen[1]?.join(), 'the key of a request counts')
      rmSync(join(at, 'bin/openssl'))
      assert.equal([await asked(key), await asked(request)], seen)
      chmodSync(join(at, 'a.key'), 0o640)
      assert.match((await asked(key)).join(), 'place file 640')
      writeFileSync(join(at, '.a.key.rolecall.aB3dE6'), '')
      assert.match((await asked(key)).join(), 'leftovers')
      rmSync(join(at, 'a.key'))
      assert.not.match((await asked(key)).join(), 'place file')
    })

test.run()

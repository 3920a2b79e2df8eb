import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { formsOf } from '../../lib/gate/forms.ts'
import { redact, RedactedStream, showsSecret } from '../../lib/gate/redact.ts'
import { secret } from '../../lib/secret.ts'
import { secretText } from '../../lib/secret-text.ts'
import { quote } from '../../lib/sh/quote.ts'
import { Random } from '../support/random.ts'

const token = 'p4ss/w+rd "of" it\'s own&<é>\\'
secret(token)
secret('abcdefgh')
secret('efghijkl')
secret('first line of it\n  second line of it\n\nx\n')

const base64 = (text: string) => Buffer.from(text).toString('base64')
const jsonCode = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
const hex = (text: string) => Buffer.from(text).toString('hex')

const ENCODINGS: Readonly<Record<string, string>> = {
  'as it is': token,
  'with blanks around it': `  ${token}\n`,
  'in JSON': JSON.stringify({ token }),
  'in JSON of ASCII letters only': JSON.stringify({ token }).replace('é', '\\u00e9'),
  'in JSON with slashes escaped': JSON.stringify({ token }).replaceAll('/', '\\/'),
  'as Node prints it': inspect({ token: `${token}'"` }),
  'in a shell word': quote(token),
  'in a shell word of another kind': `'${token.replaceAll("'", `'\\''`)}'`,
  'in double quotes of a shell': `"${token.replaceAll(/[\\"$`]/g, '\\$&')}"`,
  'as printf %q writes it': token.replaceAll(/[^\w/+é]/g, '\\$&'),
  'in YAML': `'${token.replaceAll("'", "''")}'`,
  'in a URL': `https://x/?q=${encodeURIComponent(token)}`,
  'in a URL in small letters': encodeURIComponent(token).replaceAll(/%../g, (code) => code.toLowerCase()),
  'in a form': new URLSearchParams({ token }).toString(),
  'as the password of a URL': withPassword(token).href,
  'in HTML': token
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;'),
  'in large letters': token.toUpperCase(),
  'in small letters': token.toLowerCase(),
  'with its letters composed in another way': token.normalize('NFD'),
  'in JSON of Go': JSON.stringify({ token }).replaceAll(/[<>&]/g, jsonCode),
  'in JSON of Gson': JSON.stringify({ token }).replaceAll(/[<>&=']/g, jsonCode),
  'in JSON of .NET': JSON.stringify({ token })
    .replaceAll('\\"', '\\u0022')
    .replaceAll(/[<>&'+`é]/g, (sign) => `\\u${jsonCode(sign).slice(2).toUpperCase()}`),
  'in HTML of Go': token
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&#34;')
    .replaceAll("'", '&#39;')
    .replaceAll('+', '&#43;'),
  'as Python prints its bytes': `b'${token.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('é', '\\xc3\\xa9')}'`,
  'in a path of Python': encodeURIComponent(token).replaceAll('%2F', '/').replaceAll("'", '%27'),
  'in base64': base64(token),
  'in base64 with one byte before it': base64(`:${token}`),
  'in base64 with two bytes before it': base64(`a:${token}:b`),
  'in base64 of URLs': Buffer.from(`xy${token}`).toString('base64url'),
  'in base64 in a URL': encodeURIComponent(base64(token)),
  'in hexadecimal digits': hex(token),
  'in large hexadecimal digits': hex(token).toUpperCase(),
  'in hexadecimal digits with colons': (hex(token).match(/../g) ?? []).join(':'),
  'as bytes of C in large digits': (hex(token).toUpperCase().match(/../g) ?? []).map((pair) => `\\x${pair}`).join(''),
  'as bytes of C': (hex(token).match(/../g) ?? []).map((pair) => `\\x${pair}`).join(''),
}

for (const [way, shown] of Object.entries(ENCODINGS)) {
  test(`a secret is masked ${way}`, () => {
    const masked = redact(`before ${shown} after`)
    assert.ok(masked.includes('***'), masked)
    assert.match(masked, /^before .*after$/s)
    // No piece that would be of use is left.
    for (const piece of [token.slice(3, 11), base64(token).slice(4, 20), hex(token).slice(8, 24)])
      assert.not.ok(masked.toLowerCase().includes(piece.toLowerCase()), masked)
  })
}

test('a secret is masked with the signs that a file doubles or escapes', () => {
  secret('50%of$all#9=a;b~z')
  for (const written of [
    '50%of$$all#9=a;b~z',
    '50%%of$all#9=a;b~z',
    '50\\%of$all#9=a;b~z',
    '50%of\\$all#9=a\\;b~z',
    'postgres://u/50%25of$all%239=a;b~z',
    new URLSearchParams({ q: '50%of$all#9=a;b~z' }).toString().slice(2),
  ])
    assert.match(redact(`[${written}]`), /^\[(?:postgres:\/\/u\/)?\*{3}\]$/, written)
  secret('two  blanks of it')
  assert.is(redact('echo: two blanks of it'), 'echo: ***')
})

test('a word in other letters than a secret is no secret', () => {
  secret('Passwords')
  secret('Ab-1')
  assert.is(redact('passwords of ab-1'), 'passwords of ab-1')
})

test('secrets that overlap are masked as one, the longest first', () => {
  assert.is(redact('-abcdefghijkl-abcdefgh-efghijkl-abcdefghabcdefgh-'), '-***-***-***-***-')
})

test('a secret of several lines is masked line by line, whole, and without its last newline', () => {
  assert.is(redact('> first line of it\r\n> second line of it\n> other'), '> ***\r\n> ***\n> other')
  assert.is(redact('[first line of it\n  second line of it\n\nx]'), '[***]')
  assert.is(redact('"first line of it\\n  second line of it\\n\\nx\\n"'), '"***"')
})

test('the text around a secret in a secretText is not masked by itself', () => {
  const text = secretText`user = admin\nkey = ${secret('key-of-the-admin')}\n`
  assert.is(redact('user = admin'), 'user = admin')
  assert.is(redact('key = key-of-the-admin'), 'key = ***')
  assert.is(redact(`[${text.reveal().trim()}]`), '[***]')
})

test('a text of fewer than four letters is not masked: it would be found everywhere', () => {
  secret('xyz')
  assert.is(redact('xyz'), 'xyz')
  assert.not.ok(showsSecret('xyz'))
})

test('a password in a URL is masked, wherever it comes from', () => {
  assert.is(
    redact('postgres://app:unheard-of@db:5432/app, ssh://git@host:22/x@y'),
    'postgres://app:***@db:5432/app, ssh://git@host:22/x@y',
  )
})

test('a secret that arrives in pieces is masked, wherever it is cut', () => {
  const long = `${'-'.repeat(300)}\nabcdefghijkl and first line of it\n  second line of it\n\nx\n end ${token}${base64(token)} abcd efgh\r\n`
  const whole = redact(long)
  const random = new Random(20261128)
  for (let round = 0; round < 300; round++) {
    const stream = new RedactedStream()
    let shown = ''
    for (let at = 0; at < long.length;) {
      const size = random.between(1, round < 20 ? 1 : 40)
      shown += stream.take(long.slice(at, at + size))
      at += size
    }
    assert.is((shown + stream.end()).replaceAll(/(\*{3})+/g, '***'), whole)
  }
})

test('text that cannot be the beginning of a secret is not held back', () => {
  const stream = new RedactedStream()
  assert.is(stream.take('downloaded 10 %, abc'), 'downloaded 10 %, ')
  assert.is(stream.take('X'), 'abcX')
  assert.is(stream.end(), '')
})

test('text is not held back for ever, even when a host keeps printing the beginning of a secret', () => {
  const same = 'r'.repeat(100)
  secret(same)
  const stream = new RedactedStream()
  let shown = 0
  for (let round = 0; round < 1000; round++) shown += stream.take('r'.repeat(1000)).length
  assert.ok(shown > 0)
  assert.not.ok(stream.end().includes('rrrr'))
})

test('random secrets of odd letters are found in each of their forms, and in texts of others', () => {
  const random = new Random(7)
  const letters = Array.from('abcXYZ019 \t\n\r\\\'"`$&<>%+/=:@#{}[]();,.-_~!?*^|é漢😀\u0000\u001b\u200b')
  for (let round = 0; round < 200; round++) {
    const text = Array.from({ length: random.between(6, 45) }, () => random.pick(letters)).join('')
    const hidden = secret(text)
    const places = [
      text,
      JSON.stringify(text),
      base64(`${'x'.repeat(random.between(0, 3))}${text}`),
      hex(text),
      encodeURIComponent(text),
      quote(text.replaceAll('\0', '')),
    ]
    for (const place of text.includes('\0') ? places.slice(0, -1) : places) {
      const shown = redact(`<<${place}>>`)
      assert.ok(text.trim().length < 4 || shown.includes('***'), `${inspect(text)} in ${inspect(place)}`)
      assert.not.ok(text.trim().length >= 4 && shown.includes(text.trim()), inspect(text))
    }
    for (const form of formsOf(hidden.reveal(), true)) assert.is(redact(form), '***')
  }
})

test('a hundred secrets in megabytes of text are found quickly', () => {
  for (let count = 0; count < 100; count++) secret(randomBytes(24).toString('base64'))
  const line = 'Get:1 http://deb.debian.org/debian bookworm/main amd64 libc6 2.36 [2758 kB] '
  const text = line.repeat(40_000)
  const before = process.cpuUsage()
  assert.is(redact(text), text)
  const { user, system } = process.cpuUsage(before)
  process.stdout.write(
    `      ${(text.length / 1e6).toFixed(1)} MB with over a hundred secrets: ${Math.round((user + system) / 1000)} ms of CPU\n`,
  )
})

function withPassword(password: string): URL {
  const url = new URL('https://admin@example.com/')
  url.password = password
  return url
}

test.run()

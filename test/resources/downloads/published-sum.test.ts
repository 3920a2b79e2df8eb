import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { publishedSum } from '../../../lib/resources/downloads/published-sum.ts'
import { lines, raw, sh } from '../../../lib/sh/quote.ts'
import { run, scratch, shells } from '../../support/converge-locally.ts'

const right = 'a1'.repeat(32)
const other = 'b2'.repeat(32)
const third = 'c3'.repeat(32)
const long = 'd4'.repeat(64)
const URL = 'https://mirror.example/v2/app.tgz'

/** What is published, and what is found in it: a checksum, or why there is none. */
const table: readonly (readonly [says: string, list: string | Buffer, found: string | RegExp, url?: string])[] = [
  ['lines of sha256sum', `${other}  xapp.tgz\n${right}  app.tgz\n`, right],
  ['lines of sha256sum -b', `${other} *xapp.tgz\n${right} *app.tgz\n`, right],
  [
    'blanks without end, in which an expression would search for ever',
    `${other} ${' '.repeat(15_000)} x\n${right}${'\t '.repeat(60)}app.tgz\n`,
    right,
  ],
  ['a line that is no entry, so long is it', `${'a '.repeat(300_000)}\n${right}  app.tgz\n`, right],
  ['a tab, or one blank', `${right}\tapp.tgz\n${other} x\n`, right],
  ['blanks at the beginning', `   ${right}  app.tgz\n${other}  x\n`, right],
  ['upper case digits', `${right.toUpperCase()}  app.tgz\n`, right],
  ['CRLF', `${other}  x\r\n${right}  app.tgz\r\n`, right],
  ['CRLF and the digits alone', `${right}\r\n`, right],
  ['the digits alone, without a line end', right, right],
  ['a byte order mark', `\ufeff${right}  app.tgz\n${other}  x\n`, right],
  ['a byte order mark before the digits alone', `\ufeff${right}\n`, right],
  ['UTF-16, as PowerShell writes', Buffer.from(`\ufeff${right}  app.tgz\r\n`, 'utf16le'), right],
  ['comments and empty lines', `# sums of 2.0\n\n; x\n${right}  app.tgz\n`, right],
  ['BSD style', `SHA256 (xapp.tgz) = ${other}\nSHA256 (app.tgz) = ${right}\n`, right],
  [
    'BSD style with several algorithms',
    `SHA512 (app.tgz) = ${long}\nSHA3-256 (app.tgz) = ${other}\nSHA256 (app.tgz) = ${right}\n`,
    right,
  ],
  ['a name in quotes', `${right}  "app.tgz"\n${other}  "x"\n`, right],
  ['a comment after the name', `${right}  app.tgz  # built today\n${other}  x # app.tgz\n`, right],
  ['a name with such a comment in it', `${right}  a # b.tgz\n${other}  a\n`, right, 'https://m/a%20%23%20b.tgz'],
  ['a table of Markdown', `| file | sum |\n| --- | --- |\n| \`app.tgz\` | ${right} |\n| x | ${other} |\n`, right],
  ['a table of Markdown, the sum first', `| ${right} | app.tgz |\n| ${other} | x |\n`, right],
  ['name sha256:digits', `app.tgz sha256:${right}\nx sha256:${other}\n`, right],
  ['BSD style beside lines of sha256sum', `SHA256 (x) = ${other}\n${right}  app.tgz\n`, right],
  ['openssl', `SHA256(x)= ${other}\nSHA2-256(app.tgz)= ${right}\n`, right],
  ['a dash for the name', `${right}  -\n`, right],
  ['name: digits', `app.tgz: ${right}\nx: ${other}\n`, right],
  ['name digits', `app.tgz ${right}\nx ${other}\n`, right],
  ['name = digits', `app.tgz = ${right}\n`, right],
  ['sha256:digits  name', `sha256:${right}  app.tgz\n`, right],
  ['sha256:digits alone', `sha256:${right}\n`, right],
  ['JSON', `{\n  "x": "${other}",\n  "app.tgz": "${right}"\n}\n`, right],
  [
    'a table of PowerShell',
    `\nAlgorithm       Hash   Path\n---------       ----   ----\nSHA256          ${right.toUpperCase()}       C:\\out\\app.tgz\n`,
    right,
  ],
  ['certutil', `SHA256 hash of app.tgz:\r\n${right}\r\nCertUtil: -hashfile command completed successfully.\r\n`, right],
  [
    'a Release file',
    `SHA1:\n ${'e5'.repeat(20)} 12 app.tgz\nSHA256:\n ${other} 12 main/x\n ${right} 12 app.tgz\nSHA512:\n ${long} 12 app.tgz\n`,
    right,
  ],
  [
    'a clear-signed message',
    `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n- ${right}  app.tgz\n${other}  x\n-----BEGIN PGP SIGNATURE-----\n\niQIz${other}\n-----END PGP SIGNATURE-----\n`,
    right,
  ],
  ['./ before the name', `${right}  ./app.tgz\n${other}  ./x\n`, right],
  ['directories before the name', `${right}  dist/app.tgz\n${other}  dist/x\n`, right],
  ['a name that another one ends with', `${other}  my-app.tgz\n${other}  app.tgz.sig\n${right}  app.tgz\n`, right],
  [
    'without directories rather than in another one',
    `${other}  old/app.tgz\n${right}  app.tgz\n${other}  x/app.tgz\n`,
    right,
  ],
  ['the directories of the URL first', `${other}  v1/app.tgz\n${right}  v2/app.tgz\n${third}  app.tgz\n`, right],
  ['the same twice', `${right}  app.tgz\n${right.toUpperCase()} *app.tgz\n`, right],
  ['a name with blanks, percent-encoded in the URL', `${right}  a b+c.tgz\n`, right, 'https://m/a%20b%2Bc.tgz?x=1#f'],
  ['a percent-encoded name as it stands in the URL', `${right}  a%20b.tgz\n`, right, 'https://m/a%20b.tgz'],
  ['a name that begins with a number', `${right}  2024 app.tgz\n`, right, 'https://m/2024%20app.tgz'],
  ['a name that is itself a checksum', `${right}  ${other}\n`, right, `https://m/${other}`],
  ['a name with letters beyond ASCII', `${right}  b\u00fccher.tgz\n${other}  x\n`, right, 'https://m/b%C3%BCcher.tgz'],
  ['a backslash for escaped names', `\\${right}  a\\\\b.tgz\n${other}  x\n`, right, 'https://m/b.tgz'],
  ['only others', `${other}  one\n${third}  two\n`, /has no SHA-256 of app\.tgz, only of one, two$/],
  ['one other', `${other}  xapp.tgz\n`, /has no SHA-256 of app\.tgz, only of xapp\.tgz$/],
  ['two different ones', `${right}  app.tgz\n${other}  app.tgz\n`, /more than one SHA-256 of app\.tgz/],
  ['several without a name', `${right}\n${other}\n`, /2 checksums without a name/],
  ['SHA-512', `${long}  app.tgz\n`, /no SHA-256 of app\.tgz: line 1 has 128 hexadecimal digits, and a SHA-256 has 64$/],
  ['SHA-512 alone', `${long}\n`, /line 1 has 128 hexadecimal digits/],
  ['SHA-1 in BSD style', `SHA1 (app.tgz) = ${'e5'.repeat(20)}\n`, /line 1 has 40 hexadecimal digits/],
  ['another algorithm of as many digits', `SHA3-256 (app.tgz) = ${other}\n`, /line 1 is SHA3-256, not SHA-256$/],
  ['a web page', '<!DOCTYPE html>\n<title>Log in</title>\n', /its line 1: <!DOCTYPE html>$/],
  ['nothing', '', /it is empty$/],
]

for (const shell of shells()) {
  for (const [says, list, found, url = URL] of table) {
    test(`${shell.name}: ${says}`, async () => {
      const into = join(scratch(), 'sums')
      writeFileSync(into, list)
      const script = lines(sh`into=${into}`, publishedSum(url, 'https://mirror.example/SUMS'), raw('echo "$sum"'))
      const { code, stdout, stderr } = await run(shell, script)
      if (typeof found === 'string') assert.equal([stdout.toString().trim(), stderr, code], [found, '', 0])
      else {
        assert.is(code, 1)
        assert.match(stderr.trim(), found)
        assert.match(stderr, 'https://mirror.example/SUMS: it ')
      }
    })
  }
}

test.run()

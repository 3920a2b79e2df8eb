import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { keyText } from '../../../lib/resources/packages/repository/key-text.ts'
import { bytesA, bytesB, keyA, keyB } from '../../support/sample-keys.ts'

const text = (given: string | Uint8Array) => {
  const read = keyText(given)
  return 'text' in read ? read.text : `instead: ${read.instead}`
}
const bytesIn = (armour: string) => Buffer.from(armour.split('\n\n')[1]?.split('\n=')[0] ?? '', 'base64')
const crlf = keyA.replaceAll('\n', '\r\n')
const commented = keyA.replace('\n\n', '\nComment: of nobody\n\n')
const withoutSum = keyA.replace(/^=.*\n/m, '')

const usable: readonly (readonly [says: string, given: string | Uint8Array, then: string])[] = [
  ['one block', keyA, keyA],
  ['CRLF', crlf, keyA],
  ['CR alone', keyA.replaceAll('\n', '\r'), keyA],
  ['a byte order mark', `\ufeff${keyA}`, keyA],
  ['empty lines around it, and blanks at the ends of lines', `\n\n${keyA.replaceAll('\n', ' \n')}\n`, keyA],
  ['words before it', `pub ed25519\nuid: a\n${keyA}`, keyA],
  ['headers stay', commented, commented],
  ['no checksum is none', withoutSum, withoutSum],
  ['no end of the last line', keyA.trimEnd(), keyA],
  ['bytes', bytesA, keyA],
  ['armour as bytes', Buffer.from(crlf), keyA],
]
for (const [says, given, then] of usable) test(`A key: ${says}`, () => assert.is(text(given), then))

test('Several blocks become one that holds all keys, as their bytes do', () => {
  for (const given of [
    keyA + keyB,
    `a\n${keyA}\nb\n${keyB.replaceAll('\n', '\r\n')}`,
    Buffer.concat([bytesA, bytesB]),
  ]) {
    const all = text(given)
    assert.is(all.match(/BEGIN/g)?.length, 1)
    assert.ok(bytesIn(all).equals(Buffer.concat([bytesA, bytesB])))
    assert.is(text(all), all, 'what was made is taken as it is')
  }
})

const armoured = (bytes: Buffer) => keyA.replace(/\n\n[^]*\n-/, () => `\n\n${bytes.toString('base64')}\n-`)
/** The packet of a secret key, with nothing in it that anybody could use. */
const secretPacket = Buffer.from([0x95, 0, 3, 4, 0, 0])
const none: readonly (readonly [says: string, given: string | Uint8Array, then: RegExp])[] = [
  ['a text', 'abc', /a text that holds no key/],
  ['a page', '<!DOCTYPE html>\n<p>not found', /a page of the web/],
  ['a certificate', '-----BEGIN CERTIFICATE-----\nMII\n', /begins with -----BEGIN CERTIFICATE-----/],
  ['a signature', keyA.replaceAll('PUBLIC KEY BLOCK', 'SIGNATURE'), /begins with -----BEGIN PGP SIGNATURE-----/],
  ['a private key by its name', keyA.replaceAll('PUBLIC', 'PRIVATE'), /a private key/],
  ['a private key beside a public one', keyA + keyB.replaceAll('PUBLIC', 'PRIVATE'), /a private key/],
  ['a private key under the name of a public one', armoured(secretPacket), /a private key/],
  ['the bytes of a private key', Buffer.concat([bytesA, secretPacket]), /a private key/],
  ['a damaged one', keyA.replace('mDME', 'mDMF'), /checksum \(CRC\) is wrong/],
  ['a second one that is damaged', keyA + keyB.replace('mDME', 'mDMF'), /checksum \(CRC\) is wrong/],
  ['one that is cut off', keyA.slice(0, 200), /without its last line/],
  ['bytes that are cut off', bytesA.subarray(0, 100), /cut off or damaged/],
  ['bytes in front of which something is lost', bytesA.subarray(60), /no key|cut off/],
  ['no empty line before the base64', keyA.replace('\n\n', '\n'), /without the empty line/],
  ['a keybox', Buffer.from('\0\0\0 \u0001\u0001\0\u0002KBXf\0\0\0\0', 'latin1'), /a keybox of gpg/],
  ['nothing', new Uint8Array(), /no key/],
]
for (const [says, given, then] of none) test(`No key: ${says}`, () => assert.match(text(given), then))

test.run()

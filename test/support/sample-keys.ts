/** Public keys of nobody, made by gpg: two of them, and the bytes in the first and the second. */
export const keyA = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawrR+hYJKwYBBAHaRw8BAQdAgaLmac7w7E4gayRvBvFeMiAbWT63Nd09PpQ3
zWot4iG0FlRlc3QgYSA8YUBleGFtcGxlLm9yZz6IkAQTFggAOBYhBL1NeKo/lZVI
SmhSTec5EvbqkDrcBQJrCtH6AhsDBQsJCAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJ
EOc5EvbqkDrcneoA/3hwl7iy6HnUrW0mr/BD6MjeJcbda9UeaRzt/GuAL5wlAP4j
Ehh6qVO13HlR0PV2ZmQsuXF349Rqs95gE6XxiLncBw==
=AVCd
-----END PGP PUBLIC KEY BLOCK-----
`
export const keyB = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawrR+hYJKwYBBAHaRw8BAQdAnpKSmUqahh8lEPdzKAB8FeMKAdmkqiSQD14e
qKBCYLW0FlRlc3QgYiA8YkBleGFtcGxlLm9yZz6IkAQTFggAOBYhBNoYIJTAxyo2
mYvkvuUu+Pwd6R6oBQJrCtH6AhsDBQsJCAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJ
EOUu+Pwd6R6oV0EA/1LTzu1RjBUsg0Lkw2j6BdDtS7LqA9QP+89jJVJ99YthAQCI
g8beRmRc6LVYDS+yzObo3t4YZ9JvcYnPju9mhTjJBg==
=XQPv
-----END PGP PUBLIC KEY BLOCK-----
`
export const bytesA = bytesOf(keyA)
export const bytesB = bytesOf(keyB)

function bytesOf(armour: string): Buffer {
  const [, body = ''] = armour.split('\n\n')
  return Buffer.from(body.split('\n=')[0] ?? '', 'base64')
}

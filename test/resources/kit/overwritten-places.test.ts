import { chmodSync, chownSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { filesystem } from '../../../lib/resources/disks/filesystem.ts'
import { logicalVolume } from '../../../lib/resources/disks/logical-volume.ts'
import { volumeGroup } from '../../../lib/resources/disks/volume-group.ts'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { acmeCertificate } from '../../../lib/resources/tls/acme-certificate.ts'
import { sh } from '../../../lib/sh/quote.ts'
import { ask, run, scratch, shells, words } from '../../support/converge-locally.ts'

/** What tools of the host overwrite, or give away, by a name in a directory of hers. */
const inHers: readonly (readonly [says: string, make: (home: string) => Resource])[] = [
  ['a file system in an image', (home) => filesystem(`${home}/image`, { type: 'ext4', force: true })],
  ['a file system behind a link of hers', (home) => filesystem(`${home}/link`, { type: 'ext4', force: true })],
  ['a wiped image', (home) => filesystem(`${home}/image`, { state: 'absent' })],
  ['a volume group', (home) => volumeGroup('vg0', { devices: ['/dev/null', `${home}/link`], force: true })],
  ['a logical volume', (home) => logicalVolume('vg0/data', { size: '1G', devices: [`${home}/link`] })],
  ['a webroot', (home) => acmeCertificate('example.com', { webroot: home })],
  [
    'an authority that is believed',
    (home) => acmeCertificate('a.internal', { standalone: true, serverAuthority: `${home}/image` }),
  ],
]
const EVE = 64_711

if (process.getuid?.() !== 0) process.stdout.write('skipped: giving files to other accounts needs root\n')
else
  for (const shell of shells()) {
    test(`${shell.name}: no tool overwrites, or gives away, what another account can put another thing in the place of`, async () => {
      const root = scratch()
      chmodSync(root, 0o755)
      const home = join(root, 'home')
      mkdirSync(home)
      writeFileSync(join(home, 'image'), '')
      symlinkSync('/dev/null', join(home, 'link'))
      for (const name of ['image', 'link']) lchownSync(join(home, name), EVE, EVE)
      chownSync(home, EVE, EVE)
      for (const [says, make] of inHers)
        assert.match(
          String(words(await ask(shell, make(home)))),
          /^refused: \S+home belongs to 64711, who could /,
          says,
        )
    })

    test(`${shell.name}: a device that a group may write is worked on, and a file of root's`, async () => {
      const root = scratch()
      chmodSync(root, 0o755)
      writeFileSync(join(root, 'image'), '')
      const disk = join(root, 'disk')
      const made = await run(shell, sh`mknod ${disk} b 240 250 && chmod 660 ${disk} && chown 0:6 ${disk}`)
      if (made.code !== 0) process.stdout.write(`skipped: this machine makes no devices: ${made.stderr}`)
      const places = [join(root, 'image'), ...(made.code === 0 ? [disk] : [])]
      for (const place of places)
        assert.not.match(String(words(await ask(shell, filesystem(place, { state: 'absent' })))), / who could /)
    })
  }

test.run()

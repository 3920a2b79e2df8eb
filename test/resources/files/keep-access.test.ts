import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { file } from '../../../lib/resources/files/file.ts'
import { line } from '../../../lib/resources/files/line.ts'
import { converge, findTool, scratch, shells } from '../../support/converge-locally.ts'

/** Entries of a list as the kernel keeps them: tag, rights, number. Source: acl(5), linux/posix_acl_xattr.h. */
const LIST = '[(1,6,-1),(2,6,5),(4,4,-1),(16,6,-1),(32,4,-1)]'
const python = findTool('python3')

function os(script: string): string {
  if (python === undefined) throw new Error('no python3')
  const pack = `import os,struct\ndef pack(l): return struct.pack('<I',2)+b''.join(struct.pack('<HHI',t,p,i & 0xffffffff) for t,p,i in l)\n`
  return execFileSync(python, ['-c', pack + script], { encoding: 'utf8' }).trim()
}

const listOf = (path: string) =>
  os(
    `print(os.getxattr(${JSON.stringify(path)},'system.posix_acl_access').hex() if 'system.posix_acl_access' in os.listxattr(${JSON.stringify(path)}) else '')`,
  )

function canSet(): boolean {
  try {
    const path = join(scratch(), 'x')
    writeFileSync(path, '')
    os(`os.setxattr(${JSON.stringify(path)},'system.posix_acl_access',pack(${LIST}))`)
    os(`os.setxattr(${JSON.stringify(path)},'user.k',b'v')`)
    return true
  } catch {
    return false
  }
}

if (canSet()) {
  for (const shell of shells()) {
    const it = (says: string, what: () => Promise<void>) => test(`${shell.name}: ${says}`, what)
    if (shell.name === 'busybox') {
      process.stdout.write(
        'skipped: the ls of busybox shows no access control lists, so keeping them is not tried with it\n',
      )
      continue
    }

    it('an edit keeps the access control list and other attributes of a file', async () => {
      const path = join(scratch(), 'acl')
      writeFileSync(path, 'a=1\n')
      os(`os.setxattr(${JSON.stringify(path)},'system.posix_acl_access',pack(${LIST}))`)
      os(`os.setxattr(${JSON.stringify(path)},'user.k',b'v')`)
      const before = [listOf(path), statSync(path).mode]
      const { did, failed } = await converge(shell, line(path, { line: 'b=2' }))
      assert.equal([did, failed?.stderr], [[`edit ${path}: b=2`], undefined])
      assert.equal([readFileSync(path, 'utf8'), [listOf(path), statSync(path).mode]], ['a=1\nb=2\n', before])
      assert.is(os(`print(os.getxattr(${JSON.stringify(path)},'user.k').decode())`), 'v')
    })

    it('a mode that is wanted is the mask of the list', async () => {
      const path = join(scratch(), 'acl')
      writeFileSync(path, 'a=1\n')
      os(`os.setxattr(${JSON.stringify(path)},'system.posix_acl_access',pack(${LIST}))`)
      await converge(shell, file(path, { content: 'x', mode: '0600' }))
      assert.equal([statSync(path).mode & 0o777, listOf(path).length > 0], [0o600, true])
    })

    it('a file without a list gets none from its directory', async () => {
      const dir = join(scratch(), 'dir')
      mkdirSync(dir)
      const path = join(dir, 'file')
      writeFileSync(path, 'old', { mode: 0o640 })
      os(`os.setxattr(${JSON.stringify(dir)},'system.posix_acl_default',pack(${LIST}))`)
      await converge(shell, file(path, { content: 'new', mode: '0640' }))
      assert.equal([listOf(path), statSync(path).mode & 0o777, readFileSync(path, 'utf8')], ['', 0o640, 'new'])
      const fresh = join(dir, 'fresh')
      await converge(shell, file(fresh, { content: 'new', mode: '0640' }))
      assert.equal([listOf(fresh).length > 0, statSync(fresh).mode & 0o777], [true, 0o640])
    })
  }
} else process.stdout.write('skipped: no python3, or a file system without access control lists\n')

for (const shell of shells()) {
  test(`${shell.name}: other hard links of a replaced file are told`, async () => {
    const path = join(scratch(), 'one')
    writeFileSync(path, 'old')
    linkSync(path, `${path}.two`)
    const { did } = await converge(shell, file(path, { content: 'new' }))
    assert.equal(did, [`write ${path} (its other hard link keeps the old content)`])
    assert.equal([readFileSync(path, 'utf8'), readFileSync(`${path}.two`, 'utf8')], ['new', 'old'])
  })

  test(`${shell.name}: a mode that other hard links get too is told as that`, async () => {
    const path = join(scratch(), 'one')
    writeFileSync(path, 'same')
    linkSync(path, `${path}.two`)
    const { did } = await converge(shell, file(path, { content: 'same', mode: '0600' }))
    assert.equal(did, [`set mode 0600 of ${path} (was 0644), so of its other hard link too`])
  })
}

test.run()

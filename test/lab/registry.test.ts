import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { withLock } from '../../lib/lab/machine/lock.ts'
import {
  bootId,
  parseRecord,
  readRecord,
  readRecords,
  removeRecord,
  writeRecord,
} from '../../lib/lab/ownership/registry.ts'
import { RolecallError } from '../../lib/errors.ts'

const record = { name: 'x', project: '/srv/site', subnet: 51, rooms: '/c/labs/x-1', boot: '', since: 1 }

async function whoHasOpen(file: string): Promise<readonly string[]> {
  const holders: string[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const directory = `/proc/${pid}/fd`
    const open = await readdir(directory).catch(() => [])
    const targets = await Promise.all(open.map((fd) => readlink(path.join(directory, fd)).catch(() => '')))
    if (targets.includes(file)) holders.push(pid)
  }
  return holders
}

async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'rolecall-registry-'))
  try {
    await work(path.join(directory, 'run', 'labs'))
  } finally {
    await rm(directory, { recursive: true })
  }
}

test('a written record is read again, and no temporary file is left', () =>
  inDirectory(async (directory) => {
    const now = { ...record, boot: await bootId() }
    await writeRecord(now, directory)
    assert.equal(await readRecord('x', directory), now)
    assert.equal(await readRecords(directory), [now])
    assert.equal(await readdir(directory), ['x.json'])
    await removeRecord('x', directory)
    assert.is(await readRecord('x', directory), undefined)
  }))

test('a record of an earlier boot does not count', () =>
  inDirectory(async (directory) => {
    await writeRecord({ ...record, boot: 'an-earlier-one' }, directory)
    assert.is(await readRecord('x', directory), undefined)
    assert.equal(await readRecords(directory), [])
  }))

test('a damaged record is reported as torn, and does not hide other labs', () =>
  inDirectory(async (directory) => {
    const now = { ...record, boot: await bootId() }
    await writeRecord(now, directory)
    await writeFile(path.join(directory, 'y.json'), JSON.stringify(now).slice(0, 40))
    assert.is(await readRecord('y', directory), 'torn')
    assert.equal(await readRecords(directory), [now])
  }))

test('any other text is not read as a record', () => {
  for (const text of ['', '{', 'null', '[]', '7', '{"name":"x"}', JSON.stringify({ ...record, subnet: '51' })]) {
    assert.is(parseRecord(text), undefined, text)
  }
})

test('a process that does not get the lock is told once, waits, and gets it next', () =>
  inDirectory(async (directory) => {
    const file = path.join(directory, 'lock')
    const order: string[] = []
    let leave = (): void => undefined
    const left = new Promise<void>((resolve) => (leave = resolve))
    const first = withLock(
      file,
      () => undefined,
      async () => {
        order.push('first in')
        await left
        order.push('first out')
      },
    )
    while (order.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    const second = withLock(
      file,
      () => {
        order.push('busy')
        leave()
      },
      () => Promise.resolve(order.push('second in')),
    )
    await Promise.all([first, second])
    assert.equal(order, ['first in', 'busy', 'first out', 'second in'])
  }))

test('a process that will not wait for the lock gives up at once', () =>
  inDirectory(async (directory) => {
    const file = path.join(directory, 'lock')
    const quiet = (): void => undefined
    await withLock(file, quiet, async () => {
      const impatient = withLock(
        file,
        () => {
          throw new RolecallError({ code: 'lab', message: 'not now' })
        },
        () => Promise.resolve('in'),
      )
      assert.is(await impatient.catch((error: unknown) => (error as Error).message), 'not now')
      assert.is((await whoHasOpen(file)).length, 1, 'only the holder is left, nobody waits on')
    })
  }))

test('a lock whose file was removed meanwhile is taken again on the new file', () =>
  inDirectory(async (directory) => {
    const file = path.join(directory, 'lock')
    const quiet = (): void => undefined
    let inside = 0
    const work = async (): Promise<void> => {
      assert.is(++inside, 1)
      await new Promise((resolve) => setTimeout(resolve, 5))
      await rm(file, { force: true })
      inside--
    }
    await Promise.all(Array.from({ length: 8 }, () => withLock(file, quiet, work)))
  }))

test.run()

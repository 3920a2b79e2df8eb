import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ensure } from '../../lib/converge/ensure.ts'
import { absent } from '../../lib/resources/files/absent.ts'
import { block } from '../../lib/resources/files/block.ts'
import { dir } from '../../lib/resources/files/dir.ts'
import { RolecallError } from '../../lib/errors.ts'
import { mount } from '../../lib/resources/disks/mount.ts'
import { exec } from '../../lib/resources/commands/exec.ts'
import { file } from '../../lib/resources/files/file.ts'
import { kind, type Resource } from '../../lib/resources/kit/kind.ts'
import { line } from '../../lib/resources/files/line.ts'
import { link } from '../../lib/resources/files/link.ts'
import { sh } from '../../lib/sh/quote.ts'
import { yamlFile } from '../../lib/resources/structured/yaml-file.ts'
import { forget, ground, onThisMachine, refusal, room, statuses } from '../support/ensure-here.ts'

onThisMachine(test)

const root = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'pipe' })

function canMount(): boolean {
  try {
    root('unshare', '-m', 'true')
    root('mount', '--version')
    return process.getuid?.() === 0
  } catch {
    return false
  }
}

/** Check and apply refuse the same, and nothing is done. */
async function refused(resource: Resource, why: RegExp): Promise<void> {
  const check = await refusal(() => ensure(ground('check'), [resource]))
  assert.match(check.problems[0]?.message ?? '', why)
  const apply = await refusal(() => ensure(ground('apply'), [resource]))
  assert.is(apply.problems[0]?.message, check.problems[0]?.message)
  assert.is(apply.problems[0]?.hint, check.problems[0]?.hint)
}

if (canMount()) {
  test('What is on a read-only file system is refused before anything is done, in check as in apply', async () => {
    const ro = join(room, 'ro')
    mkdirSync(ro)
    root('mount', '-t', 'tmpfs', 'tmpfs', ro)
    try {
      writeFileSync(join(ro, 'f'), 'a\n')
      root('mount', '-o', 'remount,ro', ro)
      const why = new RegExp(`cannot be changed: ${ro} is a read-only file system`)
      await refused(file(join(ro, 'f'), { content: 'b' }), why)
      await refused(file(join(ro, 'f'), { content: 'a\n', mode: '0600' }), why)
      await refused(line(join(ro, 'f'), { line: 'b' }), why)
      await refused(dir(join(ro, 'd')), why)
      await refused(dir(join(ro, 'd/e/f')), why)
      await refused(link(join(ro, 'l'), { to: '/x' }), why)
      await refused(absent(join(ro, 'f')), why)
      forget()
      await ensure(ground('apply'), [file(join(ro, 'f'), { content: 'a\n' })])
      assert.equal(statuses(), ['ok'])
    } finally {
      root('umount', '-l', ro)
    }
  })

  test('A file that is a mount point is not replaced', async () => {
    const [source, target] = [join(room, 'source'), join(room, 'target')]
    writeFileSync(source, 'a\n')
    writeFileSync(target, 'b\n')
    root('mount', '--bind', source, target)
    try {
      await refused(file(target, { content: 'c' }), /target cannot be replaced: it is a mount point/)
      await refused(absent(target), /target cannot be removed: it is a mount point/)
      assert.is(readFileSync(source, 'utf8'), 'a\n')
      await ensure(ground('apply'), [file(target, { content: 'a\n', mode: '0600' })])
    } finally {
      root('umount', '-l', target)
    }
  })

  test('A mount hidden below another mount is no obstacle', async () => {
    const top = join(room, 'covered')
    const below = join(top, 'below')
    mkdirSync(below, { recursive: true })
    root('mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', below)
    root('mount', '-t', 'tmpfs', 'tmpfs', top)
    try {
      for (const mode of ['check', 'apply'] as const) {
        forget()
        await ensure(ground(mode), [dir(below), file(join(below, 'f'), { content: 'x' })])
        assert.equal(statuses(), ['changed', 'changed'], mode)
      }
    } finally {
      root('umount', top)
      root('umount', below)
    }
  })

  test('A file that is a mount point is written in place when the option says so, as check predicted', async () => {
    const [source, target] = [join(room, 'source'), join(room, 'target')]
    writeFileSync(source, 'a: 1\n')
    writeFileSync(target, '')
    root('mount', '--bind', source, target)
    const inPlace = true
    try {
      const check = await refusal(() => ensure(ground('check'), [line(target, { line: 'b: 2' })]))
      assert.match(check.problems[0]?.hint ?? '', /set inPlace: true/)
      const gone = await refusal(() => ensure(ground('check'), [absent(target)]))
      assert.not.match(gone.problems[0]?.hint ?? '', /inPlace/)
      const steps: readonly (readonly [Resource, string])[] = [
        [line(target, { line: 'b: 2', inPlace }), 'a: 1\nb: 2\n'],
        [yamlFile(target, { set: { b: 3 }, inPlace }), 'a: 1\nb: 3\n'],
        [
          block(target, { name: 'x', content: 'c: 4', inPlace }),
          'a: 1\nb: 3\n# BEGIN rolecall: x\nc: 4\n# END rolecall: x\n',
        ],
        [file(target, { content: 'new\n', mode: '0640', backup: true, inPlace }), 'new\n'],
      ]
      for (const [resource, then] of steps) {
        for (const [mode, status] of [
          ['check', 'changed'],
          ['apply', 'changed'],
          ['apply', 'ok'],
          ['check', 'ok'],
        ] as const) {
          forget()
          await ensure(ground(mode), [resource])
          assert.equal(statuses(), [status], `${resource.id} ${mode}`)
        }
        assert.is(readFileSync(source, 'utf8'), then)
      }
      root('mount', '-o', 'remount,bind,ro', target)
      await refused(file(target, { content: 'c', inPlace }), /target is a read-only file system/)
    } finally {
      root('umount', '-l', target)
    }
  })

  test('A write in place that cannot be completed is rolled back', async () => {
    const full = join(room, 'full')
    mkdirSync(full, { recursive: true })
    root('mount', '-t', 'tmpfs', '-o', 'size=64k,mode=0755', 'tmpfs', full)
    try {
      const path = join(full, 'f')
      writeFileSync(path, 'old\n')
      const failed = await refusal(() =>
        ensure(ground('apply'), [file(path, { content: 'x'.repeat(100_000), inPlace: true })]),
      )
      assert.match(JSON.stringify(failed.problems), /could not be written whole: its old content was put back/)
      assert.is(readFileSync(path, 'utf8'), 'old\n')
    } finally {
      root('umount', '-l', full)
    }
  })

  test('A plan of several steps is refused before its first step, for every kind; a single step that tries the path needs no probe', async () => {
    const ro = join(room, 'ro')
    mkdirSync(ro)
    const [path, first] = [join(ro, 'f'), join(room, 'first')]
    const inTwo = kind<{ readonly path: string }, { readonly isThere: boolean }>({
      name: 'inTwo',
      probe: ({ path: at }) => sh`[ ! -e ${at} ] || echo there`,
      read: (_, { lines }) => ({ isThere: lines.includes('there') }),
      plan: ({ path: at }, { isThere }) =>
        isThere
          ? []
          : [
              { summary: 'do something else first', sh: sh`echo x >${first}` },
              { summary: `write ${at}`, sh: sh`echo x >${at}` },
            ],
      effects: ({ path: at }) => [{ type: 'path', path: at, state: { type: 'file' } }],
    })
    root('mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', ro)
    try {
      await refused(inTwo('f', { path }), new RegExp(`f cannot be changed: ${ro} is a read-only file system`))
      assert.not(existsSync(first))
      root('mount', '-o', 'remount,rw', ro)
      const context = ground('apply')
      const trips = context.host.roundTrips
      await ensure(context, [inTwo('f', { path })])
      assert.is(context.host.roundTrips - trips, 3, 'one question about places')
      forget()
      const other = ground('apply')
      const before = other.host.roundTrips
      await ensure(other, [
        file(join(ro, 'g'), { content: 'x', mode: '0600' }),
        dir(join(ro, 'd'), { mode: '0700' }),
        line(join(ro, 'l'), { line: 'x', create: true }),
      ])
      assert.is(other.host.roundTrips - before, 2, 'no question about places')
    } finally {
      root('umount', '-l', ro)
    }
  })

  test('Earlier changes of mounts are predicted', async () => {
    const at = join(room, 'm')
    mkdirSync(at)
    const tmpfs = (option: 'ro' | 'rw') =>
      mount(at, { source: 'tmpfs', type: 'tmpfs', options: [option], persistent: false })
    const inside = file(join(at, 'f'), { content: 'x' })
    const cases: readonly (readonly [
      says: string,
      before: readonly string[],
      first: Resource,
      then: 'changed' | 'refused',
    ])[] = [
      ['mounted read-only', [], tmpfs('ro'), 'refused'],
      ['mounted', [], tmpfs('rw'), 'changed'],
      ['remounted', ['-o', 'ro'], tmpfs('rw'), 'changed'],
      ['unmounted', ['-o', 'ro'], mount(at, { state: 'unmounted' }), 'changed'],
      ['remounted read-only', ['-o', 'rw'], tmpfs('ro'), 'refused'],
    ]
    for (const [says, before, first, then] of cases) {
      if (before.length > 0) root('mount', '-t', 'tmpfs', ...before, 'tmpfs', at)
      try {
        const whys: string[] = []
        for (const mode of ['check', 'apply'] as const) {
          forget()
          const why = await ensure(ground(mode), [first, inside]).then(
            () => 'changed',
            (error: unknown) => (error instanceof RolecallError ? (error.problems[0]?.message ?? '') : String(error)),
          )
          whys.push(why)
          assert.is(statuses()[0], 'changed', `${says}, ${mode}`)
        }
        assert.is(whys[0], whys[1], says)
        assert.match(whys[0] ?? '', then === 'changed' ? /^changed$/ : /is a read-only file system$/, says)
      } finally {
        try {
          root('umount', '-l', at)
        } catch {
          // It is not mounted any more.
        }
      }
    }
  })

  test('Content that does not fit into a full file system is refused', async () => {
    const full = join(room, 'full')
    mkdirSync(full, { recursive: true })
    root('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', full)
    try {
      await refused(
        file(join(full, 'f'), { content: 'x'.repeat(100_000) }),
        /takes 100000 bytes, and its file system has \d+ left/,
      )
      assert.not(existsSync(join(full, 'f')))
    } finally {
      root('umount', '-l', full)
    }
  })

  test('Anything that an earlier command may change is unknown', async () => {
    const ro = join(room, 'ro')
    mkdirSync(ro)
    root('mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', ro)
    try {
      const again = exec('remount', { run: ['mount', '-o', 'remount,rw', ro], creates: join(room, 'never') })
      forget()
      await ensure(ground('check'), [again, dir(join(ro, 'd'))])
      assert.equal(statuses(), ['changed', 'unknown'])
    } finally {
      root('umount', '-l', ro)
    }
  })

  test('Immutable files, and files in immutable directories, are refused', async () => {
    const [path, inside] = [join(room, 'immutable'), join(room, 'dir')]
    writeFileSync(path, 'a\n')
    mkdirSync(inside)
    try {
      root('chattr', '+i', path, inside)
    } catch {
      process.stdout.write('skipped: chattr is not installed or this file system has no such flags\n')
      return
    }
    try {
      await refused(line(path, { line: 'b' }), /immutable cannot be changed: \S+ is immutable/)
      await refused(file(join(inside, 'x'), { content: '' }), /x cannot be changed: \S+dir is immutable/)
      await refused(absent(path), /is immutable/)
    } finally {
      root('chattr', '-i', path, inside)
    }
  })
} else process.stdout.write('skipped: only root can mount, and here it cannot\n')

test('The files of the kernel are not replaced', async () => {
  await refused(
    file('/proc/sys/vm/nothing', { content: '1' }),
    /the kernel makes the files in \/proc|read-only file system/,
  )
})

test.run()

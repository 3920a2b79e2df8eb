import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ensure } from '../../lib/converge/ensure.ts'
import { exec } from '../../lib/resources/commands/exec.ts'
import { waitFor } from '../../lib/resources/commands/waiting/wait-for.ts'
import { mount } from '../../lib/resources/disks/mount.ts'
import { absent } from '../../lib/resources/files/absent.ts'
import { dir } from '../../lib/resources/files/dir.ts'
import { file } from '../../lib/resources/files/file.ts'
import { line } from '../../lib/resources/files/line.ts'
import type { Resource } from '../../lib/resources/kit/kind.ts'
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

interface Case {
  readonly says: string
  readonly resources: () => readonly Resource[]
  /** What check says of each. Apply then says the same, but for what check did not know. */
  readonly check: readonly string[]
  readonly apply?: readonly string[]
}

const at = (name: string) => join(room, name)
const bind = () => mount(at('m'), { source: at('s'), type: 'none', options: ['bind'], persistent: false })
const tmpfs = () => mount(at('m'), { source: 'tmpfs', type: 'tmpfs', options: ['size=64k'], persistent: false })
const x = (path: string) => file(at(path), { content: 'x\n' })

/** On the host: `s/there`, `m/hidden` and `m/in/deep`, each with `x` in it. */
const cases: readonly Case[] = [
  {
    says: 'One file under both names of a directory that is mounted twice changes once',
    resources: () => [bind(), x('s/new'), x('m/new')],
    check: ['changed', 'changed', 'ok'],
  },
  {
    says: 'What the directory has already is unknown by its second name, and so is what that then leaves',
    resources: () => [bind(), x('m/there'), x('m/new'), x('s/there'), x('s/new')],
    check: ['changed', 'unknown', 'unknown', 'unknown', 'unknown'],
    apply: ['changed', 'ok', 'changed', 'ok', 'ok'],
  },
  {
    says: 'A directory that is new has only what comes into it',
    resources: () => [
      dir(at('fresh')),
      mount(at('m'), { source: at('fresh'), type: 'none', options: ['bind'], persistent: false }),
      x('m/hidden'),
      x('fresh/hidden'),
      absent(at('m/in'), { recursive: true }),
    ],
    check: ['changed', 'changed', 'changed', 'ok', 'ok'],
  },
  {
    says: 'What a mount hides is not there, and what comes after it is',
    resources: () => [
      tmpfs(),
      x('m/hidden'),
      dir(at('m/in')),
      x('m/in/deep'),
      absent(at('m/other')),
      exec('once', { run: ['touch', at('m/once')], creates: at('m/once') }),
      waitFor('what came', { file: at('m/hidden'), deadline: 1 }),
    ],
    check: ['changed', 'changed', 'changed', 'changed', 'ok', 'changed', 'ok'],
  },
  {
    says: 'What another file system has in it is unknown to all kinds',
    resources: () => [
      exec('share', {
        run: ['mount', '--bind', at('s'), at('m')],
        unless: ['mountpoint', '-q', at('m')].join(' '),
        effects: [{ type: 'mount', path: at('m'), state: 'read-write' }],
      }),
      x('m/there'),
      line(at('m/hidden'), { line: 'x', create: true }),
      exec('once', { run: ['touch', at('m/there')], creates: at('m/there') }),
      waitFor('what is there', { file: at('m/there'), deadline: 1 }),
    ],
    check: ['changed', 'unknown', 'unknown', 'unknown', 'unknown'],
    apply: ['changed', 'ok', 'changed', 'ok', 'ok'],
  },
]

if (canMount()) {
  for (const { says, resources, check, apply = check } of cases)
    test(says, async () => {
      for (const name of ['s', 'm/in']) mkdirSync(at(name), { recursive: true })
      for (const name of ['s/there', 'm/hidden', 'm/in/deep']) writeFileSync(at(name), 'x\n')
      try {
        await ensure(ground('check'), resources())
        assert.equal(statuses(), check)
        forget()
        await ensure(ground('apply'), resources())
        assert.equal(statuses(), apply)
        forget()
        await ensure(ground('apply'), resources())
        assert.equal(
          statuses(),
          statuses().map(() => 'ok'),
        )
      } finally {
        execFileSync('sh', ['-c', 'umount -l "$0" 2>/dev/null; :', at('m')])
      }
    })

  test('A source that is not there is refused, unless it comes before', async () => {
    mkdirSync(at('m'))
    const deep = mount(at('m'), { source: at('s/deep/er'), type: 'none', options: ['bind'], persistent: false })
    for (const mode of ['check', 'apply'] as const)
      for (const each of [bind(), deep]) {
        const refused = await refusal(() => ensure(ground(mode), [each]))
        assert.match(refused.problems[0]?.message ?? '', /there is no \S+\/s\S* to mount at \S+\/m/, mode)
      }
    forget()
    await ensure(ground('check'), [exec('make it', { run: ['mkdir', at('s')], creates: at('made') }), bind()])
    assert.equal(statuses(), ['changed', 'unknown'])
  })
  test('Something else that is mounted there is refused, and not taken for what is wanted', async () => {
    for (const name of ['s', 'm', 'other']) mkdirSync(at(name))
    for (const [before, wanted] of [
      [['--bind', at('other')], bind],
      [['-t', 'tmpfs', 'none'], bind],
      [['--bind', at('s')], tmpfs],
    ] as const) {
      root('mount', ...before, at('m'))
      try {
        for (const mode of ['check', 'apply'] as const) {
          const refused = await refusal(() => ensure(ground(mode), [wanted()]))
          assert.match(refused.problems[0]?.message ?? '', /something else is mounted at \S+\/m, not/, mode)
        }
      } finally {
        root('umount', '-l', at('m'))
      }
    }
    root('mount', '--bind', at('s'), at('m'))
    forget()
    await ensure(ground('check'), [bind()])
    assert.equal(statuses(), ['ok'])
    root('umount', '-l', at('m'))
  })
} else process.stdout.write('skipped: only root can mount, and here it cannot\n')

test.run()

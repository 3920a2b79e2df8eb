import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { absent, dir, file, link, role, type Resource } from '../../lib/index.ts'
import { runRoles } from '../support/run-role.ts'

const EVE = 64711

for (const mode of ['check', 'apply'] as const)
  test(`${mode}: what is a directory, or will be one, is not read`, async () => {
    const room = mkdtempSync(join(tmpdir(), 'rolecall-read-'))
    try {
      const reads = role({
        name: 'reads',
        async apply({ ensure, read }) {
          await ensure(dir(join(room, 'new')))
          await read(join(room, 'new'))
        },
      })
      const { problems, told } = await runRoles(mode, [reads])
      assert.equal(told, [`dir:${join(room, 'new')} changed`])
      assert.is(problems[0]?.message, `cannot read ${join(room, 'new')}`)
      assert.match(problems[0]?.output ?? '', /directory/)
    } finally {
      rmSync(room, { recursive: true })
    }
  })

if (process.getuid?.() !== 0) process.stdout.write('skipped: links of another account need root to be made\n')
else
  test("a role's read follows no link of another account that leads elsewhere", async () => {
    const room = realpathSync(mkdtempSync(join(tmpdir(), 'rolecall-read-')))
    try {
      chmodSync(room, 0o755)
      const home = join(room, 'home')
      mkdirSync(home)
      writeFileSync(join(room, 'shadow'), 'for root alone', { mode: 0o600 })
      writeFileSync(join(home, 'plain'), 'hers')
      symlinkSync('../shadow', join(home, 'link'))
      for (const path of [home, join(home, 'plain'), join(home, 'link')]) lchownSync(path, EVE, EVE)
      const seen: (string | undefined)[] = []
      const reads = role({
        name: 'reads',
        async apply({ read }) {
          for (const name of ['plain', 'link']) seen.push(await read(join(home, name)))
        },
      })
      const { problems } = await runRoles('apply', [reads])
      assert.equal(seen, ['hers'])
      assert.match(problems[0]?.message ?? '', `${home}/link is not read: another account can change its directory`)
    } finally {
      rmSync(room, { recursive: true })
    }
  })

/** Each look at a path after these resources: in check it is foreseen, in apply it is made. What is on the host before is laid by `start`. */
const looks: readonly (readonly [
  says: string,
  start: (at: (name: string) => string) => void,
  make: (at: (name: string) => string) => Resource[],
  path: string,
  sees: string | boolean,
])[] = [
  ['a link to nothing', () => undefined, (at) => [link(at('l'), { to: 'nowhere' })], 'l', false],
  [
    'a link to what comes too',
    () => undefined,
    (at) => [file(at('f'), { content: 'x' }), link(at('l'), { to: 'f' })],
    'l',
    'x',
  ],
  [
    'a link to what is there',
    (at) => {
      writeFileSync(at('f'), 'old')
    },
    (at) => [link(at('l'), { to: at('f') })],
    'l',
    'old',
  ],
  [
    'a link of the host to what goes',
    (at) => {
      writeFileSync(at('f'), 'old')
      symlinkSync('f', at('l'))
    },
    (at) => [absent(at('f'))],
    'l',
    false,
  ],
  [
    'a link of the host to what comes',
    (at) => {
      symlinkSync('f', at('l'))
    },
    (at) => [file(at('f'), { content: 'x' })],
    'l',
    'x',
  ],
  [
    'a directory that is a link to come',
    (at) => {
      mkdirSync(at('d'))
      writeFileSync(at('d/f'), 'old')
    },
    (at) => [link(at('l'), { to: 'd' })],
    'l/f',
    'old',
  ],
  [
    'what comes below a link to come',
    () => undefined,
    (at) => [dir(at('d')), file(at('d/f'), { content: 'x' }), link(at('l'), { to: 'd' })],
    'l/f',
    'x',
  ],
  [
    'what is not below a link to come',
    () => undefined,
    (at) => [dir(at('d')), link(at('l'), { to: 'd' })],
    'l/f',
    false,
  ],
  [
    'links in a circle',
    (at) => {
      symlinkSync('m', at('l'))
    },
    (at) => [link(at('m'), { to: 'l' })],
    'l',
    false,
  ],
]
for (const mode of ['check', 'apply'] as const)
  for (const [says, start, make, name, sees] of looks)
    test(`${mode}: ${says}: exists and read see it as it will be`, async () => {
      const room = realpathSync(mkdtempSync(join(tmpdir(), 'rolecall-read-')))
      const at = (each: string) => join(room, each)
      try {
        start(at)
        const seen: unknown[] = []
        const looking = role({
          name: 'looks',
          async apply({ ensure, exists, read }) {
            await ensure(...make(at))
            seen.push(await exists(at(name)), (await exists(at(name))) && (await read(at(name))))
          },
        })
        const { problems } = await runRoles(mode, [looking])
        assert.equal([problems, seen], [[], [sees !== false, sees]])
      } finally {
        rmSync(room, { recursive: true })
      }
    })

test('reading a pipe is refused, with an error to the role', async () => {
  const room = mkdtempSync(join(tmpdir(), 'rolecall-read-'))
  try {
    execFileSync('mkfifo', [join(room, 'pipe')])
    const reads = role({
      name: 'reads',
      async apply({ read }) {
        await read(join(room, 'pipe'))
      },
    })
    const { problems } = await runRoles('apply', [reads])
    assert.equal([problems[0]?.message, problems[0]?.output], [`cannot read ${join(room, 'pipe')}`, 'it is a pipe'])
  } finally {
    rmSync(room, { recursive: true })
  }
})

test.run()

import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { frame, type Section } from '../../lib/sh/frame.ts'
import { FrameReader } from '../../lib/sh/frame-reader.ts'
import { secret } from '../../lib/secret.ts'
import { raw, sh, type Sh } from '../../lib/sh/quote.ts'
import { asUser } from '../../lib/resources/commands/as-user.ts'
import { shell } from '../../lib/resources/commands/exec-script.ts'
import { asOwner } from '../../lib/resources/trees/tree-probe.ts'

const execute = promisify(execFile)

/** What each section prints, as the controller reads the answers of one script. */
async function answers(shell: readonly string[], sections: readonly Section[]): Promise<Record<string, string>> {
  const [program = '', ...args] = shell
  const { script, mark, parts } = frame(sections)
  const { stdout } = await execute(program, [...args, '-c', script.text], { encoding: 'buffer' })
  const said: Record<string, string> = {}
  const reader = new FrameReader(mark, parts, (event) => {
    if (event.type === 'end') said[event.name] = `${event.code} ${Buffer.from(event.bytes).toString()}`
  })
  reader.push(stdout)
  return said
}

/** Leaves a process behind that prints until nobody reads, for some 5 s at most: without streams of its own the whole script would wait for it. */
const leaves = (status: number) =>
  sh`(n=0; while [ $n -lt 500 ] && echo forged; do sleep 0.01; n=$((n+1)); done) & echo begun; exit ${status}`
const asAnother: readonly (readonly [string, Sh])[] = [
  ['of a kind’s question', asUser('nobody', leaves(0))],
  ['of a command', shell(leaves(0), 'nobody')],
  ['of a command with a secret', shell(sh`: ${secret('correct horse')}; ${leaves(0)}`, 'nobody')],
  ['of the question about a tree', asOwner('nobody', leaves(0))],
]
const isSuper = userInfo().uid === 0
if (!isSuper) process.stdout.write('skipped: only root becomes another user\n')

for (const shell of [['dash'], ['busybox', 'sh'], ['bash', '--posix']]) {
  // Each waits a second for the process that was left behind: they run beside each other.
  const steps = [0, 3].map((status) => ({
    status,
    said: answers(shell, [
      { name: 'step', sh: leaves(status), deadline: 60 },
      { name: 'after', sh: raw('sleep 0.2; echo truth'), deadline: 60 },
    ]),
  }))
  for (const { status, said } of steps)
    test(`what a step that ends with ${status} leaves behind prints into no later answer (${shell[0] ?? ''})`, async () => {
      const { step = '', after } = await said
      assert.match(step, new RegExp(`^${status} [^]*begun\n`))
      assert.is(after, '0 truth\n')
    })

  const questions = (isSuper ? asAnother : []).map(([what, script]) => ({
    what,
    said: answers(shell, [
      { name: 'question', sh: script, question: 'sequential' },
      { name: 'after', sh: raw('sleep 0.2; echo truth'), question: 'sequential' },
    ]),
  }))
  for (const { what, said } of questions)
    test(`what another account leaves behind ${what} prints into no later answer (${shell[0] ?? ''})`, async () => {
      const { question = '', after } = await said
      assert.match(question, /begun/)
      assert.is(after, '0 truth\n')
    })
}

const longText = sh`a=${"it's ".repeat(40_000)}; echo "$(id -un) \${#a}"; cat; exit 3`
const asNobody: readonly (readonly [string, Sh])[] = [
  ['of a kind', asUser('nobody', longText)],
  ['of a command', shell(longText, 'nobody')],
  ['of a command with a secret', shell(sh`: ${secret('correct horse')}; ${longText}`, 'nobody')],
  ['of a tree', asOwner('nobody', longText)],
]
for (const program of [['dash'], ['busybox', 'sh'], ['bash', '--posix']])
  for (const [what, script] of isSuper ? asNobody : [])
    test(`a text that is too long for one argument runs as another account ${what} (${program.join(' ')})`, () => {
      const directory = mkdtempSync(join(tmpdir(), 'own-streams-'))
      const file = join(directory, 'script')
      writeFileSync(file, `(\n${script.text}\n)\necho "ended with $?"`)
      const [bin = '', ...args] = program
      const { stdout } = spawnSync(bin, [...args, file], { input: 'input\n', env: { ...process.env, LC_ALL: 'C' } })
      rmSync(directory, { recursive: true })
      assert.is(stdout.toString(), 'nobody 200000\ninput\nended with 3\n')
    })

test('a relay that ends a process prints nothing about it, even in bash', () => {
  const step = { name: 'step', sh: leaves(0), deadline: 60 } as const
  const { stderr } = spawnSync('bash', ['--posix', '-c', frame([step]).script.text])
  assert.not.match(stderr.toString(), /erminated|line \d/)
})

test('bytes, both streams, the status and the input pass through', () => {
  const { stdout, stderr, status } = spawnSync(
    'dash',
    [
      '-c',
      frame([
        { name: 'step', sh: raw('cat; printf "\\000\\377" ; printf "\\376" >&2; exit 7'), deadline: 60, stdinBytes: 3 },
      ]).script.text,
    ],
    { input: 'abcdef' },
  )
  assert.is(status, 0)
  assert.ok(stdout.includes(Buffer.from('abc\0\xff', 'latin1')) && !stdout.includes('abcd'))
  assert.ok(stderr.includes(Buffer.from('\xfe', 'latin1')))
  assert.match(stdout.toString('latin1'), /e 0 7/)
})

test.run()

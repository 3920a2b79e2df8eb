import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { absent } from '../../../lib/resources/files/absent.ts'
import { dir } from '../../../lib/resources/files/dir.ts'
import { file } from '../../../lib/resources/files/file.ts'
import { statBatch } from '../../../lib/resources/files/path/stat-batch.ts'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { line } from '../../../lib/resources/files/line.ts'
import { link } from '../../../lib/resources/files/link.ts'
import { raw } from '../../../lib/sh/quote.ts'
import {
  ask,
  converge,
  debian,
  probe,
  reply,
  run,
  scratch,
  shells,
  stepsOf,
  words,
  type Shell,
} from '../../support/converge-locally.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'

const EVE = 64711
const isRoot = process.getuid?.() === 0
if (!isRoot) process.stdout.write('skipped: directories of another account need root to be made\n')
for (const shell of shells()) testsIn(shell)

function testsIn(shell: Shell): void {
  const it = (says: string, work: (at: ReturnType<typeof ground>) => Promise<void> | void) =>
    isRoot
      ? test(`${shell.name}: ${says}`, async () => {
          await work(ground())
        })
      : test.skip(`${shell.name}: ${says}`)
  /** Asked, done and asked again with the functions of the batch of `stat` at hand, as on a host. */
  const settle = async (resource: Resource) => {
    const shared = statBatch(resource.statPaths)?.text ?? ''
    const asked = { ...resource, probe: (facts: typeof debian) => raw(`${shared}\n${resource.probe(facts).text}`) }
    const { evaluation, failed, again } = await converge(shell, asked)
    if (failed !== undefined) return `failed: ${failed.stderr}`
    if ('plan' in evaluation) assert.equal(words(again), [], String(words(again)))
    return words(evaluation)
  }

  it('a pipe that is put in the place of a file does not hold up the probe', async ({ home }) => {
    execFileSync('mkfifo', [join(home, 'f')])
    // What a look sees is a file; what it opens then is none any more.
    const stat = `stat() { case $2 in '%d:%i:%h %f'*) echo '1:2:1 81a4 0 ${EVE} ${EVE} eve:eve';; *) command stat "$@";; esac; }`
    const want = file(join(home, 'f'), { content: 'x' })
    const shared = statBatch(want.statPaths)?.text ?? ''
    const asked = { ...want, probe: () => raw(`path_limit=1\n${shared}\n${stat}\n${want.probe(debian).text}`) }
    assert.match(String(words(await ask(shell, asked))), /^refused: .*\/f.*renames/)
  })

  it('whose directory it is is told too where the way ends at what is no directory', async ({ home }) => {
    execFileSync('ln', ['-s', join(home, 'nothing'), join(home, 'd')])
    execFileSync('chown', ['-h', `${EVE}:${EVE}`, join(home, 'd')])
    const want = file(join(home, 'd', 'f'), { content: 'x' })
    const { stdout } = await run(shell, raw(`${statBatch(want.statPaths)?.text ?? ''}\n${want.probe(debian).text}`))
    assert.match(String(stdout), new RegExp(`^way ok ${EVE}:\\S+ -\nnone 0 \\d+ blocked$`, 'm'))
  })

  it('files are made, written anew, kept and edited in a home of another account', async ({ home }) => {
    const at = join(home, 'file')
    const make = (content: string, more = {}) => settle(file(at, { content, owner: String(EVE), ...more }))
    assert.equal(await make('one'), [`create ${at}`])
    assert.equal(await make('two', { mode: '0600', backup: true }), [`write ${at}`])
    assert.is(readFileSync(at, 'utf8'), 'two')
    assert.is(lstatSync(at).uid, EVE)
    assert.is(lstatSync(at).mode & 0o7777, 0o600)
    const [old = ''] = readdirSync(home).filter((name) => /^file\.\d{8}T\d{6}~$/.test(name))
    assert.is(readFileSync(join(home, old), 'utf8'), 'one')
    assert.equal(await make('two'), [`set mode 0644 of ${at} (was 0600)`])
    assert.equal(await settle(line(at, { line: 'three' })), [`edit ${at}: three`])
    assert.is(readFileSync(at, 'utf8'), 'two\nthree\n')
    chownSync(at, 0, 0)
    assert.equal(await make('two\nthree\n'), [`set owner ${EVE} of ${at} (was root)`])
    assert.is(lstatSync(at).uid, EVE)
    assert.is(lstatSync(at).mode & 0o7777, 0o644)
    assert.equal(await make(''), [`write ${at}`])
    assert.equal(readdirSync(home).sort(), ['file', old])
  })

  it('the old file is not kept where the new one does not get its name', async ({ home }) => {
    const at = join(home, 'file')
    writeFileSync(at, 'one')
    const want = file(at, { content: 'two', backup: true, owner: String(EVE) })
    const shared = statBatch(want.statPaths)?.text ?? ''
    const asked = { ...want, probe: () => raw(`${shared}\n${want.probe(debian).text}`) }
    for (const step of stepsOf(await ask(shell, asked))) {
      const busy = raw(
        `mv() { case $* in *./new.*.old*) command mv "$@";; *) echo busy >&2; return 1;; esac; }\n${step.sh.text}`,
      )
      assert.is((await run(shell, busy, step.stdin)).code, 1)
    }
    assert.equal(readdirSync(home), ['file'])
  })

  it('a validator sees a candidate whose way only root can change', async ({ home }) => {
    const at = join(home, 'file')
    assert.equal(await settle(file(at, { content: 'good', validate: 'grep -q good {}' })), [`create ${at}`])
    assert.match(
      String(await settle(file(at, { content: 'bad', validate: 'grep -q good {}' }))),
      'the validator refused the candidate',
    )
    assert.match(
      String(await settle(file(at, { content: 'bad', validate: raw('echo "$candidate" >&2; exit 1') }))),
      /\n?\/run\/rolecall\.\w+\/file/,
    )
    assert.is(readFileSync(at, 'utf8'), 'good')
    assert.equal(readdirSync(home), ['file'])
  })

  it('directories and links are made, also below missing ones, and removed', async ({ home }) => {
    const at = join(home, 'a b/c')
    assert.equal(await settle(dir(at, { owner: String(EVE), mode: '0750' })), [`make directory ${at}`])
    assert.is(lstatSync(at).uid, EVE)
    assert.is(lstatSync(at).mode & 0o7777, 0o750)
    assert.is(lstatSync(join(home, 'a b')).mode & 0o7777, 0o755)
    assert.equal(await settle(dir(at, { owner: '0', mode: '0700' })), [
      `set owner 0 of ${at} (was UNKNOWN)`,
      `set mode 0700 of ${at} (was 0750)`,
    ])
    const to = join(at, 'link')
    assert.equal(await settle(link(to, { to: '/nowhere' })), [`link ${to} to /nowhere`])
    assert.equal(await settle(link(to, { to: 'x y' })), [`link ${to} to x y (was /nowhere)`])
    assert.is(readlinkSync(to), 'x y')
    assert.equal(await settle(absent(to)), [`remove the symbolic link ${to}`])
    writeFileSync(join(at, '.full'), 'x')
    assert.equal(await settle(absent(join(home, 'a b'), { recursive: true })), [
      `remove the directory ${join(home, 'a b')} with everything in it`,
    ])
    assert.equal(readdirSync(home), [])
  })

  it('a link of the account that leads out of what is its own is not followed, wherever it stands', async ({
    home,
    victim,
  }) => {
    const before = lstatSync(victim)
    symlinkSync(victim, join(home, 'd'))
    const refused = (path: string) =>
      `refused: a symbolic link on the way to ${path} is in a directory that ${EVE} can change, and leads elsewhere`
    const eve = { owner: String(EVE) }
    assert.is(await settle(dir(join(home, 'd'), eve)), refused(join(home, 'd')))
    assert.is(await settle(dir(join(home, 'd/e/f'), eve)), refused(join(home, 'd/e/f')))
    assert.is(await settle(file(join(home, 'd/secret'), { content: 'x', ...eve })), refused(join(home, 'd/secret')))
    assert.is(await settle(line(join(home, 'd/secret'), { line: 'x' })), refused(join(home, 'd/secret')))
    assert.is(await settle(absent(join(home, 'd/secret'))), refused(join(home, 'd/secret')))
    assert.is(await settle(link(join(home, 'd/x'), { to: 'y' })), refused(join(home, 'd/x')))
    assert.equal(readdirSync(victim), ['secret'])
    assert.is(lstatSync(victim).mtimeMs, before.mtimeMs)
    assert.is(lstatSync(victim).ctimeMs, before.ctimeMs)
  })

  it('a link of the account to what is its own is followed, for that owner alone', async ({ home }) => {
    mkdirSync(join(home, 'releases'))
    chownSync(join(home, 'releases'), EVE, EVE)
    symlinkSync('releases', join(home, 'now'))
    const at = join(home, 'now/file')
    assert.equal(await settle(file(at, { content: 'x', owner: String(EVE) })), [`create ${at}`])
    assert.equal(await settle(dir(join(home, 'now'), { owner: String(EVE), mode: '0711' })), [
      `set mode 0711 of ${join(home, 'now')} (was 0755)`,
    ])
    assert.is(lstatSync(join(home, 'releases')).mode & 0o7777, 0o711)
    assert.is(readFileSync(join(home, 'releases/file'), 'utf8'), 'x')
    assert.match(String(await settle(file(at, { content: 'y' }))), /^refused: a symbolic link/)
  })

  it("links of root's are followed, whatever they are made of", async ({ root, home }) => {
    symlinkSync('./home', join(root, 'relative'))
    symlinkSync(`${root}/relative/`, join(root, 'absolute'))
    mkdirSync(join(root, 'below'))
    symlinkSync('../absolute', join(root, 'below/up'))
    for (const way of ['relative', 'absolute', 'below/up']) {
      const at = join(root, way, way.replace('/', '-'))
      assert.equal(await settle(file(at, { content: 'x' })), [`create ${at}`])
    }
    assert.equal(readdirSync(home).sort(), ['absolute', 'below-up', 'relative'])
    assert.equal(await settle(dir(join(root, 'absolute'), { owner: String(EVE), mode: '0700' })), [
      `set mode 0700 of ${join(root, 'absolute')} (was 0755)`,
    ])
    symlinkSync('../home/out', join(root, 'below/out'))
    symlinkSync('/', join(home, 'out'))
    assert.match(String(await settle(file(join(root, 'below/out/x'), { content: 'x' }))), /^refused: a symbolic link/)
  })

  it('what is for root alone, has another name or belongs to a third account is not given away', async ({
    home,
    victim,
  }) => {
    const secret = readFileSync(join(victim, 'secret'), 'utf8')
    writeFileSync(join(home, 'moved'), secret, { mode: 0o600 })
    linkSync(join(victim, 'secret'), join(home, 'linked'))
    writeFileSync(join(home, 'third'), secret, { mode: 0o644 })
    chownSync(join(home, 'third'), EVE + 1, EVE)
    for (const name of ['moved', 'linked', 'third']) {
      const at = join(home, name)
      assert.match(
        String(await settle(line(at, { line: 'x', owner: String(EVE) }))),
        /^refused: .* its owner is not changed/,
      )
      assert.match(String(await settle(file(at, { content: secret, owner: String(EVE) }))), /^refused: /)
      assert.match(String(await settle(file(at, { content: secret, mode: '0666' }))), /^refused: /)
      // A new content is a new file.
      assert.equal(await settle(file(at, { content: 'new', owner: String(EVE) })), [`write ${at}`])
    }
    assert.is(readFileSync(join(victim, 'secret'), 'utf8'), secret)
    assert.is(lstatSync(join(victim, 'secret')).uid, 0)
    mkdirSync(join(home, 'private'), 0o700)
    const given = () => settle(dir(join(home, 'private'), { owner: String(EVE), mode: '0700' }))
    writeFileSync(join(home, 'private/x'), '')
    assert.match(String(await given()), /for root alone/)
  })

  it('what a killed run left is tidied up, and what somebody laid there like it is not followed', async ({
    home,
    victim,
  }) => {
    mkdirSync(join(home, '.file.rolecall.abcdef'), 0o700)
    writeFileSync(join(home, '.file.rolecall.abcdef/.rolecall-stage'), '')
    writeFileSync(join(home, '.file.rolecall.abcdef/new.abcdef'), 'half')
    symlinkSync(victim, join(home, '.file.rolecall.ghijkl'))
    mkdirSync(join(home, '.file.rolecall.mnopqr'))
    writeFileSync(join(home, '.file.rolecall.mnopqr/mine'), 'mine')
    // Killed before there was anything in it.
    mkdirSync(join(home, '.file.rolecall.stuvwx'), 0o700)
    const at = join(home, 'file')
    assert.equal(await settle(file(at, { content: 'x' })), [
      `remove a candidate of ${at} left by an interrupted run`,
      `create ${at}`,
    ])
    assert.equal(readdirSync(home).sort(), ['.file.rolecall.mnopqr', 'file'])
    assert.equal(readdirSync(victim), ['secret'])
  })

  it('directories with the sticky bit or a group that may write are worked in alike', async ({ root }) => {
    for (const mode of [0o1777, 0o2775, 0o777]) {
      const shared = join(root, `shared${mode}`)
      mkdirSync(shared)
      chownSync(shared, 0, EVE)
      chmodSync(shared, mode)
      const at = join(shared, 'file')
      assert.equal(await settle(file(at, { content: 'x', mode: '0600' })), [`create ${at}`])
      assert.equal(await settle(line(at, { line: 'x' })), [])
      assert.equal(await settle(dir(join(shared, 'dir'))), [`make directory ${join(shared, 'dir')}`])
      assert.equal(readdirSync(shared).sort(), ['dir', 'file'])
      symlinkSync('dir', join(shared, 'link'))
      assert.match(
        String(await settle(file(join(shared, 'link/x'), { content: 'x' }))),
        mode === 0o1777 ? `create` : /refused: a symbolic link/,
      )
    }
  })

  it("a path in root's own directories says what it always said", async ({ root }) => {
    const at = join(root, 'plain')
    writeFileSync(at, 'x')
    const resource = file(at, { content: 'x' })
    const { stdout } = await run(
      shell,
      raw(`${statBatch(resource.statPaths)?.text ?? ''}\nPATH=/nowhere\n${resource.probe(debian).text}`),
    )
    assert.match(stdout.toString(), /^have 0 81a4 1 0 0 root:root\nsame\n$/)
    assert.equal(words(resource.evaluate(reply(stdout), debian, new Prediction())), [])
    assert.is((await probe(shell, resource)).text, stdout.toString())
  })

  it('what an earlier step gives to another account is reached like what is theirs already', ({ root }) => {
    const later = new Prediction()
    later.record('dir:x', [
      { type: 'path', path: join(root, 'x'), state: { type: 'dir', owner: 'www-data', mode: '0755' } },
    ])
    const at = join(root, 'x/file')
    const evaluation = file(at, { content: 'x' }).evaluate(reply(`none 0 ${root.length} absent`), debian, later)
    assert.match('plan' in evaluation ? (evaluation.plan.steps[0]?.sh.text ?? '') : '', 'path_stage')
  })
}

function ground() {
  const root = scratch()
  const [home, victim] = [join(root, 'home'), join(root, 'victim')]
  chmodSync(root, 0o755)
  mkdirSync(home)
  chownSync(home, EVE, EVE)
  mkdirSync(victim)
  writeFileSync(join(victim, 'secret'), 'secret\n', { mode: 0o600 })
  assert.ok(existsSync(victim))
  return { root, home, victim }
}

test.run()

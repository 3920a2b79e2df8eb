import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { file } from '../../../lib/resources/files/file.ts'
import { Prediction, type PathState } from '../../../lib/resources/prediction/prediction.ts'
import { inOverlay, type OverlayState } from '../../../lib/resources/prediction/overlay.ts'
import { sh, type Sh } from '../../../lib/sh/quote.ts'
import { debian, reply, run, scratch, shells } from '../../support/converge-locally.ts'

const root = process.getuid?.() === 0
if (!root) process.stdout.write('skipped: candidates are shown pending files only where root may mount\n')

const text = (content: string, more = {}): PathState => ({ type: 'file', content: Buffer.from(content), ...more })
const overlayState = (paths: OverlayState['paths'], more: Partial<OverlayState> = {}): OverlayState => ({
  paths,
  placeholders: false,
  complete: true,
  ...more,
})

/** A directory with a file, another directory, and a link that leads there. */
function ground(): string {
  const dir = scratch()
  mkdirSync(join(dir, 'etc/there'), { recursive: true })
  writeFileSync(join(dir, 'etc/live'), 'live')
  symlinkSync('there', join(dir, 'etc/link'))
  return dir
}

for (const shell of root ? shells() : []) {
  const it = (says: string, work: () => Promise<void>) => test(`${shell.name}: ${says}`, work)
  const show = async (script: Sh, given: OverlayState, names: readonly string[] = []) => {
    const { code, stdout, stderr } = await run(shell, inOverlay({ sh: script, names }, given), Buffer.from('candidate'))
    return { code, out: stdout.toString().trim().split('\n'), stderr }
  }

  it('pending files, links and directories are there for the validation alone, and what is to go is not', async () => {
    const dir = ground()
    const before = rooms()
    const pending = overlayState([
      [`${dir}/etc/new.conf`, text("it's $new\n", { mode: '0640' })],
      [`${dir}/etc/far/off.conf`, text('off')],
      [`${dir}/etc/other`, { type: 'link', target: 'new.conf' }],
      [`${dir}/etc/live`, { type: 'absent' }],
      [`${dir}/etc/made`, { type: 'dir' }],
    ])
    const script = sh`cd ${`${dir}/etc`}; cat; cat new.conf far/off.conf other; ls; stat -c %a new.conf`
    const { code, out, stderr } = await show(script, pending)
    assert.equal([code, stderr], [0, ''])
    assert.is(out.join('\n'), "staged\ncandidateit's $new\noffit's $new\nfar\nlink\nmade\nnew.conf\nother\nthere\n640")
    assert.equal(readdirSync(join(dir, 'etc')).sort(), ['link', 'live', 'there'])
    assert.is(readFileSync(join(dir, 'etc/live'), 'utf8'), 'live')
    // Others may validation at the same time: their rooms go as they end, and one that is left would stay.
    for (let tries = 0; tries < 600 && rooms().some((name) => !before.includes(name)); tries++) await sleep(100)
    assert.equal(
      rooms().filter((name) => !before.includes(name)),
      [],
    )
  })

  it('what a validator says, and how it ends, comes through', async () => {
    const dir = ground()
    const refused = await show(sh`echo no >&2; exit 4`, overlayState([[`${dir}/etc/a`, text('a')]]))
    assert.equal([refused.code, refused.out, refused.stderr], [4, ['staged'], 'no\n'])
  })

  it('a path that leads through a symbolic link is left as it is, and the word is not final then', async () => {
    const dir = ground()
    const { out } = await show(sh`ls ${`${dir}/etc/there`}`, overlayState([[`${dir}/etc/link/a`, text('a')]]))
    assert.equal(out, [''])
    assert.not.ok(existsSync(join(dir, 'etc/there/a')))
  })

  it('the word is not final either while a content is not known, or something other than paths is pending', async () => {
    const dir = ground()
    const secret: PathState = { type: 'file' }
    const one = await show(
      sh`cat ${`${dir}/etc/a`}`,
      overlayState([
        [`${dir}/etc/a`, text('a')],
        [`${dir}/etc/b`, secret],
      ]),
    )
    assert.equal(one.out, ['a'])
    const other = await show(
      sh`cat ${`${dir}/etc/a`}`,
      overlayState([[`${dir}/etc/a`, text('a')]], { complete: false }),
    )
    assert.equal(other.out, ['a'])
  })

  it('something empty stands in for what a pending package may bring; what is there or pending stays', async () => {
    const dir = ground()
    const names = ['brought.conf', 'brought.d', 'brought/directory', 'live', 'pending'].map(
      (name) => `${dir}/etc/${name}`,
    )
    const pending: OverlayState['paths'] = [[`${dir}/etc/pending`, text('pending')]]
    const script = sh`cd ${`${dir}/etc`}; [ -d brought/directory ] && [ -f brought.conf ] && cat brought.conf live pending`
    const all = await show(script, overlayState(pending, { placeholders: true, complete: false }), names)
    assert.equal([all.code, all.out], [0, ['livepending']])
    const none = await show(script, overlayState(pending), names)
    assert.is(none.code, 1)
  })

  it('without the right to mount it runs as it is', async () => {
    const dir = ground()
    const script = inOverlay({ sh: sh`ls ${`${dir}/etc`}; exit 3` }, overlayState([[`${dir}/etc/a`, text('a')]]))
    const env = { PATH: `${scratchWith('unshare', 'exit 1')}:${shell.path}` }
    const { code, stdout } = await run(shell, script, undefined, env)
    assert.equal([code, stdout.toString()], [3, 'link\nlive\nthere\n'])
  })
}

/** Where validations take place, of this process and of others. */
function rooms(): readonly string[] {
  return readdirSync('/run').filter((name) => name.startsWith('rolecall.'))
}

function scratchWith(name: string, body: string): string {
  const dir = scratch()
  writeFileSync(join(dir, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  return dir
}

test('A validation knows the paths that the candidate names, but those where packages put nothing', () => {
  const content =
    'include "/etc/bind/named.conf.local";\nurl http://x/y; directory "/var/cache/bind"; pid /run/x.pid;\n'
  const evaluation = file('/etc/a', { content, validate: 'true {}' }).evaluate(
    reply('none 0 4 dir\n'),
    debian,
    new Prediction(),
  )
  assert.equal('plan' in evaluation && evaluation.plan.validation?.names, [
    '/etc/bind/named.conf.local',
    '/var/cache/bind',
  ])
})

test('A candidate is prepared with predictions of earlier resources, not of later ones', () => {
  const prediction = new Prediction()
  prediction.record('file:a', [{ type: 'path', path: '/etc/a', state: text('a') }])
  const { turn } = prediction
  prediction.record('pkg:b', [{ type: 'package', name: 'b', installed: true }])
  prediction.record('file:c', [{ type: 'path', path: '/etc/c', state: text('c') }])
  assert.equal(prediction.overlayState(turn), overlayState([['/etc/a', text('a')]]))
  const later = prediction.overlayState(prediction.turn)
  assert.equal([later.paths.length, later.placeholders, later.complete], [2, true, false])
})

test.run()

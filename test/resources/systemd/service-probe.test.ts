import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { service } from '../../../lib/resources/systemd/service.ts'
import { Sh } from '../../../lib/sh/quote.ts'
import { debian, findTool, reply, run, scratch, shells, words } from '../../support/converge-locally.ts'
import { absent, on, unit } from './unit-answers.ts'

for (const shell of shells()) {
  /** The probe, as if systemd ran, with a systemctl that answers from a text. */
  const probe = async (inputs: readonly string[], answer: string, old = false, zone = 'UTC', more = '') => {
    const dir = scratch()
    const refuses = old ? `case $* in *--timestamp*) exit 1;; esac` : ':'
    for (const name of ['ssh.service', 'getty@.service', 'my.timer', 'README']) writeFileSync(join(dir, name), '')
    mkdirSync(join(dir, 'ssh.service.wants'))
    writeFileSync(join(dir, 'answer'), answer)
    writeFileSync(join(dir, 'systemctl'), `#!/bin/sh\n${refuses}\ncat ${dir}/answer\n`)
    chmodSync(join(dir, 'systemctl'), 0o755)
    const script = service('named', { ...on, restartedAfter: inputs })
      .probe(debian)
      .text.replace('[ -d /run/systemd/system ]', 'true')
      .replaceAll('/run/systemd/system', dir)
    const { stdout } = await run(shell, new Sh(script), undefined, { PATH: `${more}:${dir}:${shell.path}`, TZ: zone })
    return stdout.toString()
  }
  const evaluate = (inputs: readonly string[], answer: string) =>
    words(service('named', { ...on, restartedAfter: inputs }).evaluate(reply(answer), debian, new Prediction()))
  const begun = (year: number) => {
    const time = `Mon ${year}-11-23 12:01:07.500000 UTC`
    return unit({ ExecMainStartTimestamp: time, InactiveExitTimestamp: time })
  }
  const [past, future] = [begun(2020), begun(2120)]

  test(`${shell.name}: times of files, links, names with spaces and of what is gone are all told`, async () => {
    const dir = scratch()
    const path = join(dir, "it's a conf")
    writeFileSync(path, '')
    utimesSync(path, 0, 0)
    symlinkSync(path, join(dir, 'link'))
    mkdirSync(join(dir, 'sub'))
    const present = await probe([path, join(dir, 'link')], past)
    assert.is(present.match(/^# own \d+/gm)?.length, 2)
    assert.is(present.match(/^# far \d+/gm)?.length, 2)
    assert.match(String(evaluate([path], present)), "it's a conf changed ")
    const gone = await probe([path, join(dir, 'sub/none/x')], past)
    assert.is(gone.match(/^# own \d+/gm)?.length, 1)
    assert.is(gone.match(/^# above \d+/gm)?.length, 1)
    assert.match(
      String(evaluate([join(dir, 'sub/none/x')], await probe([join(dir, 'sub/none/x')], past))),
      'or what is beside it changed ',
    )
  })

  test(`${shell.name}: a start in the future tells that the clock was set back`, async () => {
    assert.match(await probe(['/etc/passwd'], future), '# future ExecMainStart\n')
    assert.not.match(await probe(['/etc/passwd'], past), '# future')
    assert.equal(evaluate(['/etc/passwd'], await probe(['/etc/passwd'], future)), [
      'restart named (the clock was set back since it started)',
    ])
  })

  test(`${shell.name}: what time it is comes with the times of the files, and date is asked where it does not`, async () => {
    const asked = async (inputs: readonly string[], answer: string) => {
      const dir = scratch()
      const log = join(dir, 'log')
      const bin = mkdtempSync(join(dir, 'bin'))
      writeFileSync(join(bin, 'date'), `#!/bin/sh\necho asked >>${log}\nexec ${findTool('date') ?? ''} "$@"\n`)
      chmodSync(join(bin, 'date'), 0o755)
      const text = await probe(inputs, answer, false, 'UTC', bin)
      return { text, times: existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0 }
    }
    const usual = await asked(['/etc/passwd', '/etc/group'], past)
    assert.match(usual.text, /^# ahead \+0000$/m)
    assert.is(usual.times, 0)
    assert.ok((await asked(['/etc/passwd', '/nowhere/x'], past)).times > 0)
    assert.ok((await asked(['/etc/passwd'], future)).times > 0)
  })

  test(`${shell.name}: the future is no matter of the time zone`, async () => {
    const hourAgo = new Date(Date.now() - 3_600_000).toISOString().replace('T', ' ').replace(/\..*/, '')
    const answer = unit({ ExecMainStartTimestamp: `Mon ${hourAgo} UTC`, InactiveExitTimestamp: '' })
    for (const zone of ['EST5', 'JST-9']) {
      const text = await probe(['/etc/passwd'], answer, false, zone)
      assert.not.match(text, '# future')
      assert.match(text, zone === 'EST5' ? '# ahead -0500' : '# ahead +0900')
    }
  })

  test(`${shell.name}: an old systemd is asked without --timestamp`, async () => {
    assert.match(await probe([], unit(), true), 'ActiveState=active')
  })

  test(`${shell.name}: other units are only listed when there is none of this name`, async () => {
    const units = (await probe([], absent)).split('\n').filter((line) => line.startsWith('# unit'))
    for (const name of ['getty@.service', 'my.timer', 'ssh.service']) assert.ok(units.includes(`# unit ${name}`), name)
    assert.not.match(units.join(), /wants|README/)
    assert.not.match(await probe([], unit()), '# unit')
  })

  test(`${shell.name}: the same host gives the same bytes`, async () => {
    const first = await probe(['/etc/passwd', '/etc/nothere'], past)
    await new Promise((resolve) => setTimeout(resolve, 1100))
    assert.is(await probe(['/etc/passwd', '/etc/nothere'], past), first)
  })
}

test.run()

// Hosts: node-02
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { file } from '../../lib/resources/files/file.ts'
import { pip, pipRequirements } from '../../lib/resources/languages/pip.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { git } from '../../lib/resources/sources/git.ts'
import { makeWheels } from '../support/wheels.ts'
import { onHost } from './ground.ts'

const room = '/srv/rc-sources'

onHost(
  'node-02',
  'a repository is cloned as its user, and an environment of Python made, as check says',
  async (machine) => {
    const clean = `rm -rf ${room} /srv/rc-app`
    await machine.sh(`${clean}; mkdir -p ${room}`)
    try {
      const venv = { venv: `${room}/own/venv`, extraArgs: ['--no-index', '--find-links', room], user: 'nobody' }
      const fresh = await machine.settle(pkg(['git', 'python3-venv']), file('/etc/rc-sources', { content: '' }))
      assert.equal([fresh.apply, fresh.again], [fresh.check, ['ok', 'ok']])
      await machine.sh(makeWheels(room, ['1.0', '2.0']))
      await machine.sh(`cd ${room} && git init -q -b main from && cd from && git config user.name T && git config user.email t@example.com &&
echo rc-demo==1.0 >requirements.txt && git add . && git commit -qm one && git tag v1 && echo rc-demo==2.0 >requirements.txt && git commit -qam two &&
install -d -o nobody /srv/rc-app ${room}/own && chmod -R a+rX ${room} && chown -R nobody ${room}/from`)
      const app = (version: string) => git('/srv/rc-app', { source: `file://${room}/from`, version, user: 'nobody' })
      const needs = pipRequirements('/srv/rc-app/requirements.txt', venv)
      const first = await machine.settle(app('v1'), needs)
      assert.equal([first.apply, first.again], [first.check, ['ok', 'ok']])
      assert.match(first.check.join('\n'), /make the environment .*: install \/srv\/rc-app\/requirements\.txt/)
      const root = pipRequirements('/srv/rc-app/requirements.txt', { ...venv, user: 'root' })
      assert.match((await machine.make('check', root)).join('\n'), /nobody, who could have pip run programs as root/)
      const second = await machine.settle(app('main'))
      assert.match(second.check.join(), /^changed: update \/srv\/rc-app to main \w{10} \(was \w{10}\)$/)
      assert.equal([second.apply, second.again], [second.check, ['ok']])
      const third = await machine.settle(needs, pip('rc-other', { ...venv, state: 'absent' }))
      assert.equal([third.apply, third.again], [third.check, ['ok', 'ok']])
      assert.is(
        await machine.sh(
          `${room}/own/venv/bin/pip list --format=freeze | grep rc; stat -c %U /srv/rc-app/requirements.txt`,
        ),
        'rc-demo==2.0\nnobody',
      )
      const gone = await machine.settle(pip('rc-demo', { ...venv, state: 'absent' }))
      assert.equal([gone.apply, gone.again], [gone.check, ['ok']])
    } finally {
      await machine.sh(`${clean} /etc/rc-sources`)
    }
  },
)

test.run()

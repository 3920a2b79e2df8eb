import { dir, git, keyValue, pkg, role, secretText, service, unit, user, z } from 'rolecall'
import { app } from '../vars.ts'

export default role({
  name: 'release',
  about: 'the application at a version, its unit and its settings',
  vars: z.object({
    source: z.string(),
    version: z.string(),
    port: z.int().default(8080),
    password: app.databasePassword,
  }),
  async apply({ ensure, site, vars }) {
    const { source, version, port, password } = vars
    const [database] = site.hosts('db')
    const code = git('/srv/app', { source, version, user: 'app' })
    const settings = keyValue('/etc/default/app', {
      set: { PORT: port, DATABASE: secretText`postgres://app:${password}@${database?.address ?? 'localhost'}/app` },
    })
    const file = unit('app', {
      sections: {
        Unit: { Description: 'The application', After: 'network-online.target' },
        Service: {
          User: 'app',
          EnvironmentFile: '/etc/default/app',
          ExecStart: '/usr/bin/python3 -m http.server ${PORT} --directory /srv/app/public',
          Restart: 'always',
          ProtectSystem: 'strict',
        },
        Install: { WantedBy: 'multi-user.target' },
      },
    })
    await ensure(
      pkg(['git', 'python3']),
      user('app', { system: true, home: '/srv/app', createHome: false }),
      dir('/srv/app', { owner: 'app', mode: '0755' }),
      code,
      settings,
      file,
      service('app', { running: true, enabled: true, restartedAfter: [code, settings, file] }),
    )
  },
  async verify({ $, expect, vars }) {
    const answer =
      await $.read`curl -fsS --retry 10 --retry-connrefused --retry-delay 1 http://127.0.0.1:${vars.port}/`.nothrow()
    expect(answer.exitCode, 'the application answers').toBe(0)
  },
})

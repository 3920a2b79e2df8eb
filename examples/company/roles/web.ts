import { absent, file, link, pkg, role, service, z } from 'rolecall'
import { app } from '../vars.ts'
import release from './release.ts'

export default role({
  name: 'web',
  about: 'nginx before the application; a broken site takes nothing down',
  vars: z.object({ domain: app.domain }),
  async apply({ ensure, host, site, vars }) {
    const { port } = site.host(host.name).vars(release)
    const path = host.pick({ debian: '/etc/nginx/sites-available/app', el: '/etc/nginx/conf.d/app.conf' })
    const vhost = file(path, {
      content: `server {
  listen 80;
  listen 443 ssl;
  server_name ${vars.domain};
  ssl_certificate /srv/tls/web.pem;
  ssl_certificate_key /srv/tls/web.key;
  location / { proxy_pass http://127.0.0.1:${port}; }
}
`,
    })
    const enabled =
      host.os.family === 'debian'
        ? [link('/etc/nginx/sites-enabled/app', { to: path }), absent('/etc/nginx/sites-enabled/default')]
        : []
    await ensure(
      pkg(['nginx', 'curl']),
      vhost,
      ...enabled,
      service('nginx', {
        running: true,
        enabled: true,
        reloadedAfter: [vhost, ...enabled, '/srv/tls/web.pem'],
        test: 'nginx -t',
      }),
    )
  },
  async verify({ $, expect, vars }) {
    const answer =
      await $.read`curl -fsSk --resolve ${`${vars.domain}:443:127.0.0.1`} ${`https://${vars.domain}/`}`.nothrow()
    expect(answer.exitCode, 'nginx shows the application').toBe(0)
  },
})
